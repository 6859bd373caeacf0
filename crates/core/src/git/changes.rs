//! What each commit changes, gathered by the contents of files: since when, and until when, each has been there.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::object::{Fault, Id, Kind};
use super::repository::Repository;
use super::store::{Cursor, Object};
use super::tree::{self, Entry};
use super::walk::{Held, Walk};
use crate::found::Wanted;
use crate::limits::{Limits, Problems, ReadError};
use crate::selection::Selection;

/// Folders in folders.
const DEEPEST: usize = 400;
/// Different paths that are told apart.
const MOST_PATHS: usize = 2_000_000;
/// After so many commits the memory of what was read of packs is given back.
const RELEASE: usize = 1000;
/// For `Record.first`: since before the commits that were asked for.
pub const BEFORE: usize = usize::MAX;

/// The tree without entries, which git knows without having it.
const EMPTY: [&[u8]; 2] =
    [b"4b825dc642cb6eb9a060e54bf8d69288fbee4904", b"6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"];

/// The life of a content. Commits by their number in the walk.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    pub first: usize,
    pub last: usize,
    /// Its path in the first commit.
    pub path: usize,
    pub present: bool,
}

/// The paths that were met, and whether they are asked for.
pub struct Paths<'a> {
    selection: &'a Selection,
    known: HashMap<Box<[u8]>, usize>,
    names: Vec<(String, bool)>,
    wanted: Wanted,
    /// The rules that ask for secrets.
    pub rules: Vec<usize>,
    full: bool,
}

impl<'a> Paths<'a> {
    pub fn new(selection: &'a Selection) -> Self {
        let (known, names) = (HashMap::new(), Vec::new());
        Self { selection, known, names, wanted: Wanted::default(), rules: Vec::new(), full: false }
    }

    /// The number of a path; none when it is not asked for.
    pub fn number(&mut self, path: &[u8]) -> Option<usize> {
        let number = match self.known.get(path) {
            Some(&number) => number,
            None if self.names.len() >= MOST_PATHS => {
                self.full = true;
                return None;
            }
            None => {
                let text = String::from_utf8_lossy(path).into_owned();
                let asked = !self.selection.leaves_out_above(&text)
                    && self.wanted.ask(self.selection, &text, 0)
                    && !self.wanted.secrets.is_empty();
                if asked && self.rules.is_empty() {
                    self.rules.clone_from(&self.wanted.secrets);
                }
                self.known.insert(path.into(), self.names.len());
                self.names.push((text, asked));
                self.names.len() - 1
            }
        };
        self.names[number].1.then_some(number)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// A path as text.
    pub fn name(&self, number: usize) -> &str {
        &self.names[number].0
    }
}

/// Gathers changes.
pub struct Changes<'a, 'w> {
    pub repository: &'a Repository,
    pub limits: &'a Limits,
    pub cursor: &'w mut Cursor,
    pub problems: &'w mut Problems,
    pub paths: Paths<'a>,
    pub records: HashMap<Id, Record>,
    entries: u64,
    /// Trees whose fault was told.
    told: HashSet<Id>,
}

/// One comparison: of a commit with a parent, or with nothing.
struct Comparison {
    commit: usize,
    parent: Option<usize>,
    added: Vec<(usize, Id)>,
    path: Vec<u8>,
}

impl<'a, 'w> Changes<'a, 'w> {
    pub fn new(
        repository: &'a Repository,
        limits: &'a Limits,
        cursor: &'w mut Cursor,
        problems: &'w mut Problems,
        selection: &'a Selection,
    ) -> Self {
        let paths = Paths::new(selection);
        let (records, told) = (HashMap::new(), HashSet::new());
        Self { repository, limits, cursor, problems, paths, records, entries: 0, told }
    }

    /// Compares every commit that is asked for with its parents. From the newest on, since that is the order in which
    /// git keeps deltas.
    pub fn gather(&mut self, walk: &Walk) -> Result<(), ReadError> {
        for commit in (0..walk.nodes.len()).rev() {
            let node = &walk.nodes[commit];
            if commit % RELEASE == 0 {
                self.repository.store.release();
            }
            if node.outside {
                continue;
            }
            let tree = match &node.held {
                Held::Tree(tree) => *tree,
                Held::File(id, name) => {
                    if let Some(path) = self.paths.number(name.as_bytes()) {
                        self.add(commit, path, *id);
                    }
                    continue;
                }
            };
            // New is what is in no parent.
            let mut new: Option<Vec<(usize, Id)>> = None;
            let parents: Vec<_> = match node.parents.is_empty() {
                true => vec![None],
                false => node.parents.iter().copied().map(Some).collect(),
            };
            for parent in parents {
                let old = parent.and_then(|parent| match walk.nodes[parent].held {
                    Held::Tree(tree) => Some(tree),
                    Held::File(..) => None,
                });
                let mut comparison = Comparison { commit, parent, added: Vec::new(), path: Vec::new() };
                self.compare(walk, old, Some(tree), 0, &mut comparison)?;
                new = Some(match new {
                    None => comparison.added,
                    Some(before) => {
                        let added: HashSet<_> = comparison.added.into_iter().collect();
                        before.into_iter().filter(|one| added.contains(one)).collect()
                    }
                });
            }
            for (path, id) in new.unwrap_or_default() {
                self.add(commit, path, id);
            }
        }
        if self.paths.full {
            self.problems.push("history", format!("more than {MOST_PATHS} paths, the most that are told apart"));
        }
        Ok(())
    }

