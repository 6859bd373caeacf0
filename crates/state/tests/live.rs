//! A host that lives: what no event told of is asked for, within bounds, and those that ended unseen are removed.

#![allow(clippy::unwrap_used)]

mod scene;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use scene::*;
use vigie_events::address::End;
use vigie_events::facts::{ListedFd, ListedFdKind, ListedGroup, ListedThread, ListedUser};
use vigie_events::lookup::ListedAccounts;
use vigie_events::{EventBuilder, Lookup, id};
use vigie_state::{Host, NewContainer};

/// What there is, and what was asked.
#[derive(Default)]
struct World {
    threads: HashMap<i64, ListedThread>,
    fds: HashMap<(i64, i64), ListedFd>,
    accounts: HashMap<i64, ListedAccounts>,
    changed: Option<ListedAccounts>,
    asked: Vec<String>,
}

#[derive(Clone, Default)]
struct Fake(Arc<Mutex<World>>);

impl Fake {
    fn world(&self) -> std::sync::MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.world().asked)
    }
}

impl Lookup for Fake {
    fn thread(&mut self, tid: i64, before: u64) -> Option<ListedThread> {
        let mut world = self.world();
        world.asked.push(format!("thread {tid}"));
        world.threads.get(&tid).filter(|thread| thread.start_ts <= before).cloned()
    }

    fn descriptor(&mut self, pid: i64, fd: i64, _: u64) -> Option<ListedFd> {
        let mut world = self.world();
        world.asked.push(format!("fd {pid} {fd}"));
        world.fds.get(&(pid, fd)).cloned()
    }

    fn descriptors(&mut self, pid: i64, most: usize, _: u64) -> Vec<ListedFd> {
        let world = self.world();
        let mut fds: Vec<ListedFd> =
            world.fds.iter().filter(|((process, _), _)| *process == pid).map(|(_, fd)| fd.clone()).collect();
        fds.sort_by_key(|fd| fd.fd);
        fds.truncate(most);
        fds
    }

    fn alive(&mut self, tid: i64) -> Option<Vec<u8>> {
        let mut world = self.world();
        world.asked.push(format!("alive {tid}"));
        world.threads.get(&tid).map(|thread| thread.comm.clone())
    }

    fn accounts(&mut self, tid: i64) -> Option<ListedAccounts> {
        let mut world = self.world();
        world.asked.push(format!("accounts {tid}"));
        world.accounts.get(&tid).cloned()
    }

    fn changed_accounts(&mut self) -> Option<ListedAccounts> {
        self.world().changed.take()
    }
}

fn live() -> (Scene, Fake) {
    let fake = Fake::default();
    for thread in facts().threads {
        fake.world().threads.insert(thread.tid, thread);
    }
    let mut host = Host::default();
    host.look_up_with(Box::new(fake.clone()));
    host.begin(facts());
    (Scene { host, now: START }, fake)
}

fn process(tid: i64, ptid: i64, comm: &str) -> ListedThread {
    ListedThread { start_ts: START - SECOND, ..listed(tid, tid, ptid, comm) }
}

fn read(tid: i64, fd: i64) -> EventBuilder {
    EventBuilder::new(id::READ_X).tid(tid).i64(1).bytes(b"x").i64(fd).u32(1)
}

fn nothing(tid: i64) -> EventBuilder {
    EventBuilder::new(id::MLOCKALL_X).tid(tid).i64(0).u32(0)
}

#[test]
fn an_unknown_thread_is_looked_up_with_its_process_and_parents() {
    let (mut scene, fake) = live();
    fake.world().threads.insert(300, process(300, SHELL, "parent"));
    fake.world().threads.insert(310, process(310, 300, "child"));
    let worker = ListedThread { start_ts: START - SECOND, ..listed(311, 310, 300, "worker") };
    fake.world().threads.insert(311, worker);
    fake.world().fds.insert((310, 3), file(3, "/etc/hosts"));
    let applied = scene.apply(read(311, 3));
    assert_eq!(fake.asked(), ["thread 311", "thread 310", "thread 300"]);
    assert_eq!(scene.host.fd(&applied).unwrap().name[..], *b"/etc/hosts");
    assert_eq!(scene.thread(311).comm[..], *b"worker");
    assert_eq!((scene.thread(310).ptid, scene.thread(300).ptid), (300, SHELL));
    assert_eq!(scene.thread(310).cwd[..], *b"/home/me/");
    let ancestors: Vec<i64> = scene.host.threads.ancestors(scene.thread(311)).map(|thread| thread.tid).collect();
    assert_eq!(ancestors, [300, SHELL, 1]);
    assert_eq!(scene.host.counters.thread_lookups, 3);
}

