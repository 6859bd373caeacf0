//! Audit logs: files of JSON lines.

use std::collections::VecDeque;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use vigie_events::{Delivered, Source, SourceError};

use crate::BREATH;
use crate::payload::{self, MAX_BODY, Payload};
use crate::tally::{Counts, Tally};

/// Bytes read at once.
const CHUNK: usize = 64 << 10;

/// How long to wait for a followed file to grow.
const PATIENCE: Duration = Duration::from_millis(100);

/// Files of a folder that are read; more are an error, not a silent rest.
const MAX_FILES: usize = 100_000;

/// `O_NONBLOCK`: a named pipe without a writer is not waited for.
const NONBLOCK: i32 = 0o4000;

/// Where the lines come from.
enum Input {
    /// Files to read from beginning to end, one after the other.
    Files(VecDeque<PathBuf>),
    /// One file to follow: when another takes its name, what is left of the old one is read first.
    Followed(PathBuf),
}

/// The events of audit logs, in the order of the lines.
pub struct File {
    input: Input,
    open: Option<fs::File>,
    /// What is read and not split into lines yet, from `start`.
    buffer: Vec<u8>,
    start: usize,
    /// Up to where `buffer` was searched for an end of line.
    searched: usize,
    /// The line is longer than what is kept of one.
    overlong: bool,
    line: u64,
    name: PathBuf,
    current: Payload,
    next: usize,
    scratch: Vec<u8>,
    max_event: usize,
    /// When it last said that it is idle.
    breath: Instant,
    tally: Arc<Tally>,
}

impl File {
    /// One file, or all of a folder by the time of their last change.
    ///
    /// # Errors
    /// The file, or the folder, cannot be read.
    pub fn open(path: &Path, max_event: usize) -> io::Result<File> {
        if !fs::metadata(path)?.is_dir() {
            let opened = OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path)?;
            return Ok(File::new(Input::Files(VecDeque::new()), Some(opened), path, max_event));
        }
        let mut files = Vec::new();
        for entry in fs::read_dir(path)? {
            let path = entry?.path();
            let known = fs::metadata(&path)?;
            if known.is_file() {
                files.push(((known.mtime(), known.mtime_nsec()), path));
            }
            if files.len() > MAX_FILES {
                return Err(io::Error::other(format!("more than {MAX_FILES} files are in the folder")));
            }
        }
        files.sort();
        Ok(File::new(Input::Files(files.into_iter().map(|(_, path)| path).collect()), None, path, max_event))
    }

    /// One file from its end on, for ever; it may be rotated or cut.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn follow(path: &Path, max_event: usize) -> io::Result<File> {
        let mut opened = OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path)?;
        opened.seek(SeekFrom::End(0))?;
        Ok(File::new(Input::Followed(path.to_owned()), Some(opened), path, max_event))
    }

    fn new(input: Input, open: Option<fs::File>, name: &Path, max_event: usize) -> File {
        File {
            input,
            open,
            buffer: Vec::new(),
            start: 0,
            searched: 0,
            overlong: false,
            line: 0,
            name: name.to_owned(),
            current: Payload::default(),
            next: 0,
            scratch: Vec::new(),
            max_event,
            breath: Instant::now(),
            tally: Arc::default(),
        }
    }

    /// The counters, which others may look at.
    pub fn tally(&self) -> Arc<Tally> {
        Arc::clone(&self.tally)
    }

    /// The next line that is complete, or at the end of a file what is there; `None` when more has to be read.
    fn line(&mut self, ended: bool) -> Option<std::ops::Range<usize>> {
        let found = memchr::memchr(b'\n', &self.buffer[self.searched..]).map(|at| self.searched + at);
        let end = match found {
            Some(end) => end,
            None if ended && self.buffer.len() > self.start => self.buffer.len(),
            None => {
                self.searched = self.buffer.len();
                if self.buffer.len() - self.start > MAX_BODY {
                    self.overlong = true;
                    (self.start, self.searched) = (0, 0);
                    self.buffer.clear();
                }
                return None;
            }
        };
        let line = self.start..end;
        self.start = (end + 1).min(self.buffer.len());
        self.searched = self.start;
        Some(line)
    }

    /// Takes the events of a line.
    fn take(&mut self, line: std::ops::Range<usize>) {
        self.line += 1;
        let text = self.buffer[line].trim_ascii();
        let overlong = std::mem::take(&mut self.overlong);
        if text.is_empty() && !overlong {
            return;
        }
        let read = if overlong {
            Err(payload::NotAudit(format!("the line is longer than {MAX_BODY} bytes")))
        } else {
            Payload::read(text, self.max_event)
        };
        match read {
            Ok(payload) => {
                self.tally.add(payload.counts);
                (self.current, self.next) = (payload, 0);
            }
            Err(error) => {
                self.tally.add(Counts { bad_payloads: 1, ..Counts::default() });
                let (name, line) = (&self.name, self.line);
                self.tally.note(|| format!("{}, line {line}: {error}", name.display()));
            }
        }
    }

    /// Reads more; 0 at the end of the file as it is now.
    fn fill(&mut self) -> Result<usize, SourceError> {
        let Some(file) = &mut self.open else { return Ok(0) };
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        let length = self.buffer.len();
        self.buffer.resize(length + CHUNK, 0);
        let read = loop {
            match file.read(&mut self.buffer[length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break Ok(0),
                other => break other,
            }
        };
        self.buffer.truncate(length + read.as_ref().unwrap_or(&0));
        read.map_err(|error| broken(&self.name, &error))
    }

    /// Goes on to the next file; false when there is none.
    fn advance(&mut self) -> Result<bool, SourceError> {
        let Input::Files(files) = &mut self.input else { return Ok(true) };
        let Some(path) = files.pop_front() else { return Ok(false) };
        let opened = OpenOptions::new().read(true).custom_flags(NONBLOCK).open(&path);
        self.open = Some(opened.map_err(|error| broken(&path, &error))?);
        (self.name, self.line) = (path, 0);
        Ok(true)
    }

    /// At the end of a followed file: whether there is something new below its name.
    fn renewed(&mut self, path: &Path) -> Result<bool, SourceError> {
        let Some(file) = &mut self.open else { return Ok(false) };
        let (Ok(known), Ok(place)) = (file.metadata(), file.stream_position()) else { return Ok(false) };
        if known.len() < place {
            self.line = 0;
            self.buffer.clear();
            (self.start, self.searched, self.overlong) = (0, 0, false);
            return file.rewind().map(|()| true).map_err(|error| broken(path, &error));
        }
        // Between two files of a rotation there may be none.
        let Ok(opened) = OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path) else { return Ok(false) };
        let Ok(new) = opened.metadata() else { return Ok(false) };
        if (new.dev(), new.ino()) == (known.dev(), known.ino()) {
            return Ok(false);
        }
        // Nobody will finish a line of the old file.
        if let Some(line) = self.line(true) {
            self.take(line);
        }
        (self.open, self.line) = (Some(opened), 0);
        Ok(true)
    }
}

