//! A place for files too large to hold: one temporary file without a name, used over and over.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{CWD, Mode, OFlags, openat, unlinkat};

use crate::read_at::FileSource;

/// Opened when it is first needed; the system forgets the bytes with the last handle.
#[derive(Debug, Default)]
pub struct Spool {
    file: Option<File>,
}

fn unnamed(folder: &Path) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR;
    if let Ok(file) = openat(CWD, folder, flags | OFlags::TMPFILE, mode) {
        return Ok(file.into());
    }
    // Not every file system knows files without names.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut tries = 0;
    loop {
        let name = format!(".vigie-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = folder.join(name);
        match openat(CWD, &path, flags | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW, mode) {
            Ok(file) => {
                unlinkat(CWD, &path, rustix::fs::AtFlags::empty())?;
                return Ok(file.into());
            }
            Err(rustix::io::Errno::EXIST) if tries < 100 => tries += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

impl Spool {
    /// The file, of `size` zero bytes.
    pub fn cleared(&mut self, size: u64) -> io::Result<&File> {
        if self.file.is_none() {
            self.file = Some(unnamed(&std::env::temp_dir())?);
        }
        let file = self.file.as_ref().ok_or(io::ErrorKind::NotFound)?;
        file.set_len(0)?;
        file.set_len(size)?;
        Ok(file)
    }

    /// What was written, for reading.
    pub fn source(&self) -> io::Result<FileSource> {
        FileSource::new(self.file.as_ref().ok_or(io::ErrorKind::NotFound)?.try_clone()?)
    }

    /// Gives the space back.
    pub fn release(&mut self) -> io::Result<()> {
        self.file.as_ref().map_or(Ok(()), |file| file.set_len(0))
    }
}
