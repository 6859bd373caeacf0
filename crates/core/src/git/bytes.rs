//! Files of a repository: opened only when they are regular files, so that nothing else can hold the reader up.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Deref;
use std::path::Path;

use memmap2::{Mmap, UncheckedAdvice};
use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat};

/// The bytes of a file, mapped or in memory.
pub enum Bytes {
    Mapped(Mmap),
    Held(Vec<u8>),
}

impl Bytes {
    /// Maps a regular file.
    pub fn map(path: &Path) -> io::Result<Self> {
        let file = open(path)?;
        // An empty file cannot be mapped.
        if file.metadata()?.len() == 0 {
            return Ok(Self::Held(Vec::new()));
        }
        // Sound as long as nobody shortens or writes the file in place. Git writes packs and their indexes beside and
        // renames them, and never changes one; all else about the content is checked where it is read.
        #[allow(unsafe_code)]
        let map = unsafe { Mmap::map(&file) }?;
        Ok(Self::Mapped(map))
    }

    /// Gives back the memory of what was read; it is read again when it is needed.
    pub fn release(&self) {
        if let Self::Mapped(map) = self {
            // Sound since the mapping is never written to: its pages come back from the file as they were.
            #[allow(unsafe_code)]
            let _ = unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) };
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Held(held) => held,
        }
    }
}

/// Opens a regular file, and nothing else.
fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = openat(CWD, path, flags, Mode::empty())?;
    if FileType::from_raw_mode(fstat(&file)?.st_mode) != FileType::RegularFile {
        return Err(io::Error::other("not a regular file"));
    }
    Ok(file.into())
}

/// The content of a regular file of at most so many bytes. None: there is no such file.
pub fn read(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let mut content = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut content)?;
    if content.len() as u64 > most {
        return Err(io::Error::other(format!("more than {most} bytes")));
    }
    Ok(Some(content))
}
