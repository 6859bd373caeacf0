//! The tables as facts, and a host that begins from them.

#![allow(clippy::unwrap_used)]

mod scene;

use scene::*;
use vigie_events::{EventBuilder, id};
use vigie_state::{Fd, Host, Thread};

fn again(host: &Host) -> Host {
    let mut copy = Host::default();
    copy.begin(host.facts());
    copy
}

/// All but what a list has no place for.
fn compare(first: &Thread, second: &Thread) {
    let texts = |thread: &Thread| {
        let texts = [&thread.comm, &thread.exe, &thread.exepath, &thread.args, &thread.cmdline, &thread.env];
        let paths = [&thread.cwd, &thread.root, &thread.cgroups, &thread.container_id];
        (texts.map(|text| text.to_vec()), paths.map(|path| path.to_vec()))
    };
    assert_eq!(texts(first), texts(second));
    let ids = |thread: &Thread| {
        let ids = [thread.tid, thread.pid, thread.ptid, thread.vtid, thread.vpid];
        (ids, [thread.sid, thread.pgid, thread.vpgid, thread.fdlimit], [thread.uid, thread.gid, thread.loginuid])
    };
    assert_eq!(ids(first), ids(second));
    let numbers = |thread: &Thread| {
        let memory = [thread.vmsize_kb, thread.vmrss_kb, thread.vmswap_kb, thread.tty, thread.flags];
        let faults = [thread.pfmajor, thread.pfminor, thread.pidns_init_start_ts, thread.clone_ts];
        let program = [thread.exe_ino, thread.exe_ctime, thread.exe_mtime];
        (memory, faults, program, [thread.cap_inheritable, thread.cap_permitted, thread.cap_effective])
    };
    assert_eq!(numbers(first), numbers(second));
    let program = |thread: &Thread| {
        [thread.exe_writable, thread.exe_upper_layer, thread.exe_lower_layer, thread.exe_from_memfd, thread.dead]
    };
    assert_eq!(program(first), program(second));
    assert_eq!(first.live_threads, second.live_threads);
}

#[test]
fn threads_come_back() {
    let mut scene = Scene::new();
    let cgroups = b"cpu=/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\0";
    scene.apply(Clone { cgroups, ..child(300, SHELL) }.event());
    scene.apply(exec(300).event());
    scene.apply(Clone { flags: CLONE_THREAD, pid: 300, ..child(301, SHELL) }.event());
    scene.apply(EventBuilder::new(id::CHDIR_X).tid(300).i64(0).text(b"/"));
    scene.apply(EventBuilder::new(id::SETUID_X).tid(300).i64(0).u32(99));
    scene.apply(EventBuilder::new(id::MLOCKALL_X).tid(999).i64(0).u32(0));
    let copy = again(&scene.host);
    assert_eq!(copy.threads.len(), scene.host.threads.len() - 1, "a number alone is not listed");
    assert_eq!(copy.machine.boot_ts, BOOT);
    for thread in copy.threads.iter() {
        compare(scene.thread(thread.tid), thread);
    }
    assert_eq!(copy.threads.by_tid(300).unwrap().cwd[..], *b"/");
    // Once more, and everything is the same: nothing is lost little by little.
    assert_eq!(format!("{:?}", sorted(&again(&copy))), format!("{:?}", sorted(&copy)));
}

fn sorted(host: &Host) -> Vec<vigie_events::facts::ListedThread> {
    let mut threads = host.facts().threads;
    threads.sort_by_key(|thread| thread.tid);
    threads
}

fn tuple(source: [u8; 4], sport: u16, destination: [u8; 4], dport: u16) -> Vec<u8> {
    let mut bytes = vec![2];
    bytes.extend(source);
    bytes.extend(sport.to_le_bytes());
    bytes.extend(destination);
    bytes.extend(dport.to_le_bytes());
    bytes
}

