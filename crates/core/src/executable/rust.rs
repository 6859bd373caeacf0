//! The list of crates that cargo-auditable puts into a section: JSON under zlib.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::{Image, Numbers, Section};
use crate::read_at::ReadAt;

/// The section's names, the later ones those of early releases.
pub const SECTIONS: &[&str] = &[".dep-v0", ".rust-deps-v0", "rdep-v0", "rust-deps-v0"];

const LARGEST: u64 = 16 << 20;

/// The JSON text of a section.
pub fn inflate(image: &Image<'_>, section: &Section) -> Result<Vec<u8>, String> {
    let content = bounded(&image.source, section.place.offset, section.place.size)?;
    if !section.compressed {
        return inflate_bytes(&content);
    }
    // The linker compressed the section once more, behind a header of 24 or 12 bytes.
    let numbers = |big_endian| Numbers { bytes: &content, big_endian }.u32(0);
    if numbers(false) != Some(1) && numbers(true) != Some(1) {
        return Err("the list of crates is compressed in an unknown way".to_owned());
    }
    let inner = [24, 12].into_iter().find_map(|header| inflate_bytes(content.get(header..)?).ok());
    inflate_bytes(&inner.ok_or("the list of crates cannot be inflated")?)
}

/// A section's bytes, if they are few enough.
pub fn bounded(source: &dyn ReadAt, offset: u64, size: u64) -> Result<Vec<u8>, String> {
    if size > LARGEST {
        return Err(format!("the list of crates takes {size} bytes"));
    }
    source.bytes_at(offset, size as usize).map_err(|_| "the list of crates lies outside the file".to_owned())
}

/// Inflates zlib, up to a limit.
pub fn inflate_bytes(content: &[u8]) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    let mut decoder = ZlibDecoder::new(content).take(LARGEST + 1);
    decoder.read_to_end(&mut text).map_err(|error| format!("the list of crates cannot be inflated: {error}"))?;
    if text.len() as u64 > LARGEST {
        return Err("the list of crates is too large".to_owned());
    }
    Ok(text)
}
