//! Every version of every block, put together by hand.

#![allow(clippy::unwrap_used)]

mod bytes;

use std::net::IpAddr;

use vigie_events::facts::{ListedFd, ListedFdKind, ListedThread};

use bytes::{Bytes, block, bytes, event, old_event, read, section};

/// A thread as a list of that version has it, without the length and the tail of version 9.
fn thread(version: u8, tid: u64) -> Bytes {
    let mut entry = bytes().u64(tid).u64(20).u64(30);
    if version >= 6 {
        entry = entry.u64(40);
    }
    if version >= 8 {
        entry = entry.u64(50);
    }
    entry = entry.text(b"comm").text(b"exe");
    if version >= 7 {
        entry = entry.text(b"/bin/exe");
    }
    entry = entry.text(b"a\0b\0").text(b"/home\xff").u64(1024).u32(7).u32(8).u32(9);
    if version >= 2 {
        entry = entry.u32(11).u32(12).u32(13).u64(14).u64(15);
    }
    if version >= 3 {
        entry = entry.text(b"A=1\0");
    }
    if version >= 4 {
        entry = entry.u64(16).u64(17).text(b"cpu=/x\0");
    }
    if version >= 5 {
        entry = entry.text(b"/jail");
    }
    entry
}

fn expected(version: u8, tid: i64) -> ListedThread {
    let since = |since: u8, value: i64, before: i64| if version >= since { value } else { before };
    let text = |since: u8, value: &[u8], before: &[u8]| if version >= since { value.to_vec() } else { before.to_vec() };
    ListedThread {
        tid,
        pid: 20,
        ptid: 30,
        sid: since(6, 40, -1),
        vpgid: since(8, 50, -1),
        comm: b"comm".to_vec(),
        exe: b"exe".to_vec(),
        exepath: text(7, b"/bin/exe", b""),
        args: b"a\0b\0".to_vec(),
        cwd: b"/home\xff".to_vec(),
        fdlimit: 1024,
        flags: 7,
        uid: 8,
        gid: 9,
        vmsize_kb: since(2, 11, 0) as u32,
        vmrss_kb: since(2, 12, 0) as u32,
        vmswap_kb: since(2, 13, 0) as u32,
        pfmajor: since(2, 14, 0) as u64,
        pfminor: since(2, 15, 0) as u64,
        env: text(3, b"A=1\0", b""),
        vtid: since(4, 16, tid),
        vpid: since(4, 17, 20),
        cgroups: text(4, b"cpu=/x\0", b""),
        root: text(5, b"/jail", b"/"),
        ..ListedThread::default()
    }
}

#[test]
fn lists_of_threads() {
    let numbers = [
        (0x202, 1),
        (0x8000_ABCD, 1),
        (0x207, 2),
        (0x8013_ABCD, 2),
        (0x209, 3),
        (0x8014_ABCD, 3),
        (0x210, 4),
        (0x211, 5),
        (0x212, 6),
        (0x213, 7),
        (0x214, 8),
    ];
    for (number, version) in numbers {
        let list = thread(version, 10).raw(&thread(version, 18).0).0;
        let delivery = read([section(), block(number, &list)].concat());
        assert_eq!(delivery.error, None, "{number:#x}");
        assert_eq!(delivery.hosts[0].threads, [expected(version, 10), expected(version, 18)], "{number:#x}");
    }
}

