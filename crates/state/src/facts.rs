//! The tables as facts, from which another host can begin: the reverse of `update::begin`.

use std::collections::HashSet;

use vigie_events::HostFacts;
use vigie_events::facts::{ListedFd, ListedFdKind, ListedThread};

use crate::fd::{Detail, Role};
use crate::host::Host;
use crate::{Fd, FdType, Thread};

const O_CLOEXEC: u32 = 4096;
/// The capture format's second way to tell of a file.
const FILE: u8 = 16;

/// What is known of the host, in the shape in which captures list it. That shape has no place for: placeholders, which
/// exec of a program was the last and how old the program was then, the name of a file as it was passed, the role of
/// listening and v6 sockets, what containers are and their accounts.
pub(crate) fn facts(host: &Host) -> HostFacts {
    let known = || host.threads.iter().filter(|thread| !thread.is_placeholder());
    let served: HashSet<u16> = known()
        .flat_map(|thread| thread.fds.iter())
        .filter_map(|(_, fd)| match fd.detail {
            Detail::Listening { local, .. } => Some(local.port),
            _ => None,
        })
        .collect();
    let descriptors = known().filter(|thread| thread.is_main() && !thread.fds.is_empty()).map(|thread| {
        let listed = thread.fds.iter().filter(|&(number, _)| number >= 0);
        (thread.tid, listed.map(|(number, fd)| descriptor(number, fd, &served)).collect())
    });
    HostFacts {
        machine: host.machine.clone(),
        threads: known().map(thread).collect(),
        descriptors: descriptors.collect(),
        interfaces: host.interfaces.clone(),
        users: host.accounts.users_of_host(),
        groups: host.accounts.groups_of_host(),
    }
}

fn thread(thread: &Thread) -> ListedThread {
    let cwd = match &thread.cwd[..] {
        b"/" => b"/",
        cwd => cwd.strip_suffix(b"/").unwrap_or(cwd),
    };
    ListedThread {
        tid: thread.tid,
        pid: thread.pid,
        ptid: thread.ptid,
        sid: thread.sid,
        vpgid: thread.vpgid,
        pgid: thread.pgid,
        vtid: thread.vtid,
        vpid: thread.vpid,
        comm: thread.comm.to_vec(),
        exe: thread.exe.to_vec(),
        exepath: thread.exepath.to_vec(),
        args: thread.args.to_vec(),
        cwd: cwd.to_vec(),
        env: thread.env.to_vec(),
        cgroups: thread.cgroups.to_vec(),
        root: thread.root.to_vec(),
        fdlimit: thread.fdlimit,
        flags: thread.flags,
        uid: thread.uid,
        gid: thread.gid,
        loginuid: thread.loginuid,
        vmsize_kb: thread.vmsize_kb,
        vmrss_kb: thread.vmrss_kb,
        vmswap_kb: thread.vmswap_kb,
        pfmajor: thread.pfmajor,
        pfminor: thread.pfminor,
        pidns_init_start_ts: thread.pidns_init_start_ts,
        tty: thread.tty,
        exe_writable: thread.exe_writable,
        exe_upper_layer: thread.exe_upper_layer,
        exe_lower_layer: thread.exe_lower_layer,
        exe_from_memfd: thread.exe_from_memfd,
        cap_inheritable: thread.cap_inheritable,
        cap_permitted: thread.cap_permitted,
        cap_effective: thread.cap_effective,
        exe_ino: thread.exe_ino,
        exe_ctime: thread.exe_ctime,
        exe_mtime: thread.exe_mtime,
        start_ts: thread.clone_ts,
    }
}

fn descriptor(number: i64, fd: &Fd, served: &HashSet<u16>) -> ListedFd {
    let mut type_id = fd.kind as u8;
    let what = match (&fd.detail, fd.kind) {
        (_, FdType::Unknown) => ListedFdKind::Unknown,
        (&Detail::Socket { source, destination, protocol, role }, FdType::Ipv4 | FdType::Ipv6) => {
            // A list has this end first, and tells a server by its port.
            let swap = fd.kind == FdType::Ipv4 && role == Role::Server && served.contains(&destination.port);
            let (source, destination) = if swap { (destination, source) } else { (source, destination) };
            ListedFdKind::Socket { source, destination, l4proto: protocol as u8 }
        }
        (&Detail::Listening { local, protocol, .. }, FdType::Ipv4Listening | FdType::Ipv6Listening) => {
            ListedFdKind::Listening { local, l4proto: protocol as u8 }
        }
        (&Detail::Unix { source, destination, .. }, FdType::Unix) => {
            ListedFdKind::Unix { source, destination, path: fd.name.to_vec() }
        }
        (detail, FdType::File) => {
            let (open_flags, dev) = match *detail {
                Detail::File { open_flags, dev, .. } => (open_flags, dev),
                _ => (0, 0),
            };
            type_id = FILE;
            let open_flags = if fd.close_on_exec { open_flags | O_CLOEXEC } else { open_flags & !O_CLOEXEC };
            ListedFdKind::File { open_flags, name: fd.name.to_vec(), dev }
        }
        // A socket without the addresses of its type cannot be told of as one.
        (_, kind) if kind.is_ip() || kind.is_listening() || kind == FdType::Unix => {
            type_id = FdType::Unsupported as u8;
            ListedFdKind::Named(fd.name.to_vec())
        }
        _ => ListedFdKind::Named(fd.name.to_vec()),
    };
    ListedFd { fd: number, ino: fd.ino, type_id, what }
}
