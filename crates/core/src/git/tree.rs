//! Trees: the entries of a folder, and what differs between two of them.

use std::cmp::Ordering;

use super::object::Id;

/// An entry of a folder: `mode name\0id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    pub mode: u32,
    pub name: &'a [u8],
    pub id: Id,
}

impl Entry<'_> {
    pub fn is_folder(&self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }

    /// Whether it is a file with content of its own: no link, and no commit of another repository.
    pub fn is_file(&self) -> bool {
        self.mode & 0o170_000 == 0o100_000
    }

    /// As git orders them: a folder's name ends in a slash.
    fn order(&self, other: &Self) -> Ordering {
        let common = self.name.len().min(other.name.len());
        let after = |entry: &Self| entry.name.get(common).copied().or(entry.is_folder().then_some(b'/'));
        self.name[..common].cmp(&other.name[..common]).then_with(|| after(self).cmp(&after(other)))
    }
}

/// The entries of a tree, in its order. Ends with an error where it is damaged.
#[derive(Clone, Copy)]
pub struct Entries<'a> {
    rest: &'a [u8],
    width: usize,
}

/// The entries of a tree's bytes. width: bytes of an id.
pub fn entries(data: &[u8], width: usize) -> Entries<'_> {
    Entries { rest: data, width }
}

impl<'a> Entries<'a> {
    fn entry(&mut self) -> Option<Entry<'a>> {
        let end = memchr::memchr(0, self.rest)?;
        let (head, rest) = (&self.rest[..end], &self.rest[end + 1..]);
        let (id, rest) = rest.split_at_checked(self.width)?;
        let space = memchr::memchr(b' ', &head[..head.len().min(8)])?;
        let mut mode = 0;
        for digit in &head[..space] {
            mode = mode << 3 | u32::from(digit.checked_sub(b'0').filter(|digit| *digit < 8)?);
        }
        let name = &head[space + 1..];
        let plain = !name.is_empty() && name != b"." && name != b".." && memchr::memchr(b'/', name).is_none();
        self.rest = rest;
        Some(Entry { mode, name, id: Id::new(id)? }).filter(|_| plain)
    }

    /// Leaves out the entries at the start that both have.
    fn skip_equal(&mut self, other: &mut Self) {
        let same = common_start(self.rest, other.rest);
        let mut done = 0;
        while done < same {
            let Some(end) = memchr::memchr(0, &self.rest[done..same]) else { break };
            let next = done + end + 1 + self.width;
            if next > same {
                break;
            }
            done = next;
        }
        self.rest = &self.rest[done..];
        other.rest = &other.rest[done..];
    }
}

/// How many bytes at the start are the same.
fn common_start(one: &[u8], other: &[u8]) -> usize {
    const STEP: usize = 64;
    let whole = one.chunks_exact(STEP).zip(other.chunks_exact(STEP)).take_while(|(one, other)| one == other).count();
    let rest = one[whole * STEP..].iter().zip(&other[whole * STEP..]);
    whole * STEP + rest.take_while(|(one, other)| one == other).count()
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let entry = self.entry().ok_or("it is no list of entries");
        if entry.is_err() {
            self.rest = &[];
        }
        Some(entry)
    }
}

/// What two folders have under one name, where they differ: (old, new).
pub type Change<'a> = (Option<Entry<'a>>, Option<Entry<'a>>);

/// Calls back for every name under which two trees have something else. What is damaged ends there; the answer tells
/// which of the two are.
pub fn differences<'a, E>(
    mut old: Entries<'a>,
    mut new: Entries<'a>,
    each: &mut dyn FnMut(Change<'a>) -> Result<(), E>,
) -> Result<(bool, bool), E> {
    let mut damaged = (false, false);
    loop {
        old.skip_equal(&mut new);
        let (mut before, mut after) = (old, new);
        let one = before.next().transpose().unwrap_or_else(|_| {
            damaged.0 = true;
            None
        });
        let two = after.next().transpose().unwrap_or_else(|_| {
            damaged.1 = true;
            None
        });
        let order = match (&one, &two) {
            (None, None) => return Ok(damaged),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(two)) => one.order(two),
        };
        match order {
            Ordering::Less => {
                (old, new) = (before, if two.is_none() { after } else { new });
                each((one, None))?;
            }
            Ordering::Greater => {
                (old, new) = (if one.is_none() { before } else { old }, after);
                each((None, two))?;
            }
            Ordering::Equal => {
                (old, new) = (before, after);
                each((one, two))?;
            }
        }
    }
}
