//! A process takes another program, and its use of memory.

use vigie_events::{Event, id};

use super::change::{Change, reuse};
use super::{clone, containers, enter, exits, live};
use crate::{Bytes, Thread, path};

const EXE_WRITABLE: u32 = 1;
const EXE_UPPER_LAYER: u32 = 2;
const EXE_FROM_MEMFD: u32 = 4;
const EXE_LOWER_LAYER: u32 = 8;

/// The path is empty: the descriptor itself is meant.
const AT_EMPTY_PATH: u32 = 1;

/// What the kernel puts behind the path of a file that is gone.
const DELETED: &[u8] = b" (deleted)";

pub(super) fn exec(change: &mut Change<'_, '_>) {
    if change.success().is_none() {
        return;
    }
    let event = change.event;
    let params = &event.params;
    let exepath = exepath(change);
    let Some(thread) = change.thread() else { return };
    let was_placeholder = thread.is_placeholder();
    let pid = params.i64(4).filter(|&pid| pid >= 0).unwrap_or(thread.tid);
    let ptid = if was_placeholder { params.i64(5).unwrap_or(0) } else { thread.ptid };
    change.host.threads.set_dead(change.slot, false);
    if was_placeholder || thread_pid(change) != Some(pid) {
        if let Some(thread) = change.thread_mut().filter(|_| was_placeholder) {
            (thread.vtid, thread.vpid) = (thread.tid, pid);
        }
        clone::place(change.host, change.slot, pid, ptid);
    }
    let full = change.host.threads.is_full();
    change.host.threads.edit(change.slot, |thread| program(thread, event, exepath, full));
    let Some(thread) = change.thread_mut() else { return };
    thread.fdlimit = params.i64(7).unwrap_or(thread.fdlimit);
    thread.pfmajor = params.u64(8).unwrap_or(thread.pfmajor);
    thread.pfminor = params.u64(9).unwrap_or(thread.pfminor);
    thread.vmsize_kb = params.u32(10).unwrap_or(thread.vmsize_kb);
    thread.vmrss_kb = params.u32(11).unwrap_or(thread.vmrss_kb);
    thread.vmswap_kb = params.u32(12).unwrap_or(thread.vmswap_kb);
    thread.tty = params.u32(16).unwrap_or(thread.tty);
    thread.vpgid = params.i64(17).unwrap_or(thread.vpgid);
    thread.loginuid = params.u32(18).unwrap_or(thread.loginuid);
    if let Some(flags) = params.u32(19) {
        thread.exe_writable = flags & EXE_WRITABLE != 0;
        thread.exe_upper_layer = flags & EXE_UPPER_LAYER != 0;
        thread.exe_lower_layer = flags & EXE_LOWER_LAYER != 0;
        thread.exe_from_memfd = flags & EXE_FROM_MEMFD != 0;
    }
    thread.cap_inheritable = params.u64(20).unwrap_or(thread.cap_inheritable);
    thread.cap_permitted = params.u64(21).unwrap_or(thread.cap_permitted);
    thread.cap_effective = params.u64(22).unwrap_or(thread.cap_effective);
    thread.exe_ino = params.u64(23).unwrap_or(thread.exe_ino);
    if let Some(ctime) = params.u64(24) {
        thread.exe_ctime = ctime;
        thread.exe_ctime_since_clone = if thread.clone_ts == 0 { 0 } else { thread.clone_ts.wrapping_sub(ctime) };
        thread.exe_ctime_since_pidns =
            if thread.pidns_init_start_ts == 0 { 0 } else { ctime.saturating_sub(thread.pidns_init_start_ts) };
    }
    thread.exe_mtime = params.u64(25).unwrap_or(thread.exe_mtime);
    thread.uid = params.u32(26).unwrap_or(thread.uid);
    thread.gid = params.u32(29).unwrap_or(thread.gid);
    thread.pgid = params.i64(28).unwrap_or(-1);
    thread.flags = 0;
    thread.inverted = false;
    thread.last_exec_ts = event.ts;
    close_on_exec(change);
    remove_others(change, pid);
    containers::identify(change.host, change.slot);
    if change.host.live.is_some() {
        live::accounts_of(change.host, change.slot, event.ts);
    }
}

fn thread_pid(change: &Change<'_, '_>) -> Option<i64> {
    change.thread().map(|thread| thread.pid)
}

