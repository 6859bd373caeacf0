//! Go's build information, with strings inline (since Go 1.18) or behind pointers.

use super::{Image, Numbers, Stretch};
use crate::read_at::ReadAt;

const MAGIC: &[u8; 14] = b"\xff Go buildinf:";
const SECTIONS: &[&str] = &[".go.buildinfo", "__go_buildinfo"];
const ALIGNMENT: usize = 16;
const HEADER: usize = 32;
const CHUNK: usize = 1 << 20;

/// Where no section is named for it, the magic number may stand in other data as well.
const MOST_CANDIDATES: usize = 64;

const LONGEST_VERSION: u64 = 1 << 10;
const LONGEST_MODULES: u64 = 16 << 20;
const SENTINEL: usize = 16;

/// What the build information says.
pub struct BuildInfo {
    pub version: String,
    pub modules: String,
}

/// Finds and reads it; `None` when there is none. Damage counts only in a section that is named for it.
pub fn build_info(image: &Image<'_>) -> Result<Option<BuildInfo>, String> {
    let named = image.section(SECTIONS).map(|section| section.place);
    let Some(place) = named.or(image.data) else { return Ok(None) };
    let mut candidates = 0;
    let mut at = 0;
    while let Some(found) = search(image, place, at) {
        if let Some(info) = decode(image, place, found) {
            return Ok(Some(info).filter(|info| !info.version.is_empty()));
        }
        candidates += 1;
        if candidates == MOST_CANDIDATES {
            break;
        }
        at = found + ALIGNMENT as u64;
    }
    match named {
        Some(_) if candidates > 0 => Err("the Go build information is damaged".to_owned()),
        _ => Ok(None),
    }
}

/// The next magic number at an aligned place, counted from the start of `place`.
fn search(image: &Image<'_>, place: Stretch, from: u64) -> Option<u64> {
    // Alignment counts from address zero.
    let skew = (ALIGNMENT as u64 - place.address % ALIGNMENT as u64) % ALIGNMENT as u64;
    let mut at = if from == 0 { skew } else { from };
    while at < place.size {
        let length = usize::try_from((place.size - at).min(CHUNK as u64)).ok()?;
        let chunk = available(image, place.offset.checked_add(at)?, length)?;
        if let Some(index) = chunk.chunks(ALIGNMENT).position(|bytes| bytes.starts_with(MAGIC)) {
            return Some(at + (index * ALIGNMENT) as u64);
        }
        at += length as u64;
    }
    None
}

/// Up to `length` bytes: fewer where the file is cut off.
fn available(image: &Image<'_>, offset: u64, length: usize) -> Option<Vec<u8>> {
    let left = image.source.len().checked_sub(offset)?;
    image.source.bytes_at(offset, length.min(usize::try_from(left).ok()?)).ok()
}

fn decode(image: &Image<'_>, place: Stretch, found: u64) -> Option<BuildInfo> {
    let offset = place.offset.checked_add(found)?;
    let header = image.source.bytes_at(offset, HEADER).ok()?;
    let (pointer, flags) = (*header.get(14)?, *header.get(15)?);
    let (version, modules) = if flags & 2 != 0 {
        let end = place.offset.checked_add(place.size)?;
        let (version, next) = inline(image, offset + HEADER as u64, end, LONGEST_VERSION)?;
        (version, inline(image, next, end, LONGEST_MODULES)?.0)
    } else {
        let wide = match pointer {
            4 => false,
            8 => true,
            _ => return None,
        };
        let numbers = Numbers { bytes: &header, big_endian: flags & 1 != 0 };
        let size = usize::from(pointer);
        let pointed = |at, longest| {
            let target = numbers.word(at, wide)?;
            // A version without modules has no second string.
            if target == 0 {
                Some(Vec::new())
            } else {
                behind_pointer(image, target, wide, numbers.big_endian, longest)
            }
        };
        (pointed(16, LONGEST_VERSION)?, pointed(16 + size, LONGEST_MODULES)?)
    };
    Some(BuildInfo { version: text(&version), modules: text(without_sentinels(&modules)) })
}

fn inline(image: &Image<'_>, offset: u64, end: u64, longest: u64) -> Option<(Vec<u8>, u64)> {
    let (length, size) = uvarint(&available(image, offset, 10)?)?;
    let start = offset.checked_add(size)?;
    let next = start.checked_add(length)?;
    if length > longest || next > end {
        return None;
    }
    Some((image.source.bytes_at(start, length as usize).ok()?, next))
}

fn behind_pointer(image: &Image<'_>, address: u64, wide: bool, big_endian: bool, longest: u64) -> Option<Vec<u8>> {
    let size = if wide { 8 } else { 4 };
    let header = image.at_address(address, 2 * size)?;
    let numbers = Numbers { bytes: &header, big_endian };
    let (target, length) = (numbers.word(0, wide)?, numbers.word(size, wide)?);
    if length == 0 {
        return Some(Vec::new());
    }
    if length > longest { None } else { image.at_address(target, length as usize) }
}

fn uvarint(bytes: &[u8]) -> Option<(u64, u64)> {
    let mut value = 0u64;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index as u64 + 1));
        }
    }
    None
}

/// The text between two marks of 16 bytes; nothing when they are not there.
fn without_sentinels(modules: &[u8]) -> &[u8] {
    let marked = modules.len() > 2 * SENTINEL && modules.get(modules.len() - SENTINEL - 1) == Some(&b'\n');
    if marked { modules.get(SENTINEL..modules.len() - SENTINEL).unwrap_or_default() } else { &[] }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
