//! A wanted file, and the making of its content from bytes that may lie anywhere.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::archive::{self, Archive};
use crate::content::{Searcher, Sighting, Sightings};
use crate::executable::{self, Executable};
use crate::limits::Problems;
use crate::read_at::ReadAt;
use crate::rpm::{self, RpmPackage};
use crate::selection::{Kind, Selection};

/// What was made of a file.
#[derive(Debug)]
pub enum Content {
    Bytes(Vec<u8>),
    Executable(Executable),
    Archive(Archive),
    Rpm(Vec<RpmPackage>),
    Secrets(Vec<Sighting>),
}

impl Content {
    /// Roughly how much memory it takes.
    fn weight(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Executable(executable) => executable.go_modinfo.len() + executable.rust_audit.len(),
            Self::Archive(found) => archive_weight(found),
            Self::Rpm(packages) => packages.len() * 4096,
            Self::Secrets(sightings) => sightings.iter().map(|one| 2048 + one.secret.len()).sum(),
        }
    }
}

fn archive_weight(archive: &Archive) -> usize {
    let files: usize = archive.files.iter().map(|(name, bytes)| name.len() + bytes.len()).sum();
    files + archive.nested.iter().map(archive_weight).sum::<usize>()
}

/// A wanted file. Either `content` or `problem` is there.
#[derive(Debug)]
pub struct Found {
    pub path: String,
    pub size: u64,
    pub mode: u32,
    pub rules: Vec<usize>,
    pub content: Option<Content>,
    pub problem: Option<String>,
}

/// Wanted files on their way to the caller; full at some 4 MB or 256 files.
#[derive(Debug, Default)]
pub struct Batch {
    pub files: Vec<Found>,
    weight: usize,
}

impl Batch {
    const WEIGHT: usize = 4 << 20;
    const FILES: usize = 256;

    pub fn push(&mut self, found: Found) {
        self.weight += found.content.as_ref().map_or(0, Content::weight);
        self.files.push(found);
    }

    pub fn is_full(&self) -> bool {
        self.weight >= Self::WEIGHT || self.files.len() >= Self::FILES
    }

    /// For one of several that fill a batch together.
    pub fn is_quarter_full(&self) -> bool {
        self.weight >= Self::WEIGHT / 4 || self.files.len() >= Self::FILES / 4
    }

    pub fn append(&mut self, mut other: Self) {
        self.weight += other.weight;
        self.files.append(&mut other.files);
    }
}

/// The rules that want a file, by what they make of it. Reused from file to file.
#[derive(Debug, Default)]
pub struct Wanted {
    pub all: Vec<usize>,
    /// For `Kind::Bytes` and `Kind::Keep`.
    pub bytes: Vec<usize>,
    pub executable: Vec<usize>,
    pub archive: Vec<usize>,
    pub rpm: Vec<usize>,
    pub secrets: Vec<usize>,
    /// Whether a rule asks for the bytes in earnest.
    must: bool,
}

/// A file's name, size and mode.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    pub path: &'a str,
    pub size: u64,
    pub mode: u32,
}

impl About<'_> {
    /// The file, delivered for some rules.
    pub fn found(&self, rules: &[usize], content: Result<Content, String>) -> Found {
        let (content, problem) = match content {
            Ok(content) => (Some(content), None),
            Err(problem) => (None, Some(problem)),
        };
        Found { path: self.path.to_owned(), size: self.size, mode: self.mode, rules: rules.to_vec(), content, problem }
    }
}

/// Whether these first bytes (four or more) can begin an executable that holds build information.
pub fn is_executable(start: &[u8]) -> bool {
    matches!(
        start,
        [0x7f, b'E', b'L', b'F', ..]
            | [b'M', b'Z', ..]
            | [0, b'a', b's', b'm', ..]
            | [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..]
            | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..]
            | [0xca, 0xfe, 0xba, 0xbe | 0xbf, ..]
    )
}