/// The texts of the new program. When there is no room left, the long ones are left out.
fn program(thread: &mut Thread, event: &Event<'_>, exepath: Option<Vec<u8>>, full: bool) {
    let params = &event.params;
    thread.exe = reuse(params.text(1).unwrap_or(b""), &thread.exe);
    thread.comm = params.text(13).map_or_else(|| thread.exe.clone(), |comm| reuse(comm, &thread.comm));
    thread.args = reuse(params.bytes(2).filter(|_| !full).unwrap_or(b""), &thread.args);
    thread.join_cmdline();
    if let Some(exepath) = exepath {
        thread.exepath = reuse(exepath.strip_suffix(DELETED).unwrap_or(&exepath), &thread.exepath);
    }
    let present = |index: usize| params.bytes(index).filter(|bytes| !bytes.is_empty());
    if let Some(cgroups) = present(14) {
        thread.cgroups = reuse(cgroups, &thread.cgroups);
    }
    if let Some(env) = present(15).filter(|_| !full) {
        thread.env = reuse(env, &thread.env);
    }
}

/// The path of the new program: the kernel's own; else what the call asked for; `None` leaves the old one.
fn exepath(change: &Change<'_, '_>) -> Option<Vec<u8>> {
    let event = change.event;
    if let Some(trusted) = event.params.text(27) {
        return Some(trusted.to_vec());
    }
    let thread = change.thread()?;
    let enter = enter::of(change.host, event);
    let unknown = || Some(b"<NA>".to_vec());
    let mut full = Vec::new();
    if event.id == id::EXECVE_X {
        let asked = enter.and_then(|enter| enter.name.as_deref()).or(event.params.text(30))?;
        if asked == b"<NA>" {
            return unknown();
        }
        path::join(path::cwd(change.host, thread), asked, &mut full);
        return Some(full);
    }
    let enter = enter?;
    let dirfd = enter.dirfd.unwrap_or(path::AT_FDCWD);
    match enter.name.as_deref() {
        Some(b"<NA>") => return unknown(),
        None | Some(b"") if enter.flags & AT_EMPTY_PATH != 0 => match change.fd(dirfd) {
            Some(fd) => full.extend_from_slice(&fd.name),
            None => return unknown(),
        },
        asked => path::at(change.host, Some(thread), dirfd, asked.unwrap_or(b""), &mut full),
    }
    Some(full)
}

fn close_on_exec(change: &mut Change<'_, '_>) {
    let table = change.thread().and_then(|thread| change.host.threads.table_of(thread));
    if table.is_some_and(|table| table.fds.iter().any(|(_, fd)| fd.close_on_exec)) {
        let removed = change.edit_fds(|table| {
            let before = table.len();
            table.retain(|_, fd| !fd.close_on_exec);
            before - table.len()
        });
        change.host.counters.fds_removed += removed.unwrap_or(0) as u64;
    }
}

/// The other threads of a process end when one of them calls exec.
fn remove_others(change: &mut Change<'_, '_>, pid: i64) {
    if change.host.threads.live_of(pid).is_none_or(|live| live <= 1) {
        return;
    }
    let own = change.slot;
    let others: Vec<_> = change.host.threads.members(pid).filter(|&member| member != own).collect();
    for other in others {
        if change.host.threads.get(other).is_some_and(|thread| !thread.is_main()) {
            exits::retire(change.host, other, -1);
        }
    }
}

/// `mmap`, `munmap`, `brk`.
pub(super) fn memory(change: &mut Change<'_, '_>) {
    let params = &change.event.params;
    let (Some(size), Some(resident), Some(swapped)) = (params.u32(1), params.u32(2), params.u32(3)) else { return };
    if let Some(thread) = change.thread_mut() {
        (thread.vmsize_kb, thread.vmrss_kb, thread.vmswap_kb) = (size, resident, swapped);
    }
}

/// The scheduler chose another thread.
pub(super) fn switch(change: &mut Change<'_, '_>) {
    let params = &change.event.params;
    let faults = (params.u64(1), params.u64(2));
    let sizes = (params.u32(3), params.u32(4), params.u32(5));
    let Some(thread) = change.thread_mut() else { return };
    if let (Some(major), Some(minor)) = faults {
        (thread.pfmajor, thread.pfminor) = (major, minor);
    }
    if let (Some(size), Some(resident), Some(swapped)) = sizes {
        (thread.vmsize_kb, thread.vmrss_kb, thread.vmswap_kb) = (size, resident, swapped);
    }
}

/// A program's path without what the kernel adds to that of a file that is gone.
pub(super) fn without_deleted(path: &[u8]) -> Bytes {
    Bytes::from(path.strip_suffix(DELETED).unwrap_or(path))
}
