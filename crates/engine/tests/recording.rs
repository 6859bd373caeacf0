//! What was recorded replays as it was seen.

#![allow(clippy::unwrap_used)]

mod scene;

use std::fs;
use std::path::PathBuf;

use scene::*;
use vigie_engine::{CaptureSettings, Engine, Match, Recorder, Settings};
use vigie_events::Lookup;
use vigie_events::event::STATE_ONLY;
use vigie_events::facts::{ListedFd, ListedGroup, ListedThread, ListedUser};
use vigie_events::lookup::ListedAccounts;

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("vigie-recording-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn capture() -> Vec<u8> {
    let container = asynchronous(0, b"container", br#"{"container":{"id":"aaaaaaaaaaaa","name":"web"}}"#);
    let first = [container, open(b"/etc/shadow").cpu(7), close(3).flags(STATE_ONLY), close(3)];
    let mut other = facts();
    other.machine.hostname = b"other".to_vec();
    [section(&facts(), &first), section(&other, &[open(b"/b"), audit(1, &"x".repeat(100_000))])].concat()
}

fn judged(bytes: Vec<u8>, recorder: Option<Recorder>) -> Vec<Match> {
    let sets = vec![printing("evt.num >= 1", "%evt.num %evt.rawtime %evt.cpu %proc.name %fd.name %evt.hostname")];
    let mut engine = engine(sets, false, bytes);
    if let Some(recorder) = recorder {
        engine.record(recorder);
    }
    let matches = all(&mut engine);
    engine.stop_recording();
    assert!(engine.unrecorded.is_none() && engine.damage.is_none());
    matches
}

#[test]
fn recorded_and_replayed() {
    let folder = Folder::new("replayed");
    let seen = judged(capture(), None);
    assert_eq!(seen.iter().map(|found| found.num).collect::<Vec<_>>(), [2, 4, 5]);
    for (name, magic) in [("plain.scap", [0x0a, 0x0d]), ("small.scap.gz", [0x1f, 0x8b])] {
        let path = folder.0.join(name);
        assert_eq!(judged(capture(), Some(Recorder::create(&path).unwrap())), seen);
        let bytes = fs::read(&path).unwrap();
        assert_eq!(bytes[..2], magic, "{name}");
        assert_eq!(judged(bytes, None), seen, "{name}");
    }
}

/// A disk that is full ends the recording, not the watch.
#[test]
fn an_output_that_takes_no_more() {
    let Ok(recorder) = Recorder::create(std::path::Path::new("/dev/full")) else { return };
    let events: Vec<_> = (0..5000).map(|_| close(3)).collect();
    let mut engine = engine(vec![syscalls(&["evt.num >= 1"])], false, section(&facts(), &events));
    engine.record(recorder);
    assert_eq!(all(&mut engine).len(), 5000);
    engine.stop_recording();
    assert!(engine.unrecorded.is_some() && engine.damage.is_none());
}

/// Without events the recording is still a capture, of the host as it was.
#[test]
fn nothing_happened() {
    let folder = Folder::new("nothing");
    let path = folder.0.join("empty.scap");
    assert!(judged(section(&facts(), &[]), Some(Recorder::create(&path).unwrap())).is_empty());
    assert!(judged(fs::read(&path).unwrap(), None).is_empty());
}

/// A live recording whose program is killed has all that came before the source was idle last.
#[test]
fn killed_while_recording() {
    let folder = Folder::new("killed");
    for name in ["plain.scap", "small.scap.gz"] {
        let path = folder.0.join(name);
        let steps = [open(b"/a"), close(3), open(b"/b")].map(Step::Event).into_iter().chain([Step::Idle]);
        let mut engine = live(vec![syscalls(&["evt.num >= 1"])], std::time::Duration::ZERO, steps);
        engine.record(Recorder::create(&path).unwrap());
        assert_eq!(turn(&mut engine).len(), 3);
        // Nothing happens any more.
        turn(&mut engine);
        let bytes = fs::read(&path).unwrap();
        let mut again = scene::engine(vec![syscalls(&["evt.num >= 1"])], true, bytes.clone());
        assert_eq!(hits(&all(&mut again)), [(1, 0), (2, 0), (3, 0)], "{name}");
        // A compressed file lacks its end, and the reader says so; a plain one has none.
        assert_eq!(again.damage.is_some(), name.ends_with(".gz"));

        // Cut within its last event, what is whole is read, and the rest is told of.
        let cut = bytes[..bytes.len() - if name.ends_with(".gz") { 12 } else { 5 }].to_vec();
        let mut again = scene::engine(vec![syscalls(&["evt.num >= 1"])], true, cut);
        let seen = hits(&all(&mut again));
        assert!(seen.len() >= 2 || name.ends_with(".gz"), "{seen:?}");
        let what = again.damage.unwrap().what;
        let wanted =
            if name.ends_with(".gz") { "the capture cannot be read on" } else { "the capture ends inside a block" };
        assert!(what.starts_with(wanted), "{what}");
    }
}

/// A recording that begins amid the watch knows the threads, descriptors and containers that were there.
#[test]
fn recorded_from_the_midst_on() {
    let folder = Folder::new("midst");
    let path = folder.0.join("late.scap");
    let steps = [open(b"/a").tid(NGINX)].map(Step::Event).into_iter();
    let steps = steps.chain([Step::Idle, Step::Event(close(3).tid(NGINX)), Step::Idle]);
    let rules = || vec![printing("evt.type = close", "%evt.type %fd.name %proc.name %container.name")];
    let mut engine = live(rules(), std::time::Duration::ZERO, steps);
    engine.inbox().container(format!(r#"{{"container":{{"id":"{WEB}","name":"web"}}}}"#).into(), false).unwrap();
    turn(&mut engine);
    engine.record(Recorder::create(&path).unwrap());
    let seen: Vec<_> = turn(&mut engine).into_iter().map(|found| found.message).collect();
    assert_eq!(seen, ["close /a nginx web"]);
    engine.stop_recording();
    let again: Vec<_> = judged_by(rules(), fs::read(path).unwrap());
    assert_eq!(again, seen);
}

fn judged_by(rules: Vec<vigie_engine::Ruleset>, bytes: Vec<u8>) -> Vec<String> {
    let mut engine = engine(rules, true, bytes);
    let found = all(&mut engine).into_iter().map(|found| found.message).collect();
    assert_eq!(engine.damage, None);
    found
}

/// Who knows one account in every container, and nothing else.
struct Passwd;

impl Lookup for Passwd {
    fn thread(&mut self, _: i64, _: u64) -> Option<ListedThread> {
        None
    }

    fn descriptor(&mut self, _: i64, _: i64, _: u64) -> Option<ListedFd> {
        None
    }

    fn descriptors(&mut self, _: i64, _: usize, _: u64) -> Vec<ListedFd> {
        Vec::new()
    }

    fn alive(&mut self, _: i64) -> Option<Vec<u8>> {
        None
    }

    fn accounts(&mut self, _: i64) -> Option<ListedAccounts> {
        let text = |text: &str| text.as_bytes().to_vec();
        let (name, home, shell) = (text("www-data"), text("/var/www"), text("/bin/sh"));
        Some((
            vec![ListedUser { uid: 33, gid: 34, name, home, shell }],
            vec![ListedGroup { gid: 34, name: text("www") }],
        ))
    }

    fn changed_accounts(&mut self) -> Option<ListedAccounts> {
        None
    }
}

/// Accounts of containers are looked up on a live host; what is recorded of it knows them too.
#[test]
fn accounts_of_containers() {
    let folder = Folder::new("accounts");
    let (whole, around) = (folder.0.join("whole.scap"), folder.0.join("around"));
    let rules = || {
        let mut rules = printing("evt.type in (openat, useradded, groupadded)", "%user.name %user.homedir %group.name");
        rules.capture(0, std::time::Duration::ZERO);
        vec![rules]
    };
    let mut facts = facts_with_container();
    let nginx = facts.threads.last_mut().unwrap();
    (nginx.uid, nginx.gid) = (33, 34);
    let mut engine = Engine::new(rules(), Settings::default());
    engine.host.look_up_with(Box::new(Passwd));
    engine.open(Box::new(Steps::new([Step::Host(Box::new(facts)), Step::Event(open(b"/a").tid(NGINX)), Step::Idle])));
    engine.record(Recorder::create(&whole).unwrap());
    let duration = std::time::Duration::from_secs(5);
    engine.captures(Some(CaptureSettings { prefix: around, all_rules: false, duration, max_bytes: 0 }));
    let seen: Vec<_> = turn(&mut engine).into_iter().map(|found| found.message).collect();
    assert_eq!(seen, ["www-data /var/www www"]);
    engine.stop_recording();
    engine.finish(&mut Vec::new());
    let captured = folder.0.join(format!("around_{START}_1.scap"));
    for path in [whole, captured] {
        assert_eq!(judged_by(rules(), fs::read(&path).unwrap()), seen, "{}", path.display());
    }
}
