//! Descriptors of files and of what has no address: one case for each row of the specification.

#![allow(clippy::unwrap_used)]

mod scene;

use scene::*;
use vigie_events::{EventBuilder, id};
use vigie_state::fd::Detail;
use vigie_state::{Applied, FdType};

fn raw(scene: &Scene, fd: i64) -> String {
    match &scene.fd(SHELL, fd).unwrap().detail {
        Detail::File { raw_name, .. } => String::from_utf8_lossy(raw_name).into_owned(),
        other => format!("{other:?}"),
    }
}

fn about(applied: &Applied) -> (Option<i64>, Option<i64>) {
    (applied.fd_num, applied.fd)
}

#[test]
fn the_open_family() {
    let mut scene = Scene::new();
    let applied = scene.shell(openat(3, -100, "../you//x", 2 | 1 << 15));
    assert_eq!((about(&applied), applied.fd_name_changed), ((Some(3), Some(3)), true));
    assert_eq!((scene.fd_name(SHELL, 3), raw(&scene, 3)), ("/home/you/x".into(), "../you/x".into()));
    let fd = scene.fd(SHELL, 3).unwrap();
    assert_eq!((fd.kind, fd.ino, fd.close_on_exec), (FdType::File, 77, false));
    assert!(matches!(
        fd.detail,
        Detail::File { open_flags: 0x8002, dev: 66, upper_layer: true, lower_layer: false, .. }
    ));
    scene.shell(openat(4, 9, "deep/../f", 1024 | 4096));
    let fd = scene.fd(SHELL, 4).unwrap();
    assert_eq!((fd.kind, fd.close_on_exec, scene.fd_name(SHELL, 4)), (FdType::Directory, true, "/srv/f".into()));
    scene.shell(openat(5, 99, "x", 1));
    assert_eq!(scene.fd_name(SHELL, 5), "<UNKNOWN>x");
    scene.shell(openat(6, 99, "/etc/../x", 1));
    assert_eq!((scene.fd_name(SHELL, 6), raw(&scene, 6)), ("/x".into(), "/etc/../x".into()));
    let open = EventBuilder::new(id::OPEN_X).i64(7).text(b"here").u32(1 << 16).u32(0).u32(8).u64(9);
    scene.shell(open);
    let fd = scene.fd(SHELL, 7).unwrap();
    assert_eq!((scene.fd_name(SHELL, 7), fd.ino), ("/home/me/here".into(), 9));
    assert!(matches!(fd.detail, Detail::File { dev: 8, lower_layer: true, .. }));
    let creat = EventBuilder::new(id::CREAT_X).i64(8).text(b"/new").u32(0o644).u32(8).u64(10).u16(1);
    scene.shell(creat);
    assert!(matches!(scene.fd(SHELL, 8).unwrap().detail, Detail::File { dev: 8, upper_layer: true, .. }));
    let openat2 = EventBuilder::new(id::OPENAT2_X).i64(10).i64(-100).text(b"b").u32(1).u32(0).u32(0).u32(4).u64(5);
    scene.shell(openat2);
    assert_eq!((scene.fd_name(SHELL, 10), scene.fd(SHELL, 10).unwrap().ino), ("/home/me/b".into(), 5));
    let handle = EventBuilder::new(id::OPEN_BY_HANDLE_AT_X).i64(11).i64(3).u32(1).text(b"/mnt//a").u32(4).u64(6);
    scene.shell(handle);
    assert_eq!(scene.fd_name(SHELL, 11), "/mnt//a", "as the driver gives it");
}

#[test]
fn a_failed_open_has_no_descriptor() {
    let mut scene = Scene::new();
    let applied = scene.shell(openat(-2, -100, "/none", 1));
    assert_eq!((about(&applied), applied.fd_name_changed), ((Some(-1), None), false));
}

#[test]
fn paths_of_secondary_threads_begin_at_the_directory_of_the_process() {
    let mut scene = Scene::new();
    scene.openat(SHELL_THREAD, 3, "x");
    assert_eq!(scene.fd_name(SHELL, 3), "/home/me/x");
    scene.openat(900, 3, "x");
    assert_eq!(scene.fd_name(900, 3), "./x", "a placeholder has no process, but descriptors");
}

#[test]
fn a_path_that_is_too_long_is_a_constant() {
    let mut scene = Scene::new();
    let long = format!("/{}", "a".repeat(1013));
    let open = |name: &str| EventBuilder::new(id::OPEN_X).i64(7).text(name.as_bytes()).u32(1).u32(0).u32(8).u64(9);
    scene.shell(open(&long));
    assert_eq!(scene.fd_name(SHELL, 7), long, "1014 bytes, the directory's 9, and the end");
    scene.shell(open(&format!("{long}a")));
    assert_eq!(scene.fd_name(SHELL, 7), "/DIR_TOO_LONG/FILENAME_TOO_LONG");
    scene.openat(SHELL, 7, &format!("{long}a"));
    assert_eq!(scene.fd_name(SHELL, 7), format!("{long}a"), "an absolute name needs no directory here");
}

