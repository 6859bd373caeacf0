//! Who belongs to whom: the threads of a process, the children of a thread. Lists that run through the table, so that
//! every change of place takes the same time however many there are.

use crate::threads::{ThreadSlot, Threads};

const NONE: u32 = u32::MAX;

/// Where a thread stands among the others: lists that run through the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Links {
    parent: u32,
    first_child: u32,
    next_sibling: u32,
    previous_sibling: u32,
    next_member: u32,
    previous_member: u32,
    in_group: bool,
}

pub(crate) const UNLINKED: Links = Links {
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
pub(crate) struct Group {
    first: u32,
    last: u32,
    live: u32,
    reaper: bool,
}

impl Threads {
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

    pub(crate) fn link(&mut self, slot: ThreadSlot) {
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

    pub(crate) fn unlink(&mut self, slot: ThreadSlot) {
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

    pub(crate) fn leave_parent(&mut self, child: ThreadSlot) {
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
}
