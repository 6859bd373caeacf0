//! The commits that refs lead to, parents first.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::commit::{Commit, Tag};
use super::object::{Fault, Id, Kind};
use super::repository::Repository;
use super::store::Cursor;
use crate::limits::{Limits, Problems, ReadError};

/// Tags that stand for tags.
const DEEPEST: usize = 32;

/// What a node of history holds.
#[derive(Clone, Debug)]
pub enum Held {
    Tree(Id),
    /// A single file that a ref names, under the ref's name.
    File(Id, String),
}

/// A commit; or what a ref names that is none.
#[derive(Clone, Debug)]
pub struct Node {
    /// The commit; else the tag that leads to it, or the object itself.
    pub id: Id,
    pub held: Held,
    pub parents: Vec<usize>,
    /// When it was committed.
    pub time: i64,
    /// It is too old to be asked for; it only tells what was there before.
    pub outside: bool,
    /// No other commit here comes after it.
    pub last: bool,
}

/// Commits in an order in which parents come first, else the older one.
#[derive(Default)]
pub struct Walk {
    pub nodes: Vec<Node>,
    by_id: HashMap<Id, usize>,
}

/// Loads commits.
pub struct Loader<'a> {
    pub repository: &'a Repository,
    pub limits: &'a Limits,
    pub cursor: &'a mut Cursor,
    pub problems: &'a mut Problems,
    /// Commits from before this moment are not asked for.
    pub since: Option<i64>,
}

impl Loader<'_> {
    /// All that these names lead to.
    pub fn load(&mut self, starts: impl IntoIterator<Item = (String, Id)>) -> Result<Walk, ReadError> {
        let mut walk = Walk::default();
        for (name, id) in starts {
            self.start(&name, id, &mut walk)?;
        }
        let mut at = 0;
        let mut cut = Vec::new();
        while at < walk.nodes.len() {
            if walk.nodes.len() as u64 > self.limits.max_entries {
                let most = self.limits.max_entries;
                return Err(ReadError::Damaged(format!("more than {most} commits, the most that are read")));
            }
            self.parents(at, &mut walk, &mut cut)?;
            at += 1;
        }
        if let Some(one) = cut.first() {
            let what =
                format!("this is a shallow clone: what came before {} of its commits ({one}) is not here", cut.len());
            self.problems.push("history", what);
        }
        if !walk.order() {
            self.problems.push("history", "commits are parents of each other; their order is not known");
        }
        Ok(walk)
    }

    /// Takes what a name stands for.
    fn start(&mut self, name: &str, id: Id, walk: &mut Walk) -> Result<(), ReadError> {
        let mut target = id;
        for _ in 0..DEEPEST {
            if walk.by_id.contains_key(&target) {
                return Ok(());
            }
            let object = match self.repository.store.read(&target, self.cursor) {
                Ok(object) => object,
                Err(fault) => {
                    self.problems.push(name, format!("the object {target} {}", fault.told()?));
                    return Ok(());
                }
            };
            let held = match object.kind {
                Kind::Commit => {
                    let Some(commit) = Commit::new(&object.data) else {
                        self.problems.push(name, format!("the commit {target} is damaged"));
                        return Ok(());
                    };
                    walk.add(target, Held::Tree(commit.tree), commit.time, self.is_outside(commit.time));
                    return Ok(());
                }
                Kind::Tag => match Tag::new(&object.data) {
                    Some(tag) => {
                        target = tag.object;
                        continue;
                    }
                    None => {
                        self.problems.push(name, format!("the tag {target} is damaged"));
                        return Ok(());
                    }
                },
                Kind::Tree => Held::Tree(target),
                Kind::Blob => Held::File(target, name.to_owned()),
            };
            let time = self.repository.store.read_kind(&id, Kind::Tag, self.cursor).ok();
            let time = time.and_then(|tag| Tag::new(&tag.data).map(|tag| tag.tagger().date));
            // What has no date is asked for.
            let outside = time.is_some_and(|time| self.is_outside(time));
            walk.add(id, held, time.unwrap_or(0), outside);
            return Ok(());
        }
        self.problems.push(name, format!("more than {DEEPEST} tags stand for each other"));
        Ok(())
    }

    fn is_outside(&self, time: i64) -> bool {
        self.since.is_some_and(|since| time < since)
    }

    /// Adds the parents of a commit.
    fn parents(&mut self, at: usize, walk: &mut Walk, cut: &mut Vec<Id>) -> Result<(), ReadError> {
        let Node { id, outside, .. } = walk.nodes[at];
        if outside {
            return Ok(());
        }
        let store = &self.repository.store;
        let object = match store.read(&id, self.cursor) {
            Ok(object) if object.kind == Kind::Commit => object,
            Ok(_) => return Ok(()),
            Err(Fault::Timeout) => return Err(ReadError::Timeout),
            Err(_) => return Ok(()), // it was read a moment ago, and told of if it could not be
        };
        let parents = Commit::new(&object.data).and_then(|commit| commit.parents());
        let Some(parents) = parents else {
            self.problems.push(format!("commit {id}"), "is damaged: a parent is no commit");
            return Ok(());
        };
        if self.repository.shallow.contains(&id) {
            if !parents.is_empty() {
                cut.push(id);
            }
            return Ok(());
        }
        for parent in parents {
            let known = match walk.by_id.get(&parent) {
                Some(&known) => known,
                None => {
                    let commit = match store.read_kind(&parent, Kind::Commit, self.cursor) {
                        Ok(object) => Commit::new(&object.data)
                            .map(|commit| (commit.tree, commit.time))
                            .ok_or_else(|| "is damaged".to_owned()),
                        Err(fault) => Err(fault.told()?),
                    };
                    match commit {
                        Ok((tree, time)) => walk.add(parent, Held::Tree(tree), time, self.is_outside(time)),
                        Err(what) => {
                            self.problems.push(format!("commit {id}"), format!("its parent {parent} {what}"));
                            continue;
                        }
                    }
                }
            };
            if !walk.nodes[at].parents.contains(&known) {
                walk.nodes[at].parents.push(known);
            }
        }
        Ok(())
    }
}

