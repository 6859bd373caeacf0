//! The table of threads: by tid, by process, by parent.

use std::sync::Arc;

use crate::kin::{Group, Links, UNLINKED};
use crate::map::Map;
use crate::{FdTable, Thread};

/// The most threads kept; new ones beyond are refused and counted.
pub const MAX_THREADS: usize = 262_144;

/// About how many bytes threads and descriptors may take; beyond it new ones are refused and counted. A busy host
/// takes a hundredth.
pub const MAX_HELD: usize = 2 << 30;

/// The place of a thread in the table, valid until the thread is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThreadSlot(pub(crate) u32);

/// All threads, by tid.
#[derive(Debug, Default)]
pub struct Threads {
    slots: Vec<Option<Thread>>,
    pub(crate) links: Vec<Links>,
    free: Vec<u32>,
    by_tid: Map<i64, u32>,
    pub(crate) groups: Map<i64, Group>,
    /// The thread found last.
    recent: Option<(i64, u32)>,
    held: usize,
    /// Threads that were not taken up because the table was full.
    pub refused: u64,
}

impl Threads {
    #[inline]
    pub fn find(&self, tid: i64) -> Option<ThreadSlot> {
        self.by_tid.get(&tid).copied().map(ThreadSlot)
    }

    /// As `find`, quick for the thread that was found last; and whether it was that one.
    #[inline]
    pub(crate) fn find_again(&mut self, tid: i64) -> (Option<ThreadSlot>, bool) {
        if let Some((known, slot)) = self.recent {
            if known == tid {
                return (Some(ThreadSlot(slot)), true);
            }
        }
        let Some(slot) = self.by_tid.get(&tid).copied() else { return (None, false) };
        self.recent = Some((tid, slot));
        (Some(ThreadSlot(slot)), false)
    }

    #[inline]
    pub fn get(&self, slot: ThreadSlot) -> Option<&Thread> {
        self.slots.get(slot.0 as usize)?.as_ref()
    }

    /// To change what is neither text nor the place of the thread among others: its `tid`, `pid` and `ptid` are left
    /// alone.
    #[inline]
    pub fn get_mut(&mut self, slot: ThreadSlot) -> Option<&mut Thread> {
        self.slots.get_mut(slot.0 as usize)?.as_mut()
    }

    pub fn by_tid(&self, tid: i64) -> Option<&Thread> {
        self.get(self.find(tid)?)
    }

    pub fn by_tid_mut(&mut self, tid: i64) -> Option<&mut Thread> {
        self.get_mut(self.find(tid)?)
    }

    /// Changes the texts of a thread.
    pub(crate) fn edit(&mut self, slot: ThreadSlot, edit: impl FnOnce(&mut Thread)) {
        let Some(thread) = self.slots.get_mut(slot.0 as usize).and_then(Option::as_mut) else { return };
        let before = thread.weight();
        edit(thread);
        self.held = (self.held + thread.weight()).saturating_sub(before);
    }

    /// Changes the descriptors of a process, which are its own from now on. `None` when there is no such process, or
    /// no room left for a copy.
    pub(crate) fn edit_fds<R>(&mut self, slot: ThreadSlot, edit: impl FnOnce(&mut FdTable) -> R) -> Option<R> {
        let full = self.is_full();
        let thread = self.slots.get_mut(slot.0 as usize).and_then(Option::as_mut)?;
        let before = match Arc::strong_count(&thread.fds) {
            1 => thread.fds.weight(),
            _ if full => return None,
            _ => 0,
        };
        let table = Arc::make_mut(&mut thread.fds);
        let result = edit(table);
        self.held = (self.held + table.weight()).saturating_sub(before);
        Some(result)
    }

    /// About how many bytes threads and descriptors take.
    pub fn held(&self) -> usize {
        self.held
    }

    pub(crate) fn is_full(&self) -> bool {
        self.held >= MAX_HELD
    }

