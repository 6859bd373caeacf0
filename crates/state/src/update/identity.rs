//! Users, groups, capabilities, sessions and limits of threads; accounts that come and go.

use vigie_events::{Event, id};

use super::change::Change;
use crate::Bytes;
use crate::host::Host;
use crate::user::{UNTOLD, User};

const PR_SET_CHILD_SUBREAPER: u32 = 36;
const PR_GET_CHILD_SUBREAPER: u32 = 37;
const CLONE_NEWUSER: u32 = 1 << 20;
const RLIMIT_NOFILE: u8 = 7;

/// Every capability there is.
pub(super) const ALL_CAPABILITIES: u64 = (1 << 41) - 1;

pub(super) fn change(change: &mut Change<'_, '_>) {
    let Some(result) = change.success() else { return };
    let params = &change.event.params;
    match change.event.id {
        id::PRCTL_X => {
            if matches!(change.flags(1), PR_SET_CHILD_SUBREAPER | PR_GET_CHILD_SUBREAPER) {
                if let Some(pid) = change.thread().map(|thread| thread.pid) {
                    change.host.threads.set_reaper(pid, params.i64(3).unwrap_or(0) != 0);
                }
            }
        }
        id::GETRLIMIT_X | id::SETRLIMIT_X if params.u8(3) == Some(RLIMIT_NOFILE) => {
            let pid = change.thread().map_or(-1, |thread| thread.pid);
            limit(change.host, pid, params.i64(1));
        }
        id::PRLIMIT_X if params.u8(6) == Some(RLIMIT_NOFILE) => {
            let own = change.thread().map_or(-1, |thread| thread.pid);
            let pid = match params.i64(5) {
                None | Some(0) => own,
                Some(tid) => change.host.threads.by_tid(tid).map_or(-1, |thread| thread.pid),
            };
            limit(change.host, pid, params.i64(1));
        }
        _ => {}
    }
    let event = change.event.id;
    // A process may change its user and namespaces only by itself: the others of its threads are told by the kernel.
    let Some(thread) = change.thread_mut() else { return };
    match event {
        id::SETSID_X => thread.sid = result,
        id::SETUID_X if result == 0 => thread.uid = params.u32(1).unwrap_or(thread.uid),
        id::SETGID_X if result == 0 => thread.gid = params.u32(1).unwrap_or(thread.gid),
        id::SETREUID_X | id::SETRESUID_X if result == 0 => thread.uid = params.u32(2).unwrap_or(thread.uid),
        id::SETREGID_X | id::SETRESGID_X if result == 0 => thread.gid = params.u32(2).unwrap_or(thread.gid),
        id::CAPSET_X => {
            thread.cap_inheritable = params.u64(1).unwrap_or(thread.cap_inheritable);
            thread.cap_permitted = params.u64(2).unwrap_or(thread.cap_permitted);
            thread.cap_effective = params.u64(3).unwrap_or(thread.cap_effective);
        }
        id::UNSHARE_X if params.u32(1).unwrap_or(0) & CLONE_NEWUSER != 0 => all_capabilities(thread),
        id::SETNS_X if params.u32(2).unwrap_or(0) & CLONE_NEWUSER != 0 => all_capabilities(thread),
        _ => {}
    }
}

fn all_capabilities(thread: &mut crate::Thread) {
    thread.cap_inheritable = ALL_CAPABILITIES;
    thread.cap_permitted = ALL_CAPABILITIES;
    thread.cap_effective = ALL_CAPABILITIES;
}

/// The most descriptors a process may have; -1 says nothing.
fn limit(host: &mut Host, pid: i64, value: Option<i64>) {
    let Some(value) = value.filter(|&value| value != -1 && pid >= 0) else { return };
    if let Some(main) = host.threads.by_tid_mut(pid) {
        main.fdlimit = value;
    }
}

/// The longest name or path of an account that is kept.
const MAX_TEXT: usize = 1024;

/// An account was added or deleted, on the host or in a container.
pub(super) fn account(host: &mut Host, event: &Event<'_>) {
    let params = &event.params;
    let known = |index: usize| params.text(index).map(|text| &text[..text.len().min(MAX_TEXT)]);
    let container = |index: usize| known(index).unwrap_or(b"");
    let text = |index: usize| known(index).map_or_else(|| Bytes::from(UNTOLD), Bytes::from);
    let Some(number) = params.u32(0) else { return };
    match event.id {
        id::USER_ADDED_E => {
            let gid = params.u32(1).unwrap_or(u32::MAX);
            let user = User { uid: number, gid, name: text(2), home: text(3), shell: text(4) };
            host.accounts.add_user(Bytes::from(container(5)), user);
        }
        id::USER_DELETED_E => host.accounts.remove_user(container(5), number),
        id::GROUP_ADDED_E => host.accounts.add_group(Bytes::from(container(2)), number, text(1)),
        _ => host.accounts.remove_group(container(2), number),
    }
}
