//! Descriptors of files, pipes and what else has no address; directories that threads are in.

use vigie_events::id;

use super::change::{Change, reuse};
use super::{containers, enter};
use crate::fd::Detail;
use crate::{Bytes, Fd, FdType, path};

const O_DIRECTORY: u32 = 1024;
pub(super) const O_CLOEXEC: u32 = 4096;
const O_F_CREATED: u32 = 1 << 14;
pub(super) const FD_UPPER_LAYER: u32 = 1 << 15;
pub(super) const FD_LOWER_LAYER: u32 = 1 << 16;

/// The longest name kept as it was passed to a call.
const MAX_RAW_NAME: usize = 4096;

const F_DUPFD: u8 = 1;
const F_SETFD: u8 = 3;
const F_DUPFD_CLOEXEC: u8 = 26;
const FD_CLOEXEC: u64 = 1;
const CLOSE_RANGE_CLOEXEC: u32 = 4;
const MFD_CLOEXEC: u32 = 1;
const EPOLL_CLOEXEC: u32 = 1;

/// The call's arguments, wherever the event has them.
struct Opened<'e> {
    dirfd: i64,
    name: &'e [u8],
    flags: u32,
    dev: u32,
    ino: u64,
    upper_layer: bool,
    lower_layer: bool,
}

fn opened<'e>(change: &Change<'_, 'e>) -> Opened<'e> {
    let params = &change.event.params;
    let number = |index: usize| params.u32(index).unwrap_or(0);
    let inode = |index: usize| params.u64(index).unwrap_or(0);
    let (dirfd, name, flags, dev, ino) = match change.event.id {
        id::OPEN_X => (path::AT_FDCWD, change.text(1), number(2), number(4), inode(5)),
        id::CREAT_X => (path::AT_FDCWD, change.text(1), 0, number(3), inode(4)),
        id::OPENAT_X => (params.i64(1).unwrap_or(path::AT_FDCWD), change.text(2), number(3), number(5), inode(6)),
        id::OPENAT2_X => (params.i64(1).unwrap_or(path::AT_FDCWD), change.text(2), number(3), number(6), inode(7)),
        _ => (path::AT_FDCWD, change.text(3), number(2), number(4), inode(5)),
    };
    let layers = match change.event.id {
        // `creat` has bits of its own.
        id::CREAT_X => u32::from(params.u16(5).unwrap_or(0)) << 15,
        _ => flags,
    };
    let (upper_layer, lower_layer) = (layers & FD_UPPER_LAYER != 0, layers & FD_LOWER_LAYER != 0);
    Opened { dirfd, name, flags, dev, ino, upper_layer, lower_layer }
}

/// The `open` family.
pub(super) fn open(change: &mut Change<'_, '_>) {
    let Some(number) = change.success() else { return };
    let mut opened = opened(change);
    let asked = match enter::of(change.host, change.event) {
        Some(enter) if enter.name.as_deref().is_some_and(|name| name != b"<NA>") => {
            opened.dirfd = enter.dirfd.unwrap_or(path::AT_FDCWD);
            if change.event.id != id::CREAT_X {
                opened.flags = enter.flags | opened.flags & !(O_F_CREATED - 1);
            }
            enter.name.clone()
        }
        _ => None,
    };
    let (name, raw_name) = names(change, opened.dirfd, asked.as_deref().unwrap_or(opened.name));
    let kind = if opened.flags & O_DIRECTORY != 0 { FdType::Directory } else { FdType::File };
    let fd = Fd {
        kind,
        name,
        ino: opened.ino,
        close_on_exec: opened.flags & O_CLOEXEC != 0,
        connected: false,
        detail: Detail::File {
            open_flags: opened.flags,
            dev: opened.dev,
            raw_name,
            upper_layer: opened.upper_layer,
            lower_layer: opened.lower_layer,
        },
    };
    change.applied.fd_name_changed = !fd.name.is_empty();
    change.add_fd(number, fd);
}