impl Walk {
    /// The node of a commit.
    pub fn find(&self, id: &Id) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    fn add(&mut self, id: Id, held: Held, time: i64, outside: bool) -> usize {
        let number = self.nodes.len();
        self.by_id.insert(id, number);
        self.nodes.push(Node { id, held, parents: Vec::new(), time, outside, last: true });
        number
    }

    /// Brings the nodes in order. False: some are parents of each other; they come last.
    fn order(&mut self) -> bool {
        let count = self.nodes.len();
        let mut children = vec![Vec::new(); count];
        let mut waits: Vec<usize> = vec![0; count];
        for (number, node) in self.nodes.iter().enumerate() {
            waits[number] = node.parents.len();
            for &parent in &node.parents {
                children[parent].push(number);
            }
        }
        let key = |number: usize| Reverse((self.nodes[number].time, self.nodes[number].id, number));
        let mut ready: BinaryHeap<_> = (0..count).filter(|&number| waits[number] == 0).map(key).collect();
        let mut order = Vec::with_capacity(count);
        let mut rank = vec![usize::MAX; count];
        while let Some(Reverse((_, _, number))) = ready.pop() {
            rank[number] = order.len();
            order.push(number);
            for &child in &children[number] {
                waits[child] -= 1;
                if waits[child] == 0 {
                    ready.push(key(child));
                }
            }
        }
        let whole = order.len() == count;
        for (number, rank) in rank.iter_mut().enumerate().filter(|(_, rank)| **rank == usize::MAX) {
            *rank = order.len();
            order.push(number);
        }
        let mut nodes: Vec<Option<Node>> = std::mem::take(&mut self.nodes).into_iter().map(Some).collect();
        for &number in &order {
            let Some(mut node) = nodes[number].take() else { continue };
            node.parents.iter_mut().for_each(|parent| *parent = rank[*parent]);
            node.last = children[number].is_empty();
            self.nodes.push(node);
        }
        self.by_id.values_mut().for_each(|number| *number = rank[*number]);
        whole
    }
}
