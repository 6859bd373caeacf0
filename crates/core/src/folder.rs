//! A folder walked on all cores. Everything below the root is opened relative to its folder and without following links, so that
//! nothing outside can be read, even while somebody changes the tree.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, fstat, openat, statat};
use rustix::io::Errno;

use crate::found::{About, Batch, Content, Found, Wanted};
use crate::layer::Walked;
use crate::limits::{Limits, Problems, ReadError};
use crate::read_at::FileSource;
use crate::selection::Selection;
use secrets::time;

mod secrets;

type Result<T> = std::result::Result<T, ReadError>;

/// Folders deeper than this are not entered; each level holds a file descriptor while it is walked.
const DEPTH: usize = 400;

/// A folder waiting to be walked. The root has no parent.
struct Job {
    parent: Option<Arc<OwnedFd>>,
    name: CString,
    path: String,
    depth: usize,
}

#[derive(Default)]
struct Jobs {
    stack: Vec<Job>,
    /// Folders waiting or being walked.
    open: usize,
}

struct Shared {
    jobs: Mutex<Jobs>,
    changed: Condvar,
    selection: Arc<Selection>,
    limits: Limits,
    stop: AtomicBool,
    entries: AtomicU64,
    files: AtomicU64,
    bytes: AtomicU64,
    problems: Mutex<Problems>,
    error: Mutex<Option<ReadError>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn says(error: Errno) -> String {
    let text = io::Error::from(error).to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

impl Shared {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn fail(&self, error: ReadError) {
        lock(&self.error).get_or_insert(error);
        self.stop.store(true, Ordering::Relaxed);
        self.changed.notify_all();
    }

    fn problem(&self, path: &str, what: String) {
        lock(&self.problems).push(path, what);
    }

    fn push(&self, job: Job) {
        let mut jobs = lock(&self.jobs);
        jobs.stack.push(job);
        jobs.open += 1;
        self.changed.notify_one();
    }

    /// A folder, if one is waiting.
    fn take_now(&self) -> Option<Job> {
        lock(&self.jobs).stack.pop()
    }

    /// Waits for a folder; None when all is done.
    fn take(&self) -> Option<Job> {
        let mut jobs = lock(&self.jobs);
        loop {
            if self.stopped() || jobs.open == 0 {
                return None;
            }
            if let Some(job) = jobs.stack.pop() {
                return Some(job);
            }
            jobs = self.changed.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn count(&self, entries: u64) -> Result<()> {
        if self.entries.fetch_add(entries, Ordering::Relaxed) + entries > self.limits.max_entries {
            let most = self.limits.max_entries;
            return Err(ReadError::Damaged(format!("more than {most} entries, the most that are read")));
        }
        self.limits.check_time()
    }
}

struct Worker {
    shared: Arc<Shared>,
    sender: SyncSender<Batch>,
    batch: Batch,
    wanted: Wanted,
    /// The content of a file that is only searched.
    held: Vec<u8>,
}

impl Worker {
    fn run(mut self) {
        loop {
            let job = match self.shared.take_now() {
                Some(job) => job,
                None => {
                    // Nobody should wait for files while this thread waits for folders.
                    self.flush();
                    let Some(job) = self.shared.take() else { return };
                    job
                }
            };
            if !self.shared.stopped() {
                if let Err(error) = self.walk(&job) {
                    self.shared.fail(error);
                }
            }
            drop(job);
            let mut jobs = lock(&self.shared.jobs);
            jobs.open -= 1;
            if jobs.open == 0 {
                self.shared.changed.notify_all();
            }
        }
    }

    fn flush(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        if !batch.files.is_empty() && self.sender.send(batch).is_err() {
            self.shared.stop.store(true, Ordering::Relaxed);
        }
    }

    fn walk(&mut self, job: &Job) -> Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let opened = match &job.parent {
            Some(parent) => openat(parent, &job.name, flags | OFlags::NOFOLLOW, Mode::empty()),
            None => openat(CWD, &job.name, flags, Mode::empty()),
        };
        let folder = match opened {
            Ok(folder) => Arc::new(folder),
            // Removed, or replaced by something else, since its parent was listed.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) if job.parent.is_some() => return Ok(()),
            Err(error) => {
                self.shared.problem(&job.path, format!("this folder cannot be read: {}", says(error)));
                return Ok(());
            }
        };
        let mut buffer = [MaybeUninit::<u8>::uninit(); 32 << 10];
        let mut list = RawDir::new(&folder, &mut buffer);
        let mut seen = 0;
        while let Some(entry) = list.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.shared.problem(&job.path, format!("this folder cannot be listed to its end: {}", says(error)));
                    break;
                }
            };
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            seen += 1;
            if seen == 256 {
                self.shared.count(seen)?;
                seen = 0;
            }
            if self.shared.stopped() {
                return Ok(());
            }
            self.entry(&folder, job, name, entry.file_type())?;
        }
        self.shared.count(seen)
    }

