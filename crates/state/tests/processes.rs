//! Processes and threads: one case for each row of the specification of what their events change.

#![allow(clippy::unwrap_used)]

mod scene;

use scene::*;
use vigie_events::{EventBuilder, id};

#[test]
fn the_caller_makes_the_child() {
    let mut scene = Scene::new();
    scene.openat(SHELL, 5, "/etc/hosts");
    let applied = scene.apply(caller(SHELL, 300).event());
    assert_eq!(scene.host.thread(&applied).unwrap().tid, SHELL, "the rules see the caller");
    let made = scene.thread(300);
    assert_eq!((made.pid, made.ptid, made.vtid, made.vpid), (300, SHELL, 300, 300));
    assert_eq!((&made.comm[..], &made.exe[..], &made.args[..]), (&b"sh"[..], &b"/bin/sh"[..], &b"-c\0true\0"[..]));
    assert_eq!(&made.cmdline[..], b"sh -c true");
    assert_eq!((made.uid, made.gid, made.fdlimit), (33, 44, 4096));
    assert_eq!((made.vmsize_kb, made.vmrss_kb, made.vmswap_kb, made.pfmajor, made.pfminor), (13, 14, 15, 11, 12));
    assert_eq!(made.clone_ts, scene.now);
    assert_eq!(made.pidns_init_start_ts, BOOT);
    assert_eq!(made.last_exec_ts, 0);
    // From the caller.
    assert_eq!(&made.exepath[..], b"/usr/bin/sh");
    assert_eq!((made.sid, made.pgid, made.vpgid, made.tty, made.cap_effective), (SHELL, SHELL, SHELL, 34816, 7));
    assert_eq!((&made.cwd[..], &made.env[..]), (&b"/home/me/"[..], &b"A=1\0"[..]));
    assert_eq!(scene.fd_name(300, 5), "/etc/hosts");
    // The tables go their own ways from now on.
    scene.openat(300, 6, "/child");
    scene.openat(SHELL, 5, "/parent");
    assert_eq!((scene.fd_name(SHELL, 6), scene.fd_name(300, 5)), ("none".into(), "/etc/hosts".into()));
}

#[test]
fn a_new_thread_shares_its_process() {
    let mut scene = Scene::new();
    scene.apply(Clone { flags: CLONE_THREAD, ..caller(SHELL, 301) }.event());
    let made = scene.thread(301);
    assert_eq!((made.pid, made.ptid), (SHELL, 1));
    assert_eq!(made.flags, CLONE_THREAD | CLONE_FILES);
    assert!(made.fds.is_empty() && made.cwd.is_empty() && made.env.is_empty());
    assert_eq!(scene.thread(SHELL).live_threads, 3);
    scene.openat(301, 7, "/shared");
    assert_eq!(scene.fd_name(SHELL, 7), "/shared");
    assert_eq!(scene.fd_name(SHELL_THREAD, 7), "/shared");
}

#[test]
fn shared_descriptors_without_a_shared_process_are_a_copy() {
    let mut scene = Scene::new();
    scene.apply(Clone { flags: CLONE_FILES, ..caller(SHELL, 302) }.event());
    assert!(scene.thread(302).is_main());
    scene.openat(302, 7, "/own");
    assert_eq!((scene.fd_name(302, 0), scene.fd_name(SHELL, 7)), ("/dev/pts/0".into(), "none".into()));
}

#[test]
fn the_caller_makes_no_child_in_a_namespace_or_of_vfork() {
    for flags in [CLONE_IN_PIDNS, 64, 256, CLONE_VFORK] {
        let mut scene = Scene::new();
        scene.apply(Clone { flags, ..caller(SHELL, 300) }.event());
        assert!(!scene.knows(300), "{flags}");
    }
    let mut scene = Scene::new();
    scene.apply(Clone { id: id::VFORK_X, ..caller(SHELL, 300) }.event());
    assert!(!scene.knows(300));
    scene.apply(Clone { id: id::FORK_X, ..caller(SHELL, 300) }.event());
    scene.apply(Clone { id: id::CLONE3_X, ..caller(SHELL, 303) }.event());
    assert!(scene.knows(300) && scene.knows(303));
    scene.host.threads.by_tid_mut(SHELL).unwrap().vtid = 3;
    scene.apply(caller(SHELL, 304).event());
    assert!(!scene.knows(304), "the caller is in a namespace");
}