#[test]
fn who_is_not_there_any_more_stays_a_number() {
    let (mut scene, fake) = live();
    // A later process with that number is not meant.
    fake.world().threads.insert(400, ListedThread { start_ts: START + 100 * SECOND, ..listed(400, 400, 1, "later") });
    let applied = scene.apply(nothing(400));
    assert_eq!(scene.host.thread(&applied).unwrap().comm[..], *b"<NA>");
    assert!(scene.host.thread(&applied).unwrap().is_placeholder());
    for _ in 0..10 {
        scene.apply(nothing(400));
    }
    assert_eq!(fake.asked(), ["thread 400"], "asked once");
    assert_eq!(scene.host.counters.thread_lookups_failed, 1);
    // Its own exec tells who it is.
    scene.apply(exec(400).event());
    assert_eq!((&scene.thread(400).comm[..], scene.thread(400).pid), (&b"cat"[..], 400));
}

#[test]
fn a_caller_that_nobody_told_of_is_looked_up() {
    let (mut scene, fake) = live();
    fake.world().threads.insert(300, process(300, SHELL, "forker"));
    scene.apply(caller(300, 301).event());
    assert_eq!(scene.thread(300).comm[..], *b"forker");
    assert_eq!((scene.thread(301).ptid, &scene.thread(301).cwd[..]), (300, &b"/home/me/"[..]));
    // The child's own event comes first, and its parent is not known.
    fake.world().threads.insert(500, process(500, SHELL, "other"));
    scene.apply(child(501, 500).event());
    assert_eq!((&scene.thread(500).comm[..], scene.thread(501).ptid), (&b"other"[..], 500));
}

#[test]
fn a_descriptor_that_no_event_told_of() {
    let (mut scene, fake) = live();
    fake.world().fds.insert((SHELL, 5), file(5, "/etc/motd"));
    let applied = scene.apply(read(SHELL_THREAD, 5));
    assert_eq!(scene.host.fd(&applied).unwrap().name[..], *b"/etc/motd");
    scene.apply(read(SHELL, 5));
    assert_eq!(fake.asked(), [format!("fd {SHELL} 5")], "then it is known");
    // Closed meanwhile.
    let applied = scene.apply(read(SHELL, 6));
    assert_eq!((scene.host.fd(&applied), applied.fd_num), (None, Some(6)));
    scene.apply(read(SHELL, 6));
    assert_eq!(fake.asked(), [format!("fd {SHELL} 6")], "asked once");
    // What is closed is not asked for, and may be there again afterwards.
    scene.apply(EventBuilder::new(id::CLOSE_X).tid(SHELL).i64(0).i64(6));
    assert_eq!(fake.asked(), [""; 0]);
    fake.world().fds.insert((SHELL, 6), file(6, "/again"));
    scene.apply(read(SHELL, 6));
    assert_eq!(scene.fd_name(SHELL, 6), "/again");
    let counters = scene.host.counters;
    assert_eq!((counters.fd_lookups, counters.fd_lookups_failed), (3, 1));
    // One use of a known one; the same one again is counted apart.
    assert_eq!((counters.fds_cached, counters.fds_noncached, counters.fds_failed), (1, 0, 5));
}

#[test]
fn what_failed_for_want_of_a_descriptor_is_not_asked_for() {
    let (mut scene, fake) = live();
    scene.apply(EventBuilder::new(id::READ_X).tid(SHELL).i64(-9).bytes(b"").i64(77).u32(1));
    scene.apply(read(SHELL, -1));
    assert_eq!(fake.asked(), [""; 0]);
}

#[test]
fn directories_below_which_files_are_opened() {
    let (mut scene, fake) = live();
    let directory = |fd: i64, name: &str| ListedFd { fd, ino: 9, type_id: 2, what: ListedFdKind::Named(name.into()) };
    fake.world().fds.insert((SHELL, 7), directory(7, "/srv/www"));
    scene.apply(openat(8, 7, "index.html", 1).tid(SHELL));
    assert_eq!(scene.fd_name(SHELL, 8), "/srv/www/index.html");
    scene.apply(openat(9, 20, "/absolute", 1).tid(SHELL));
    scene.apply(openat(10, -100, "relative", 1).tid(SHELL));
    assert_eq!(fake.asked(), [format!("fd {SHELL} 7")]);
    fake.world().fds.insert((SHELL, 30), directory(30, "/a"));
    fake.world().fds.insert((SHELL, 31), directory(31, "/b"));
    let rename = EventBuilder::new(id::RENAMEAT_X).tid(SHELL).i64(0).i64(30).text(b"x").i64(31).text(b"y");
    scene.apply(rename);
    assert_eq!((scene.fd_name(SHELL, 30), scene.fd_name(SHELL, 31)), ("/a".into(), "/b".into()));
}

