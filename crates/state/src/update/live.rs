//! What is done only while the host lives: those that nobody told of are looked up, those that ended unseen are removed.

use vigie_events::facts::ListedThread;
use vigie_events::lookup::ListedAccounts;
use vigie_events::{Event, id};

use super::plan::Plan;
use super::{begin, containers, exits};
use crate::host::{Applied, Host};
use crate::live::NewContainer;
use crate::thread::Thread;
use crate::{Bytes, ThreadSlot, cgroup};

const EBADF: i64 = 9;

/// How many parents are looked up with a thread.
const MAX_PARENTS: usize = 8;
/// How many of a process's descriptors are looked up with it; others when they are used.
const FIRST_FDS: usize = 64;
/// How many descriptors that were passed are looked up at once; others when they are used.
const MAX_PASSED: usize = 16;

/// The search for threads that ended unseen: when it begins, and how long a thread has to have been silent.
const FIRST_PURGE_NS: u64 = 30_000_000_000;
const PURGE_NS: u64 = 300_000_000_000;
const SILENT_NS: u64 = 300_000_000_000;
/// The search asks for one thread at a time, so often.
const PURGE_STEP_NS: u64 = 1_000_000;
const PURGE_PLACES: usize = 1_024;

/// How often the account files are looked at.
const ACCOUNTS_NS: u64 = 1_000_000_000;

/// The name of a thread, as the kernel keeps it.
const COMM: usize = 15;

/// A thread that nobody told of, with its process and its nearest parents.
pub(super) fn thread(host: &mut Host, tid: i64, ts: u64) -> Option<ThreadSlot> {
    let mut found = Vec::new();
    let (mut next, mut processes) = (tid, 0);
    while next > 0 && processes < MAX_PARENTS && host.threads.find(next).is_none() {
        let Some(listed) = ask_thread(host, next, ts) else { break };
        let (pid, ptid) = (listed.pid, listed.ptid);
        let is_main = listed.tid == pid;
        found.push(listed);
        if is_main {
            processes += 1;
        } else if host.threads.find(pid).is_none() {
            if let Some(main) = ask_thread(host, pid, ts) {
                found.push(main);
            }
        }
        next = ptid;
    }
    // Parents and main threads first.
    for listed in found.into_iter().rev() {
        add(host, listed, ts);
    }
    host.threads.find(tid)
}

fn ask_thread(host: &mut Host, tid: i64, ts: u64) -> Option<ListedThread> {
    let live = host.live.as_mut()?;
    if live.is_absent(tid, -1, ts) {
        return None;
    }
    let Some(answer) = live.ask(ts, |lookup| lookup.thread(tid, ts)) else {
        host.counters.lookups_refused += 1;
        return None;
    };
    host.counters.thread_lookups += 1;
    let answer = answer.filter(|listed| listed.tid == tid && listed.pid > 0);
    if answer.is_none() {
        host.counters.thread_lookups_failed += 1;
        live.absent(tid, -1, ts);
    }
    answer
}

fn add(host: &mut Host, listed: ListedThread, ts: u64) {
    let (tid, pid, ptid) = (listed.tid, listed.pid, listed.ptid);
    if host.threads.find(tid).is_some() {
        return;
    }
    let Some(slot) = host.add_thread(begin::thread(listed)) else { return };
    let parent = if pid == 1 { None } else { host.threads.find(ptid).filter(|&parent| parent != slot) };
    host.threads.give_parent(slot, parent);
    if let Some(thread) = host.threads.get_mut(slot) {
        thread.last_seen = ts;
    }
    containers::identify(host, slot);
    accounts_of(host, slot, ts);
    if tid != pid {
        return;
    }
    let Some(live) = host.live.as_mut() else { return };
    let listed = live.ask(ts, |lookup| lookup.descriptors(pid, FIRST_FDS, ts)).unwrap_or_default();
    for fd in listed {
        take(host, slot, fd);
    }
}