#[test]
fn what_the_enter_event_said_wins() {
    let mut scene = Scene::new();
    let enter = |name: &[u8]| EventBuilder::new(id::OPENAT_E).i64(9).text(name).u32(2).u32(0);
    scene.shell(enter(b"true/name"));
    scene.shell(openat(3, -100, "/false", 1 | 1 << 14 | 1 << 15));
    assert_eq!(scene.fd_name(SHELL, 3), "/srv/true/name");
    assert!(matches!(scene.fd(SHELL, 3).unwrap().detail, Detail::File { open_flags: 0xc002, .. }));
    scene.shell(openat(3, -100, "/false", 1));
    assert_eq!(scene.fd_name(SHELL, 3), "/false", "it counts for one exit only");
    scene.shell(enter(b"<NA>"));
    scene.shell(openat(3, -100, "/exit", 1));
    assert_eq!(scene.fd_name(SHELL, 3), "/exit");
    scene.shell(EventBuilder::new(id::OPENAT_E).absents(4));
    scene.shell(openat(3, -100, "/absent", 1));
    assert_eq!(scene.fd_name(SHELL, 3), "/absent");
    scene.shell(enter(b"other/call"));
    scene.shell(EventBuilder::new(id::CLOSE_X).i64(0).i64(3));
    scene.shell(openat(3, -100, "/after", 1));
    assert_eq!(scene.fd_name(SHELL, 3), "/after", "another exit throws it away");
    scene.shell(EventBuilder::new(id::OPEN_E).text(b"/open").u32(1024).u32(0));
    scene.shell(EventBuilder::new(id::OPEN_X).i64(4).text(b"/x").u32(1).u32(0).u32(0).u64(0));
    assert_eq!((scene.fd_name(SHELL, 4), scene.fd(SHELL, 4).unwrap().kind), ("/open".into(), FdType::Directory));
}

#[test]
fn close_takes_effect_with_the_next_event() {
    let mut scene = Scene::new();
    let applied = scene.shell(EventBuilder::new(id::CLOSE_X).i64(0).i64(9));
    assert_eq!(about(&applied), (Some(9), Some(9)));
    assert_eq!(&scene.host.fd(&applied).unwrap().name[..], b"/srv");
    scene.next();
    assert_eq!(scene.fd_name(SHELL, 9), "none");
    scene.shell(EventBuilder::new(id::CLOSE_X).i64(-9).i64(0));
    scene.next();
    assert_eq!(scene.fd_name(SHELL, 0), "/dev/pts/0", "a failed close closes nothing");
    let applied = scene.shell(EventBuilder::new(id::CLOSE_X).i64(0).i64(77));
    assert_eq!((about(&applied), scene.host.fd(&applied).is_none()), ((Some(77), Some(77)), true));
}

#[test]
fn close_range_closes_at_once_or_marks() {
    let mut scene = Scene::new();
    for fd in [3, 4, 5, 300, 301] {
        scene.openat(SHELL, fd, "/x");
    }
    scene.shell(EventBuilder::new(id::CLOSE_RANGE_X).i64(0).u32(4).u32(300).u32(4));
    let marked: Vec<bool> = [3, 4, 5, 300, 301].iter().map(|&fd| scene.fd(SHELL, fd).unwrap().close_on_exec).collect();
    assert_eq!(marked, [false, true, true, true, false]);
    scene.shell(EventBuilder::new(id::CLOSE_RANGE_X).i64(0).u32(4).u32(300).u32(0));
    let left: Vec<bool> = [3, 4, 5, 9, 300, 301].iter().map(|&fd| scene.fd(SHELL, fd).is_some()).collect();
    assert_eq!(left, [true, false, false, false, false, true]);
    scene.shell(EventBuilder::new(id::CLOSE_RANGE_X).i64(-22).u32(0).u32(u32::MAX).u32(0));
    assert_eq!(scene.thread(SHELL).fds.len(), 3);
}

