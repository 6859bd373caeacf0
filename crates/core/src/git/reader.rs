//! History and staged changes as batches of files, as folders are delivered.

use std::path::Path;
use std::sync::Arc;

use super::history::{Searched, Task};
use super::object::Id;
use super::repository::Repository;
use crate::found::{Batch, Found};
use crate::layer::Walked;
use crate::limits::{Limits, ReadError};
use crate::selection::Selection;

/// Which commits are asked for.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// A branch, a tag or a commit's whole id; empty: all that there are.
    pub tip: String,
    /// Commits from before this moment are left out, in seconds since 1970.
    pub since: Option<i64>,
}

/// A file in the index, and its version in `HEAD`.
#[derive(Clone, Debug)]
pub struct StagedFile {
    pub path: String,
    pub mode: u32,
    pub id: Id,
    pub old: Option<Id>,
}

enum Work {
    History(Question),
    Staged(Vec<StagedFile>),
}

/// The secrets in a repository's history, or in what is staged.
pub struct HistoryReader {
    repository: Repository,
    selection: Arc<Selection>,
    limits: Limits,
    threads: usize,
    work: Option<Work>,
    searched: Searched,
}

impl HistoryReader {
    fn open(
        path: &Path,
        selection: Arc<Selection>,
        limits: &Limits,
        threads: usize,
        work: Work,
    ) -> Result<Self, ReadError> {
        let threads = match threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8),
            count => count.min(64),
        };
        let repository = Repository::open(path, limits).map_err(ReadError::Damaged)?;
        let searched = Searched::default();
        Ok(Self { repository, selection, limits: limits.clone(), threads, work: Some(work), searched })
    }

    /// Opens the repository of a work tree (its top) or a bare one. threads: how many; 0 is one for each core, eight at
    /// most.
    pub fn history(
        path: &Path,
        selection: Arc<Selection>,
        limits: &Limits,
        threads: usize,
        question: Question,
    ) -> Result<Self, ReadError> {
        Self::open(path, selection, limits, threads, Work::History(question))
    }

    /// The same for these files.
    pub fn staged(
        path: &Path,
        selection: Arc<Selection>,
        limits: &Limits,
        threads: usize,
        files: Vec<StagedFile>,
    ) -> Result<Self, ReadError> {
        Self::open(path, selection, limits, threads, Work::Staged(files))
    }

    /// Files with secrets, by their paths, each once; none at the end.
    pub fn next_batch(&mut self) -> Result<Vec<Found>, ReadError> {
        if let Some(work) = self.work.take() {
            let (selection, limits) = (&self.selection, &self.limits);
            let task = Task { repository: &self.repository, selection, limits, threads: self.threads };
            self.searched = match work {
                Work::History(question) => task.history(&question)?,
                Work::Staged(files) => task.staged(&files)?,
            };
            self.searched.found.reverse();
        }
        let mut batch = Batch::default();
        while let Some(found) = self.searched.found.pop() {
            batch.push(found);
            if batch.is_full() {
                break;
            }
        }
        Ok(batch.files)
    }

    /// Sums up: the bytes and the contents that were searched. Every problem means that a part is missing.
    pub fn finish(&mut self) -> Result<Walked, ReadError> {
        while !self.next_batch()?.is_empty() {}
        let Searched { bytes, contents, problems, .. } = &mut self.searched;
        Ok(Walked { size: *bytes, files: *contents, problems: problems.take(), ..Walked::default() })
    }
}
