//! One layer in one pass: the tar is walked while it is inflated and hashed; wanted files are delivered in batches.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use crate::found::{About, Batch, Content, Found, Wanted};
use crate::inflate::{Raw, Sums};
use crate::limits::{Limits, Problems, ReadError, Timed};
use crate::read_at::ReadAt;
use crate::selection::Selection;
use crate::sparse::{self, Sparse};
use crate::spool::Spool;
use crate::tar::{BLOCK, Kind, Source, Tar, clean_path};

type Result<T> = std::result::Result<T, ReadError>;

/// Contents for readers of formats are held up to here, and spooled beyond.
const HELD: u64 = 16 << 20;

/// Whiteouts and opaque folders of one layer; a real one has thousands. They are kept, so their number is bounded.
const MOST_DELETIONS: usize = 1_000_000;

/// What a finished walk knows. For a folder, digests and whiteouts are empty.
#[derive(Debug, Default)]
pub struct Walked {
    pub digest: String,
    pub diff_id: String,
    /// Raw bytes of a layer; for a folder the bytes read.
    pub size: u64,
    /// Regular files, wanted or not.
    pub files: u64,
    /// Paths that lower layers lose, without the `.wh.`.
    pub whiteouts: Vec<String>,
    /// Folders whose content in lower layers is lost; "" is the root.
    pub opaque: Vec<String>,
    pub problems: Vec<(String, String)>,
}

impl Source for Raw {
    fn position(&self) -> u64 {
        Self::position(self)
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            let bytes = self.available()?;
            if bytes.is_empty() {
                break;
            }
            let count = bytes.len().min(buffer.len() - done);
            buffer[done..done + count].copy_from_slice(&bytes[..count]);
            self.consume(count);
            done += count;
        }
        Ok(done)
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        let mut left = count;
        while left > 0 {
            let bytes = self.available()?.len();
            if bytes == 0 {
                break;
            }
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(bytes);
            self.consume(step);
            left -= step as u64;
        }
        Ok(count - left)
    }
}

/// A layer being read.
pub struct LayerReader {
    tar: Tar<Raw>,
    selection: Arc<Selection>,
    limits: Limits,
    path: String,
    /// The folder judged last, and the judgement: neighbours in a tar share it.
    folder: String,
    folder_skipped: bool,
    wanted: Wanted,
    held: Vec<u8>,
    spool: Spool,
    entries: u64,
    walked: Walked,
    problems: Problems,
    error: Option<ReadError>,
    ended: bool,
}

impl LayerReader {
    /// Opens a layer: a whole file, or `length` bytes of it from `offset`.
    pub fn open(
        path: &Path,
        selection: Arc<Selection>,
        limits: &Limits,
        offset: u64,
        length: Option<u64>,
    ) -> Result<Self> {
        Ok(Self {
            tar: Tar::new(Raw::open(path, limits, offset, length)?),
            selection,
            limits: limits.clone(),
            path: String::new(),
            folder: String::new(),
            folder_skipped: false,
            wanted: Wanted::default(),
            held: Vec::new(),
            spool: Spool::default(),
            entries: 0,
            walked: Walked::default(),
            problems: Problems::default(),
            error: None,
            ended: false,
        })
    }

    /// The next wanted files; none at the end. What was found before an error is delivered before it.
    pub fn next_batch(&mut self) -> Result<Vec<Found>> {
        let mut batch = Batch::default();
        if let Some(error) = &self.error {
            return Err(error.again());
        }
        while !self.ended && !batch.is_full() {
            match self.step(&mut batch) {
                Ok(more) => self.ended = !more,
                Err(error) => {
                    let again = error.again();
                    self.error = Some(error);
                    if batch.files.is_empty() {
                        return Err(again);
                    }
                    break;
                }
            }
        }
        Ok(batch.files)
    }

    /// Reads what is left and sums up. Wanted files not asked for before are dropped.
    pub fn finish(&mut self) -> Result<Walked> {
        while !self.next_batch()?.is_empty() {}
        let Sums { digest, diff_id, size, .. } = self.tar.source.finish()?;
        for (offset, keywords) in std::mem::take(&mut self.tar.ignored) {
            let what =
                format!("a global header before byte {offset} sets {keywords}, which container runtimes do not apply");
            self.problems.push("", what);
        }
        let walked = std::mem::take(&mut self.walked);
        Ok(Walked { digest, diff_id, size, problems: self.problems.take(), ..walked })
    }

