//! The table of threads: by tid, by process, by parent.

use std::sync::Arc;

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

const NONE: u32 = u32::MAX;

/// Where a thread stands among the others: lists that run through the table.
#[derive(Clone, Copy, Debug)]
struct Links {
    parent: u32,
    first_child: u32,
    next_sibling: u32,
    previous_sibling: u32,
    next_member: u32,
    previous_member: u32,
    in_group: bool,
}

const UNLINKED: Links = Links {
    parent: NONE,
    first_child: NONE,
    next_sibling: NONE,
    previous_sibling: NONE,
    next_member: NONE,
    previous_member: NONE,
    in_group: false,
};

/// The threads of one process.
#[derive(Clone, Copy, Debug)]
struct Group {
    first: u32,
    last: u32,
    live: u32,
    reaper: bool,
}

/// All threads, by tid.
#[derive(Debug, Default)]
pub struct Threads {
    slots: Vec<Option<Thread>>,
    links: Vec<Links>,
    free: Vec<u32>,
    by_tid: Map<i64, u32>,
    groups: Map<i64, Group>,
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

    /// As `find`, quick for the thread that was found last.
    #[inline]
    pub(crate) fn find_again(&mut self, tid: i64) -> Option<ThreadSlot> {
        if let Some((known, slot)) = self.recent {
            if known == tid {
                return Some(ThreadSlot(slot));
            }
        }
        let slot = self.by_tid.get(&tid).copied()?;
        self.recent = Some((tid, slot));
        Some(ThreadSlot(slot))
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

    /// Gives a thread its process and its parent.
    pub(crate) fn place(&mut self, slot: ThreadSlot, pid: i64, ptid: i64) {
        let Some(thread) = self.get(slot) else { return };
        if (thread.pid, thread.ptid) == (pid, ptid) && self.links[slot.0 as usize].in_group {
            return;
        }
        self.unlink(slot);
        if let Some(thread) = self.get_mut(slot) {
            (thread.pid, thread.ptid) = (pid, ptid);
        }
        self.link(slot);
    }

    fn link(&mut self, slot: ThreadSlot) {
        let Some(thread) = self.get(slot) else { return };
        let (tid, pid, ptid, vpid, dead) = (thread.tid, thread.pid, thread.ptid, thread.vpid, thread.dead);
        if pid >= 0 {
            self.join_group(slot, pid, tid == pid, pid == 1 || vpid == 1, !dead);
        }
        if ptid > 0 && ptid != tid {
            if let Some(parent) = self.find(ptid) {
                self.join_parent(slot, parent);
            }
        }
    }

    fn unlink(&mut self, slot: ThreadSlot) {
        self.leave_parent(slot);
        self.leave_group(slot);
    }

    fn join_group(&mut self, slot: ThreadSlot, pid: i64, is_main: bool, reaper: bool, live: bool) {
        let slot = slot.0;
        let group = self.groups.entry(pid).or_insert(Group { first: NONE, last: NONE, live: 0, reaper });
        group.live += u32::from(live);
        let (next, previous) = if is_main { (group.first, NONE) } else { (NONE, group.last) };
        if next == NONE {
            group.last = slot;
        }
        if previous == NONE {
            group.first = slot;
        }
        let links = &mut self.links;
        if next != NONE {
            links[next as usize].previous_member = slot;
        }
        if previous != NONE {
            links[previous as usize].next_member = slot;
        }
        let own = &mut links[slot as usize];
        (own.next_member, own.previous_member, own.in_group) = (next, previous, true);
        self.show_live(pid);
    }

    fn leave_group(&mut self, slot: ThreadSlot) {
        let Links { next_member: next, previous_member: previous, in_group: true, .. } = self.links[slot.0 as usize]
        else {
            return;
        };
        self.links[slot.0 as usize].in_group = false;
        let Some(thread) = self.get(slot) else { return };
        let (pid, dead) = (thread.pid, thread.dead);
        let Some(group) = self.groups.get_mut(&pid) else { return };
        group.live = group.live.saturating_sub(u32::from(!dead));
        if next == NONE {
            group.last = previous;
        } else {
            self.links[next as usize].previous_member = previous;
        }
        if previous == NONE {
            group.first = next;
        } else {
            self.links[previous as usize].next_member = next;
        }
        if group.first == NONE {
            self.groups.remove(&pid);
        }
        self.show_live(pid);
    }

    /// Marks a thread as gone, or as living again.
    pub(crate) fn set_dead(&mut self, slot: ThreadSlot, dead: bool) {
        let Some(thread) = self.get_mut(slot) else { return };
        if thread.dead == dead {
            return;
        }
        thread.dead = dead;
        let pid = thread.pid;
        if self.links[slot.0 as usize].in_group {
            if let Some(group) = self.groups.get_mut(&pid) {
                group.live = if dead { group.live.saturating_sub(1) } else { group.live + 1 };
            }
            self.show_live(pid);
        }
    }

    fn show_live(&mut self, pid: i64) {
        let live = self.groups.get(&pid).map_or(0, |group| group.live);
        if let Some(main) = self.by_tid_mut(pid) {
            main.live_threads = live;
        }
    }

    fn join_parent(&mut self, child: ThreadSlot, parent: ThreadSlot) {
        let next = self.links[parent.0 as usize].first_child;
        self.links[parent.0 as usize].first_child = child.0;
        if next != NONE {
            self.links[next as usize].previous_sibling = child.0;
        }
        let own = &mut self.links[child.0 as usize];
        (own.parent, own.next_sibling, own.previous_sibling) = (parent.0, next, NONE);
    }

    fn leave_parent(&mut self, child: ThreadSlot) {
        let Links { parent, next_sibling: next, previous_sibling: previous, .. } = self.links[child.0 as usize];
        if parent == NONE {
            return;
        }
        if previous == NONE {
            self.links[parent as usize].first_child = next;
        } else {
            self.links[previous as usize].next_sibling = next;
        }
        if next != NONE {
            self.links[next as usize].previous_sibling = previous;
        }
        let own = &mut self.links[child.0 as usize];
        (own.parent, own.next_sibling, own.previous_sibling) = (NONE, NONE, NONE);
    }

    pub(crate) fn first_child(&self, slot: ThreadSlot) -> Option<ThreadSlot> {
        let child = self.links.get(slot.0 as usize)?.first_child;
        (child != NONE).then_some(ThreadSlot(child))
    }

    /// Makes a thread the child of another, or of none.
    pub(crate) fn give_parent(&mut self, child: ThreadSlot, parent: Option<ThreadSlot>) {
        self.leave_parent(child);
        let ptid = parent.and_then(|parent| self.get(parent)).map_or(0, |parent| parent.tid);
        if let Some(thread) = self.get_mut(child) {
            thread.ptid = ptid;
        }
        if let Some(parent) = parent.filter(|&parent| parent != child) {
            self.join_parent(child, parent);
        }
    }

    /// The threads of a process, its main thread first.
    pub(crate) fn members(&self, pid: i64) -> impl Iterator<Item = ThreadSlot> {
        let mut next = self.groups.get(&pid).map_or(NONE, |group| group.first);
        std::iter::from_fn(move || {
            let current = (next != NONE).then_some(ThreadSlot(next))?;
            next = self.links[current.0 as usize].next_member;
            Some(current)
        })
    }

    /// How many threads of a process live. `None` when none of it is known.
    pub fn live_of(&self, pid: i64) -> Option<u32> {
        self.groups.get(&pid).map(|group| group.live)
    }

    /// The process adopts orphans: an init, or made so by `prctl` or by having adopted one.
    pub fn is_reaper(&self, pid: i64) -> bool {
        self.groups.get(&pid).is_some_and(|group| group.reaper)
    }

    pub(crate) fn set_reaper(&mut self, pid: i64, reaper: bool) {
        if let Some(group) = self.groups.get_mut(&pid) {
            group.reaper = reaper;
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Threads { refused: self.refused, ..Threads::default() };
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

    /// The ancestors from the parent outwards; ends at a missing link, and at a cycle's first repeat of the start.
    pub fn ancestors<'t>(&'t self, thread: &'t Thread) -> impl Iterator<Item = &'t Thread> {
        let mut current = Some(thread);
        let mut left = MAX_DEPTH;
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let parent = self.parent_of(current?)?;
            current = if parent.tid == thread.tid { None } else { Some(parent) };
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
        assert!(threads.ancestors(outside).count() <= MAX_DEPTH);
    }
}
