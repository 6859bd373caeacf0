//! Build information inside executables: which Go modules or Rust crates a binary was made of.

use crate::read_at::{Part, ReadAt};

mod elf;
mod go;
mod macho;
mod pe;
mod rust;
mod wasm;

pub use elf::readable_sections;

/// What an executable says about its own making.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Executable {
    /// `elf`, `pe`, `macho` or `wasm`.
    pub format: &'static str,
    /// `go1.22.3` and the like; empty when it is no Go binary.
    pub go_version: String,
    /// The module text between its sentinels; empty when there is none.
    pub go_modinfo: String,
    /// Values of string symbols whose name ends in `.version` or `.ver`: (symbol without `.str`, value).
    pub go_symbols: Vec<(String, String)>,
    /// The JSON text of cargo-auditable, inflated; empty when absent.
    pub rust_audit: Vec<u8>,
}

/// Reads an executable. `None`: not an executable, or one that says nothing; `Err`: it says something that is damaged.
pub fn read(source: &dyn ReadAt) -> Result<Option<Executable>, String> {
    let Ok(magic) = source.bytes_at(0, 8) else { return Ok(None) };
    let found = match (magic.as_slice(), magic.get(..4).unwrap_or_default()) {
        (_, b"\x7fELF") => elf::open(source),
        ([b'M', b'Z', ..], _) => pe::open(source),
        (b"\0asm\x01\0\0\0", _) => return wasm::read(source),
        (_, [0xfe, 0xed, 0xfa, 0xce | 0xcf] | [0xce | 0xcf, 0xfa, 0xed, 0xfe] | [0xca, 0xfe, 0xba, 0xbe | 0xbf]) => {
            macho::open(source)
        }
        _ => None,
    };
    let Some(image) = found else { return Ok(None) };
    let rust_audit = match image.section(rust::SECTIONS) {
        Some(section) => rust::inflate(&image, section)?,
        None => Vec::new(),
    };
    let info = go::build_info(&image)?;
    if info.is_none() && rust_audit.is_empty() {
        return Ok(None);
    }
    let mut executable = Executable { format: image.format, rust_audit, ..Executable::default() };
    if let Some(info) = info {
        executable.go_version = info.version;
        executable.go_modinfo = info.modules;
        executable.go_symbols = image.symbols.as_ref().map_or_else(Vec::new, |table| elf::versions(&image, table));
    }
    Ok(Some(executable))
}

/// A stretch of the file, and the address it is loaded at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    address: u64,
    offset: u64,
    size: u64,
}

/// A named stretch.
#[derive(Debug, Clone)]
struct Section {
    name: String,
    place: Stretch,
    compressed: bool,
}

/// An opened executable of any format that has addresses.
struct Image<'a> {
    source: Part<'a>,
    format: &'static str,
    sections: Vec<Section>,
    /// What is loaded, for reading by address.
    loaded: Vec<Stretch>,
    /// Where Go's build information would lie, if no section is named for it.
    data: Option<Stretch>,
    symbols: Option<elf::Symbols>,
}

impl Image<'_> {
    fn section(&self, names: &[&str]) -> Option<&Section> {
        self.sections.iter().find(|section| names.contains(&section.name.as_str()))
    }

    /// `length` bytes at an address, all inside one loaded stretch.
    fn at_address(&self, address: u64, length: usize) -> Option<Vec<u8>> {
        self.loaded.iter().find_map(|stretch| {
            let skipped = address.checked_sub(stretch.address)?;
            if skipped.checked_add(length as u64)? > stretch.size {
                return None;
            }
            self.source.bytes_at(stretch.offset.checked_add(skipped)?, length).ok()
        })
    }
}

/// Reads numbers of a byte order from a slice; `None` beyond its end.
#[derive(Clone, Copy)]
struct Numbers<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

impl Numbers<'_> {
    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    fn u16(&self, at: usize) -> Option<u16> {
        self.array(at).map(if self.big_endian { u16::from_be_bytes } else { u16::from_le_bytes })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        self.array(at).map(if self.big_endian { u32::from_be_bytes } else { u32::from_le_bytes })
    }

    fn u64(&self, at: usize) -> Option<u64> {
        self.array(at).map(if self.big_endian { u64::from_be_bytes } else { u64::from_le_bytes })
    }

    /// A number of the size of an address.
    fn word(&self, at: usize, wide: bool) -> Option<u64> {
        if wide { self.u64(at) } else { self.u32(at).map(u64::from) }
    }
}

/// The text up to the first NUL of a fixed field.
fn field_text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}