    /// Reads one entry; false at the end.
    fn step(&mut self, batch: &mut Batch) -> Result<bool> {
        if !self.tar.next_entry()? {
            return Ok(false);
        }
        self.entries += 1;
        if self.entries > self.limits.max_entries {
            return Err(ReadError::Damaged(format!(
                "more than {} entries, the most that are read",
                self.limits.max_entries
            )));
        }
        let entry = &self.tar.entry;
        if !clean_path(&entry.name, &mut self.path) {
            let name = String::from_utf8_lossy(&entry.name).into_owned();
            self.problems.push(name, "the path of this entry leaves the root or is invalid; it is not read");
            return Ok(true);
        }
        let (folder, name) = self.path.rsplit_once('/').unwrap_or(("", &self.path));
        if let Some(hidden) = name.strip_prefix(".wh.") {
            if self.walked.whiteouts.len() + self.walked.opaque.len() >= MOST_DELETIONS {
                return Err(ReadError::Damaged(format!(
                    "more than {MOST_DELETIONS} deletions, the most that are read"
                )));
            }
            if hidden == ".wh..opq" {
                self.walked.opaque.push(folder.to_owned());
            } else if matches!(hidden, "" | "." | "..") {
                self.problems.push(self.path.as_str(), "a whiteout of nothing");
            } else if folder.is_empty() {
                self.walked.whiteouts.push(hidden.to_owned());
            } else {
                self.walked.whiteouts.push(format!("{folder}/{hidden}"));
            }
            return Ok(true);
        }
        if entry.kind != Kind::File || name.is_empty() {
            return Ok(true);
        }
        self.walked.files += 1;
        if folder != self.folder {
            self.folder_skipped = self.selection.skips_above(&self.path);
            self.folder.clear();
            self.folder.push_str(folder);
        }
        let passed_by = self.folder_skipped && !self.selection.wants_git_config(&self.path);
        if passed_by || !self.wanted.ask(&self.selection, &self.path, entry.mode) {
            return Ok(true);
        }
        self.deliver(batch)?;
        Ok(true)
    }

    fn deliver(&mut self, batch: &mut Batch) -> Result<()> {
        let (size, stored, mode) = (self.tar.entry.size, self.tar.entry.stored, self.tar.entry.mode);
        let sparse = self.tar.entry.sparse.take();
        let path = std::mem::take(&mut self.path);
        let about = About { path: &path, size, mode };
        let mut wanted = std::mem::take(&mut self.wanted);
        let result = (|| {
            wanted.bound_bytes(about, self.limits.max_file, batch);
            let searcher = self.selection.searcher();
            if !(wanted.executable.is_empty() && wanted.secrets.is_empty()) && sparse.is_none() {
                let start = self.tar.source.available()?;
                if size < 4 || start.len() >= 4 {
                    wanted.check_start(if size < 4 { &[] } else { start });
                }
                let length = start.len().min(usize::try_from(size).unwrap_or(usize::MAX));
                wanted.check_head(about, &start[..length], searcher);
            }
            if wanted.is_empty() {
                return Ok(());
            }
            let at_hand = self.tar.source.at_hand();
            if let Some(whole) =
                usize::try_from(size).ok().and_then(|size| at_hand.get(..size)).filter(|_| sparse.is_none())
            {
                wanted.read(about, &whole, batch, &mut self.problems);
                wanted.search(about, whole, searcher, batch);
                if !wanted.bytes.is_empty() {
                    batch.push(about.found(&wanted.bytes, Ok(Content::Bytes(whole.to_vec()))));
                }
                return Ok(());
            }
            if wanted.bytes.is_empty() && size > HELD {
                return self.deliver_spooled(about, stored, sparse, &wanted, batch);
            }
            let mut held = std::mem::take(&mut self.held);
            held.clear();
            match self.load(size, stored, sparse, &mut held) {
                Ok(()) => {}
                Err(what) => {
                    self.held = held;
                    return Err(what);
                }
            }
            wanted.check_start(&held);
            wanted.read(about, &held.as_slice(), batch, &mut self.problems);
            wanted.search(about, &held, self.selection.searcher(), batch);
            if wanted.bytes.is_empty() {
                self.held = held;
            } else {
                held.shrink_to_fit();
                batch.push(about.found(&wanted.bytes, Ok(Content::Bytes(held))));
            }
            Ok(())
        })();
        self.wanted = wanted;
        self.path = path;
        result
    }