/// The full path of what was opened, and the path as it was passed.
fn names(change: &mut Change<'_, '_>, dirfd: i64, asked: &[u8]) -> (Bytes, Bytes) {
    // The peer adds the length of the directory even where it is of no use.
    let base = match (change.event.id, change.thread()) {
        (id::OPEN_X | id::CREAT_X, Some(thread)) => path::cwd(change.host, thread).len(),
        _ => 0,
    };
    if base + asked.len() + 1 > path::MAX_PATH && change.event.id != id::OPEN_BY_HANDLE_AT_X {
        let raw_name = &asked[..asked.len().min(MAX_RAW_NAME)];
        let mut collapsed = Vec::with_capacity(raw_name.len());
        path::collapse_slashes(raw_name, &mut collapsed);
        return (Bytes::from(path::TOO_LONG), Bytes::from(collapsed));
    }
    if path::is_normal(asked) {
        let name = Bytes::from(asked);
        return (name.clone(), name);
    }
    let mut full = std::mem::take(&mut change.host.pending.path);
    full.clear();
    if change.event.id == id::OPEN_BY_HANDLE_AT_X {
        full.extend_from_slice(&asked[..asked.len().min(MAX_RAW_NAME)]);
    } else {
        path::at(change.host, change.thread(), dirfd, asked, &mut full);
    }
    let name = Bytes::from(full.as_slice());
    full.clear();
    path::collapse_slashes(&asked[..asked.len().min(MAX_RAW_NAME)], &mut full);
    let raw_name = reuse(&full, &name);
    change.host.pending.path = full;
    (name, raw_name)
}

/// `close`: the rules still see the descriptor.
pub(super) fn close(change: &mut Change<'_, '_>) {
    if change.success().is_none() {
        return;
    }
    let (Some(number), Some(slot)) = (change.applied.fd, change.table_slot()) else { return };
    change.host.pending.closed = Some((slot, number));
    change.host.pending.removes = true;
}

pub(super) fn close_range(change: &mut Change<'_, '_>) {
    if change.success().is_none() {
        return;
    }
    let params = &change.event.params;
    let (Some(first), Some(last)) = (params.u32(1), params.u32(2)) else { return };
    let within = move |number: i64| (i64::from(first)..=i64::from(last)).contains(&number);
    let mark = change.flags(3) & CLOSE_RANGE_CLOEXEC != 0;
    let table = change.thread().and_then(|thread| change.host.threads.table_of(thread));
    if !table.is_some_and(|table| table.fds.iter().any(|(number, _)| within(number))) {
        return;
    }
    let removed = change.edit_fds(|table| {
        let before = table.len();
        table.retain(|number, fd| {
            if mark && within(number) {
                fd.close_on_exec = true;
            }
            mark || !within(number)
        });
        before - table.len()
    });
    change.host.counters.fds_removed += removed.unwrap_or(0) as u64;
}

pub(super) fn dup(change: &mut Change<'_, '_>) {
    let cloexec = change.event.id == id::DUP3_X && change.flags(3) & O_CLOEXEC != 0;
    copy(change, cloexec);
}

pub(super) fn fcntl(change: &mut Change<'_, '_>) {
    let params = &change.event.params;
    match params.u8(2) {
        Some(F_DUPFD) => copy(change, false),
        Some(F_DUPFD_CLOEXEC) => copy(change, true),
        Some(F_SETFD) => {
            let cloexec = params.u64(3).unwrap_or(0) & FD_CLOEXEC != 0;
            if change.success().is_none() || change.own_fd().is_none_or(|fd| fd.close_on_exec == cloexec) {
                return;
            }
            let Some(number) = change.applied.fd else { return };
            change.edit_fds(|table| table.get_mut(number).map(|fd| fd.close_on_exec = cloexec));
        }
        _ => {}
    }
}

/// The event's descriptor under the number that the call returned.
fn copy(change: &mut Change<'_, '_>, close_on_exec: bool) {
    let (Some(number), Some(fd)) = (change.success(), change.own_fd()) else { return };
    let fd = Fd { close_on_exec, ..fd.clone() };
    change.add_fd(number, fd);
}

pub(super) fn pipe(change: &mut Change<'_, '_>) {
    if change.success().is_none() {
        return;
    }
    let params = &change.event.params;
    let (Some(read), Some(write)) = (params.i64(1), params.i64(2)) else { return };
    let mut fd = Fd::new(FdType::Pipe, Bytes::default());
    fd.ino = params.u64(3).unwrap_or(0);
    fd.close_on_exec = change.flags(4) & O_CLOEXEC != 0;
    change.add_fd(read, fd.clone());
    change.add_fd(write, fd);
}