fn broken(path: &Path, error: &io::Error) -> SourceError {
    SourceError::new(format!("{} could not be read: {error}", path.display()), None)
}

impl Source for File {
    fn next(&mut self) -> Result<Delivered<'_>, SourceError> {
        let mut waited = false;
        while self.next >= self.current.len() {
            if self.breath.elapsed() >= BREATH && !self.current.is_empty() {
                self.current = Payload::default();
                self.breath = Instant::now();
                return Ok(Delivered::Idle);
            }
            if let Some(line) = self.line(false) {
                self.take(line);
                continue;
            }
            if self.fill()? > 0 {
                continue;
            }
            match &self.input {
                Input::Files(_) => {
                    if let Some(line) = self.line(true) {
                        self.take(line);
                    } else if self.overlong {
                        self.take(0..0);
                    } else if !self.advance()? {
                        return Ok(Delivered::End);
                    }
                }
                Input::Followed(_) if waited => return Ok(Delivered::Idle),
                Input::Followed(path) => {
                    let path = path.clone();
                    // One more look at the old file: what came between the last read and now.
                    if self.fill()? == 0 && !self.renewed(&path)? {
                        thread::sleep(PATIENCE);
                        waited = true;
                    }
                }
            }
        }
        let index = self.next;
        self.next += 1;
        Ok(match self.current.get(index) {
            Some((time, text)) => Delivered::Event(payload::event(time, text, &mut self.scratch)),
            None => Delivered::Idle,
        })
    }

    fn skipped(&self) -> u64 {
        self.tally.counts().dropped()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::MAX_EVENT;

    /// A folder that goes with the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let path = std::env::temp_dir().join(format!("vigie-audit-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).unwrap();
            Folder(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn event(name: &str) -> String {
        format!(r#"{{"kind":"Event","auditID":"{name}","stageTimestamp":"2024-01-01T00:00:00Z"}}"#)
    }

    fn append(path: &Path, text: &str) {
        OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// The names of events until nothing comes, and whether it was the end.
    fn names(file: &mut File) -> (Vec<String>, bool) {
        let (mut names, mut before) = (Vec::new(), usize::MAX);
        loop {
            match file.next().unwrap() {
                Delivered::Event(event) => {
                    let text: serde_json::Value = serde_json::from_slice(event.params.bytes(1).unwrap()).unwrap();
                    names.push(text["auditID"].as_str().unwrap().to_owned());
                }
                Delivered::End => return (names, true),
                _ if before == names.len() => return (names, false),
                _ => before = names.len(),
            }
        }
    }

    #[test]
    fn lines_of_a_file() {
        let folder = Folder::new("lines");
        let path = folder.0.join("audit.log");
        append(&path, &format!("{}\r\n\n  \nnope\n[{},{}]\n{}", event("a"), event("b"), event("c"), event("d")));
        let mut file = File::open(&path, MAX_EVENT).unwrap();
        assert_eq!(names(&mut file), (vec!["a".into(), "b".into(), "c".into(), "d".into()], true));
        assert_eq!((file.tally().counts().events, file.skipped()), (4, 1));
        let problem = file.tally().problem().unwrap();
        assert!(problem.ends_with("audit.log, line 4: neither a JSON object nor an array"), "{problem}");
        assert!(File::open(&folder.0.join("absent"), MAX_EVENT).is_err());
    }

    #[test]
    fn files_of_a_folder_by_their_time() {
        let folder = Folder::new("folder");
        for (name, age) in [("a", 10), ("b", 30), ("c", 20)] {
            let path = folder.0.join(name);
            append(&path, &event(name));
            let time = std::time::SystemTime::now() - Duration::from_secs(age);
            fs::File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
        }
        fs::create_dir(folder.0.join("more")).unwrap();
        let mut file = File::open(&folder.0, MAX_EVENT).unwrap();
        assert_eq!(names(&mut file), (vec!["b".into(), "c".into(), "a".into()], true));
    }

    #[test]
    fn a_line_without_end_is_not_kept() {
        let folder = Folder::new("long");
        let path = folder.0.join("audit.log");
        append(&path, &"x".repeat(MAX_BODY * 2 + 3 * CHUNK));
        append(&path, &format!("\n{}\n", event("a")));
        let mut file = File::open(&path, MAX_EVENT).unwrap();
        assert_eq!(names(&mut file), (vec!["a".into()], true));
        assert!(file.buffer.capacity() < 3 * MAX_BODY);
        assert_eq!(file.tally().counts().bad_payloads, 1);
        assert!(file.tally().problem().unwrap().contains("line 1: the line is longer than"));
    }

    #[test]
    fn a_followed_file_is_read_from_its_end_through_rotation_and_cut() {
        let folder = Folder::new("follow");
        let path = folder.0.join("audit.log");
        append(&path, &format!("{}\n", event("old")));
        let mut file = File::follow(&path, MAX_EVENT).unwrap();
        assert_eq!(names(&mut file), (vec![], false));
        let new = event("a");
        append(&path, &new[..20]);
        assert_eq!(names(&mut file), (vec![], false), "half a line waits");
        append(&path, &format!("{}\n{}", &new[20..], event("b")));
        assert_eq!(names(&mut file), (vec!["a".into()], false));
        fs::rename(&path, folder.0.join("audit.log.1")).unwrap();
        assert_eq!(names(&mut file), (vec![], false), "none has the name for a while");
        append(&path, &format!("{}\n", event("c")));
        assert_eq!(names(&mut file), (vec!["b".into(), "c".into()], false));
        fs::File::create(&path).unwrap();
        append(&path, &format!("{}\n", event("d")[..40].to_owned()));
        assert_eq!(names(&mut file), (vec![], false));
        append(&path, &format!("{}\n", event("e")));
        assert_eq!(names(&mut file), (vec!["e".into()], false));
        assert_eq!(file.skipped(), 1);
    }
}
