//! The tables from what was known before the first event.

use std::collections::HashSet;

use vigie_events::HostFacts;
use vigie_events::facts::{ListedFd, ListedFdKind, ListedGroup, ListedThread, ListedUser};

use super::change::Pending;
use super::files::{FD_LOWER_LAYER, FD_UPPER_LAYER, O_CLOEXEC};
use super::{containers, exec, live};
use crate::fd::{Detail, Protocol, Role};
use crate::host::Host;
use crate::network;
use crate::user::{UNTOLD, User};
use crate::{Bytes, Fd, FdType, Thread, ThreadSlot, path};

/// The most interfaces kept: each question for a local address asks them all.
const MAX_INTERFACES: usize = 1024;

/// Threads, descriptors and interfaces begin anew; what is known of containers and accounts stays.
pub fn begin(host: &mut Host, facts: HostFacts) {
    if let Some(live) = host.live.as_mut() {
        live.begin();
    }
    host.pending = Pending { adoptions: super::exits::FREE_ADOPTIONS, ..Pending::default() };
    host.threads.clear();
    host.first_ts = 0;
    host.machine = facts.machine;
    host.interfaces = facts.interfaces;
    host.interfaces.truncate(MAX_INTERFACES);
    accounts(host, facts.users, facts.groups);
    threads(host, facts.threads);
    descriptors(host, facts.descriptors);
}

pub(super) fn accounts(host: &mut Host, users: Vec<ListedUser>, groups: Vec<ListedGroup>) {
    let text = Bytes::from;
    let root = User { uid: 0, gid: 0, name: text("root"), home: text("/root"), shell: text(UNTOLD) };
    host.accounts.add_user(Bytes::default(), root);
    for user in users {
        host.accounts.add_user(Bytes::default(), self::user(user));
    }
    for group in groups {
        host.accounts.add_group(Bytes::default(), group.gid, Bytes::from(group.name));
    }
}

pub(super) fn user(user: ListedUser) -> User {
    let (name, home, shell) = (Bytes::from(user.name), Bytes::from(user.home), Bytes::from(user.shell));
    User { uid: user.uid, gid: user.gid, name, home, shell }
}

fn threads(host: &mut Host, listed: Vec<ListedThread>) {
    let slots: Vec<ThreadSlot> =
        listed.into_iter().filter(|thread| thread.tid >= 0).filter_map(|one| host.add_thread(thread(one))).collect();
    // Parents only now: they may be listed after their children.
    for slot in slots {
        let Some(thread) = host.threads.get(slot) else { continue };
        let parent = if thread.pid == 1 { None } else { host.threads.find(thread.ptid).filter(|&it| it != slot) };
        host.threads.give_parent(slot, parent);
        containers::identify(host, slot);
        if host.live.is_some() {
            live::accounts_of(host, slot, 0);
        }
    }
}

pub(super) fn thread(listed: ListedThread) -> Thread {
    let mut thread = Thread::placeholder(listed.tid);
    thread.pid = listed.pid;
    thread.ptid = listed.ptid;
    thread.sid = listed.sid;
    thread.vpgid = listed.vpgid;
    thread.pgid = listed.pgid;
    thread.vtid = listed.vtid;
    thread.vpid = listed.vpid;
    thread.comm = Bytes::from(listed.comm);
    thread.exe = Bytes::from(listed.exe);
    thread.exepath = exec::without_deleted(&listed.exepath);
    thread.args = Bytes::from(listed.args);
    thread.join_cmdline();
    if listed.tid == listed.pid {
        let mut cwd = Vec::with_capacity(listed.cwd.len() + 1);
        path::join(b"", &listed.cwd, &mut cwd);
        if cwd.last() != Some(&b'/') {
            cwd.push(b'/');
        }
        thread.cwd = Bytes::from(cwd);
        thread.env = Bytes::from(listed.env);
    }
    thread.cgroups = Bytes::from(listed.cgroups);
    thread.root = Bytes::from(listed.root);
    thread.fdlimit = listed.fdlimit;
    thread.flags = listed.flags;
    thread.uid = listed.uid;
    thread.gid = listed.gid;
    thread.loginuid = listed.loginuid;
    thread.vmsize_kb = listed.vmsize_kb;
    thread.vmrss_kb = listed.vmrss_kb;
    thread.vmswap_kb = listed.vmswap_kb;
    thread.pfmajor = listed.pfmajor;
    thread.pfminor = listed.pfminor;
    thread.pidns_init_start_ts = listed.pidns_init_start_ts;
    thread.tty = listed.tty;
    thread.exe_writable = listed.exe_writable;
    thread.exe_upper_layer = listed.exe_upper_layer;
    thread.exe_lower_layer = listed.exe_lower_layer;
    thread.exe_from_memfd = listed.exe_from_memfd;
    thread.cap_inheritable = listed.cap_inheritable;
    thread.cap_permitted = listed.cap_permitted;
    thread.cap_effective = listed.cap_effective;
    thread.exe_ino = listed.exe_ino;
    thread.exe_ctime = listed.exe_ctime;
    thread.exe_mtime = listed.exe_mtime;
    thread.clone_ts = listed.start_ts;
    thread
}