fn take(host: &mut Host, slot: ThreadSlot, listed: vigie_events::facts::ListedFd) {
    let (number, full) = (listed.fd, host.threads.is_full());
    let own = host.threads.get(slot).map(|thread| std::sync::Arc::clone(&thread.fds));
    let served = |port: u16| {
        let everywhere = host.live.as_ref().is_some_and(|live| live.served.contains(&port));
        everywhere || own.iter().flat_map(|table| table.iter()).any(|(_, fd)| begin::port_served(fd) == Some(port))
    };
    let fd = begin::descriptor(listed, served);
    drop(own);
    if host.threads.edit_fds(slot, |table| !full && table.insert(number, fd)) == Some(true) {
        host.counters.fds_added += 1;
    } else {
        host.counters.fds_refused += 1;
    }
}

/// The descriptors that the event speaks of are looked up if they are not known.
pub(super) fn descriptors(host: &mut Host, event: &Event<'_>, plan: &Plan, applied: &Applied) {
    let Some(slot) = applied.thread.and_then(|slot| holder(host, slot)) else { return };
    let result = event.params.i64(0).unwrap_or(0);
    if let Some(number) = applied.fd.filter(|&number| number >= 0) {
        let live = host.live.as_mut().map(|live| std::mem::replace(&mut live.recent_fd, (slot.0, number)));
        if host.threads.get(slot).is_some_and(|holder| holder.fds.get(number).is_some()) {
            let again = live == Some((slot.0, number));
            host.counters.fds_cached += u64::from(again);
            host.counters.fds_noncached += u64::from(!again);
        } else {
            host.counters.fds_failed += 1;
            // After `close` the number stands for nothing, or for something else.
            if event.id == id::CLOSE_X {
                let pid = host.threads.get(slot).map_or(-1, |holder| holder.pid);
                if let Some(live) = host.live.as_mut() {
                    live.forget_absence(pid, number);
                }
            } else if result != -EBADF {
                descriptor(host, slot, number, event.ts);
            }
        }
    }
    for (directory, path) in plan.directories.into_iter().flatten() {
        let relative = event.params.text(usize::from(path)).is_some_and(|path| path.first() != Some(&b'/'));
        let number = event.params.i64(usize::from(directory)).filter(|&number| number >= 0 && relative);
        if let Some(number) = number.filter(|_| result != -EBADF) {
            let known = host.threads.get(slot).is_some_and(|holder| holder.fds.get(number).is_some());
            if !known {
                descriptor(host, slot, number, event.ts);
            }
        }
    }
}

/// The thread with the descriptors, unless it is a placeholder.
fn holder(host: &Host, slot: ThreadSlot) -> Option<ThreadSlot> {
    let thread = host.threads.get(slot).filter(|thread| !thread.is_placeholder())?;
    if thread.is_main() { Some(slot) } else { host.threads.find(thread.pid) }
}

/// One descriptor that nobody told of: the kernel may have been asked not to tell of every file that is opened.
fn descriptor(host: &mut Host, slot: ThreadSlot, number: i64, ts: u64) {
    let Some(pid) = host.threads.get(slot).filter(|holder| !holder.dead).map(|holder| holder.pid) else { return };
    let Some(live) = host.live.as_mut() else { return };
    if live.is_absent(pid, number, ts) {
        return;
    }
    let Some(answer) = live.ask(ts, |lookup| lookup.descriptor(pid, number, ts)) else {
        host.counters.lookups_refused += 1;
        return;
    };
    host.counters.fd_lookups += 1;
    match answer.filter(|listed| listed.fd == number) {
        Some(listed) => take(host, slot, listed),
        None => {
            live.absent(pid, number, ts);
            host.counters.fd_lookups_failed += 1;
        }
    }
}

/// Descriptors that came with a message: whatever the table has under their numbers is out of date.
pub(super) fn passed(host: &mut Host, slot: ThreadSlot, control: &[u8], ts: u64) {
    let Some(slot) = holder(host, slot) else { return };
    for (count, number) in rights(control).enumerate() {
        if host.threads.get(slot).is_some_and(|holder| holder.fds.get(number).is_some()) {
            host.threads.edit_fds(slot, |table| table.remove(number));
            host.counters.fds_removed += 1;
        }
        let pid = host.threads.get(slot).map_or(-1, |holder| holder.pid);
        if let Some(live) = host.live.as_mut() {
            live.forget_absence(pid, number);
        }
        if count < MAX_PASSED {
            descriptor(host, slot, number, ts);
        }
    }
}