    fn add(&mut self, commit: usize, path: usize, id: Id) {
        let record = self.records.entry(id).or_insert(Record { first: commit, last: commit, path, present: false });
        // Commits come from the newest on.
        if record.first != commit {
            (record.first, record.path) = (commit, path);
        }
        record.last = record.last.max(commit);
    }

    fn remove(&mut self, parent: usize, path: usize, id: Id) {
        let record = self.records.entry(id).or_insert(Record { first: BEFORE, last: parent, path, present: false });
        record.last = record.last.max(parent);
    }

    /// Compares two trees; none is one without entries.
    fn compare(
        &mut self,
        walk: &Walk,
        old: Option<Id>,
        new: Option<Id>,
        depth: usize,
        comparison: &mut Comparison,
    ) -> Result<(), ReadError> {
        if old == new {
            return Ok(());
        }
        let commit = comparison.commit;
        let parent = comparison.parent.unwrap_or(commit);
        if depth > DEEPEST {
            let what = format!("more than {DEEPEST} folders deep; they are not read");
            self.problems.push(format!("commit {}", walk.nodes[commit].id), what);
            return Ok(());
        }
        let (one, two) = (self.tree(walk, old, parent)?, self.tree(walk, new, commit)?);
        // Without the new tree nothing is known of what was added or removed.
        let Some(two) = two else { return Ok(()) };
        let one = one.unwrap_or_default();
        let width = self.repository.width;
        let (first, second) = (tree::entries(&one, width), tree::entries(&two, width));
        let mut each = |(before, after): (Option<Entry<'_>>, Option<Entry<'_>>)| -> Result<(), ReadError> {
            self.entries += 1;
            if self.entries > self.limits.max_entries {
                let most = self.limits.max_entries;
                return Err(ReadError::Damaged(format!("more than {most} changed files, the most that are read")));
            }
            let Some(name) = before.or(after).map(|entry| entry.name) else { return Ok(()) };
            let length = comparison.path.len();
            if length > 0 {
                comparison.path.push(b'/');
            }
            comparison.path.extend_from_slice(name);
            let folder = |entry: Option<Entry<'_>>| entry.filter(Entry::is_folder).map(|entry| entry.id);
            let file = |entry: Option<Entry<'_>>| entry.filter(Entry::is_file).map(|entry| entry.id);
            let (was, is) = (file(before), file(after));
            if was != is {
                if let Some(path) = self.paths.number(&comparison.path) {
                    comparison.added.extend(is.map(|id| (path, id)));
                    if let (Some(id), Some(parent)) = (was, comparison.parent) {
                        self.remove(parent, path, id);
                    }
                }
            }
            let (was, is) = (folder(before), folder(after));
            if was != is {
                self.compare(walk, was, is, depth + 1, comparison)?;
            }
            comparison.path.truncate(length);
            Ok(())
        };
        let damaged = tree::differences(first, second, &mut each)?;
        for (damaged, id, commit) in [(damaged.0, old, parent), (damaged.1, new, commit)] {
            if let (true, Some(id)) = (damaged, id) {
                self.tell(walk, id, commit, "is damaged: it is no list of entries");
            }
        }
        Ok(())
    }

    fn tell(&mut self, walk: &Walk, tree: Id, commit: usize, what: &str) {
        if self.told.insert(tree) {
            self.problems.push(format!("commit {}", walk.nodes[commit].id), format!("its tree {tree} {what}"));
        }
    }

    /// The bytes of a tree; none when it cannot be read, which is told.
    fn tree(&mut self, walk: &Walk, id: Option<Id>, commit: usize) -> Result<Option<Arc<Vec<u8>>>, ReadError> {
        let Some(id) = id else { return Ok(Some(Arc::default())) };
        match read_tree(self.repository, &id, self.cursor) {
            Ok(object) => Ok(Some(object.data)),
            Err(fault) => {
                let what = fault.told()?;
                self.tell(walk, id, commit, &what);
                Ok(None)
            }
        }
    }
}

/// Reads a tree. The one without entries need not be there.
pub fn read_tree(repository: &Repository, id: &Id, cursor: &mut Cursor) -> Result<Object, Fault> {
    match repository.store.read_kind(id, Kind::Tree, cursor) {
        Err(Fault::Missing) if EMPTY.iter().any(|empty| Id::from_hex(empty).as_ref() == Some(id)) => {
            Ok(Object { kind: Kind::Tree, data: Arc::default() })
        }
        other => other,
    }
}