#[test]
fn the_child_makes_itself_and_the_caller_comes_second() {
    let mut scene = Scene::new();
    let applied = scene.apply(Clone { vtid: 3, vpid: 3, ..child(300, SHELL) }.event());
    assert_eq!(scene.host.thread(&applied).unwrap().tid, 300, "the rules see the child");
    let made = scene.thread(300);
    assert!(made.inverted);
    assert_eq!((made.ptid, made.vtid, made.vpid, made.sid), (SHELL, 3, 3, SHELL));
    assert_eq!(made.pidns_init_start_ts, BOOT + 7 * SECOND, "of the namespace");
    assert_eq!(scene.fd_name(300, 9), "/srv");
    scene.openat(300, 7, "/early");
    scene.apply(caller(SHELL, 300).event());
    assert_eq!(scene.fd_name(300, 7), "/early", "the caller's event makes it no second time");
    assert_eq!(scene.thread(300).vtid, 3);
}

#[test]
fn the_child_makes_a_thread_from_its_main_thread() {
    let mut scene = Scene::new();
    scene.apply(Clone { pid: SHELL, flags: CLONE_THREAD, ..child(305, 1) }.event());
    let made = scene.thread(305);
    assert_eq!((made.pid, &made.exepath[..]), (SHELL, &b"/usr/bin/sh"[..]));
    assert_eq!(scene.thread(SHELL).live_threads, 3);
}

#[test]
fn a_child_that_is_young_is_left_alone_and_an_old_one_replaced() {
    let mut scene = Scene::new();
    scene.apply(caller(SHELL, 300).event());
    let born = scene.thread(300).clone_ts;
    let applied = scene.apply(child(300, DAEMON).event());
    assert_eq!(scene.host.thread(&applied).unwrap().tid, 300);
    assert_eq!((scene.thread(300).clone_ts, scene.thread(300).ptid), (born, SHELL));
    scene.now += 2 * SECOND;
    scene.apply(child(300, DAEMON).event());
    assert_eq!((scene.thread(300).clone_ts, scene.thread(300).ptid), (scene.now, DAEMON));
}

#[test]
fn a_number_used_again_is_another_process() {
    let mut scene = Scene::new();
    scene.apply(caller(SHELL, 300).event());
    scene.apply(caller(300, 310).event());
    scene.openat(300, 7, "/old");
    scene.apply(caller(DAEMON, 300).event());
    assert_eq!((scene.thread(300).ptid, scene.fd_name(300, 7)), (DAEMON, "none".into()));
    assert_eq!(scene.thread(310).ptid, 1, "init adopted the child of the old one");
}

#[test]
fn a_child_that_ended_before_its_caller_told_of_it_is_not_made_again() {
    let mut scene = Scene::new();
    scene.apply(child(300, SHELL).event());
    scene.exit(300, 1);
    scene.next();
    assert!(!scene.knows(300));
    scene.apply(caller(SHELL, 300).event());
    assert!(!scene.knows(300));
    scene.now += 2 * SECOND;
    scene.apply(caller(SHELL, 300).event());
    assert!(scene.knows(300), "that long after, it is another one");
}

#[test]
fn a_failed_clone_changes_nothing() {
    let mut scene = Scene::new();
    let before = scene.host.threads.len();
    scene.apply(Clone { result: -11, ..caller(SHELL, 0) }.event());
    let applied = scene.apply(Clone { result: -11, ..caller(777, 0) }.event());
    assert_eq!(scene.host.threads.len(), before);
    assert_eq!(applied.thread, None, "and an unknown caller of it stays unknown");
}

#[test]
fn a_placeholder_is_repaired_by_clone_and_gives_nothing_to_the_child() {
    let mut scene = Scene::new();
    scene.openat(400, 3, "/x");
    assert!(scene.thread(400).is_placeholder());
    scene.apply(Clone { pid: 400, ptid: SHELL, ..caller(400, 401) }.event());
    let caller = scene.thread(400);
    assert_eq!((caller.pid, caller.ptid, caller.vtid, &caller.comm[..]), (400, SHELL, 400, &b"sh"[..]));
    assert_eq!(&caller.cmdline[..], b"sh -c true");
    let child = scene.thread(401);
    assert_eq!((child.ptid, child.sid, child.fds.len()), (400, -1, 0));
    // As the unknown main thread of a new thread.
    scene.apply(Clone { pid: 500, vpid: 500, flags: CLONE_THREAD, ..self::child(501, SHELL) }.event());
    assert_eq!((scene.thread(500).pid, scene.thread(500).ptid, scene.thread(500).live_threads), (500, SHELL, 2));
}