/// The descriptors in the control messages of a call: each message has its length (8 bytes, its head of 16 included),
/// level and type (4 each), and begins at a multiple of 8.
fn rights(control: &[u8]) -> impl Iterator<Item = i64> {
    const HEAD: usize = 16;
    const SOL_SOCKET: u32 = 1;
    const SCM_RIGHTS: u32 = 1;
    let number = |bytes: &[u8]| Some(u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?));
    let mut rest = control;
    let messages = std::iter::from_fn(move || {
        let length = usize::try_from(u64::from_le_bytes(rest.get(..8)?.try_into().ok()?)).ok()?;
        let (level, kind) = (number(rest.get(8..)?)?, number(rest.get(12..)?)?);
        let body = rest.get(HEAD..length.min(rest.len()))?;
        rest = rest.get(length.checked_add(7)? & !7..).unwrap_or_default();
        Some(if level == SOL_SOCKET && kind == SCM_RIGHTS { body } else { &[] })
    });
    messages
        .flat_map(|body| body.chunks_exact(4))
        .filter_map(move |fd| Some(i64::from(number(fd)? as i32)))
        .filter(|&fd| fd >= 0)
}

/// A thread is in a container: it is announced if nothing is known of it.
pub(super) fn met_container(host: &mut Host, slot: ThreadSlot, id: &Bytes) {
    let known = host.containers.get(id).is_some();
    let Some(live) = host.live.as_mut() else { return };
    if known || live.is_announced(id) {
        return;
    }
    let Some(thread) = host.threads.get(slot) else { return };
    let cgroup = cgroup::container(&thread.cgroups, host.engines).map_or(&b""[..], |found| found.path);
    let container = NewContainer { id: id.clone(), cgroup: Bytes::from(cgroup), tid: thread.tid };
    if !live.announce(container) {
        host.counters.containers_unannounced += 1;
    }
}

/// The accounts of a thread's container, as long as they are not known.
pub(super) fn accounts_of(host: &mut Host, slot: ThreadSlot, ts: u64) {
    let Some(thread) = host.threads.get(slot).filter(|thread| !thread.container_id.is_empty()) else { return };
    let (tid, id) = (thread.tid, thread.container_id.clone());
    let Some(live) = host.live.as_mut() else { return };
    if !live.wants_accounts(&id) {
        return;
    }
    let Some(accounts) = live.ask(ts, |lookup| lookup.accounts(tid)).flatten() else {
        // A service in a cgroup that looks like a container's has the host's accounts; a container that gets a root
        // folder of its own is asked again.
        let knows_none = host.accounts.users_of(&id).next().is_none();
        if knows_none && live.ask(ts, |lookup| lookup.shares_root(tid)) == Some(true) {
            host.accounts.copy_host_to(&id);
        }
        return;
    };
    host.accounts.forget(&id);
    live.has_accounts(&id);
    if host.accounts.is_half_full() {
        host.accounts.forget_containers();
        live.forget_accounts();
    }
    learn(host, &id, accounts);
}

fn learn(host: &mut Host, container: &Bytes, (users, groups): ListedAccounts) {
    for user in users {
        host.accounts.add_user(container.clone(), begin::user(user));
    }
    for group in groups {
        host.accounts.add_group(container.clone(), group.gid, Bytes::from(group.name));
    }
}

/// A container is gone.
pub(super) fn lost_container(host: &mut Host, id: &Bytes) {
    if let Some(live) = host.live.as_mut() {
        live.forget_container(id);
        host.accounts.forget(id);
    }
}

