//! From a repository to secrets with the commits that had them.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::changes::{BEFORE, Changes, Paths};
use super::commit::{Commit, Person, Tag};
use super::object::{Id, Kind};
use super::reader::{Question, StagedFile};
use super::repository::Repository;
use super::search::{Hit, Search, Target};
use super::store::Cursor;
use super::tips;
use super::tree::Entry;
use super::walk::{Loader, Node, Walk};
use crate::content::{Searcher, Seen, Sighting};
use crate::found::{Content, Found};
use crate::limits::{Limits, Problems, ReadError};
use crate::selection::Selection;

/// What a search has found: files in order of their paths, bytes that were searched, contents, and what is missing.
#[derive(Default)]
pub struct Searched {
    pub found: Vec<Found>,
    pub bytes: u64,
    pub contents: u64,
    pub problems: Problems,
}

/// Where history is entered, and the commits whose content counts as present.
struct Starts {
    names: Vec<(String, Id)>,
    shown: Vec<Id>,
}

/// A file with its secrets, each with the number of its first commit.
#[derive(Default)]
struct File {
    size: u64,
    list: Vec<(usize, Sighting)>,
}

/// Who asks, and how much may be done.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    pub repository: &'a Repository,
    pub selection: &'a Selection,
    pub limits: &'a Limits,
    pub threads: usize,
}

impl Task<'_> {
    /// The secrets in all commits that the question asks for.
    pub fn history(self, question: &Question) -> Result<Searched, ReadError> {
        let Self { repository, selection, limits, .. } = self;
        let mut searched = Searched::default();
        let mut cursor = Cursor::default();
        for (place, what) in &repository.store.problems {
            searched.problems.push(place.clone(), what.clone());
        }
        let Some(searcher) = selection.searcher() else { return Ok(searched) };
        let Starts { names, shown } = self.starts(question, &mut searched.problems)?;
        let mut loader =
            Loader { repository, limits, cursor: &mut cursor, problems: &mut searched.problems, since: question.since };
        let walk = loader.load(names)?;
        let mut changes = Changes::new(repository, limits, &mut cursor, &mut searched.problems, selection);
        changes.gather(&walk)?;
        let Changes { paths, mut records, .. } = changes;
        let shown: Vec<_> = shown.iter().filter_map(|id| walk.find(id)).collect();
        tips::note(repository, &mut cursor, &walk, &shown, &mut records)?;
        // What trees and commits took is needed for contents now.
        cursor = Cursor::default();
        repository.store.release();
        let asked: HashSet<_> = records.values().filter(|one| one.first != BEFORE).map(|one| one.path).collect();
        let mut targets: Vec<_> = records
            .into_iter()
            .filter(|(_, record)| asked.contains(&record.path))
            .map(|(id, record)| Target {
                id,
                path: record.path,
                first: record.first,
                last: record.last,
                present: record.present,
                before: record.first == BEFORE,
            })
            .collect();
        targets.sort_unstable_by_key(|target| target.id);
        let found = self.search(searcher, &targets, &paths, &mut searched)?;
        let mut people = People { repository, walk: &walk, cursor: &mut cursor, known: HashMap::new() };
        deliver(found, &paths, &mut |hit| Some(people.seen(hit)), &mut searched);
        Ok(searched)
    }

    /// The secrets in what is staged that the versions before do not have.
    pub fn staged(self, files: &[StagedFile]) -> Result<Searched, ReadError> {
        let mut searched = Searched::default();
        for (place, what) in &self.repository.store.problems {
            searched.problems.push(place.clone(), what.clone());
        }
        let Some(searcher) = self.selection.searcher() else { return Ok(searched) };
        let mut paths = Paths::new(self.selection);
        let mut targets = Vec::new();
        for file in files {
            let Some(path) = paths.number(file.path.as_bytes()) else { continue };
            let target = |id, before| Target { id, path, first: 0, last: 0, present: true, before };
            let is_file = Entry { mode: file.mode, name: b"", id: file.id }.is_file();
            // What was only renamed has nothing that was not there.
            if !is_file || file.id.is_zero() || file.old == Some(file.id) {
                continue;
            }
            targets.push(target(file.id, false));
            targets.extend(file.old.filter(|old| !old.is_zero()).map(|old| target(old, true)));
        }
        let found = self.search(searcher, &targets, &paths, &mut searched)?;
        deliver(found, &paths, &mut |_| None, &mut searched);
        Ok(searched)
    }

    /// From where the question leads.
    fn starts(self, question: &Question, problems: &mut Problems) -> Result<Starts, ReadError> {
        let refs = &self.repository.refs;
        let damaged = |what: String| ReadError::Damaged(what);
        if !question.tip.is_empty() {
            let found = refs.resolve(&question.tip).map_err(damaged)?;
            let id = found.ok_or_else(|| damaged(format!("there is no branch, tag or commit {:?}", question.tip)))?;
            return Ok(Starts { names: vec![(question.tip.clone(), id)], shown: vec![self.peeled(id)] });
        }
        let mut wrong = Vec::new();
        let all = refs.all(&mut wrong);
        for what in wrong {
            problems.push("refs", what);
        }
        let shown = match all.get("HEAD") {
            Some(head) => vec![*head],
            None => all.iter().filter(|(name, _)| name.starts_with("refs/heads/")).map(|(_, id)| *id).collect(),
        };
        Ok(Starts { names: all.into_iter().collect(), shown })
    }

    /// The commit that a tag stands for.
    fn peeled(self, mut id: Id) -> Id {
        let mut cursor = Cursor::default();
        for _ in 0..8 {
            match self.repository.store.read_kind(&id, Kind::Tag, &mut cursor) {
                Ok(object) => match Tag::new(&object.data) {
                    Some(tag) => id = tag.object,
                    None => break,
                },
                Err(_) => break,
            }
        }
        id
    }

    fn search(
        self,
        searcher: &Searcher,
        targets: &[Target],
        paths: &Paths<'_>,
        searched: &mut Searched,
    ) -> Result<Vec<(usize, Hit)>, ReadError> {
        let names: Vec<&str> = (0..paths.count()).map(|number| paths.name(number)).collect();
        let name = |number: usize| names[number];
        let search = Search::new(&self.repository.store, searcher, targets, &name, self.limits);
        let outcome = search.run(self.threads)?;
        searched.bytes = outcome.bytes;
        searched.contents = targets.len() as u64;
        searched.problems.append(outcome.problems);
        if outcome.missing > 0 && self.repository.partial {
            let what = format!("this is a partial clone: {} contents are not here", outcome.missing);
            searched.problems.push("history", what);
        }
        Ok(outcome.hits)
    }
}