/// Descriptors that have a type and nothing else.
pub(super) fn nameless(change: &mut Change<'_, '_>) {
    let Some(number) = change.success() else { return };
    let params = &change.event.params;
    let wide = || params.u16(1).map_or(0, u32::from) & O_CLOEXEC != 0;
    let (kind, close_on_exec) = match change.event.id {
        id::EVENTFD_X => (FdType::Event, false),
        id::EVENTFD2_X => (FdType::Event, wide()),
        id::EPOLL_CREATE_X => (FdType::Eventpoll, false),
        id::EPOLL_CREATE1_X => (FdType::Eventpoll, change.flags(1) & EPOLL_CLOEXEC != 0),
        id::INOTIFY_INIT_X => (FdType::Inotify, false),
        id::INOTIFY_INIT1_X => (FdType::Inotify, wide()),
        id::SIGNALFD_X => (FdType::Signalfd, false),
        id::SIGNALFD4_X => (FdType::Signalfd, wide()),
        id::TIMERFD_CREATE_X => (FdType::Timerfd, false),
        id::USERFAULTFD_X => (FdType::Userfaultfd, change.flags(1) & O_CLOEXEC != 0),
        // The kernel closes these two at exec, always.
        id::BPF_X => (FdType::Bpf, true),
        _ => (FdType::IoUring, true),
    };
    let mut fd = Fd::new(kind, Bytes::default());
    fd.close_on_exec = close_on_exec;
    change.add_fd(number, fd);
}

/// A failed call too leaves an entry, under its negative result: so does the peer.
pub(super) fn memfd(change: &mut Change<'_, '_>) {
    let Some(number) = change.event.params.i64(0) else { return };
    let kind = if number >= 0 { FdType::Memfd } else { FdType::Unknown };
    let mut fd = Fd::new(kind, Bytes::from(change.text(1)));
    fd.close_on_exec = change.flags(2) & MFD_CLOEXEC != 0;
    change.applied.fd_name_changed = !fd.name.is_empty();
    change.add_fd(number, fd);
}

pub(super) fn pidfd_open(change: &mut Change<'_, '_>) {
    let (Some(number), Some(pid)) = (change.success(), change.event.params.i64(1)) else { return };
    let mut fd = Fd::new(FdType::Pidfd, Bytes::from(format!("/proc/{pid}").as_str()));
    fd.close_on_exec = true;
    fd.detail = Detail::Pid(pid);
    change.applied.fd_name_changed = true;
    change.add_fd(number, fd);
}

/// A descriptor of another process, by a pidfd.
pub(super) fn pidfd_getfd(change: &mut Change<'_, '_>) {
    let params = &change.event.params;
    let (Some(number), Some(pidfd), Some(target)) = (change.success(), params.i64(1), params.i64(2)) else { return };
    let Some(&Detail::Pid(pid)) = change.fd(pidfd).map(|fd| &fd.detail) else { return };
    let Some(fd) = change.host.threads.by_tid(pid).and_then(|process| change.host.fd_of(process, target)) else {
        return;
    };
    let fd = Fd { close_on_exec: true, ..fd.clone() };
    change.add_fd(number, fd);
}

/// `chdir`, `fchdir`, `getcwd`. The path is seen from the calling thread's own directory, which is empty for all but
/// the main thread; the result is that of the main thread. So does the peer.
pub(super) fn directory(change: &mut Change<'_, '_>) {
    if change.success().is_none() {
        return;
    }
    let Some(thread) = change.thread() else { return };
    let target = match change.event.id {
        id::FCHDIR_X => match change.own_fd() {
            Some(fd) => &fd.name[..],
            None => return,
        },
        _ => change.text(1),
    };
    let mut full = Vec::with_capacity(target.len() + 1);
    path::join(&thread.cwd, target, &mut full);
    if full.last() != Some(&b'/') {
        full.push(b'/');
    }
    let pid = thread.pid;
    let main = if pid < 0 { None } else { change.host.threads.find(pid) };
    if let Some(main) = main {
        change.host.threads.edit(main, |main| main.cwd = reuse(&full, &main.cwd));
    }
}

pub(super) fn chroot(change: &mut Change<'_, '_>) {
    if change.event.params.i64(0) != Some(0) {
        return;
    }
    let Some(thread) = change.thread() else { return };
    let target = change.text(1);
    let mut full = Vec::new();
    if target.first() == Some(&b'/') {
        full.extend_from_slice(&target[..target.len().min(path::MAX_PATH)]);
    } else {
        path::join(path::cwd(change.host, thread), target, &mut full);
    }
    change.host.threads.edit(change.slot, |thread| thread.root = Bytes::from(full));
    containers::identify(change.host, change.slot);
}
