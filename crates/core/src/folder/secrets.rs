//! Files of a folder that are searched for secrets.

use std::ffi::CStr;
use std::fs::File;
use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags, Stat, fstat, openat};
use rustix::io::Errno;

use super::{Result, Worker, says};
use crate::found::About;
use crate::limits::Timed;
use crate::read_at::{FileSource, read_full};

/// Files up to here are searched for secrets in memory,
const HELD: u64 = 4 << 20;
/// and those larger than this not read to their end before their start was looked at.
const HEAD: usize = 32 << 10;

/// The size of a file; the system knows none below zero.
fn bytes(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

/// When a file was last written.
pub fn time(stat: &Stat) -> (i64, u64) {
    (stat.st_mtime, stat.st_mtime_nsec)
}

impl Worker {
    /// Reads the one file of a `.git` folder that is searched for secrets.
    pub(super) fn git_config(&mut self, folder: &OwnedFd, name: &CStr, path: &str) -> Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let file = openat(folder, name, flags, Mode::empty()).and_then(|git| {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
            openat(git, c"config", flags, Mode::empty())
        });
        match file {
            Ok(file) if self.wanted.ask(&self.shared.selection, path, 0) => return self.file(path, file),
            Ok(_) | Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
            Err(error) => self.shared.problem(path, format!("cannot be read: {}", says(error))),
        }
        Ok(())
    }

    /// Searches a file for secrets. One that grows meanwhile is searched as far as it was when it was opened; one that
    /// changes in another way is named.
    pub(super) fn search(&mut self, about: About<'_>, file: &mut File, modified: (i64, u64)) -> Result<()> {
        let shared = self.shared.clone();
        let Some(searcher) = shared.selection.searcher() else { return Ok(()) };
        if !searcher.wants(about.path, about.size, &[]) {
            return Ok(());
        }
        let Some(size) = usize::try_from(about.size).ok().filter(|_| about.size <= HELD) else {
            let source = FileSource::new(file.try_clone()?)?;
            let mut sightings = searcher.search_at(about.path, &Timed { source: &source, limits: &shared.limits });
            let changed = |stat: Stat| bytes(&stat) <= about.size && time(&stat) != modified;
            if sightings.problems.is_empty() && fstat(&*file).is_ok_and(changed) {
                sightings.problems.push("it was changed while it was read; what is told of it may not be all".into());
            }
            self.wanted.deliver_secrets(about, sightings, &mut self.batch);
            return shared.limits.check_time();
        };
        if self.held.len() < size {
            self.held.resize(size.next_multiple_of(HEAD), 0);
        }
        // Of a large file its start is looked at first: that may be enough.
        let start = if size > 2 * HEAD { HEAD } else { size };
        let (mut count, mut end) = read_full(file, &mut self.held[..start]);
        if start < size && matches!(end, Ok(false)) {
            if !searcher.wants(about.path, about.size, &self.held[..start]) {
                return Ok(());
            }
            let more;
            (more, end) = read_full(file, &mut self.held[start..size]);
            count += more;
        }
        self.wanted.search(about, &self.held[..count], Some(searcher), &mut self.batch);
        let problem = match end {
            Ok(false) => return Ok(()),
            // Some files of the kernel say another size than they have.
            Ok(true) if fstat(&*file).is_ok_and(|stat| bytes(&stat) >= about.size) => return Ok(()),
            Ok(true) => "it became shorter while it was read".to_owned(),
            Err(error) => format!("cannot be read to its end: {error}"),
        };
        self.batch.push(about.found(&self.wanted.secrets, Err(problem)));
        Ok(())
    }
}