#[test]
fn tails_of_the_newest_list_of_threads() {
    let with_tail = |tail: Bytes| {
        let list = bytes().entry(true, thread(9, 10).raw(&tail.0)).entry(true, thread(9, 18));
        let mut delivery = read([section(), block(0x215, &list.0)].concat());
        assert_eq!(delivery.error, None);
        assert_eq!(delivery.hosts[0].threads[1], expected(9, 18));
        delivery.hosts[0].threads.swap_remove(0)
    };
    assert_eq!(with_tail(bytes()), expected(9, 10));
    let login = ListedThread { loginuid: 1000, ..expected(9, 10) };
    assert_eq!(with_tail(bytes().u32(1000)), login);
    // An older tail of just 29 bytes does not begin with the time and the terminal.
    let capable =
        ListedThread { exe_writable: true, cap_inheritable: 1, cap_permitted: 2, cap_effective: 3, ..login.clone() };
    let capabilities = bytes().u32(1000).u8(1).u64(1).u64(2).u64(3);
    assert_eq!(with_tail(capabilities.clone()), capable);
    let full = bytes().u64(99).u32(5).raw(&capabilities.0).u8(1).u64(21).u64(22).u64(23).u8(1).u8(1).u64(60);
    let all = ListedThread {
        pidns_init_start_ts: 99,
        tty: 5,
        exe_upper_layer: true,
        exe_ino: 21,
        exe_ctime: 22,
        exe_mtime: 23,
        exe_from_memfd: true,
        exe_lower_layer: true,
        pgid: 60,
        ..capable
    };
    assert_eq!(with_tail(full.clone()), all);
    assert_eq!(with_tail(full.raw(b"something of the future")), all);
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn lists_of_descriptors() {
    let wide = |last: u8| [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
    let entries: Vec<(u8, Bytes, &str)> = vec![
        (0, bytes(), "Unknown"),
        (
            3,
            bytes().raw(&[10, 0, 0, 1, 10, 0, 0, 2]).u16(1234).u16(443).u8(2),
            "Socket { source: End { ip: 10.0.0.1, port: 1234 }, destination: End { ip: 10.0.0.2, port: 443 }, l4proto: 2 }",
        ),
        (
            4,
            bytes().raw(&wide(1)).raw(&wide(2)).u16(1).u16(53).u8(3),
            "Socket { source: End { ip: fe80::1, port: 1 }, destination: End { ip: fe80::2, port: 53 }, l4proto: 3 }",
        ),
        (5, bytes().raw(&[0, 0, 0, 0]).u16(80).u8(2), "Listening { local: End { ip: 0.0.0.0, port: 80 }, l4proto: 2 }"),
        (6, bytes().raw(&wide(3)).u16(80).u8(2), "Listening { local: End { ip: fe80::3, port: 80 }, l4proto: 2 }"),
        (8, bytes().u64(7).u64(8).text(b"/s"), "Unix { source: 7, destination: 8, path: [47, 115] }"),
        (16, bytes().u32(1).text(b"/f"), "File { open_flags: 1, name: [47, 102], dev: 0 }"),
        (1, bytes().text(b"/a"), "Named([47, 97])"),
        (17, bytes().text(b"b"), "Named([98])"),
    ];
    for (number, sized) in [(0x203, false), (0x8001_ABCD, false), (0x218, true)] {
        let mut list = bytes().u64(77);
        for (fd, (kind, body, _)) in entries.iter().enumerate() {
            let entry = bytes().u64(fd as u64).u64(5).u8(*kind).raw(&body.0);
            list = if sized { list.entry(true, entry) } else { list.raw(&entry.0) };
        }
        let delivery = read([section(), block(number, &list.0)].concat());
        assert_eq!(delivery.error, None, "{number:#x}");
        let (tid, listed) = &delivery.hosts[0].descriptors[0];
        assert_eq!((*tid, listed.len()), (77, entries.len()));
        for (fd, (kind, _, text)) in entries.iter().enumerate() {
            assert_eq!((listed[fd].fd, listed[fd].ino, listed[fd].type_id), (fd as i64, 5, *kind));
            assert_eq!(&format!("{:?}", listed[fd].what), text);
        }
    }
    // With sizes there may be a device, and what the future adds is passed over.
    let file = bytes().u64(1).u64(5).u8(16).u32(1).text(b"/f").u32(9).raw(b"future");
    let list = bytes().u64(77).entry(true, file.clone()).entry(true, file);
    let delivery = read([section(), block(0x218, &list.0)].concat());
    let what = ListedFdKind::File { open_flags: 1, name: b"/f".to_vec(), dev: 9 };
    let file = ListedFd { fd: 1, ino: 5, type_id: 16, what };
    assert_eq!(delivery.hosts[0].descriptors, [(77, vec![file.clone(), file])]);
}

#[test]
fn lists_of_interfaces_and_users() {
    let v4 = |kind: u16| {
        let entry = bytes().u16(kind).u16(2).raw(&[127, 0, 0, 1, 255, 0, 0, 0, 127, 255, 255, 255]);
        if kind == 1 { entry.u64(10).raw(b"lo") } else { entry.raw(b"lo") }
    };
    let v6 = bytes().u16(4).u16(1).raw(&[0xfd; 48]).raw(b"e");
    let user = bytes().u8(0).u32(1000).u32(100).text(b"ann").text(b"/home/ann").text(b"/bin/sh");
    let group = bytes().u8(1).u32(100).text(b"staff");
    let numbers = [(0x205, 0x206, false), (0x8011_ABCD, 0x8012_ABCD, false), (0x219, 0x220, true)];
    for (interfaces, users, sized) in numbers {
        let (mut interface_list, mut user_list) = (bytes(), bytes());
        for entry in [v4(1), v4(3), v6.clone()] {
            interface_list = if sized { interface_list.entry(false, entry) } else { interface_list.raw(&entry.0) };
        }
        for entry in [user.clone(), group.clone()] {
            user_list = if sized { user_list.entry(true, entry) } else { user_list.raw(&entry.0) };
        }
        if sized {
            interface_list = interface_list.entry(false, bytes().u16(9).u16(0));
            user_list = user_list.entry(true, bytes().u8(7).u32(1));
        }
        let capture = [section(), block(interfaces, &interface_list.0), block(users, &user_list.0)].concat();
        let delivery = read(capture);
        assert_eq!(delivery.error, None, "{interfaces:#x}");
        let facts = &delivery.hosts[0];
        let speeds: Vec<_> = facts.interfaces.iter().map(|interface| interface.link_speed).collect();
        assert_eq!(speeds, [Some(10), None, None]);
        assert_eq!((facts.interfaces[0].address, facts.interfaces[0].netmask), (ip("127.0.0.1"), ip("255.0.0.0")));
        assert_eq!((&facts.interfaces[1].name[..], &facts.interfaces[2].name[..]), (&b"lo"[..], &b"e"[..]));
        assert_eq!((facts.users[0].uid, facts.users[0].gid, &facts.users[0].name[..]), (1000, 100, &b"ann"[..]));
        assert_eq!((facts.users.len(), facts.groups.len(), facts.groups[0].gid), (1, 1, 100));
        assert_eq!(facts.groups[0].name, b"staff");
    }
    let machine = bytes().u32(2).u64(3).u64(4).raw(b"ubuntu").raw(&[0; 122]).u64(5).u64(6).u64(0).u64(0);
    for number in [0x201, 0x8002_ABCD] {
        let facts = read([section(), block(number, &machine.0)].concat()).hosts.swap_remove(0);
        let machine = facts.machine;
        assert_eq!((machine.cpus, machine.memory_bytes, machine.max_pid), (2, 3, 4));
        assert_eq!((&machine.hostname[..], machine.boot_ts, machine.flags), (&b"ubuntu"[..], 5, 6));
    }
}

#[test]
fn events_of_both_versions_with_and_without_flags() {
    let params: [&[u8]; 2] = [&[1; 8], &[2; 8]];
    for (capture, flags) in [
        (event(9, 4, 5, &params, None, false), 0),
        (event(9, 4, 5, &params, None, true), 0),
        (event(9, 4, 5, &params, Some(1), false), 1),
        // That the block is a large one says nothing about the event.
        (event(9, 4, 5, &params, Some(5), true), 1),
        (old_event(0x204, 9, 4, 5, &params, 0), 0),
        (old_event(0x8010_ABCD, 9, 4, 5, &params, 0), 0),
        (old_event(0x208, 9, 4, 5, &params, 0), 1),
    ] {
        let delivery = read([section(), capture].concat());
        assert_eq!(delivery.error, None);
        let [event] = &delivery.events[..] else { panic!("{} events", delivery.events.len()) };
        assert_eq!((event.ts, event.tid, event.cpu, event.id, event.flags), (9, 4, 3, 5, flags));
        assert_eq!(event.params, params);
    }
}

#[test]
fn large_payloads_have_wide_lengths() {
    let data = vec![b'x'; 100_000];
    let delivery = read([section(), event(1, 1, 322, &[&[7, 0, 0, 0], &data], None, true)].concat());
    assert_eq!(delivery.error, None);
    assert_eq!(delivery.events[0].params, [vec![7, 0, 0, 0], data]);
}

/// The old header does not count the parameters; and of two types the length is three too long.
#[test]
fn old_events_tell_their_parameters_by_filling_themselves() {
    let capture = [
        section(),
        old_event(0x204, 1, 1, 280, &[b"id\0", b"text\0"], 3),
        old_event(0x204, 2, 1, 286, &[b"a\0", b"b\0", b"c\0", b"d\0"], 3),
        old_event(0x204, 3, 1, 234, &[], 0),
        old_event(0x204, 4, 1, 234, &[&[1; 8]], 0),
    ];
    let delivery = read(capture.concat());
    assert_eq!(delivery.error, None);
    let params: Vec<usize> = delivery.events.iter().map(|event| event.params.len()).collect();
    assert_eq!(params, [2, 4, 0, 1]);
    assert_eq!(delivery.events[0].params[1], b"text\0");
    let delivery = read([section(), old_event(0x204, 1, 1, 280, &[b"id\0", b"text\0"], 0)].concat());
    assert_eq!(delivery.error.unwrap().what, "an event whose parameters do not add up");
    let delivery = read([section(), old_event(0x204, 1, 1, 5, &[&[0; 8], &[0; 8], &[0; 8]], 0)].concat());
    assert_eq!(delivery.error.unwrap().what, "an event whose parameters do not add up");
}

#[test]
fn sections_after_one_another() {
    let machine = |cpus: u32| block(0x201, &bytes().u32(cpus).raw(&[0; 176]).0);
    let close = |ts: u64| event(ts, 1, 5, &[&[0; 8], &[0; 8]], None, false);
    let capture = [section(), machine(1), close(1), close(2), section(), machine(2), section(), machine(3), close(3)];
    let delivery = read(capture.concat());
    assert_eq!(delivery.error, None);
    let cpus: Vec<u32> = delivery.hosts.iter().map(|facts| facts.machine.cpus).collect();
    assert_eq!((cpus, delivery.host_at, delivery.events.len()), (vec![1, 2, 3], vec![0, 2, 2], 3));
    let none = read(section());
    assert_eq!((none.error, none.hosts.len(), none.events.len()), (None, 1, 0));
}
