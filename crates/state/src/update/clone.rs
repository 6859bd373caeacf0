//! New threads and processes. The call is told of twice, by the caller and by the child, in any order.

use std::sync::Arc;

use vigie_events::{Event, id};

use super::change::reuse;
use super::{containers, exits, live};
use crate::host::{Applied, Host};
use crate::{Bytes, Thread, ThreadSlot, Threads};

const CLONE_FILES: u32 = 1;
const CLONE_NEWPID: u32 = 64;
const CLONE_PARENT: u32 = 256;
const CLONE_THREAD: u32 = 8192;
const CLONE_VFORK: u32 = 1 << 27;
const CLONE_CHILD_IN_PIDNS: u32 = 1 << 29;

/// Two events that are closer than this speak of the same child, in nanoseconds.
pub(super) const SAME_CHILD_NS: u64 = 2_000_000_000;

pub(super) fn clone(host: &mut Host, event: &Event<'_>, applied: &mut Applied) {
    if event.tid < 0 {
        return;
    }
    match event.params.i64(0) {
        Some(0) => child(host, event, applied),
        Some(tid) if tid > 0 => caller(host, event, applied, tid),
        _ => return,
    }
    if let Some(slot) = applied.thread {
        containers::identify(host, slot);
        if host.live.is_some() {
            live::accounts_of(host, slot, event.ts);
        }
    }
}

fn caller(host: &mut Host, event: &Event<'_>, applied: &mut Applied, child_tid: i64) {
    let params = &event.params;
    let known = applied.thread.or_else(|| {
        host.counters.unknown_threads += 1;
        live::find_or_place(host, event.tid, event.ts)
    });
    applied.thread = known;
    let Some(slot) = known else { return };
    let valid = host.threads.get(slot).is_some_and(|caller| !caller.is_placeholder());
    if !valid {
        let (pid, ptid) = (params.i64(4).filter(|&pid| pid >= 0).unwrap_or(event.tid), params.i64(5).unwrap_or(0));
        host.threads.edit(slot, |caller| {
            caller.vtid = params.i64(18).unwrap_or(event.tid);
            caller.vpid = params.i64(19).unwrap_or(pid);
            name(caller, event);
        });
        place(host, slot, pid, ptid);
    }
    let flags = params.u32(15).unwrap_or(0);
    let Some(caller) = host.threads.get(slot) else { return };
    let in_namespace = flags & (CLONE_CHILD_IN_PIDNS | CLONE_NEWPID | CLONE_PARENT) != 0 || caller.tid != caller.vtid;
    // The parent of a vfork sleeps until its child has told of itself, or is gone.
    if in_namespace || event.id == id::VFORK_X || flags & CLONE_VFORK != 0 {
        return;
    }
    if exits::lately(host, event.tid, child_tid, event.ts) {
        return;
    }
    if let Some(existing) = host.threads.find(child_tid) {
        if let Some(thread) = host.threads.get_mut(existing).filter(|thread| thread.inverted) {
            thread.inverted = false;
            return;
        }
        if existing == slot {
            return;
        }
        exits::replace(host, existing);
    }
    let Some(caller) = host.threads.get(slot) else { return };
    let thread = flags & CLONE_THREAD != 0;
    let mut child = Thread::placeholder(child_tid);
    (child.pid, child.ptid) = if thread { (caller.pid, caller.ptid) } else { (child_tid, caller.tid) };
    (child.vtid, child.vpid) = (child_tid, child.pid);
    describe(&mut child, event, caller, host.machine.boot_ts);
    if valid {
        inherit(&mut child, caller, thread, &host.threads);
    }
    add(host, child);
}

fn child(host: &mut Host, event: &Event<'_>, applied: &mut Applied) {
    let params = &event.params;
    let tid = event.tid;
    if let Some(existing) = applied.thread {
        let clone_ts = host.threads.get(existing).map_or(0, |thread| thread.clone_ts);
        if clone_ts != 0 && event.ts.saturating_sub(clone_ts) < SAME_CHILD_NS {
            return;
        }
        exits::replace(host, existing);
        applied.thread = None;
    }
    let pid = params.i64(4).filter(|&pid| pid >= 0).unwrap_or(tid);
    let ptid = params.i64(5).unwrap_or(0);
    let thread = pid != tid;
    let source_tid = if thread { pid } else { ptid };
    let source = match host.threads.find(source_tid) {
        Some(source) => Some(source),
        None if source_tid > 0 => live::find_or_place(host, source_tid, event.ts),
        None => None,
    };
    let valid = source.and_then(|slot| host.threads.get(slot)).is_some_and(|thread| !thread.is_placeholder());
    if let Some(main) = source.filter(|_| thread && !valid) {
        host.threads.edit(main, |main| {
            main.vpid = params.i64(19).unwrap_or(pid);
            main.vtid = main.vpid;
            name(main, event);
        });
        place(host, main, pid, ptid);
    }
    let mut child = Thread::placeholder(tid);
    (child.pid, child.ptid) = (pid, ptid);
    (child.vtid, child.vpid) = (params.i64(18).unwrap_or(tid), params.i64(19).unwrap_or(pid));
    child.inverted = true;
    let nobody = Thread::placeholder(-1);
    let source = source.and_then(|slot| host.threads.get(slot));
    describe(&mut child, event, source.unwrap_or(&nobody), host.machine.boot_ts);
    if let Some(source) = source.filter(|_| valid) {
        inherit(&mut child, source, thread, &host.threads);
    }
    applied.thread = add(host, child);
}

