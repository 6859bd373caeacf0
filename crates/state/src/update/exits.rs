//! Threads that end, and who adopts their children.

use super::change::Change;
use super::clone::SAME_CHILD_NS;
use super::live;
use crate::ThreadSlot;
use crate::host::Host;

/// The most pairs of parent and child kept of those that ended lately.
const MAX_EXITS: usize = 4096;

/// How many changes of a parent each new thread pays for. A hostile capture could else have the same crowd of
/// children adopted over and over.
pub(super) const ADOPTIONS_PER_THREAD: u64 = 16;

/// How many are free.
pub(super) const FREE_ADOPTIONS: u64 = 1 << 20;

/// How many ancestors are asked to adopt.
const MAX_ANCESTORS: usize = 1_000;

/// `procexit`: the thread is seen by the rules once more, and removed with the next event.
pub(super) fn exit(change: &mut Change<'_, '_>) {
    let Some(thread) = change.thread() else { return };
    let (parent, tid) = (thread.ptid, thread.tid);
    let reaper = change.event.params.i64(4).unwrap_or(-1);
    let asked = change.host.live.is_some() && reaper > 0 && change.host.threads.first_child(change.slot).is_some();
    if asked && change.host.threads.find(reaper).is_none() {
        live::thread(change.host, reaper, change.event.ts);
    }
    change.host.threads.set_dead(change.slot, true);
    let pending = &mut change.host.pending;
    pending.exited = Some((tid, reaper));
    pending.removes = true;
    if pending.exits.len() >= MAX_EXITS {
        pending.exits.clear();
    }
    pending.exits.insert((parent, tid), change.event.ts);
}

/// The same parent lost a child of that number so lately that an event may still be speaking of that one.
pub(super) fn lately(host: &Host, parent: i64, child: i64, ts: u64) -> bool {
    let ended = host.pending.exits.get(&(parent, child));
    ended.is_some_and(|&ended| ts.saturating_sub(ended) < SAME_CHILD_NS)
}

/// What the event before left to be done: its thread goes, then its descriptor.
#[cold]
pub(super) fn finish(host: &mut Host) {
    host.pending.removes = false;
    if let Some((tid, reaper)) = host.pending.exited.take() {
        if let Some(slot) = host.threads.find(tid) {
            retire(host, slot, reaper);
        }
    }
    if let Some((slot, number)) = host.pending.closed.take() {
        let known = host.threads.get(slot).is_some_and(|holder| holder.fds.get(number).is_some());
        if known && host.threads.edit_fds(slot, |table| table.remove(number)).is_some() {
            host.counters.fds_removed += 1;
        }
    }
    if let Some(id) = host.pending.removed_container.take() {
        host.containers.remove(&id);
        live::lost_container(host, &id);
    }
}

/// Removes a thread: its children are adopted, and a dead main thread goes with the last of its process.
pub(super) fn retire(host: &mut Host, slot: ThreadSlot, reaper: i64) {
    host.threads.set_dead(slot, true);
    let Some(thread) = host.threads.get(slot) else { return };
    let (tid, pid, is_main) = (thread.tid, thread.pid, thread.is_main());
    orphan(host, slot, reaper);
    let last = host.threads.live_of(pid).unwrap_or(0) == 0;
    if !is_main || last {
        drop_thread(host, tid);
    }
    if last && !is_main && host.threads.by_tid(pid).is_some_and(|main| main.dead) {
        drop_thread(host, pid);
    }
}

/// Removes a thread whose number another one has now.
pub(super) fn replace(host: &mut Host, slot: ThreadSlot) {
    let Some(tid) = host.threads.get(slot).map(|thread| thread.tid) else { return };
    retire(host, slot, -1);
    drop_thread(host, tid);
}

pub(super) fn drop_thread(host: &mut Host, tid: i64) {
    if host.threads.remove(tid).is_some() {
        host.counters.threads_removed += 1;
        host.pending.enters.remove(&tid);
    }
}

/// Gives the children of a thread that ended to their new parent.
fn orphan(host: &mut Host, slot: ThreadSlot, reaper: i64) {
    if host.threads.first_child(slot).is_none() {
        return;
    }
    let adopter = adopter(host, slot, reaper);
    let own = host.threads.get(slot).map_or(-1, |thread| thread.pid);
    if let Some(pid) = adopter.and_then(|adopter| host.threads.get(adopter)).map(|thread| thread.pid) {
        if pid != own {
            host.threads.set_reaper(pid, true);
        }
    }
    while let Some(child) = host.threads.first_child(slot) {
        let paid = host.pending.adoptions > 0;
        host.pending.adoptions = host.pending.adoptions.saturating_sub(1);
        host.threads.give_parent(child, adopter.filter(|_| paid));
    }
}

/// The kernel's choice if it is known; else another thread of the process; else the nearest ancestor that adopts.
fn adopter(host: &Host, slot: ThreadSlot, reaper: i64) -> Option<ThreadSlot> {
    let threads = &host.threads;
    let thread = threads.get(slot)?;
    let known = if reaper > 0 { threads.find(reaper).filter(|&reaper| reaper != slot) } else { None };
    if known.is_some() {
        return known;
    }
    let living = |pid: i64| {
        threads.members(pid).find(|&member| member != slot && threads.get(member).is_some_and(|member| !member.dead))
    };
    if let Some(sibling) = living(thread.pid) {
        return Some(sibling);
    }
    let in_namespace = thread.tid != thread.vtid;
    let mut current = thread;
    for _ in 0..MAX_ANCESTORS {
        current = threads.by_tid(current.ptid)?;
        if current.is_placeholder() || (current.tid != current.vtid) != in_namespace {
            return None;
        }
        if threads.is_reaper(current.pid) {
            if let Some(member) = living(current.pid) {
                return Some(member);
            }
        }
    }
    None
}
