//! The tables as they are before the first event.

#![allow(clippy::unwrap_used)]

mod scene;

use std::net::IpAddr;

use scene::*;
use vigie_events::address::End;
use vigie_events::facts::{ListedFd, ListedFdKind, ListedGroup, ListedUser};
use vigie_events::{EventBuilder, id};
use vigie_state::fd::{Detail, Protocol, Role};
use vigie_state::{FdType, Host};

fn end(ip: &str, port: u16) -> End {
    End { ip: ip.parse::<IpAddr>().unwrap(), port }
}

fn socket(fd: i64, type_id: u8, source: End, destination: End, l4proto: u8) -> ListedFd {
    ListedFd { fd, ino: 1, type_id, what: ListedFdKind::Socket { source, destination, l4proto } }
}

#[test]
fn listed_threads() {
    let scene = Scene::new();
    let shell = scene.thread(SHELL);
    assert_eq!((&shell.cwd[..], &shell.env[..], &shell.cmdline[..]), (&b"/home/me/"[..], &b"A=1\0"[..], &b"sh -x"[..]));
    assert_eq!((shell.clone_ts, shell.live_threads, shell.ptid), (0, 2, 1));
    let other = scene.thread(SHELL_THREAD);
    assert!(other.cwd.is_empty() && other.env.is_empty(), "of main threads only");
    assert_eq!(scene.host.threads.main_of(other).unwrap().tid, SHELL);
    assert_eq!(scene.thread(1).ptid, 0);
    let mut facts = facts();
    facts.threads[3].ptid = 4711;
    facts.threads[3].exepath = b"/usr/bin/daemon (deleted)".to_vec();
    facts.threads[2].ptid = SHELL;
    let mut host = Host::default();
    host.begin(facts);
    let daemon = host.threads.by_tid(DAEMON).unwrap();
    assert_eq!((daemon.ptid, &daemon.exepath[..]), (0, &b"/usr/bin/daemon"[..]), "an unknown parent is none");
    assert_eq!(host.threads.by_tid(1).unwrap().ptid, 0, "and init has none");
}

#[test]
fn listed_descriptors() {
    let mut facts = facts();
    let local = end("0.0.0.0", 80);
    facts.descriptors = vec![
        (
            SHELL,
            vec![
                file(0, "/dev/null"),
                socket(3, 3, end("10.0.0.5", 80), end("1.2.3.4", 9), 2),
                socket(4, 3, end("10.0.0.5", 5000), end("1.2.3.4", 80), 3),
                socket(5, 4, end("fd00::5", 80), end("fd00::6", 9), 2),
                socket(6, 4, end("::ffff:10.0.0.5", 80), end("::ffff:1.2.3.4", 9), 2),
                ListedFd {
                    fd: 7,
                    ino: 7,
                    type_id: 8,
                    what: ListedFdKind::Unix { source: 1, destination: 2, path: b"/s".to_vec() },
                },
                ListedFd {
                    fd: 8,
                    ino: 7,
                    type_id: 8,
                    what: ListedFdKind::Unix { source: 1, destination: 2, path: vec![] },
                },
                ListedFd { fd: 9, ino: 7, type_id: 7, what: ListedFdKind::Named(b"pipe:[7]".to_vec()) },
                ListedFd { fd: 10, ino: 7, type_id: 2, what: ListedFdKind::Named(b"/srv".to_vec()) },
            ],
        ),
        (DAEMON, vec![ListedFd { fd: 3, ino: 1, type_id: 5, what: ListedFdKind::Listening { local, l4proto: 2 } }]),
        (SHELL_THREAD, vec![file(50, "/not/of/a/process")]),
        (4711, vec![file(0, "/of/nobody")]),
    ];
    let mut host = Host::default();
    host.begin(facts);
    let shell = host.threads.by_tid(SHELL).unwrap();
    let of = |fd: i64| {
        let entry = shell.fds.get(fd).unwrap();
        let (protocol, role) = match entry.detail {
            Detail::Socket { protocol, role, .. } => (protocol, role),
            Detail::Unix { role, .. } => (Protocol::Unknown, role),
            _ => (Protocol::Unknown, Role::None),
        };
        (entry.kind, String::from_utf8_lossy(&entry.name).into_owned(), protocol, role, entry.connected)
    };
    let tcp = Protocol::Tcp;
    assert_eq!(of(0), (FdType::File, "/dev/null".into(), Protocol::Unknown, Role::None, false));
    let name = || "1.2.3.4:9->10.0.0.5:80".to_owned();
    assert_eq!(of(3), (FdType::Ipv4, name(), tcp, Role::Server, true), "somebody listens on its port");
    assert_eq!(of(4), (FdType::Ipv4, "10.0.0.5:5000->1.2.3.4:80".into(), Protocol::Udp, Role::Client, false));
    assert_eq!(of(5), (FdType::Ipv6, "fd00::5:80->fd00::6:9".into(), tcp, Role::None, true));
    assert_eq!(of(6), (FdType::Ipv4, name(), tcp, Role::Server, true));
    assert_eq!((of(7).1, of(7).3), ("/s".into(), Role::Server));
    assert_eq!((of(8).1, of(8).3), ("".into(), Role::Client));
    assert_eq!((of(9).0, of(9).1), (FdType::Pipe, "pipe:[7]".into()));
    assert_eq!((of(10).0, of(10).1), (FdType::Directory, "/srv".into()));
    assert!(shell.fds.get(50).is_none());
    assert!(matches!(&shell.fds.get(0).unwrap().detail, Detail::File { raw_name, dev: 3, .. } if raw_name.is_empty()));
    let listening = host.threads.by_tid(DAEMON).unwrap().fds.get(3).unwrap();
    assert_eq!((listening.kind, &listening.name[..]), (FdType::Ipv4Listening, &b"0.0.0.0:80"[..]));
    assert!(matches!(listening.detail, Detail::Listening { role: Role::None, protocol: Protocol::Tcp, .. }));
}

#[test]
fn listed_accounts() {
    let mut facts = facts();
    let user = |uid: u32, name: &str| ListedUser {
        uid,
        gid: 7,
        name: name.into(),
        home: b"/home/u".to_vec(),
        shell: b"/bin/bash".to_vec(),
    };
    facts.users = vec![user(1000, "me"), user(1001, "-nis")];
    facts.groups = vec![ListedGroup { gid: 7, name: b"staff".to_vec() }];
    let mut host = Host::default();
    host.begin(facts);
    assert_eq!(&host.accounts.user(b"", 1000).unwrap().shell[..], b"/bin/bash");
    assert_eq!(&host.accounts.user(b"", 0).unwrap().home[..], b"/root");
    assert_eq!(&host.accounts.group(b"", 7).unwrap()[..], b"staff");
    assert!(host.accounts.user(b"", 1001).is_none());
}

#[test]
fn a_new_section_begins_anew() {
    let mut scene = Scene::new();
    scene.apply(EventBuilder::new(id::USER_ADDED_E).u32(5).u32(5).text(b"u").text(b"/").text(b"/").text(b"abc"));
    assert_eq!(scene.host.first_ts, 0, "an event about the capture is not the first");
    scene.openat(900, 3, "/x");
    assert_eq!(scene.host.first_ts, scene.now);
    scene.shell(EventBuilder::new(id::CLOSE_X).i64(0).i64(9));
    scene.host.begin(facts());
    assert_eq!((scene.host.first_ts, scene.knows(900)), (0, false));
    scene.next();
    assert_eq!(scene.fd_name(SHELL, 9), "/srv", "what the section before left to be closed is not closed here");
    assert!(scene.host.accounts.user(b"abc", 5).is_some());
}