/// A parent that is not known is none.
fn add(host: &mut Host, mut thread: Thread) -> Option<ThreadSlot> {
    if host.threads.find(thread.ptid).is_none() {
        thread.ptid = 0;
    }
    host.add_thread(thread)
}

pub(super) fn place(host: &mut Host, slot: ThreadSlot, pid: i64, ptid: i64) {
    let ptid = if host.threads.find(ptid).is_none() { 0 } else { ptid };
    host.threads.place(slot, pid, ptid);
}

/// `exe`, `comm` and `args` of a thread that was only a number.
fn name(thread: &mut Thread, event: &Event<'_>) {
    let params = &event.params;
    thread.exe = Bytes::from(params.text(1).unwrap_or(b""));
    thread.comm = params.text(13).map_or_else(|| thread.exe.clone(), Bytes::from);
    thread.args = Bytes::from(params.bytes(2).unwrap_or(b""));
    thread.join_cmdline();
}

/// What the event says of the child.
fn describe(child: &mut Thread, event: &Event<'_>, similar: &Thread, boot_ts: u64) {
    let params = &event.params;
    child.exe = reuse(params.text(1).unwrap_or(b""), &similar.exe);
    child.comm = params.text(13).map_or_else(|| child.exe.clone(), |comm| reuse(comm, &similar.comm));
    child.args = reuse(params.bytes(2).unwrap_or(b""), &similar.args);
    if child.comm == similar.comm && child.args == similar.args {
        child.cmdline = similar.cmdline.clone();
    } else {
        child.join_cmdline();
    }
    child.fdlimit = params.i64(7).unwrap_or(-1);
    child.pfmajor = params.u64(8).unwrap_or(0);
    child.pfminor = params.u64(9).unwrap_or(0);
    child.vmsize_kb = params.u32(10).unwrap_or(0);
    child.vmrss_kb = params.u32(11).unwrap_or(0);
    child.vmswap_kb = params.u32(12).unwrap_or(0);
    child.cgroups = reuse(params.bytes(14).unwrap_or(b""), &similar.cgroups);
    child.flags = params.u32(15).unwrap_or(0);
    child.uid = params.u32(16).unwrap_or(u32::MAX);
    child.gid = params.u32(17).unwrap_or(u32::MAX);
    child.clone_ts = event.ts;
    child.last_seen = event.ts;
    let contained = child.flags & CLONE_CHILD_IN_PIDNS != 0 || child.tid != child.vtid;
    child.pidns_init_start_ts = match params.u64(20) {
        Some(since_boot) if contained => since_boot.saturating_add(boot_ts),
        _ if contained => 0,
        _ => boot_ts,
    };
}

/// What the child has from its caller, or from the main thread of its process.
fn inherit(child: &mut Thread, source: &Thread, thread: bool, threads: &Threads) {
    child.exepath = source.exepath.clone();
    child.exe_writable = source.exe_writable;
    child.exe_upper_layer = source.exe_upper_layer;
    child.exe_lower_layer = source.exe_lower_layer;
    child.exe_from_memfd = source.exe_from_memfd;
    child.exe_ino = source.exe_ino;
    child.exe_ctime = source.exe_ctime;
    child.exe_mtime = source.exe_mtime;
    child.exe_ctime_since_clone = source.exe_ctime_since_clone;
    child.exe_ctime_since_pidns = source.exe_ctime_since_pidns;
    child.root = source.root.clone();
    child.sid = source.sid;
    child.vpgid = source.vpgid;
    child.pgid = source.pgid;
    child.tty = source.tty;
    child.loginuid = source.loginuid;
    child.cap_inheritable = source.cap_inheritable;
    child.cap_permitted = source.cap_permitted;
    child.cap_effective = source.cap_effective;
    if thread {
        child.flags |= CLONE_FILES;
        child.last_exec_ts = source.last_exec_ts;
    } else if let Some(main) = threads.main_of(source) {
        child.cwd = main.cwd.clone();
        child.env = main.env.clone();
        child.fds = Arc::clone(&main.fds);
    }
}
