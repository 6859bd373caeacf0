//! What each event changes. The order of steps is that of the peer's inspector.

mod begin;
mod change;
mod clone;
mod containers;
mod enter;
mod exec;
mod exits;
mod files;
mod identity;
mod live;
mod plan;
mod sockets;
mod transfer;

pub use begin::begin;
use change::Change;
pub use change::Pending;
use plan::{Plan, Whose, plans};
use vigie_events::{Event, id};

use crate::host::{Applied, Host};

/// Changes the tables by one event.
pub fn apply(host: &mut Host, event: &Event<'_>) -> Applied {
    if host.pending.removes {
        exits::finish(host);
    }
    if host.live.as_ref().is_some_and(|live| event.ts >= live.due) {
        live::tend(host, event.ts);
    }
    let Some(plan) = plans().get(usize::from(event.id)) else { return Applied::default() };
    if host.first_ts == 0 && !plan.meta {
        host.first_ts = event.ts;
    }
    let mut applied = Applied { thread: thread_of(host, event, plan), ..Applied::default() };
    if plan.about_fd && applied.thread.is_some() {
        applied.fd = plan.fd_param.and_then(|index| event.params.i64(usize::from(index)));
        applied.fd_num = Some(applied.fd.unwrap_or(-1));
    }
    if host.live.is_some() {
        live::descriptors(host, event, plan, &applied);
    }
    change(host, event, &mut applied);
    applied
}

#[inline]
fn thread_of(host: &mut Host, event: &Event<'_>, plan: &Plan) -> Option<crate::ThreadSlot> {
    let known = match plan.whose {
        Whose::Nobody => None,
        Whose::Known | Whose::Anybody => {
            let (known, again) = host.threads.find_again(event.tid);
            let counters = &mut host.counters;
            counters.threads_cached += u64::from(again);
            counters.threads_noncached += u64::from(known.is_some() && !again);
            counters.threads_failed += u64::from(known.is_none());
            known
        }
    };
    if known.is_none() && plan.whose == Whose::Anybody && event.tid >= 0 {
        host.counters.unknown_threads += 1;
        return live::find_or_place(host, event.tid, event.ts);
    }
    if let (Some(slot), true) = (known, host.live.is_some()) {
        if let Some(thread) = host.threads.get_mut(slot) {
            thread.last_seen = event.ts;
        }
    }
    known
}

fn change(host: &mut Host, event: &Event<'_>, applied: &mut Applied) {
    match event.id {
        id::CLONE_X | id::CLONE3_X | id::FORK_X | id::VFORK_X => return clone::clone(host, event, applied),
        id::CONTAINER_JSON_2_E | id::ASYNCEVENT_E => return containers::container(host, event, applied),
        id::USER_ADDED_E | id::USER_DELETED_E | id::GROUP_ADDED_E | id::GROUP_DELETED_E => {
            return identity::account(host, event);
        }
        _ => {}
    }
    let Some(slot) = applied.thread else { return };
    let mut change = Change { host, event, slot, applied };
    match event.id {
        id::READ_X
        | id::PREAD_X
        | id::READV_X
        | id::PREADV_X
        | id::WRITE_X
        | id::PWRITE_X
        | id::WRITEV_X
        | id::PWRITEV_X => transfer::plain(&mut change),
        id::RECV_X | id::RECVFROM_X | id::RECVMSG_X | id::RECVMMSG_X => transfer::received(&mut change),
        id::SEND_X | id::SENDTO_X | id::SENDMSG_X | id::SENDMMSG_X => transfer::sent(&mut change),
        id::MMAP_X | id::MMAP2_X | id::MUNMAP_X | id::BRK_X => exec::memory(&mut change),
        id::SCHEDSWITCH_E => exec::switch(&mut change),
        id::OPEN_X | id::OPENAT_X | id::OPENAT2_X | id::CREAT_X | id::OPEN_BY_HANDLE_AT_X => files::open(&mut change),
        id::CLOSE_X => files::close(&mut change),
        id::CLOSE_RANGE_X => files::close_range(&mut change),
        id::DUP_X | id::DUP2_X | id::DUP3_X => files::dup(&mut change),
        id::FCNTL_X => files::fcntl(&mut change),
        id::PIPE_X | id::PIPE2_X => files::pipe(&mut change),
        id::EVENTFD_X
        | id::EVENTFD2_X
        | id::EPOLL_CREATE_X
        | id::EPOLL_CREATE1_X
        | id::INOTIFY_INIT_X
        | id::INOTIFY_INIT1_X
        | id::SIGNALFD_X
        | id::SIGNALFD4_X
        | id::TIMERFD_CREATE_X
        | id::BPF_X
        | id::USERFAULTFD_X
        | id::IO_URING_SETUP_X => files::nameless(&mut change),
        id::MEMFD_CREATE_X => files::memfd(&mut change),
        id::PIDFD_OPEN_X => files::pidfd_open(&mut change),
        id::PIDFD_GETFD_X => files::pidfd_getfd(&mut change),
        id::CHDIR_X | id::FCHDIR_X | id::GETCWD_X => files::directory(&mut change),
        id::CHROOT_X => files::chroot(&mut change),
        id::SOCKET_X => sockets::socket(&mut change),
        id::SOCKETPAIR_X => sockets::socketpair(&mut change),
        id::BIND_X => sockets::bind(&mut change),
        id::CONNECT_X => sockets::connect(&mut change),
        id::ACCEPT_X | id::ACCEPT4_X => sockets::accept(&mut change),
        id::EXECVE_X | id::EXECVEAT_X => exec::exec(&mut change),
        id::PROCEXIT_E => exits::exit(&mut change),
        id::PRCTL_X
        | id::SETSID_X
        | id::SETUID_X
        | id::SETGID_X
        | id::SETREUID_X
        | id::SETREGID_X
        | id::SETRESUID_X
        | id::SETRESGID_X
        | id::CAPSET_X
        | id::UNSHARE_X
        | id::SETNS_X
        | id::GETRLIMIT_X
        | id::SETRLIMIT_X
        | id::PRLIMIT_X => identity::change(&mut change),
        id::OPEN_E | id::OPENAT_E | id::OPENAT2_E | id::CREAT_E | id::CONNECT_E | id::EXECVE_E | id::EXECVEAT_E => {
            enter::keep(&mut change);
            return;
        }
        _ => {}
    }
    enter::forget(host, event);
}
