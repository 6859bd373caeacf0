//! WebAssembly modules: only cargo-auditable writes into them.

use super::{Executable, rust};
use crate::read_at::ReadAt;

const CUSTOM: u8 = 0;
const MOST_SECTIONS: usize = 100_000;
const LONGEST_NAME: u64 = 64;

/// Reads the custom section of cargo-auditable.
pub fn read(source: &dyn ReadAt) -> Result<Option<Executable>, String> {
    let mut at = 8;
    for _ in 0..MOST_SECTIONS {
        let Some((kind, start, size)) = header(source, at) else { break };
        at = start.saturating_add(size);
        if kind == CUSTOM && at <= source.len() {
            if let Some(content) = content(source, start, size) {
                let rust_audit = rust::inflate_bytes(&content?)?;
                return Ok(Some(Executable { format: "wasm", rust_audit, ..Executable::default() }));
            }
        }
    }
    Ok(None)
}

/// Kind of a section, place and size of its content.
fn header(source: &dyn ReadAt, at: u64) -> Option<(u8, u64, u64)> {
    let kind = *source.bytes_at(at, 1).ok()?.first()?;
    let (size, length) = leb128(source, at + 1)?;
    Some((kind, at + 1 + length, size))
}

/// The content of a custom section, if it has the right name.
fn content(source: &dyn ReadAt, start: u64, size: u64) -> Option<Result<Vec<u8>, String>> {
    let (name_size, length) = leb128(source, start)?;
    let content_at = length.checked_add(name_size).filter(|skipped| *skipped <= size && name_size <= LONGEST_NAME)?;
    let name = source.bytes_at(start + length, name_size as usize).ok()?;
    if !rust::SECTIONS.iter().any(|wanted| wanted.as_bytes() == name) {
        return None;
    }
    Some(rust::bounded(source, start + content_at, size - content_at))
}

/// A number in groups of seven bits, low ones first, and how many bytes it took.
fn leb128(source: &dyn ReadAt, at: u64) -> Option<(u64, u64)> {
    let bytes = source.bytes_at(at, usize::try_from(source.len().checked_sub(at)?.min(5)).ok()?).ok()?;
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index as u64 + 1));
        }
    }
    None
}