#[test]
fn exec_takes_the_new_program() {
    let mut scene = Scene::new();
    scene.shell(openat(5, -100, "/keep", 1));
    scene.shell(openat(6, -100, "/drop", 1 | 4096));
    scene.apply(caller(SHELL, 300).event());
    let born = scene.now;
    scene.apply(exec(300).event());
    let thread = scene.thread(300);
    assert_eq!(
        (&thread.comm[..], &thread.exe[..], &thread.cmdline[..]),
        (&b"cat"[..], &b"cat"[..], &b"cat /etc/passwd -"[..])
    );
    assert_eq!(&thread.exepath[..], b"/usr/bin/cat", "without the kernel's word for files that are gone");
    assert_eq!((thread.uid, thread.gid, thread.loginuid, thread.tty), (0, 0, 1001, 9));
    assert_eq!((thread.pgid, thread.vpgid, &thread.env[..]), (55, 56, &b"B=2\0"[..]));
    assert_eq!((thread.cap_inheritable, thread.cap_permitted, thread.cap_effective), (1, 2, 3));
    assert!(thread.exe_writable && thread.exe_from_memfd && !thread.exe_upper_layer && !thread.exe_lower_layer);
    assert_eq!((thread.exe_ino, thread.exe_mtime, thread.last_exec_ts), (99, 8, scene.now));
    assert_eq!(thread.exe_ctime_since_clone, born - (START - 10 * SECOND));
    assert_eq!(thread.exe_ctime_since_pidns, START - 10 * SECOND - BOOT);
    assert_eq!((thread.flags, thread.ptid, thread.clone_ts), (0, SHELL, born));
    assert_eq!((scene.fd_name(300, 5), scene.fd_name(300, 6)), ("/keep".into(), "none".into()));
    assert_eq!(scene.fd_name(SHELL, 6), "/drop");
}

#[test]
fn exec_without_a_group_number_forgets_it() {
    let mut scene = Scene::new();
    scene.apply(Exec { pgid: None, ..exec(SHELL) }.event());
    assert_eq!(scene.thread(SHELL).pgid, -1);
}

#[test]
fn a_failed_exec_changes_nothing() {
    let mut scene = Scene::new();
    scene.apply(Exec { result: -2, ..exec(SHELL) }.event());
    assert_eq!(&scene.thread(SHELL).cmdline[..], b"sh -x");
}

#[test]
fn exec_finds_the_program_from_what_was_asked() {
    let path = |scene: &Scene| String::from_utf8_lossy(&scene.thread(SHELL).exepath).into_owned();
    let mut scene = Scene::new();
    scene.apply(EventBuilder::new(id::EXECVE_E).tid(SHELL).text(b"../you/tool"));
    scene.apply(Exec { trusted: None, ..exec(SHELL) }.event());
    assert_eq!(path(&scene), "/home/you/tool");
    scene.apply(Exec { trusted: None, ..exec(SHELL) }.event());
    assert_eq!(path(&scene), "/home/you/tool", "nothing known: unchanged");
    scene.apply(Exec { trusted: None, filename: Some("/bin/./x"), ..exec(SHELL) }.event());
    assert_eq!(path(&scene), "/bin/x");

    let at = |scene: &mut Scene, dirfd: i64, name: &str, flags: u32| {
        scene.apply(EventBuilder::new(id::EXECVEAT_E).tid(SHELL).i64(dirfd).text(name.as_bytes()).u32(flags));
        scene.apply(Exec { id: id::EXECVEAT_X, trusted: None, ..exec(SHELL) }.event());
        path(scene)
    };
    assert_eq!(at(&mut scene, 9, "bin/tool", 0), "/srv/bin/tool");
    assert_eq!(at(&mut scene, -100, "tool", 0), "/home/me/tool");
    assert_eq!(at(&mut scene, 9, "/abs", 0), "/abs");
    assert_eq!(at(&mut scene, 9, "", 1), "/srv");
    assert_eq!(at(&mut scene, 99, "", 1), "<NA>");
    assert_eq!(at(&mut scene, 99, "x", 0), "<UNKNOWN>x");
}

#[test]
fn exec_ends_the_other_threads() {
    let mut scene = Scene::new();
    scene.exit(SHELL, 0);
    scene.next();
    assert!(scene.thread(SHELL).dead, "the main thread waits for the other");
    scene.apply(exec(SHELL).event());
    assert!(!scene.thread(SHELL).dead && !scene.knows(SHELL_THREAD));
    assert_eq!(scene.thread(SHELL).live_threads, 1);
}

#[test]
fn exec_repairs_a_placeholder() {
    let mut scene = Scene::new();
    scene.apply(exec(400).event());
    let thread = scene.thread(400);
    assert_eq!((thread.pid, thread.ptid, thread.vtid, thread.vpid), (400, 1, 400, 400));
    assert_eq!(scene.host.threads.parent_of(thread).unwrap().tid, 1);
}

#[test]
fn a_thread_that_ends_is_seen_once_more() {
    let mut scene = Scene::new();
    let applied = scene.exit(DAEMON, 0);
    assert_eq!(scene.host.thread(&applied).unwrap().comm[..], b"daemon"[..]);
    assert!(scene.knows(DAEMON));
    scene.next();
    assert!(!scene.knows(DAEMON));
    let applied = scene.exit(888, 0);
    assert_eq!(applied.thread, None);
    assert!(!scene.knows(888));
}