impl Wanted {
    /// Asks the selection, and sorts the answer. False when nobody wants the file.
    pub fn ask(&mut self, selection: &Selection, path: &str, mode: u32) -> bool {
        selection.matches(path, mode, &mut self.all);
        if self.all.is_empty() {
            return false;
        }
        for list in [&mut self.bytes, &mut self.executable, &mut self.archive, &mut self.rpm, &mut self.secrets] {
            list.clear();
        }
        self.must = false;
        for &rule in &self.all {
            match selection.kind(rule) {
                Kind::Bytes => {
                    self.must = true;
                    self.bytes.push(rule);
                }
                Kind::Keep => self.bytes.push(rule),
                Kind::Executable => self.executable.push(rule),
                Kind::Archive => self.archive.push(rule),
                Kind::Rpm => self.rpm.push(rule),
                Kind::Secrets => self.secrets.push(rule),
            }
        }
        true
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.secrets.is_empty() && !self.needs_reader()
    }

    /// Whether more than the plain bytes is asked for.
    pub fn needs_reader(&self) -> bool {
        !(self.executable.is_empty() && self.archive.is_empty() && self.rpm.is_empty())
    }

    /// Gives up the bytes of a file that is too large; says so when a rule asked in earnest.
    pub fn bound_bytes(&mut self, about: About<'_>, max_file: u64, batch: &mut Batch) {
        if about.size <= max_file || self.bytes.is_empty() {
            return;
        }
        if self.must {
            let what = format!("{} bytes are more than the {max_file} that are read of one file", about.size);
            batch.push(about.found(&self.bytes, Err(what)));
        }
        self.bytes.clear();
    }

    /// Gives up a candidate whose first bytes are not those of an executable.
    pub fn check_start(&mut self, start: &[u8]) {
        if !is_executable(start) {
            self.executable.clear();
        }
    }

    /// Gives up the search for secrets in a file whose first bytes tell that it is not searched.
    pub fn check_head(&mut self, about: About<'_>, head: &[u8], searcher: Option<&Searcher>) {
        if !self.secrets.is_empty() && !searcher.is_some_and(|searcher| searcher.wants(about.path, about.size, head)) {
            self.secrets.clear();
        }
    }

    /// Delivers the secrets of a file, if there are any, and what of it could not be searched.
    pub fn deliver_secrets(&self, about: About<'_>, sightings: Sightings, batch: &mut Batch) {
        if !sightings.list.is_empty() {
            batch.push(about.found(&self.secrets, Ok(Content::Secrets(sightings.list))));
        }
        for problem in sightings.problems {
            batch.push(about.found(&self.secrets, Err(problem)));
        }
    }

    /// Searches a file in memory for secrets.
    pub fn search(&self, about: About<'_>, content: &[u8], searcher: Option<&Searcher>, batch: &mut Batch) {
        if let (Some(searcher), false) = (searcher, self.secrets.is_empty()) {
            self.deliver_secrets(about, searcher.search(about.path, content), batch);
        }
    }

    /// Reads what the formats inside say, and delivers it. A reader that fails harms its own file only.
    pub fn read(&self, about: About<'_>, source: &dyn ReadAt, batch: &mut Batch, problems: &mut Problems) {
        fn guarded<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
            catch_unwind(AssertUnwindSafe(read))
                .unwrap_or_else(|_| Err("the reader of this format failed on it, which is a bug".into()))
        }
        if !self.executable.is_empty() {
            match guarded(|| executable::read(source)) {
                Ok(Some(executable)) => batch.push(about.found(&self.executable, Ok(Content::Executable(executable)))),
                Ok(None) => {}
                Err(what) => batch.push(about.found(&self.executable, Err(what))),
            }
        }
        if !self.archive.is_empty() {
            let read = guarded(|| Ok(archive::read(source, about.path, archive::Limits::default())));
            batch.push(about.found(&self.archive, read.map(Content::Archive)));
        }
        if !self.rpm.is_empty() {
            let read = guarded(|| rpm::read(source)).map(|database| {
                for problem in database.problems {
                    problems.push(about.path, problem);
                }
                Content::Rpm(database.packages)
            });
            batch.push(about.found(&self.rpm, read));
        }
    }
}