fn descriptors(host: &mut Host, listed: Vec<(i64, Vec<ListedFd>)>) {
    let served: HashSet<u16> = listed
        .iter()
        .flat_map(|(_, fds)| fds)
        .filter_map(|fd| match fd.what {
            ListedFdKind::Listening { local, .. } => Some(local.port),
            _ => None,
        })
        .collect();
    for (tid, fds) in listed {
        let Some(slot) = host.threads.find(tid) else { continue };
        if !host.threads.get(slot).is_some_and(Thread::is_main) {
            continue;
        }
        for listed in fds {
            let (number, full) = (listed.fd, host.threads.is_full());
            let fd = descriptor(listed, |port| served.contains(&port));
            if host.threads.edit_fds(slot, |table| !full && table.insert(number, fd)) == Some(true) {
                host.counters.fds_added += 1;
            } else {
                host.counters.fds_refused += 1;
            }
        }
    }
    if let Some(live) = host.live.as_mut() {
        live.served = served;
    }
}

/// The port that a listening socket has.
pub(super) fn port_served(fd: &Fd) -> Option<u16> {
    match fd.detail {
        Detail::Listening { local, .. } => Some(local.port),
        _ => None,
    }
}

pub(super) fn descriptor(listed: ListedFd, served: impl Fn(u16) -> bool) -> Fd {
    let mut fd = Fd::new(FdType::from_id(listed.type_id), Bytes::default());
    fd.ino = listed.ino;
    let mut name = Vec::new();
    match listed.what {
        ListedFdKind::Socket { source, destination, l4proto } => {
            let protocol = Protocol::from_id(l4proto);
            let (mut source, mut destination) = network::unmapped(source, destination);
            fd.kind = if source.ip.is_ipv4() { FdType::Ipv4 } else { FdType::Ipv6 };
            fd.connected = protocol == Protocol::Tcp;
            let role = match fd.kind {
                FdType::Ipv4 if served(source.port) => {
                    std::mem::swap(&mut source, &mut destination);
                    Role::Server
                }
                FdType::Ipv4 => Role::Client,
                _ => Role::None,
            };
            network::write_name(fd.kind, &source, &destination, protocol, &mut name);
            fd.detail = Detail::Socket { source, destination, protocol, role };
        }
        ListedFdKind::Listening { local, l4proto } => {
            network::write_end(&local, &mut name);
            fd.detail = Detail::Listening { local, protocol: Protocol::from_id(l4proto), role: Role::None };
        }
        ListedFdKind::Unix { source, destination, path } => {
            let role = if path.is_empty() { Role::Client } else { Role::Server };
            fd.detail = Detail::Unix { source, destination, role };
            name = path;
        }
        ListedFdKind::File { open_flags, name: path, dev } => {
            fd.close_on_exec = open_flags & O_CLOEXEC != 0;
            fd.detail = Detail::File {
                open_flags,
                dev,
                raw_name: Bytes::default(),
                upper_layer: open_flags & FD_UPPER_LAYER != 0,
                lower_layer: open_flags & FD_LOWER_LAYER != 0,
            };
            name = path;
        }
        ListedFdKind::Named(text) => name = text,
        ListedFdKind::Unknown => {}
    }
    fd.name = Bytes::from(name);
    fd
}