#[test]
fn a_dead_main_thread_stays_until_the_last_of_its_process_ends() {
    let mut scene = Scene::new();
    scene.exit(SHELL, 0);
    scene.next();
    assert!(scene.thread(SHELL).dead);
    assert_eq!(scene.thread(SHELL).live_threads, 1);
    assert_eq!(scene.fd_name(SHELL_THREAD, 9), "/srv");
    scene.exit(SHELL_THREAD, 0);
    scene.apply(EventBuilder::new(id::MLOCKALL_X).tid(DAEMON).i64(0).u32(0));
    assert!(!scene.knows(SHELL) && !scene.knows(SHELL_THREAD));
}

#[test]
fn orphans_are_adopted() {
    // By the kernel's choice, which is known as one that adopts from then on.
    let mut scene = Scene::new();
    scene.apply(caller(SHELL, 300).event());
    scene.apply(caller(300, 310).event());
    scene.exit(300, DAEMON);
    scene.next();
    assert_eq!(scene.thread(310).ptid, DAEMON);
    assert!(scene.host.threads.is_reaper(DAEMON));
    // By another thread of the same process.
    scene.apply(caller(SHELL, 320).event());
    scene.exit(SHELL, 0);
    scene.next();
    assert_eq!(scene.thread(320).ptid, SHELL_THREAD);
    // By the nearest ancestor that adopts.
    let mut scene = Scene::new();
    scene.apply(EventBuilder::new(id::PRCTL_X).tid(SHELL).i64(0).u32(36).text(b"").i64(1));
    scene.apply(caller(SHELL, 300).event());
    scene.apply(caller(300, 310).event());
    scene.apply(caller(310, 320).event());
    scene.exit(310, 0);
    scene.next();
    assert_eq!(scene.thread(320).ptid, SHELL, "300 does not adopt");
    // By nobody, when none of them is in the same namespace.
    let mut scene = Scene::new();
    scene.apply(Clone { vtid: 5, vpid: 5, ..child(300, SHELL) }.event());
    scene.apply(Clone { vtid: 6, vpid: 6, ..child(310, 300) }.event());
    scene.exit(300, 0);
    scene.next();
    assert_eq!(scene.thread(310).ptid, 0);
}

#[test]
fn unknown_threads_get_a_placeholder() {
    let mut scene = Scene::new();
    let applied = scene.apply(EventBuilder::new(id::STAT_X).tid(900).i64(0).text(b"/x"));
    let thread = scene.host.thread(&applied).unwrap();
    assert_eq!((thread.pid, thread.ptid, thread.vtid, thread.sid, thread.uid), (-1, -1, -1, -1, u32::MAX));
    assert_eq!((&thread.comm[..], &thread.exe[..], &thread.cmdline[..]), (&b"<NA>"[..], &b"<NA>"[..], &b"<NA>"[..]));
    assert!(scene.host.threads.main_of(thread).is_none());
    assert_eq!(vigie_state::path::cwd(&scene.host, thread), b"./");
    assert_eq!(scene.host.counters.unknown_threads, 1);
    for event in [
        EventBuilder::new(id::SCHEDSWITCH_E).tid(901).i64(1).u64(1).u64(1).u32(1).u32(1).u32(1),
        EventBuilder::new(id::PROCINFO_E).tid(902).u64(1).u64(1),
        EventBuilder::new(id::ASYNCEVENT_E).tid(903).u32(0).text(b"other").text(b"{}"),
        EventBuilder::new(id::PLUGINEVENT_E).tid(904).u32(1).bytes(b"{}"),
        EventBuilder::new(id::STAT_X).tid(-1).i64(0).text(b"/x"),
    ] {
        assert_eq!(scene.apply(event).thread, None);
    }
    assert!(!(901..905).any(|tid| scene.knows(tid)) && !scene.knows(-1));
}

#[test]
fn memory_and_faults_follow() {
    let mut scene = Scene::new();
    scene.shell(EventBuilder::new(id::BRK_X).u64(0).u32(1).u32(2).u32(3).u64(0));
    let sizes = |scene: &Scene| {
        let thread = scene.thread(SHELL);
        (thread.vmsize_kb, thread.vmrss_kb, thread.vmswap_kb)
    };
    assert_eq!(sizes(&scene), (1, 2, 3));
    scene.shell(EventBuilder::new(id::MMAP_X).i64(-12).u32(4).u32(5).u32(6).absents(6));
    assert_eq!(sizes(&scene), (4, 5, 6));
    scene.shell(EventBuilder::new(id::SCHEDSWITCH_E).i64(2).u64(20).u64(21).u32(7).u32(8).u32(9));
    assert_eq!(sizes(&scene), (7, 8, 9));
    assert_eq!((scene.thread(SHELL).pfmajor, scene.thread(SHELL).pfminor), (20, 21));
}
