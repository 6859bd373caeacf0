//! A file that is written on a thread of its own, so that a slow disk does not hold up events.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use vigie_capture::Writer;
use vigie_events::HostFacts;

/// As much is handed over at once.
const CHUNK: usize = 128 << 10;

/// As many chunks may wait for the disk.
const CHUNKS: usize = 64;

/// How often the disk is waited for when that many do, and how long each time: 50 ms in all.
const TRIES: usize = 50;
const PAUSE: Duration = Duration::from_millis(1);

/// The thread that writes a capture.
pub(crate) struct Disk {
    thread: Option<JoinHandle<io::Result<()>>>,
    facts: Arc<AtomicU64>,
}

/// What takes the bytes of events on their way to the disk. The file ends when this is dropped.
pub(crate) struct Feed {
    sender: SyncSender<Vec<u8>>,
    chunk: Vec<u8>,
}

impl Disk {
    /// Makes a new file, for its owner alone, and begins it with the facts.
    ///
    /// # Errors
    /// It cannot be made, or is there already.
    pub fn create(path: &Path, facts: HostFacts) -> io::Result<(Disk, Feed)> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        let (sender, receiver) = sync_channel(CHUNKS);
        let written = Arc::new(AtomicU64::new(0));
        let size = Arc::clone(&written);
        let thread = thread::Builder::new()
            .name("vigie-capture".to_owned())
            .spawn(move || write(file, &facts, &size, &receiver))?;
        Ok((Disk { thread: Some(thread), facts: written }, Feed { sender, chunk: Vec::new() }))
    }

    /// How many bytes the facts took; 0 until they are written.
    pub fn facts(&self) -> u64 {
        self.facts.load(Ordering::Relaxed)
    }

    /// Whether the disk took everything. `None` while it is at work.
    pub fn finished(&mut self) -> Option<io::Result<()>> {
        if !self.thread.as_ref()?.is_finished() {
            return None;
        }
        let result = self.thread.take()?.join();
        Some(result.unwrap_or_else(|_| Err(io::Error::other("the thread that writes it failed"))))
    }

    /// The same, waiting for so long.
    pub fn wait(&mut self, until: Instant) -> io::Result<()> {
        loop {
            if let Some(result) = self.finished() {
                return result;
            }
            if Instant::now() >= until {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the disk does not answer"));
            }
            thread::sleep(PAUSE);
        }
    }
}

impl Feed {
    fn hand_over(&mut self) -> io::Result<()> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let mut chunk = std::mem::take(&mut self.chunk);
        for _ in 0..TRIES {
            match self.sender.try_send(chunk) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Full(back)) => chunk = back,
                Err(TrySendError::Disconnected(_)) => return Err(io::Error::other("the disk takes no more")),
            }
            thread::sleep(PAUSE);
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "the disk is too slow for the events"))
    }
}

impl Write for Feed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.chunk.extend_from_slice(bytes);
        if self.chunk.len() >= CHUNK {
            self.hand_over()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_over()
    }
}

fn write(file: File, facts: &HostFacts, size: &AtomicU64, receiver: &Receiver<Vec<u8>>) -> io::Result<()> {
    let writer = Writer::plain(file, facts)?;
    size.store(writer.written(), Ordering::Relaxed);
    let mut file = writer.finish()?;
    for chunk in receiver {
        file.write_all(&chunk)?;
    }
    file.flush()
}
