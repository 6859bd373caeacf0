//! Databases of installed rpm packages, in every backend: Berkeley DB hash, NDB and SQLite.
//!
//! Every backend is a heap of header blobs; they differ in how the blobs are found. A package that cannot be read is a
//! problem and leaves the others alone.

use crate::read_at::ReadAt;

mod berkeley;
mod header;
mod ndb;
mod sqlite;

/// One header may not be larger (rpm's own limit).
const LARGEST_HEADER: u64 = 256 << 20;

/// More packages are refused.
const MOST_PACKAGES: usize = 1_000_000;

/// Bytes of file paths over all packages; they are stored as folders and names, so a small header can stand for many.
const MOST_PATH_BYTES: usize = 512 << 20;

/// Problems that are told one by one.
const MOST_PROBLEMS: usize = 50;

/// One installed package, with the header's strings as they are, except that `(none)` is empty.
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
pub fn read(source: &dyn ReadAt) -> Result<Database, String> {
    let magic = source.bytes_at(0, 16).map_err(|_| "not an rpm database: too short")?;
    let mut blobs = Blobs::new(source);
    let outcome = if magic.starts_with(b"SQLite format 3\0") {
        sqlite::walk(source, &mut blobs)
    } else if magic.starts_with(b"RpmP") {
        ndb::walk(source, &mut blobs)
    } else {
        berkeley::walk(source, &mut blobs)
    };
    let mut database = blobs.database;
    if blobs.unspoken > 0 {
        database.problems.push(format!("{} more packages could not be read", blobs.unspoken));
    }
    match outcome {
        Ok(()) => Ok(database),
        Err(what) if database.packages.is_empty() => Err(what),
        Err(what) => {
            database.problems.push(what);
            Ok(database)
        }
    }
}

/// Takes header blobs from a backend. Distinct blobs cannot be larger together than the file that holds them.
struct Blobs {
    left: u64,
    path_bytes: usize,
    unspoken: usize,
    database: Database,
}

impl Blobs {
    fn new(source: &dyn ReadAt) -> Self {
        Self { left: source.len(), path_bytes: MOST_PATH_BYTES, unspoken: 0, database: Database::default() }
    }

    /// Must be asked before a blob is read; `Err` ends the walk.
    fn reserve(&mut self, length: u64) -> Result<usize, String> {
        if length > LARGEST_HEADER {
            return Err(format!("a header of {length} bytes is larger than rpm allows"));
        }
        self.left = self.left.checked_sub(length).ok_or("the headers are larger than the database: it is damaged")?;
        if self.database.packages.len() >= MOST_PACKAGES {
            return Err(format!("more than {MOST_PACKAGES} packages"));
        }
        usize::try_from(length).map_err(|_| "a header too large for memory".to_owned())
    }

    fn package(&mut self, blob: &[u8]) {
        match header::parse(blob, &mut self.path_bytes) {
            Ok(package) => self.database.packages.push(package),
            Err(what) => self.problem(what),
        }
    }

    fn problem(&mut self, what: String) {
        if self.database.problems.len() < MOST_PROBLEMS {
            self.database.problems.push(what);
        } else {
            self.unspoken += 1;
        }
    }
}

/// Number readers over a slice; `None` beyond its end.
mod field {
    fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
        bytes.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    pub fn u16_le(bytes: &[u8], at: usize) -> Option<u16> {
        array(bytes, at).map(u16::from_le_bytes)
    }

    pub fn u16_be(bytes: &[u8], at: usize) -> Option<u16> {
        array(bytes, at).map(u16::from_be_bytes)
    }

    pub fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
        array(bytes, at).map(u32::from_le_bytes)
    }

    pub fn u32_be(bytes: &[u8], at: usize) -> Option<u32> {
        array(bytes, at).map(u32::from_be_bytes)
    }
}
