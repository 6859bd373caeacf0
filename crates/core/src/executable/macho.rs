//! Mach-O, the executables of macOS, thin and fat.

use super::{Image, Numbers, Section, Stretch, field_text};
use crate::read_at::{Part, ReadAt};

const SEGMENT: u32 = 1;
const SEGMENT_64: u32 = 0x19;
const READ_WRITE: u32 = 3;

/// Java classes share the magic number of fat files; the place of the count holds their version, which is at least 45.
const MOST_ARCHITECTURES: u32 = 40;
const LONGEST_COMMANDS: u32 = 16 << 20;

/// Opens a Mach-O file, of a fat one the first architecture; `None` when it is none or cut off.
pub fn open(source: &dyn ReadAt) -> Option<Image<'_>> {
    let header = source.bytes_at(0, 28).ok()?;
    if header.starts_with(&[0xca, 0xfe, 0xba]) {
        let wide = header.get(3) == Some(&0xbf);
        let count = Numbers { bytes: &header, big_endian: true }.u32(4)?;
        if count == 0 || count > MOST_ARCHITECTURES {
            return None;
        }
        let entry = source.bytes_at(8, if wide { 32 } else { 20 }).ok()?;
        let numbers = Numbers { bytes: &entry, big_endian: true };
        let (start, length) = (numbers.word(8, wide)?, numbers.word(if wide { 16 } else { 12 }, wide)?);
        if start.checked_add(length)? > source.len() {
            return None;
        }
        return thin(Part::new(source, start, length));
    }
    thin(Part::new(source, 0, source.len()))
}

fn thin(source: Part<'_>) -> Option<Image<'_>> {
    let header = source.bytes_at(0, 28).ok()?;
    let (wide, big_endian) = match header.get(..4)? {
        [0xfe, 0xed, 0xfa, 0xce] => (false, true),
        [0xfe, 0xed, 0xfa, 0xcf] => (true, true),
        [0xce, 0xfa, 0xed, 0xfe] => (false, false),
        [0xcf, 0xfa, 0xed, 0xfe] => (true, false),
        _ => return None,
    };
    let length = Numbers { bytes: &header, big_endian }.u32(20)?;
    if length > LONGEST_COMMANDS {
        return None;
    }
    let commands = source.bytes_at(if wide { 32 } else { 28 }, length as usize).ok()?;
    let (mut sections, mut loaded, mut data) = (Vec::new(), Vec::new(), None);
    let mut rest = commands.as_slice();
    while rest.len() >= 8 {
        let numbers = Numbers { bytes: rest, big_endian };
        let (kind, size) = (numbers.u32(0)?, numbers.u32(4)? as usize);
        if size < 8 || size > rest.len() {
            break;
        }
        let (command, behind) = rest.split_at(size);
        rest = behind;
        if kind != if wide { SEGMENT_64 } else { SEGMENT } {
            continue;
        }
        let numbers = Numbers { bytes: command, big_endian };
        let places = if wide { [24, 40, 48] } else { [24, 32, 36] };
        let [Some(address), Some(offset), Some(size)] = places.map(|place| numbers.word(place, wide)) else { break };
        let stretch = Stretch { address, offset, size };
        loaded.push(stretch);
        let protection = if wide { 56 } else { 40 };
        let writable = [protection, protection + 4].iter().all(|at| numbers.u32(*at) == Some(READ_WRITE));
        if data.is_none() && writable && address > 0 && size > 0 {
            data = Some(stretch);
        }
        let (first, each) = if wide { (72, 80) } else { (56, 68) };
        for section in command.get(first..).unwrap_or_default().chunks_exact(each) {
            let numbers = Numbers { bytes: section, big_endian };
            let (size_at, offset_at) = if wide { (40, 48) } else { (36, 40) };
            let place = Stretch {
                address: numbers.word(32, wide)?,
                offset: numbers.u32(offset_at)?.into(),
                size: numbers.word(size_at, wide)?,
            };
            sections.push(Section { name: field_text(section.get(..16)?), place, compressed: false });
        }
    }
    Some(Image { source, format: "macho", sections, loaded, data, symbols: None })
}