#[test]
fn copies_of_descriptors() {
    let mut scene = Scene::new();
    scene.shell(openat(3, -100, "//etc//hosts", 1 | 4096));
    let applied = scene.shell(EventBuilder::new(id::DUP2_X).i64(20).i64(3).i64(20));
    assert_eq!((about(&applied), applied.fd_name_changed), ((Some(20), Some(20)), false));
    assert_eq!((scene.fd_name(SHELL, 20), raw(&scene, 20)), ("/etc/hosts".into(), "/etc/hosts".into()));
    let cloexec = |scene: &Scene, fd: i64| scene.fd(SHELL, fd).unwrap().close_on_exec;
    assert!(cloexec(&scene, 3) && !cloexec(&scene, 20));
    scene.shell(EventBuilder::new(id::DUP_X).i64(21).i64(3));
    assert!(!cloexec(&scene, 21));
    scene.shell(EventBuilder::new(id::DUP3_X).i64(22).i64(3).i64(22).u32(4096));
    scene.shell(EventBuilder::new(id::DUP3_X).i64(23).i64(3).i64(23).u32(0));
    assert!(cloexec(&scene, 22) && !cloexec(&scene, 23));
    let fcntl = |result: i64, cmd: u8, arg: u64| EventBuilder::new(id::FCNTL_X).i64(result).i64(3).u8(cmd).u64(arg);
    let applied = scene.shell(fcntl(24, 1, 10));
    assert_eq!(about(&applied), (Some(24), Some(24)));
    scene.shell(fcntl(25, 26, 10));
    assert!(!cloexec(&scene, 24) && cloexec(&scene, 25));
    let applied = scene.shell(fcntl(0, 3, 0));
    assert_eq!((about(&applied), cloexec(&scene, 3)), ((Some(3), Some(3)), false));
    scene.shell(fcntl(0, 3, 1));
    assert!(cloexec(&scene, 3));
    scene.shell(fcntl(-9, 3, 0));
    assert!(cloexec(&scene, 3));
    // A failure, and an unknown descriptor.
    let applied = scene.shell(EventBuilder::new(id::DUP2_X).i64(-9).i64(3).i64(40));
    assert_eq!((about(&applied), scene.fd(SHELL, 40)), ((Some(3), Some(3)), None));
    let applied = scene.shell(EventBuilder::new(id::DUP2_X).i64(41).i64(99).i64(41));
    assert_eq!((about(&applied), scene.fd(SHELL, 41)), ((Some(99), Some(99)), None));
}

#[test]
fn pipes() {
    let mut scene = Scene::new();
    let applied = scene.shell(EventBuilder::new(id::PIPE2_X).i64(0).i64(3).i64(4).u64(1234).u32(4096));
    assert_eq!(about(&applied), (Some(4), Some(4)), "the event is about the second end");
    for fd in [3, 4] {
        let end = scene.fd(SHELL, fd).unwrap();
        assert_eq!((end.kind, end.ino, end.close_on_exec, end.name.is_empty()), (FdType::Pipe, 1234, true, true));
    }
    scene.shell(EventBuilder::new(id::PIPE_X).i64(-24).i64(5).i64(6).u64(1));
    assert_eq!(scene.fd(SHELL, 5), None);
}

#[test]
fn descriptors_without_a_name() {
    let mut scene = Scene::new();
    let events = [
        (EventBuilder::new(id::EVENTFD_X).i64(3).u64(0).u32(0), FdType::Event, false),
        (EventBuilder::new(id::EVENTFD2_X).i64(3).u16(4096).u64(0), FdType::Event, true),
        (EventBuilder::new(id::EPOLL_CREATE_X).i64(3).i32(1), FdType::Eventpoll, false),
        (EventBuilder::new(id::EPOLL_CREATE1_X).i64(3).u32(1), FdType::Eventpoll, true),
        (EventBuilder::new(id::INOTIFY_INIT_X).i64(3).u8(0), FdType::Inotify, false),
        (EventBuilder::new(id::INOTIFY_INIT1_X).i64(3).u16(4096), FdType::Inotify, true),
        (EventBuilder::new(id::SIGNALFD_X).i64(3).i64(-1).u32(0).u8(0), FdType::Signalfd, false),
        (EventBuilder::new(id::SIGNALFD4_X).i64(3).u16(0).i64(-1).u32(0), FdType::Signalfd, false),
        (EventBuilder::new(id::TIMERFD_CREATE_X).i64(3).u8(0).u8(0), FdType::Timerfd, false),
        (EventBuilder::new(id::BPF_X).i64(3).u32(0), FdType::Bpf, true),
        (EventBuilder::new(id::USERFAULTFD_X).i64(3).u32(4096), FdType::Userfaultfd, true),
        (EventBuilder::new(id::IO_URING_SETUP_X).i64(3).absents(7), FdType::IoUring, true),
    ];
    for (event, kind, cloexec) in events {
        let applied = scene.shell(event);
        let fd = scene.fd(SHELL, 3).unwrap();
        assert_eq!((fd.kind, fd.close_on_exec, fd.name.len()), (kind, cloexec, 0));
        assert_eq!(about(&applied), (Some(3), Some(3)));
    }
    scene.shell(EventBuilder::new(id::EVENTFD_X).i64(-24).u64(0).u32(0));
    assert_eq!(scene.fd(SHELL, -24), None);
}