/// Looks after the tables, a little at a time.
#[cold]
pub(super) fn tend(host: &mut Host, ts: u64) {
    let Some(live) = host.live.as_mut() else { return };
    if live.purge.next == 0 {
        live.purge.next = ts.saturating_add(FIRST_PURGE_NS);
    }
    if ts >= live.accounts_due {
        live.accounts_due = ts.saturating_add(ACCOUNTS_NS);
        if let Some(accounts) = live.ask(ts, |lookup| lookup.changed_accounts()).flatten() {
            host.accounts.forget(b"");
            begin::accounts(host, accounts.0, accounts.1);
        }
    }
    let Some(live) = host.live.as_mut() else { return };
    if live.purge.at.is_none() && ts >= live.purge.next {
        live.purge.next = ts.saturating_add(PURGE_NS);
        live.purge.at = Some(0);
    }
    if let Some(at) = live.purge.at.take() {
        let at = purge(host, at, ts);
        if at.is_none() {
            host.threads.shrink();
        }
        if let Some(live) = host.live.as_mut() {
            live.purge.at = at;
        }
    }
    if let Some(live) = host.live.as_mut() {
        let next = if live.purge.at.is_some() { ts.saturating_add(PURGE_STEP_NS) } else { live.purge.next };
        live.due = next.min(live.accounts_due);
    }
}

/// Goes on at a place; asks for one thread at most. The place to go on at, unless it was the last.
fn purge(host: &mut Host, from: usize, ts: u64) -> Option<usize> {
    for at in from..from + PURGE_PLACES {
        if at >= host.threads.places() {
            return None;
        }
        let slot = ThreadSlot(at as u32);
        let Some(thread) = host.threads.get(slot) else { continue };
        if thread.is_placeholder() {
            let tid = thread.tid;
            exits::drop_thread(host, tid);
            host.counters.threads_purged += 1;
            continue;
        }
        if ts.saturating_sub(thread.last_seen) < SILENT_NS {
            continue;
        }
        let tid = thread.tid;
        let alive = host.live.as_mut().and_then(|live| live.lookup.alive(tid));
        let thread = host.threads.get_mut(slot)?;
        if alive.is_some_and(|comm| comm[..comm.len().min(COMM)] == thread.comm[..]) {
            thread.last_seen = ts;
        } else {
            let before = host.threads.len();
            exits::retire(host, slot, -1);
            host.counters.threads_purged += (before - host.threads.len()) as u64;
        }
        return Some(at + 1);
    }
    Some(from + PURGE_PLACES)
}

/// Which parameters are a directory and a path below it, and are not the event's own descriptor.
pub(super) fn directories(event_type: &vigie_events::schema::EventType, own: Option<u8>) -> [Option<(u8, u8)>; 2] {
    let mut found = [None; 2];
    let pairs = event_type.params.iter().enumerate().filter_map(|(index, param)| Some((param.dirfd?, index as u8)));
    for (place, pair) in found.iter_mut().zip(pairs.filter(|&(directory, _)| Some(directory) != own)) {
        *place = Some(pair);
    }
    found
}

/// A thread that nobody told of gets a place at least.
pub(super) fn find_or_place(host: &mut Host, tid: i64, ts: u64) -> Option<ThreadSlot> {
    if host.live.is_some() {
        if let Some(slot) = thread(host, tid, ts) {
            return Some(slot);
        }
    }
    host.add_thread(Thread::placeholder(tid))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(level: u32, kind: u32, fds: &[i32]) -> Vec<u8> {
        let mut bytes = (16 + 4 * fds.len() as u64).to_le_bytes().to_vec();
        bytes.extend(level.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(fds.iter().flat_map(|fd| fd.to_le_bytes()));
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    }

    #[test]
    fn descriptors_in_control_messages() {
        let all = |bytes: &[u8]| rights(bytes).collect::<Vec<_>>();
        let credentials = message(1, 2, &[1, 2, 3]);
        let control = [credentials, message(1, 1, &[5, 6, 7]), message(1, 1, &[8])].concat();
        assert_eq!(all(&control), [5, 6, 7, 8]);
        assert_eq!(all(&control[..control.len() - 9]), [5, 6, 7]);
        assert_eq!(all(b""), [0i64; 0]);
        assert_eq!(all(&[0; 64]), [0i64; 0], "a length of nothing ends it");
        assert_eq!(all(&[0xff; 64]), [0i64; 0]);
    }
}
