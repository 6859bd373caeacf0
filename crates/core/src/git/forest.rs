//! The order in which contents are inflated: each object of a pack once, its deltas right after it.

use std::collections::HashMap;
use std::path::PathBuf;

use super::object::{Fault, Id};
use super::pack::{Form, PackEntry};
use super::store::{Place, Store, missing_base};

/// What an object is made from.
#[derive(Clone, Debug)]
pub enum Base {
    /// Nothing: it is whole.
    Whole,
    /// Another object of the forest.
    Inside,
    /// An object in a file of its own.
    Loose(PathBuf),
    /// It cannot be made.
    Broken(Fault),
}

/// An object in a pack that is wanted, or that a wanted one is made from.
#[derive(Clone, Debug)]
pub struct Tree {
    pub pack: usize,
    pub entry: PackEntry,
    pub base: Base,
    /// Which of the wanted it is.
    pub target: Option<usize>,
    /// What is made from it, by number; the one that most depends on last.
    pub children: Vec<usize>,
}

/// Objects by what they are made from.
#[derive(Default)]
pub struct Forest {
    pub trees: Vec<Tree>,
    /// Those that are made from nothing inside, the ones with most behind them first.
    pub roots: Vec<usize>,
    /// Wanted objects in files of their own.
    pub loose: Vec<(usize, PathBuf)>,
    /// Wanted objects that nothing can be made of, and why.
    pub lost: Vec<(usize, Fault)>,
    places: HashMap<(usize, u64), usize>,
}

impl Forest {
    /// Finds the objects with these ids.
    pub fn grow<'i>(store: &Store, ids: impl Iterator<Item = &'i Id>) -> Self {
        let mut forest = Self::default();
        let mut packed = Vec::new();
        for (target, id) in ids.enumerate() {
            match store.find(id) {
                Some(Place::Packed(pack, offset)) => packed.push((pack, offset, target)),
                Some(Place::Loose(path)) => forest.loose.push((target, path)),
                None => forest.lost.push((target, Fault::Missing)),
            }
        }
        packed.sort_unstable();
        for (pack, offset, target) in packed {
            forest.want(store, (pack, offset), target);
        }
        forest.places = HashMap::new();
        forest.weigh();
        forest
    }

    /// Adds an object with all that it is made from.
    fn want(&mut self, store: &Store, place: (usize, u64), target: usize) {
        if let Some(&known) = self.places.get(&place) {
            // Two ids of one place: only a damaged index says so.
            match self.trees[known].target {
                None => self.trees[known].target = Some(target),
                Some(_) => self.lost.push((target, Fault::damaged("its index names another object here"))),
            }
            return;
        }
        let mut at = place;
        let mut child: Option<usize> = None;
        loop {
            if let Some(&known) = self.places.get(&at) {
                self.trees[known].children.extend(child);
                return;
            }
            let entry = match store.pack(at.0).entry(at.1) {
                Ok(entry) => entry,
                Err(fault) => {
                    match child {
                        Some(child) => self.root(child, Base::Broken(fault)),
                        None => self.lost.push((target, fault)),
                    }
                    return;
                }
            };
            let number = self.trees.len();
            let target = (at == place && child.is_none()).then_some(target);
            let children = child.into_iter().collect();
            self.trees.push(Tree { pack: at.0, entry, base: Base::Inside, target, children });
            self.places.insert(at, number);
            child = Some(number);
            at = match entry.form {
                Form::Whole(_) => return self.root(number, Base::Whole),
                Form::Offset(base) => (at.0, base),
                Form::Base(id) => match store.find_base(at.0, &id) {
                    Some(Place::Packed(pack, offset)) => (pack, offset),
                    Some(Place::Loose(path)) => return self.root(number, Base::Loose(path)),
                    None => return self.root(number, Base::Broken(missing_base(&id))),
                },
            };
        }
    }

    fn root(&mut self, number: usize, base: Base) {
        self.trees[number].base = base;
        self.roots.push(number);
    }

    /// Brings roots and children in order by how much depends on them. What no root leads to is lost: deltas of each
    /// other.
    fn weigh(&mut self) {
        let mut order = self.roots.clone();
        let mut at = 0;
        while let Some(&number) = order.get(at) {
            order.extend_from_slice(&self.trees[number].children);
            at += 1;
        }
        let mut weights = vec![0_u64; self.trees.len()];
        for &number in order.iter().rev() {
            let behind: u64 = self.trees[number].children.iter().map(|&child| weights[child]).sum();
            weights[number] = behind + 1;
        }
        for (number, tree) in self.trees.iter_mut().enumerate() {
            tree.children.sort_by_key(|&child| weights[child]);
            if let (0, Some(target)) = (weights[number], tree.target) {
                self.lost.push((target, Fault::damaged("it is a delta that leads back to itself")));
            }
        }
        self.roots.sort_by_key(|&root| std::cmp::Reverse(weights[root]));
    }

    /// All wanted objects that are made from this one, and itself.
    pub fn targets(&self, number: usize) -> Vec<usize> {
        let mut waiting = vec![number];
        let mut targets = Vec::new();
        while let Some(number) = waiting.pop() {
            targets.extend(self.trees[number].target);
            waiting.extend_from_slice(&self.trees[number].children);
        }
        targets
    }
}
