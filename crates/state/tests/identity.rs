//! Users, groups, capabilities, sessions, limits; accounts.

#![allow(clippy::unwrap_used)]

mod scene;

use scene::*;
use vigie_events::{EventBuilder, id};

const ALL: u64 = 0x1ff_ffff_ffff;

#[test]
fn users_and_groups() {
    let mut scene = Scene::new();
    let ids = |scene: &Scene| (scene.thread(SHELL).uid, scene.thread(SHELL).gid);
    scene.shell(EventBuilder::new(id::SETUID_X).i64(0).u32(5));
    scene.shell(EventBuilder::new(id::SETGID_X).i64(0).u32(6));
    assert_eq!(ids(&scene), (5, 6));
    scene.shell(EventBuilder::new(id::SETUID_X).i64(-1).u32(7));
    scene.shell(EventBuilder::new(id::SETGID_X).i64(-1).u32(7));
    assert_eq!(ids(&scene), (5, 6));
    scene.shell(EventBuilder::new(id::SETREUID_X).i64(0).u32(1).u32(11));
    scene.shell(EventBuilder::new(id::SETREGID_X).i64(0).u32(1).u32(12));
    assert_eq!(ids(&scene), (11, 12));
    scene.shell(EventBuilder::new(id::SETRESUID_X).i64(0).u32(1).u32(21).u32(3));
    scene.shell(EventBuilder::new(id::SETRESGID_X).i64(0).u32(1).u32(22).u32(3));
    assert_eq!(ids(&scene), (21, 22));
    scene.shell(EventBuilder::new(id::SETRESUID_X).i64(0).u32(1).u32(u32::MAX).u32(3));
    assert_eq!(ids(&scene).0, u32::MAX, "'keep' is stored as it is");
}

#[test]
fn capabilities() {
    let mut scene = Scene::new();
    let sets = |scene: &Scene| {
        let thread = scene.thread(SHELL);
        (thread.cap_inheritable, thread.cap_permitted, thread.cap_effective)
    };
    scene.shell(EventBuilder::new(id::CAPSET_X).i64(0).u64(1).u64(2).u64(3));
    assert_eq!(sets(&scene), (1, 2, 3));
    scene.shell(EventBuilder::new(id::CAPSET_X).i64(-1).u64(9).u64(9).u64(9));
    scene.shell(EventBuilder::new(id::UNSHARE_X).i64(0).u32(32));
    scene.shell(EventBuilder::new(id::UNSHARE_X).i64(-1).u32(1 << 20));
    assert_eq!(sets(&scene), (1, 2, 3));
    scene.shell(EventBuilder::new(id::UNSHARE_X).i64(0).u32(1 << 20));
    assert_eq!(sets(&scene), (ALL, ALL, ALL));
    scene.shell(EventBuilder::new(id::CAPSET_X).i64(0).u64(1).u64(2).u64(3));
    scene.shell(EventBuilder::new(id::SETNS_X).i64(0).i64(9).u32(1 << 20));
    assert_eq!(sets(&scene), (ALL, ALL, ALL));
}

#[test]
fn sessions_and_names() {
    let mut scene = Scene::new();
    scene.shell(EventBuilder::new(id::SETSID_X).i64(-1));
    assert_eq!(scene.thread(SHELL).sid, SHELL);
    scene.shell(EventBuilder::new(id::SETSID_X).i64(77));
    assert_eq!(scene.thread(SHELL).sid, 77);
    scene.shell(EventBuilder::new(id::SETPGID_X).i64(0).i64(0).i64(5));
    assert_eq!(scene.thread(SHELL).pgid, SHELL, "not followed");
    scene.shell(EventBuilder::new(id::PRCTL_X).i64(0).u32(15).text(b"renamed").i64(0));
    assert_eq!(&scene.thread(SHELL).comm[..], b"sh", "nor is a name that a thread gives itself");
}

#[test]
fn processes_that_adopt() {
    let mut scene = Scene::new();
    assert!(scene.host.threads.is_reaper(1) && !scene.host.threads.is_reaper(SHELL));
    let prctl = |result: i64, value: i64| EventBuilder::new(id::PRCTL_X).i64(result).u32(36).text(b"").i64(value);
    scene.shell(prctl(-22, 1));
    assert!(!scene.host.threads.is_reaper(SHELL));
    scene.shell(prctl(0, 1));
    assert!(scene.host.threads.is_reaper(SHELL));
    scene.shell(prctl(0, 0));
    assert!(!scene.host.threads.is_reaper(SHELL));
}