#[test]
fn sockets_of_servers_have_their_role() {
    let (mut scene, fake) = live();
    let end = |text: &str, port| End { ip: text.parse().unwrap(), port };
    let listening = ListedFdKind::Listening { local: end("0.0.0.0", 80), l4proto: 2 };
    fake.world().fds.insert((SHELL, 3), ListedFd { fd: 3, ino: 1, type_id: 5, what: listening });
    let (source, destination) = (end("10.0.0.5", 80), end("10.0.0.9", 4444));
    let accepted = ListedFdKind::Socket { source, destination, l4proto: 2 };
    fake.world().fds.insert((SHELL, 4), ListedFd { fd: 4, ino: 2, type_id: 3, what: accepted });
    scene.apply(read(SHELL, 3));
    scene.apply(read(SHELL, 4));
    assert_eq!(scene.fd_name(SHELL, 4), "10.0.0.9:4444->10.0.0.5:80");
}

#[test]
fn descriptors_that_came_with_a_message() {
    let (mut scene, fake) = live();
    scene.openat(SHELL, 12, "/old");
    fake.world().fds.insert((SHELL, 12), file(12, "/new"));
    let mut control = 24u64.to_le_bytes().to_vec();
    for part in [1u32, 1, 12, 13] {
        control.extend(part.to_le_bytes());
    }
    scene.openat(SHELL, 13, "/stale");
    let message = EventBuilder::new(id::RECVMSG_X).tid(SHELL).i64(1).u32(1).bytes(b"x").absent();
    scene.apply(message.bytes(&control).i64(9));
    assert_eq!((scene.fd_name(SHELL, 12), scene.fd_name(SHELL, 13)), ("/new".into(), "none".into()));
}

#[test]
fn questions_are_bounded() {
    let (mut scene, fake) = live();
    for tid in 10_000..20_000 {
        // All within one second.
        scene.now -= 999_999;
        scene.apply(nothing(tid));
    }
    let asked = fake.asked().len();
    assert!((1..=2_000).contains(&asked), "{asked}");
    assert_eq!(scene.host.counters.lookups_refused as usize, 10_000 - asked);
    scene.now += SECOND;
    scene.apply(nothing(30_000));
    assert_eq!(fake.asked(), ["thread 30000"]);
}

#[test]
fn an_adopter_is_looked_up() {
    let (mut scene, fake) = live();
    fake.world().threads.insert(700, process(700, 1, "adopter"));
    scene.apply(caller(SHELL, 701).event());
    scene.exit(SHELL_THREAD, 0);
    scene.exit(SHELL, 700);
    scene.apply(nothing(DAEMON));
    assert_eq!((scene.thread(701).ptid, &scene.thread(700).comm[..]), (700, &b"adopter"[..]));
    fake.asked();
    scene.exit(701, 999);
    assert_eq!(fake.asked(), [""; 0], "without children nobody adopts");
}

#[test]
fn threads_that_ended_unseen_are_removed() {
    let (mut scene, fake) = live();
    scene.apply(caller(DAEMON, 800).event());
    scene.apply(caller(DAEMON, 801).event());
    scene.apply(caller(DAEMON, 802).event());
    // 800 lives, 801 is another program by now, 802 is gone; a number alone is 803.
    fake.world().threads.insert(800, process(800, DAEMON, "sh"));
    fake.world().threads.insert(801, process(801, DAEMON, "later"));
    scene.apply(nothing(803));
    // The first search comes 30 seconds after the first event: those that were seen lately are not asked for.
    for _ in 0..100 {
        scene.now += 400_000_000;
        scene.apply(nothing(DAEMON));
    }
    assert!(scene.knows(801) && scene.knows(802) && !scene.knows(803));
    for _ in 0..1_000 {
        scene.now += SECOND;
        scene.apply(nothing(DAEMON));
        scene.apply(nothing(SHELL));
    }
    assert!(scene.knows(800) && scene.knows(SHELL_THREAD));
    assert!(!scene.knows(801) && !scene.knows(802));
    assert_eq!(scene.host.counters.threads_purged, 3);
    let asked = fake.asked();
    assert!(!asked.contains(&format!("alive {DAEMON}")), "it was seen all the time");
}

