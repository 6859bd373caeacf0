//! ZIP archives of the Java world: the few files inside that identify them, and the archives nested in them.

use std::io::{BufReader, Read};

use flate2::bufread::DeflateDecoder;
use sha1::{Digest, Sha1};

use crate::read_at::{Part, ReadAt, Stream};
use directory::Entry;

pub(crate) mod directory;

/// What an archive holds that identifies it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Archive {
    /// Path of the archive; a nested one has its entry name behind the path of the outer one.
    pub path: String,
    /// SHA-1 of the archive's bytes, hexadecimal.
    pub sha1: String,
    /// (entry name, bytes) of manifests, pom files and licences, in the order of the archive.
    pub files: Vec<(String, Vec<u8>)>,
    /// Archives inside that could be read.
    pub nested: Vec<Archive>,
    /// (where, what) could not be read, at any depth; on the outermost archive only.
    pub problems: Vec<(String, String)>,
}

/// Bounds of one outermost archive, its nested ones included.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Entries, counted over all nested archives.
    pub entries: usize,
    /// Inflated bytes of one nested archive.
    pub archive: u64,
    /// Inflated bytes of one kept file.
    pub file: u64,
    /// Inflated bytes in memory at once: kept files and the archives that are being read.
    pub held: u64,
    /// Bytes inflated or hashed altogether.
    pub total: u64,
    /// How deep archives nest; 0 reads none inside.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 100_000, archive: 128 << 20, file: 10 << 20, held: 256 << 20, total: 1 << 30, depth: 8 }
    }
}

/// Problems that are told.
const MOST_PROBLEMS: usize = 50;

/// Ways of an entry, and a flag.
pub(crate) const STORED: u16 = 0;
pub(crate) const DEFLATED: u16 = 8;
pub(crate) const ENCRYPTED: u16 = 1;

/// Reads an archive. What cannot be read is among `problems`; a file that is no ZIP archive has no files and one problem, an
/// empty one has none.
pub fn read(source: &dyn ReadAt, path: &str, limits: Limits) -> Archive {
    if source.is_empty() {
        return Archive { path: path.to_owned(), ..Archive::default() };
    }
    let mut reader = Reader { limits, left: limits, problems: Vec::new() };
    let outcome =
        reader.archive(source, path.to_owned(), 0).and_then(|archive| Ok(Archive { sha1: sha1(source)?, ..archive }));
    let mut archive = outcome.unwrap_or_else(|what| {
        reader.problem(path.to_owned(), what);
        Archive { path: path.to_owned(), ..Archive::default() }
    });
    archive.problems = reader.problems;
    archive
}

/// What an entry is read for.
enum Want {
    Archive,
    File,
}

fn wanted(name: &str) -> Option<Want> {
    let base = name.rsplit('/').next().unwrap_or(name);
    let ends = |suffix: &str| {
        base.len() > suffix.len()
            && base.get(base.len() - suffix.len()..).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    };
    if [".jar", ".war", ".ear"].into_iter().any(ends) {
        return Some(Want::Archive);
    }
    if base == "pom.properties" || base == "MANIFEST.MF" {
        return Some(Want::File);
    }
    if let Some(below) = name.strip_prefix("META-INF/maven/") {
        return (base == "pom.xml" && below.matches('/').count() == 2).then_some(Want::File);
    }
    let near_root = name.strip_prefix("META-INF/").unwrap_or(name) == base;
    let starts = |prefix: &str| base.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let licence = ["license", "licence", "copyright"].into_iter().any(starts) && !ends(".class");
    (near_root && licence).then_some(Want::File)
}

/// Reads nested archives with bounds that they share.
struct Reader {
    limits: Limits,
    left: Limits,
    problems: Vec<(String, String)>,
}

impl Reader {
    fn problem(&mut self, place: String, what: String) {
        match self.problems.len() {
            0..MOST_PROBLEMS => self.problems.push((place, what)),
            MOST_PROBLEMS => self.problems.push((place, "it and more entries could not be read".to_owned())),
            _ => {}
        }
    }

