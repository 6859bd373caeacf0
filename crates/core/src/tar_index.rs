//! The list of a plain tar's members, with where their data lies (an image archive of `docker save`).

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::limits::{Limits, ReadError};
use crate::tar::{Kind, Source, Tar, clean_path};

type Result<T> = std::result::Result<T, ReadError>;

/// One member.
#[derive(Debug, PartialEq, Eq)]
pub struct Member {
    /// Cleaned as entries of layers are.
    pub name: String,
    /// Where the data begins.
    pub offset: u64,
    pub size: u64,
    /// `file`, `dir`, `link`, `symlink` or `other`; a sparse file is `other`, as its data is not its content.
    pub kind: &'static str,
    /// Target of a link, as it stands.
    pub link: String,
}

struct Place {
    file: File,
    position: u64,
    end: u64,
}

impl Source for Place {
    fn position(&self) -> u64 {
        self.position
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let most = usize::try_from(self.end - self.position).unwrap_or(usize::MAX).min(buffer.len());
        self.file.read_exact_at(&mut buffer[..most], self.position)?;
        self.position += most as u64;
        Ok(most)
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        let count = count.min(self.end - self.position);
        self.position += count;
        Ok(count)
    }
}

/// Reads the headers. Members whose path leaves the root or is invalid are left out: nothing can refer to them.
pub fn tar_index(path: &Path, limits: &Limits) -> Result<Vec<Member>> {
    let file = File::open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(ReadError::Damaged("not a regular file".into()));
    }
    let mut tar = Tar::new(Place { file, position: 0, end: meta.len() });
    let mut members = Vec::new();
    let mut name = String::new();
    let mut count = 0;
    while tar.next_entry()? {
        count += 1;
        if count > limits.max_entries {
            return Err(ReadError::Damaged(format!(
                "more than {} members, the most that are read",
                limits.max_entries
            )));
        }
        if count % 256 == 0 {
            limits.check_time()?;
        }
        if !clean_path(&tar.entry.name, &mut name) {
            continue;
        }
        let entry = &tar.entry;
        let kind = match entry.kind {
            Kind::File if entry.sparse.is_some() => "other",
            Kind::File => "file",
            Kind::Folder => "dir",
            Kind::Hard => "link",
            Kind::Symlink => "symlink",
            Kind::Other => "other",
        };
        let link = String::from_utf8_lossy(&entry.link).into_owned();
        members.push(Member { name: name.clone(), offset: tar.source.position, size: entry.stored, kind, link });
    }
    Ok(members)
}