#[test]
fn memory_files_leave_an_entry_even_when_they_fail() {
    let mut scene = Scene::new();
    scene.shell(EventBuilder::new(id::MEMFD_CREATE_X).i64(3).text(b"secret").u32(1));
    let fd = scene.fd(SHELL, 3).unwrap();
    assert_eq!((fd.kind, &fd.name[..]), (FdType::Memfd, &b"secret"[..]));
    scene.shell(EventBuilder::new(id::MEMFD_CREATE_X).i64(-22).text(b"secret").u32(1));
    assert_eq!(scene.fd(SHELL, -22).unwrap().kind, FdType::Unknown);
}

#[test]
fn descriptors_of_processes() {
    let mut scene = Scene::new();
    scene.openat(DAEMON, 5, "/var/log/x");
    scene.shell(EventBuilder::new(id::PIDFD_OPEN_X).i64(3).i64(DAEMON).u32(0));
    let fd = scene.fd(SHELL, 3).unwrap();
    assert_eq!((fd.kind, &fd.name[..]), (FdType::Pidfd, &b"/proc/200"[..]));
    scene.shell(EventBuilder::new(id::PIDFD_GETFD_X).i64(4).i64(3).i64(5).u32(0));
    assert_eq!((scene.fd_name(SHELL, 4), scene.fd(SHELL, 4).unwrap().close_on_exec), ("/var/log/x".into(), true));
    scene.shell(EventBuilder::new(id::PIDFD_GETFD_X).i64(6).i64(3).i64(77).u32(0));
    assert_eq!(scene.fd(SHELL, 6), None);
}

#[test]
fn directories() {
    let mut scene = Scene::new();
    let cwd = |scene: &Scene| String::from_utf8_lossy(&scene.thread(SHELL).cwd).into_owned();
    let chdir = |path: &[u8]| EventBuilder::new(id::CHDIR_X).i64(0).text(path);
    scene.shell(chdir(b"../you/./z/"));
    assert_eq!(cwd(&scene), "/home/you/z/");
    scene.shell(EventBuilder::new(id::CHDIR_X).i64(-2).text(b"/none"));
    assert_eq!(cwd(&scene), "/home/you/z/");
    scene.shell(EventBuilder::new(id::FCHDIR_X).i64(0).i64(9));
    assert_eq!(cwd(&scene), "/srv/");
    scene.shell(EventBuilder::new(id::FCHDIR_X).i64(0).i64(99));
    assert_eq!(cwd(&scene), "/srv/");
    scene.shell(chdir(b"/"));
    assert_eq!(cwd(&scene), "/");
    scene.shell(EventBuilder::new(id::GETCWD_X).i64(5).text(b"/real"));
    assert_eq!(cwd(&scene), "/real/");
    scene.apply(chdir(b"sub").tid(SHELL_THREAD));
    assert_eq!(cwd(&scene), "sub/", "a secondary thread has no directory of its own to begin at");
    scene.shell(chdir(b"/tmp"));
    scene.shell(EventBuilder::new(id::CHROOT_X).i64(0).text(b"jail"));
    assert_eq!(&scene.thread(SHELL).root[..], b"/tmp/jail");
    scene.shell(EventBuilder::new(id::CHROOT_X).i64(-1).text(b"/other"));
    assert_eq!(&scene.thread(SHELL).root[..], b"/tmp/jail");
}

#[test]
fn events_are_about_the_descriptor_of_their_parameter() {
    let mut scene = Scene::new();
    let read = |fd: i64| EventBuilder::new(id::READ_X).i64(3).bytes(b"abc").i64(fd).u32(3);
    assert_eq!(about(&scene.shell(read(9))), (Some(9), Some(9)));
    assert_eq!(scene.host.counters.unknown_fds, 0);
    let applied = scene.shell(read(50));
    assert_eq!((about(&applied), scene.host.fd(&applied).is_none()), ((Some(50), Some(50)), true));
    assert_eq!(scene.host.counters.unknown_fds, 1);
    let mmap = EventBuilder::new(id::MMAP_X).i64(0).u32(1).u32(1).u32(1).u64(0).u64(0).u32(0).u32(0).i64(9).u64(0);
    assert_eq!(about(&scene.shell(mmap)), (Some(9), Some(9)));
    let unlinkat = EventBuilder::new(id::UNLINKAT_X).i64(0).i64(9).text(b"x").u32(0);
    assert_eq!(about(&scene.shell(unlinkat)), (Some(9), Some(9)));
    assert_eq!(about(&scene.shell(EventBuilder::new(id::STAT_X).i64(0).text(b"/x"))), (None, None));
}