    /// Takes a thread up, in place of one with its tid. `None`, and counted, when the table is full.
    pub fn insert(&mut self, thread: Thread) -> Option<ThreadSlot> {
        self.remove(thread.tid);
        if self.by_tid.len() >= MAX_THREADS || self.is_full() {
            self.refused += 1;
            return None;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.links.push(UNLINKED);
            (self.slots.len() - 1) as u32
        });
        self.by_tid.insert(thread.tid, slot);
        self.held += thread.weight() + own_fds(&thread);
        self.slots[slot as usize] = Some(thread);
        self.links[slot as usize] = UNLINKED;
        self.link(ThreadSlot(slot));
        Some(ThreadSlot(slot))
    }

    /// Takes a thread out of the table; its children have no parent from now on.
    pub fn remove(&mut self, tid: i64) -> Option<Thread> {
        let slot = self.by_tid.remove(&tid)?;
        self.recent = None;
        self.unlink(ThreadSlot(slot));
        while let Some(child) = self.first_child(ThreadSlot(slot)) {
            self.leave_parent(child);
            if let Some(thread) = self.get_mut(child) {
                thread.ptid = 0;
            }
        }
        self.free.push(slot);
        let thread = self.slots[slot as usize].take()?;
        self.held = self.held.saturating_sub(thread.weight() + own_fds(&thread));
        Some(thread)
    }

    pub(crate) fn clear(&mut self) {
        *self = Threads { refused: self.refused, ..Threads::default() };
    }

    /// How many places there are, taken or free.
    pub(crate) fn places(&self) -> usize {
        self.slots.len()
    }

    /// Gives back the memory of places at the end that are free, when most of all places are.
    pub(crate) fn shrink(&mut self) {
        if self.by_tid.len() >= self.slots.len() / 4 {
            return;
        }
        let used = self.slots.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        self.slots.truncate(used);
        self.links.truncate(used);
        self.free.retain(|&slot| (slot as usize) < used);
        // Those in front are taken first, so that the end becomes free.
        self.free.sort_unstable_by(|first, second| second.cmp(first));
        self.slots.shrink_to_fit();
        self.links.shrink_to_fit();
        self.free.shrink_to_fit();
        self.by_tid.shrink_to_fit();
        self.groups.shrink_to_fit();
    }

    pub fn len(&self) -> usize {
        self.by_tid.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_tid.is_empty()
    }

    /// All threads, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = &Thread> {
        self.slots.iter().flatten()
    }

    /// The main thread of the thread's process; itself when it is one. `None` for a placeholder, too.
    #[inline]
    pub fn main_of<'t>(&'t self, thread: &'t Thread) -> Option<&'t Thread> {
        if thread.is_placeholder() {
            None
        } else if thread.is_main() {
            Some(thread)
        } else {
            self.by_tid(thread.pid)
        }
    }

    /// The thread that holds the descriptors: the main thread, or a placeholder itself.
    #[inline]
    pub fn table_of<'t>(&'t self, thread: &'t Thread) -> Option<&'t Thread> {
        if thread.is_main() || thread.is_placeholder() { Some(thread) } else { self.by_tid(thread.pid) }
    }

    /// The main thread of the process that made the thread's.
    #[inline]
    pub fn parent_of(&self, thread: &Thread) -> Option<&Thread> {
        let parent = self.by_tid(thread.ptid)?;
        self.main_of(parent)
    }

    /// The ancestors from the parent outwards; ends at a missing link, and soon in a circle.
    pub fn ancestors<'t>(&'t self, thread: &'t Thread) -> impl Iterator<Item = &'t Thread> {
        let mut current = Some(thread);
        // A circle that the start is not part of is left when it comes to the mark, which moves on ever more rarely.
        let (mut mark, mut step) = (thread.tid, 0usize);
        std::iter::from_fn(move || {
            step += 1;
            let parent = self.parent_of(current?).filter(|_| step <= MAX_DEPTH)?;
            current = if parent.tid == thread.tid || parent.tid == mark { None } else { Some(parent) };
            if step.is_power_of_two() {
                mark = parent.tid;
            }
            current
        })
    }
}

/// What the descriptors of a thread take, if no other thread shares them.
fn own_fds(thread: &Thread) -> usize {
    if Arc::strong_count(&thread.fds) == 1 { thread.fds.weight() } else { 0 }
}

/// The longest chain of ancestors that is followed; a hostile capture may link threads in a circle.
const MAX_DEPTH: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ancestors_end_in_a_circle() {
        let mut threads = Threads::default();
        for (tid, ptid) in [(1, 3), (2, 1), (3, 2), (9, 2)] {
            threads.insert(Thread { pid: tid, ptid, ..Thread::placeholder(tid) });
        }
        let start = threads.by_tid(1).unwrap();
        assert_eq!(threads.ancestors(start).map(|thread| thread.tid).collect::<Vec<_>>(), [3, 2]);
        let outside = threads.by_tid(9).unwrap();
        assert!(threads.ancestors(outside).count() < 10);
    }
}
