//! PE, the executables of Windows.

use super::{Image, Numbers, Section, Stretch, field_text};
use crate::read_at::{Part, ReadAt};

/// Initialised data that is readable and writable, and nothing else.
const DATA: u32 = 0xc000_0040;
const ALIGNMENT: u32 = 0x0060_0000;

/// Opens a PE file; `None` when it is a plain DOS program or cut off.
pub fn open(source: &dyn ReadAt) -> Option<Image<'_>> {
    let little = |bytes| Numbers { bytes, big_endian: false };
    let start = source.bytes_at(0, 64).ok()?;
    let at = u64::from(little(&start).u32(60)?);
    let header = source.bytes_at(at, 24).ok()?;
    if !header.starts_with(b"PE\0\0") {
        return None;
    }
    let (count, optional_size) = (little(&header).u16(6)?, little(&header).u16(20)?);
    let optional = source.bytes_at(at + 24, optional_size.into()).ok()?;
    let base = match little(&optional).u16(0)? {
        0x10b => little(&optional).u32(28)?.into(),
        0x20b => little(&optional).u64(24)?,
        _ => return None,
    };
    let table = source.bytes_at(at + 24 + u64::from(optional_size), usize::from(count) * 40).ok()?;
    let (mut sections, mut data) = (Vec::new(), None);
    for header in table.chunks_exact(40) {
        let numbers = little(header);
        // A section is filled up to its alignment in the file, and not always filled in memory.
        let place = Stretch {
            address: u64::from(numbers.u32(12)?).wrapping_add(base),
            offset: numbers.u32(20)?.into(),
            size: numbers.u32(16)?.into(),
        };
        if data.is_none() && numbers.u32(36)? & !ALIGNMENT == DATA && place.size > 0 {
            data = Some(place);
        }
        let inner = Stretch {
            size: place.size.min(numbers.u32(8).filter(|size| *size > 0).map_or(place.size, u64::from)),
            ..place
        };
        sections.push((place, Section { name: field_text(header.get(..8)?), place: inner, compressed: false }));
    }
    let loaded = sections.iter().map(|(place, _)| *place).collect();
    let sections = sections.into_iter().map(|(_, section)| section).collect();
    let source = Part::new(source, 0, source.len());
    Some(Image { source, format: "pe", sections, loaded, data, symbols: None })
}