#[test]
fn limits_of_descriptors() {
    let mut scene = Scene::new();
    let limit = |scene: &Scene, tid: i64| scene.thread(tid).fdlimit;
    scene.apply(EventBuilder::new(id::SETRLIMIT_X).tid(SHELL_THREAD).i64(0).i64(10).i64(99).u8(7));
    assert_eq!(limit(&scene, SHELL), 10, "of the process");
    scene.shell(EventBuilder::new(id::SETRLIMIT_X).i64(0).i64(11).i64(99).u8(6));
    scene.shell(EventBuilder::new(id::SETRLIMIT_X).i64(-1).i64(11).i64(99).u8(7));
    scene.shell(EventBuilder::new(id::GETRLIMIT_X).i64(0).i64(-1).i64(99).u8(7));
    assert_eq!(limit(&scene, SHELL), 10);
    scene.shell(EventBuilder::new(id::GETRLIMIT_X).i64(0).i64(12).i64(99).u8(7));
    assert_eq!(limit(&scene, SHELL), 12);
    let prlimit = |pid: i64| EventBuilder::new(id::PRLIMIT_X).i64(0).i64(13).i64(99).i64(1).i64(2).i64(pid).u8(7);
    scene.shell(prlimit(DAEMON));
    assert_eq!((limit(&scene, SHELL), limit(&scene, DAEMON)), (12, 13));
    scene.shell(prlimit(0));
    assert_eq!(limit(&scene, SHELL), 13);
}

#[test]
fn accounts_come_and_go() {
    let mut scene = Scene::new();
    let root = scene.host.accounts.user(b"", 0).unwrap();
    assert_eq!((&root.name[..], &root.home[..], &root.shell[..]), (&b"root"[..], &b"/root"[..], &b"<NA>"[..]));
    let user = |event: u16, name: &[u8], container: &[u8]| {
        EventBuilder::new(event).u32(5).u32(6).text(name).text(b"/home/u").text(b"/bin/sh").text(container)
    };
    scene.apply(user(id::USER_ADDED_E, b"here", b""));
    scene.apply(user(id::USER_ADDED_E, b"there", b"abc"));
    scene.apply(EventBuilder::new(id::GROUP_ADDED_E).u32(6).text(b"group").text(b"abc"));
    let known = scene.host.accounts.user(b"abc", 5).unwrap();
    assert_eq!((&known.name[..], known.gid, &known.home[..]), (&b"there"[..], 6, &b"/home/u"[..]));
    assert_eq!(&scene.host.accounts.user(b"", 5).unwrap().name[..], b"here");
    assert_eq!(&scene.host.accounts.group(b"abc", 6).unwrap()[..], b"group");
    assert!(scene.host.accounts.group(b"", 6).is_none());
    scene.apply(user(id::USER_DELETED_E, b"there", b"abc"));
    scene.apply(EventBuilder::new(id::GROUP_DELETED_E).u32(6).text(b"group").text(b"abc"));
    assert!(scene.host.accounts.user(b"abc", 5).is_none() && scene.host.accounts.group(b"abc", 6).is_none());
    scene.apply(user(id::USER_ADDED_E, b"+nis", b"abc"));
    assert!(scene.host.accounts.user(b"abc", 5).is_none());
}

#[test]
fn texts_that_an_account_lacks() {
    let mut scene = Scene::new();
    scene.apply(EventBuilder::new(id::USER_ADDED_E).u32(5).u32(6).absents(3).text(b"abc"));
    let user = scene.host.accounts.user(b"abc", 5).unwrap();
    assert!([&user.name, &user.home, &user.shell].iter().all(|text| text[..] == *b"<NA>"));
    scene.apply(EventBuilder::new(id::USER_ADDED_E).u32(7).u32(6).text(b"u").text(b"").text(b"").absents(1));
    let user = scene.host.accounts.user(b"", 7).unwrap();
    assert_eq!((&user.home[..], &user.shell[..]), (&b""[..], &b""[..]));
    scene.apply(EventBuilder::new(id::GROUP_ADDED_E).u32(6).absents(1).text(b"abc"));
    assert_eq!(&scene.host.accounts.group(b"abc", 6).unwrap()[..], b"<NA>");
}
