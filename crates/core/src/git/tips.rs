//! What the newest commits still have.

use std::collections::{HashMap, HashSet};

use super::changes::{Record, read_tree};
use super::object::Id;
use super::repository::Repository;
use super::store::Cursor;
use super::tree;
use super::walk::{Held, Walk};
use crate::limits::ReadError;

/// Notes in the records what the commits at the ends of history have, and what those in `shown` (by number) have.
/// Trees that cannot be read were told of before.
pub fn note(
    repository: &Repository,
    cursor: &mut Cursor,
    walk: &Walk,
    shown: &[usize],
    records: &mut HashMap<Id, Record>,
) -> Result<(), ReadError> {
    let ends = (0..walk.nodes.len()).rev().filter(|&commit| walk.nodes[commit].last);
    contents(repository, cursor, walk, ends, &mut |commit, id| {
        if let Some(record) = records.get_mut(&id) {
            record.last = record.last.max(commit);
        }
    })?;
    contents(repository, cursor, walk, shown.iter().copied(), &mut |_, id| {
        if let Some(record) = records.get_mut(&id) {
            record.present = true;
        }
    })
}

/// All contents of files of some commits; of a folder that several have, those of the first commit alone.
fn contents(
    repository: &Repository,
    cursor: &mut Cursor,
    walk: &Walk,
    commits: impl Iterator<Item = usize>,
    each: &mut dyn FnMut(usize, Id),
) -> Result<(), ReadError> {
    let mut seen = HashSet::new();
    for commit in commits {
        let mut waiting = match walk.nodes[commit].held {
            Held::Tree(tree) => vec![tree],
            Held::File(id, ref _name) => {
                each(commit, id);
                continue;
            }
        };
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            let object = match read_tree(repository, &id, cursor) {
                Ok(object) => object,
                Err(fault) => {
                    fault.told()?;
                    continue;
                }
            };
            for entry in tree::entries(&object.data, repository.width).map_while(Result::ok) {
                if entry.is_folder() {
                    waiting.push(entry.id);
                } else if entry.is_file() {
                    each(commit, entry.id);
                }
            }
        }
    }
    Ok(())
}