    fn archive(&mut self, source: &dyn ReadAt, path: String, depth: usize) -> Result<Archive, String> {
        self.spend(directory::SEARCHED.min(source.len()))?;
        let entries = directory::entries(source, self.left.entries)?;
        let mut archive = Archive { path, ..Archive::default() };
        self.left.entries -= entries.len().min(self.left.entries);
        for entry in entries {
            let outcome = match wanted(&entry.name) {
                None => continue,
                Some(Want::File) => {
                    self.file(source, &entry).map(|bytes| archive.files.push((entry.name.clone(), bytes)))
                }
                Some(Want::Archive) if depth == self.limits.depth => {
                    Err(format!("archives are nested deeper than {} levels", self.limits.depth))
                }
                Some(Want::Archive) => {
                    let path = format!("{}/{}", archive.path, entry.name);
                    self.nested(source, &entry, path, depth + 1).map(|inner| archive.nested.push(inner))
                }
            };
            if let Err(what) = outcome {
                self.problem(format!("{}/{}", archive.path, entry.name), what);
            }
        }
        Ok(archive)
    }

    fn spend(&mut self, bytes: u64) -> Result<(), String> {
        let over = || format!("the archive holds more than {} bytes", self.limits.total);
        self.left.total = self.left.total.checked_sub(bytes).ok_or_else(over)?;
        Ok(())
    }

    fn hold(&mut self, bytes: u64) -> Result<(), String> {
        let over = || format!("the archive needs more than {} bytes of memory", self.limits.held);
        self.left.held = self.left.held.checked_sub(bytes).ok_or_else(over)?;
        Ok(())
    }

    fn file(&mut self, source: &dyn ReadAt, entry: &Entry) -> Result<Vec<u8>, String> {
        let bytes = self.inflate(source, entry, self.limits.file)?;
        self.hold(bytes.len() as u64)?;
        Ok(bytes)
    }

    fn nested(&mut self, source: &dyn ReadAt, entry: &Entry, path: String, depth: usize) -> Result<Archive, String> {
        let escapes = entry.name.starts_with('/') || entry.name.split(['/', '\\']).any(|part| part == "..");
        if escapes {
            return Err("its path leaves the archive".to_owned());
        }
        if entry.method == STORED && entry.flags & ENCRYPTED == 0 {
            // Read where it stands: it needs no memory, so it may be large.
            let (start, length) = directory::data(source, entry)?;
            if length == 0 {
                return Ok(Archive { path, ..Archive::default() });
            }
            self.spend(length)?;
            let part = Part::new(source, start, length);
            let inner = self.archive(&part, path, depth)?;
            return Ok(Archive { sha1: sha1(&part)?, ..inner });
        }
        let bytes = self.inflate(source, entry, self.limits.archive)?;
        if bytes.is_empty() {
            return Ok(Archive { path, ..Archive::default() });
        }
        let held = bytes.len() as u64;
        self.hold(held)?;
        let inner = self.archive(&bytes.as_slice(), path, depth);
        self.left.held += held;
        Ok(Archive { sha1: sha1(&bytes.as_slice())?, ..inner? })
    }

    /// The bytes of an entry, their checksum compared.
    fn inflate(&mut self, source: &dyn ReadAt, entry: &Entry, limit: u64) -> Result<Vec<u8>, String> {
        if entry.flags & ENCRYPTED != 0 {
            return Err("it is encrypted".to_owned());
        }
        if entry.size > limit {
            return Err(format!("its {} bytes are more than the {limit} that are read", entry.size));
        }
        let (start, length) = directory::data(source, entry)?;
        let stream = Stream::new(source, start, length);
        let mut bytes = Vec::new();
        let read = match entry.method {
            STORED => stream.take(limit + 1).read_to_end(&mut bytes),
            DEFLATED => {
                DeflateDecoder::new(BufReader::with_capacity(1 << 16, stream)).take(limit + 1).read_to_end(&mut bytes)
            }
            other => return Err(format!("it is compressed in the unknown way {other}")),
        };
        self.spend(bytes.len() as u64)?;
        read.map_err(|error| format!("it cannot be inflated: {error}"))?;
        if bytes.len() as u64 != entry.size {
            return Err("its size is not what the archive says".to_owned());
        }
        if crc32fast::hash(&bytes) != entry.crc {
            return Err("its checksum is wrong".to_owned());
        }
        Ok(bytes)
    }
}

fn sha1(source: &dyn ReadAt) -> Result<String, String> {
    let mut hasher = Sha1::new();
    let mut at = 0;
    while at < source.len() {
        let length = (source.len() - at).min(1 << 18);
        let chunk = source.bytes_at(at, length as usize).map_err(|error| format!("it cannot be read: {error}"))?;
        hasher.update(&chunk);
        at += length;
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
