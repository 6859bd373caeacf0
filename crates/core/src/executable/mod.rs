//! Build information inside executables: which Go modules or Rust crates a binary was made of.

use crate::read_at::ReadAt;

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
pub fn read(_source: &dyn ReadAt) -> Result<Option<Executable>, String> {
    Ok(None)
}