/// Files in order of their paths, each once.
fn deliver(
    hits: Vec<(usize, Hit)>,
    paths: &Paths<'_>,
    seen: &mut dyn FnMut(&Hit) -> Option<Box<Seen>>,
    searched: &mut Searched,
) {
    let mut files: BTreeMap<&str, File> = BTreeMap::new();
    for (path, mut hit) in hits {
        hit.sighting.seen = seen(&hit);
        let file = files.entry(paths.name(path)).or_default();
        file.size = file.size.max(hit.size);
        file.list.push((hit.first, hit.sighting));
    }
    for (path, File { size, mut list }) in files {
        list.sort_by(|(first, one), (second, other)| {
            let order = first.cmp(second).then(one.offset.cmp(&other.offset)).then(one.rule.cmp(&other.rule));
            order.then_with(|| one.inner.cmp(&other.inner)).then_with(|| one.secret.cmp(&other.secret))
        });
        searched.found.push(Found {
            path: path.to_owned(),
            size,
            mode: 0,
            rules: paths.rules.clone(),
            content: Some(Content::Secrets(list.into_iter().map(|(_, sighting)| sighting).collect())),
            problem: None,
        });
    }
}

/// Who made the commits that are told of.
struct People<'a> {
    repository: &'a Repository,
    walk: &'a Walk,
    cursor: &'a mut Cursor,
    known: HashMap<usize, (Person, String)>,
}

impl People<'_> {
    /// The author and the subject of a commit; empty when they cannot be read any more.
    fn of(&mut self, number: usize) -> (Person, String) {
        let Some(Node { id, .. }) = self.walk.nodes.get(number) else { return Default::default() };
        if let Some(known) = self.known.get(&number) {
            return known.clone();
        }
        let read = self.repository.store.read(id, self.cursor).ok();
        let told = read.and_then(|object| match object.kind {
            Kind::Commit => Commit::new(&object.data).map(|commit| (commit.author(), commit.subject())),
            Kind::Tag => Tag::new(&object.data).map(|tag| (tag.tagger(), tag.subject())),
            Kind::Tree | Kind::Blob => None,
        });
        let told = told.unwrap_or_default();
        self.known.insert(number, told.clone());
        told
    }

    fn seen(&mut self, hit: &Hit) -> Box<Seen> {
        let id = |number: usize| self.walk.nodes.get(number).map_or_else(String::new, |node| node.id.to_string());
        let (commit, last) = (id(hit.first), id(hit.last));
        let (person, subject) = self.of(hit.first);
        let last_date = self.of(hit.last).0.date;
        let Person { name, email, date } = person;
        Box::new(Seen { commit, author: name, email, date, subject, last, last_date, present: hit.present })
    }
}