const IN_CONTAINER: &[u8] = b"cpuset=/\0cpu=/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\0";

fn container_event(removed: bool) -> EventBuilder {
    let name: &[u8] = if removed { b"container_removed" } else { b"container" };
    EventBuilder::new(id::ASYNCEVENT_E).u32(0).text(name).text(br#"{"container":{"id":"0123456789ab","name":"web"}}"#)
}

#[test]
fn containers_are_announced_once() {
    let (mut scene, _) = live();
    scene.apply(Clone { cgroups: IN_CONTAINER, ..child(900, SHELL) }.event());
    scene.apply(Clone { cgroups: IN_CONTAINER, ..child(901, SHELL) }.event());
    let id = vigie_state::Bytes::from("0123456789ab");
    let cgroup = "/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".into();
    assert_eq!(scene.host.new_containers(), [NewContainer { id, cgroup, tid: 900 }]);
    scene.apply(Exec { cgroups: IN_CONTAINER, ..exec(901) }.event());
    assert_eq!(scene.host.new_containers(), []);
    scene.apply(container_event(false));
    scene.apply(Clone { cgroups: IN_CONTAINER, ..child(902, SHELL) }.event());
    assert_eq!(scene.host.new_containers(), []);
    scene.apply(container_event(true));
    scene.next();
    scene.apply(Clone { cgroups: IN_CONTAINER, ..child(903, SHELL) }.event());
    assert_eq!(scene.host.new_containers().len(), 1, "it came back");
}

#[test]
fn containers_that_are_told_of_are_not_announced() {
    let (mut scene, _) = live();
    scene.apply(container_event(false));
    scene.apply(Clone { cgroups: IN_CONTAINER, ..child(900, SHELL) }.event());
    assert_eq!(scene.host.new_containers(), []);
    // Nor on a host that does not live.
    let mut scene = Scene::new();
    scene.apply(Clone { cgroups: IN_CONTAINER, ..child(900, SHELL) }.event());
    assert_eq!(scene.host.new_containers(), []);
}

#[test]
fn a_flood_of_containers_waits_in_bounds() {
    let (mut scene, _) = live();
    for number in 0..6_000 {
        let cgroups: &'static str = format!("cpu=/docker/{number:012x}{:052}\0", 0).leak();
        scene.apply(Clone { cgroups: cgroups.as_bytes(), ..child(1_000 + number, SHELL) }.event());
    }
    assert_eq!(scene.host.new_containers().len(), 4_096);
    assert_eq!(scene.host.counters.containers_unannounced, 6_000 - 4_096);
}

fn user(uid: u32, name: &str) -> ListedUser {
    ListedUser { uid, gid: uid, name: name.into(), home: "/".into(), shell: "/bin/sh".into() }
}

#[test]
fn accounts_of_containers_and_of_the_host() {
    let (mut scene, fake) = live();
    let group = ListedGroup { gid: 33, name: "web".into() };
    // The container's root folder is not there yet when its first process is made.
    scene.apply(Clone { cgroups: IN_CONTAINER, ..child(900, SHELL) }.event());
    fake.world().accounts.insert(900, (vec![user(33, "nginx")], vec![group]));
    scene.apply(Exec { cgroups: IN_CONTAINER, ..exec(900) }.event());
    let asked: Vec<String> = fake.asked().into_iter().filter(|asked| asked.starts_with("accounts")).collect();
    assert_eq!(asked, ["accounts 900", "accounts 900"]);
    let accounts = &scene.host.accounts;
    assert_eq!(accounts.user(b"0123456789ab", 33).unwrap().name[..], *b"nginx");
    assert_eq!(accounts.group(b"0123456789ab", 33).unwrap()[..], *b"web");
    assert_eq!(accounts.user(b"", 33), None);
    scene.apply(Exec { cgroups: IN_CONTAINER, ..exec(900) }.event());
    assert!(!fake.asked().iter().any(|asked| asked.starts_with("accounts")), "they are known");

    fake.world().changed = Some((vec![user(1234, "new")], Vec::new()));
    scene.now += 2 * SECOND;
    scene.next();
    assert_eq!(scene.host.accounts.user(b"", 1234).unwrap().name[..], *b"new");
    assert_eq!(scene.host.accounts.user(b"", 0).unwrap().home[..], *b"/root");

    scene.apply(container_event(true));
    scene.next();
    assert_eq!(scene.host.accounts.user(b"0123456789ab", 33), None);
    assert!(scene.host.accounts.user(b"", 1234).is_some());
}