#[test]
fn descriptors_come_back() {
    let mut scene = Scene::new();
    scene.openat(SHELL, 3, "/etc/passwd");
    scene.apply(openat(4, -100, "/srv", 1 | 1024).tid(SHELL));
    scene.apply(openat(5, -100, "/tmp/x", 3 | 4096 | (1 << 15)).tid(SHELL));
    scene.shell(EventBuilder::new(id::PIPE2_X).i64(0).i64(6).i64(7).u64(42).u32(0));
    scene.shell(EventBuilder::new(id::EPOLL_CREATE1_X).i64(8).u32(0));
    scene.shell(EventBuilder::new(id::MEMFD_CREATE_X).i64(10).text(b"secret").u32(0));
    scene.shell(EventBuilder::new(id::PIDFD_OPEN_X).i64(11).i64(DAEMON).u32(0));
    // A server and what it accepted, and a client.
    scene.shell(EventBuilder::new(id::SOCKET_X).i64(12).u32(2).u32(1).u32(0));
    let address = [&[2, 0, 0, 0, 0][..], &80u16.to_le_bytes()].concat();
    scene.shell(EventBuilder::new(id::BIND_X).i64(0).bytes(&address).i64(12));
    let accepted = tuple([10, 0, 0, 9], 4444, [10, 0, 0, 5], 80);
    scene.shell(EventBuilder::new(id::ACCEPT4_X).i64(13).bytes(&accepted).u8(0).u32(0).u32(0).u32(0));
    scene.shell(EventBuilder::new(id::SOCKET_X).i64(14).u32(2).u32(1).u32(0));
    let asked = tuple([10, 0, 0, 5], 5555, [8, 8, 8, 8], 443);
    scene.shell(EventBuilder::new(id::CONNECT_X).i64(0).bytes(&asked).i64(14).absent());
    let copy = again(&scene.host);
    let fds = |host: &Host| -> Vec<(i64, Fd)> {
        let thread = host.threads.by_tid(SHELL).unwrap();
        thread.fds.iter().map(|(number, fd)| (number, fd.clone())).collect()
    };
    let (before, after) = (fds(&scene.host), fds(&copy));
    assert_eq!(before.len(), 13);
    assert_eq!(
        before.iter().map(|(number, _)| number).collect::<Vec<_>>(),
        after.iter().map(|(number, _)| number).collect::<Vec<_>>()
    );
    for ((number, mut before), (_, mut after)) in before.into_iter().zip(after) {
        use vigie_state::fd::{Detail, Role};
        // Lists have no place for these; see `Host::facts`.
        if let Detail::File { raw_name, .. } = &mut before.detail {
            *raw_name = vigie_state::Bytes::default();
        }
        match &mut before.detail {
            Detail::Listening { role, .. } => *role = Role::None,
            detail if matches!(number, 4 | 11) => *detail = Detail::Nothing,
            _ => {}
        }
        if number == 11 {
            after.close_on_exec = true;
        }
        assert_eq!(before, after, "{number}");
    }
}

#[test]
fn accounts_and_interfaces_come_back() {
    let mut scene = Scene::new();
    scene.apply(EventBuilder::new(id::USER_ADDED_E).u32(7).u32(8).text(b"me").text(b"/me").text(b"/bin/sh").text(b""));
    scene.apply(
        EventBuilder::new(id::USER_ADDED_E).u32(9).u32(9).text(b"c").text(b"/").text(b"/").text(b"0123456789ab"),
    );
    scene.apply(EventBuilder::new(id::GROUP_ADDED_E).u32(8).text(b"us").text(b""));
    let facts = scene.host.facts();
    assert_eq!(facts.interfaces, scene::facts().interfaces);
    assert_eq!(facts.users.iter().map(|user| user.uid).collect::<Vec<_>>(), [0, 7], "not those of containers");
    let copy = again(&scene.host);
    assert_eq!(copy.accounts.user(b"", 7), scene.host.accounts.user(b"", 7));
    assert_eq!(copy.accounts.group(b"", 8).unwrap()[..], *b"us");
}

/// Whatever is listed can be written to a capture and read back the same.
#[test]
fn facts_go_through_a_capture() {
    let mut scene = Scene::new();
    scene.apply(child(300, SHELL).event());
    scene.apply(exec(300).event());
    scene.openat(300, 3, "/etc/passwd");
    let facts = scene.host.facts();
    let mut bytes = Vec::new();
    vigie_capture::Writer::plain(&mut bytes, &facts).unwrap().finish().unwrap();
    let mut reader = vigie_capture::Reader::from_bytes(bytes);
    let Ok(vigie_events::Delivered::Host(read)) = vigie_events::Source::next(&mut reader) else { panic!() };
    // The format does not say when a thread began.
    let untimed = facts.threads.iter().cloned().map(|mut thread| {
        thread.start_ts = 0;
        thread
    });
    assert_eq!(read.threads, untimed.collect::<Vec<_>>());
    let mut descriptors = facts.descriptors;
    descriptors.sort_by_key(|(tid, _)| *tid);
    let mut listed = read.descriptors;
    listed.sort_by_key(|(tid, _)| *tid);
    assert_eq!(listed, descriptors);
}