    fn entry(&mut self, folder: &Arc<OwnedFd>, job: &Job, name: &CStr, kind: FileType) -> Result<()> {
        let text = name.to_string_lossy();
        let path = if job.path.is_empty() { text.into_owned() } else { format!("{}/{text}", job.path) };
        let mut kind = kind;
        let mut mode = 0;
        let ask =
            kind == FileType::Unknown || kind == FileType::RegularFile && self.shared.selection.wants_executables();
        if ask {
            match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => (kind, mode) = (FileType::from_raw_mode(stat.st_mode), stat.st_mode),
                Err(Errno::NOENT) => return Ok(()),
                Err(error) => {
                    self.shared.problem(&path, format!("cannot be looked at: {}", says(error)));
                    return Ok(());
                }
            }
        }
        match kind {
            FileType::Directory if self.shared.selection.skips_folder(&path) => {
                let config = format!("{path}/config");
                if self.shared.selection.wants_git_config(&config) {
                    self.git_config(folder, name, &config)?;
                }
            }
            FileType::Directory if job.depth >= DEPTH => {
                self.shared.problem(&path, format!("more than {DEPTH} folders deep; it is not read"));
            }
            FileType::Directory => {
                self.shared.push(Job {
                    parent: Some(folder.clone()),
                    name: name.to_owned(),
                    path,
                    depth: job.depth + 1,
                });
            }
            FileType::RegularFile => {
                self.shared.files.fetch_add(1, Ordering::Relaxed);
                if self.wanted.ask(&self.shared.selection, &path, mode & 0o7777) {
                    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
                    match openat(folder, name, flags, Mode::empty()) {
                        Ok(file) => self.file(&path, file)?,
                        Err(Errno::NOENT | Errno::LOOP) => {}
                        Err(error) => {
                            let about = About { path: &path, size: 0, mode: mode & 0o7777 };
                            self.batch
                                .push(about.found(&self.wanted.all, Err(format!("cannot be read: {}", says(error)))));
                        }
                    }
                    if self.batch.is_quarter_full() {
                        self.flush();
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Reads a wanted file.
    fn file(&mut self, path: &str, file: OwnedFd) -> Result<()> {
        let stat = match fstat(&file) {
            Ok(stat) => stat,
            Err(error) => return Err(io::Error::from(error).into()),
        };
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Ok(());
        }
        let about = About { path, size: u64::try_from(stat.st_size).unwrap_or(0), mode: stat.st_mode & 0o7777 };
        let unreadable = |error: io::Error| format!("cannot be read: {error}");
        self.wanted.bound_bytes(about, self.shared.limits.max_file, &mut self.batch);
        let mut file = File::from(file);
        let is_read = !self.wanted.bytes.is_empty();
        if is_read {
            let mut bytes = Vec::with_capacity(usize::try_from(about.size).unwrap_or(0).saturating_add(1));
            let read = (&mut file).take(self.shared.limits.max_file.saturating_add(1)).read_to_end(&mut bytes);
            let about = About { size: bytes.len() as u64, ..about };
            self.wanted.bound_bytes(about, self.shared.limits.max_file, &mut self.batch);
            if !self.wanted.bytes.is_empty() {
                self.read_so_far(about.size)?;
                self.wanted.search(about, &bytes, self.shared.selection.searcher(), &mut self.batch);
                self.wanted.secrets.clear();
                bytes.shrink_to_fit();
                let content = read.map(|_| Content::Bytes(bytes)).map_err(unreadable);
                self.batch.push(about.found(&self.wanted.bytes, content));
            }
        }
        if !self.wanted.secrets.is_empty() {
            if is_read {
                file.seek(SeekFrom::Start(0))?;
            }
            self.search(about, &mut file, time(&stat))?;
        }
        if self.wanted.needs_reader() {
            let source = FileSource::new(file)?;
            if !self.wanted.executable.is_empty() {
                let mut start = [0; 4];
                let whole = about.size >= 4 && crate::read_at::ReadAt::read_exact_at(&source, &mut start, 0).is_ok();
                self.wanted.check_start(if whole { &start } else { &[] });
            }
            if self.wanted.needs_reader() {
                let mut problems = Problems::default();
                self.wanted.read(about, &source, &mut self.batch, &mut problems);
                lock(&self.shared.problems).append(problems);
                self.shared.limits.check_time()?;
            }
        }
        Ok(())
    }

    fn read_so_far(&self, more: u64) -> Result<()> {
        let most = self.shared.limits.max_bytes;
        if self.shared.bytes.fetch_add(more, Ordering::Relaxed).saturating_add(more) > most {
            return Err(ReadError::Damaged(format!(
                "the wanted files are larger than {most} bytes, the most that are read"
            )));
        }
        Ok(())
    }
}

/// A folder, or a single file, being read.
pub struct FolderReader {
    shared: Arc<Shared>,
    receiver: Option<Receiver<Batch>>,
    threads: Vec<JoinHandle<()>>,
}

impl FolderReader {
    /// Starts reading. threads: how many; 0 is one for each core, eight at most.
    pub fn open(root: &Path, selection: Arc<Selection>, limits: &Limits, threads: usize) -> Result<Self> {
        let threads = match threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8),
            count => count.min(64),
        };
        let (sender, receiver) = sync_channel(2 * threads);
        let shared = Arc::new(Shared {
            jobs: Mutex::default(),
            changed: Condvar::new(),
            selection,
            limits: limits.clone(),
            stop: AtomicBool::new(false),
            entries: AtomicU64::new(0),
            files: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            problems: Mutex::default(),
            error: Mutex::new(None),
        });
        let mut reader = Self { shared: shared.clone(), receiver: Some(receiver), threads: Vec::new() };
        let meta = root.metadata()?;
        let worker = || Worker {
            shared: shared.clone(),
            sender: sender.clone(),
            batch: Batch::default(),
            wanted: Wanted::default(),
            held: Vec::new(),
        };
        if meta.is_dir() {
            let name = CString::new(root.as_os_str().as_encoded_bytes()).map_err(io::Error::other)?;
            // Opened here once, so that a root which cannot be read is an error and not a problem.
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            openat(CWD, &name, flags, Mode::empty()).map_err(io::Error::from)?;
            shared.push(Job { parent: None, name, path: String::new(), depth: 0 });
            for _ in 0..threads {
                let worker = worker();
                reader.threads.push(std::thread::Builder::new().name("vigie-walk".into()).spawn(move || worker.run())?);
            }
        } else if meta.is_file() {
            let mut worker = worker();
            let path = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
            shared.files.store(1, Ordering::Relaxed);
            let mode = std::os::unix::fs::MetadataExt::mode(&meta) & 0o7777;
            if worker.wanted.ask(&shared.selection, &path, mode) {
                worker.file(&path, File::open(root)?.into())?;
                worker.flush();
            }
        } else {
            return Err(ReadError::Damaged("neither a folder nor a regular file".into()));
        }
        Ok(reader)
    }

    /// The next wanted files, in no particular order; none at the end.
    pub fn next_batch(&mut self) -> Result<Vec<Found>> {
        let Some(receiver) = &self.receiver else { return Ok(Vec::new()) };
        let Ok(mut batch) = receiver.recv() else {
            return match &*lock(&self.shared.error) {
                Some(error) => Err(error.again()),
                None => Ok(Vec::new()),
            };
        };
        while !batch.is_full() {
            let Ok(more) = receiver.try_recv() else { break };
            batch.append(more);
        }
        Ok(batch.files)
    }

    /// Walks what is left and sums up.
    pub fn finish(&mut self) -> Result<Walked> {
        while !self.next_batch()?.is_empty() {}
        let mut problems = lock(&self.shared.problems).take();
        problems.sort();
        Ok(Walked {
            size: self.shared.bytes.load(Ordering::Relaxed),
            files: self.shared.files.load(Ordering::Relaxed),
            problems,
            ..Walked::default()
        })
    }
}

impl Drop for FolderReader {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.receiver = None;
        drop(lock(&self.shared.jobs)); // nobody is between looking at `stop` and waiting
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