    /// The pieces of a sparse file, whose list may still have to be read.
    fn pieces(&mut self, sparse: Option<Sparse>, size: u64, stored: u64) -> Result<Vec<(u64, u64)>> {
        let Some(sparse) = sparse else { return Ok(vec![(0, size)]) };
        if let Some(pieces) = sparse.pieces {
            return Ok(pieces);
        }
        let tar = &mut self.tar;
        let map = sparse::from_data(size, stored, || {
            let mut block = [0; BLOCK];
            match tar.read(&mut block)? {
                BLOCK => Ok(block),
                _ => Err(ReadError::damaged("the map of a sparse file is cut off", tar.source.position())),
            }
        })?;
        Ok(map.pieces.unwrap_or_default())
    }

    /// Reads a file into memory. The caller bounds `size`; memory is taken as bytes arrive, not as a header claims.
    fn load(&mut self, size: u64, stored: u64, sparse: Option<Sparse>, held: &mut Vec<u8>) -> Result<()> {
        let place =
            |at: u64| usize::try_from(at).map_err(|_| ReadError::Damaged("a file too large for this machine".into()));
        let holes = sparse.is_some();
        for (offset, length) in self.pieces(sparse, size, stored)? {
            held.resize(place(offset)?, 0);
            let mut left = place(length)?;
            while left > 0 {
                let bytes = self.tar.source.available()?;
                let step = bytes.len().min(left);
                held.extend_from_slice(&bytes[..step]);
                if step == 0 {
                    return Err(ReadError::damaged("the tar is cut off", self.tar.source.position()));
                }
                self.tar.source.consume(step);
                self.tar.taken(step as u64);
                left -= step;
            }
        }
        if holes {
            held.resize(place(size)?, 0);
        }
        Ok(())
    }

    fn deliver_spooled(
        &mut self,
        about: About<'_>,
        stored: u64,
        sparse: Option<Sparse>,
        wanted: &Wanted,
        batch: &mut Batch,
    ) -> Result<()> {
        if about.size > self.limits.max_bytes {
            let what = format!("{} bytes are more than the {} that are read", about.size, self.limits.max_bytes);
            batch.push(about.found(&wanted.all, Err(what)));
            return Ok(());
        }
        let pieces = self.pieces(sparse, about.size, stored)?;
        let spooled = self.spool(about.size, pieces)?.and_then(|()| self.spool.source());
        match spooled {
            Ok(source) => {
                wanted.read(about, &source as &dyn ReadAt, batch, &mut self.problems);
                if let (Some(searcher), false) = (self.selection.searcher(), wanted.secrets.is_empty()) {
                    wanted.deliver_secrets(
                        about,
                        searcher.search_at(about.path, &Timed { source: &source, limits: &self.limits }),
                        batch,
                    );
                }
            }
            Err(error) => {
                let what = format!("cannot be kept in the folder of temporary files: {error}");
                batch.push(about.found(&wanted.all, Err(what)));
            }
        }
        // Space that cannot be given back now is given back with the reader.
        let _ = self.spool.release();
        Ok(())
    }

    /// Writes a file to the spool. Outer errors are those of the layer, inner ones those of the spool.
    fn spool(&mut self, size: u64, pieces: Vec<(u64, u64)>) -> Result<io::Result<()>> {
        let file: File = match self.spool.cleared(size).and_then(File::try_clone) {
            Ok(file) => file,
            Err(error) => return Ok(Err(error)),
        };
        for (mut offset, mut left) in pieces {
            while left > 0 {
                let bytes = self.tar.source.available()?;
                let step = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                if step == 0 {
                    return Err(ReadError::damaged("the tar is cut off", self.tar.source.position()));
                }
                if let Err(error) = file.write_all_at(&bytes[..step], offset) {
                    return Ok(Err(error));
                }
                self.tar.source.consume(step);
                self.tar.taken(step as u64);
                offset += step as u64;
                left -= step as u64;
            }
        }
        Ok(Ok(()))
    }
}
