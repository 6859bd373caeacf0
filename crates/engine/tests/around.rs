//! Captures that begin with alerts.

#![allow(clippy::unwrap_used)]

mod scene;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use scene::Step::{Event, Idle};
use scene::*;
use vigie_engine::{CaptureNews, CaptureSettings, Engine, Outcome, Ruleset};
use vigie_events::EventBuilder;

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("vigie-around-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn settings(&self, all_rules: bool) -> CaptureSettings {
        CaptureSettings { prefix: self.0.join("c"), all_rules, duration: Duration::from_secs(5), max_bytes: 0 }
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(&self.0).unwrap().map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Seconds after the start.
fn at(seconds: u64, event: EventBuilder) -> Step {
    Event(event.ts(START + seconds * SECOND))
}

/// Nanoseconds since the epoch.
fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64
}

/// What happened to captures until one of that many was settled.
fn news(engine: &mut Engine, settled: usize) -> Vec<CaptureNews> {
    let (mut all, until) = (Vec::new(), Instant::now() + Duration::from_secs(10));
    while all.iter().filter(|news: &&CaptureNews| news.outcome != Outcome::Started).count() < settled {
        assert!(Instant::now() < until, "{all:?}");
        sleep(Duration::from_millis(1));
        turn(engine);
        all.extend(engine.capture_news());
    }
    all
}

/// What a capture has: times in seconds after the start, and what happened to which file.
fn replayed(path: &Path) -> Vec<String> {
    let mut set = Ruleset::new(vigie_fields::EventSource::Syscall, Vec::new());
    let condition = vigie_filter::syntax::parse("evt.num >= 1").unwrap();
    set.add("0", &condition, "%evt.type %fd.name %proc.name %container.name %evt.rawtime.s", &[], true).unwrap();
    let mut engine = engine(vec![set], true, fs::read(path).unwrap());
    let found = all(&mut engine);
    assert_eq!(engine.damage, None);
    let start = START / SECOND;
    found
        .iter()
        .map(|found| {
            let (text, seconds) = found.message.rsplit_once(' ').unwrap();
            format!("{text} {}", seconds.parse::<u64>().unwrap() - start)
        })
        .collect()
}

fn asking() -> Ruleset {
    let mut set = syscalls(&["fd.name = /etc/shadow", "fd.name = /etc/passwd", "fd.name = /quiet"]);
    set.capture(0, Duration::ZERO);
    set.capture(1, Duration::from_secs(2));
    set
}

#[test]
fn from_the_alert_on() {
    let folder = Folder::new("plain");
    let steps = [
        at(0, open(b"/before")),
        at(1, open(b"/quiet")),
        at(2, open(b"/etc/shadow")),
        at(6, open(b"/during")),
        // Within the five seconds: two more from here would end before, and change nothing.
        at(7, close(3)),
        at(8, open(b"/after")),
        // A capture of its own, of two seconds.
        at(20, open(b"/etc/passwd")),
        at(22, open(b"/during/two")),
        at(23, open(b"/after/two")),
    ];
    let mut engine = live(vec![asking()], Duration::ZERO, steps);
    engine.captures(Some(folder.settings(false)));
    let seen = news(&mut engine, 2);
    let names = [format!("c_{}_3.scap", START + 2 * SECOND), format!("c_{}_7.scap", START + 20 * SECOND)];
    assert_eq!(folder.names(), names);
    let outcomes: Vec<_> = seen.iter().map(|one| (one.outcome.clone(), one.num, one.rule, one.events)).collect();
    let started = |num, rule| (Outcome::Started, num, rule, 0);
    for wanted in [started(3, 0), (Outcome::Finished, 3, 0, 3), started(7, 1), (Outcome::Finished, 7, 1, 2)] {
        assert!(outcomes.contains(&wanted), "{wanted:?} {outcomes:?}");
    }
    assert!(seen.iter().all(|one| one.left_out == 0 && one.path.starts_with(&folder.0)));
    for one in seen.iter().filter(|one| one.outcome == Outcome::Finished) {
        assert_eq!(fs::metadata(&one.path).unwrap().len(), one.bytes);
    }
    let first = replayed(&folder.0.join(&names[0]));
    assert_eq!(first.len(), 3);
    assert!(first[0].starts_with("openat /etc/shadow ") && first[0].ends_with(" 2"), "{first:?}");
    assert!(first[1].starts_with("openat /during ") && first[2].starts_with("close /during "), "{first:?}");
    let second = replayed(&folder.0.join(&names[1]));
    assert!(second[0].starts_with("openat /etc/passwd ") && second[1].ends_with(" 22"), "{second:?}");
}

/// A capture knows the host as it was, and the containers.
#[test]
fn what_is_known_comes_first() {
    let folder = Folder::new("known");
    let steps = [at(0, open(b"/kept").tid(NGINX)), at(1, open(b"/etc/shadow")), at(2, close(3).tid(NGINX)), Idle];
    let mut engine = live(vec![asking()], Duration::ZERO, steps);
    engine.captures(Some(folder.settings(false)));
    let json = format!(r#"{{"container":{{"id":"{WEB}","name":"web","labels":{{"a":"b"}},"type":0}}}}"#);
    engine.inbox().container(json.into(), false).unwrap();
    news(&mut engine, 1);
    let path = folder.0.join(format!("c_{}_3.scap", START + SECOND));
    let seen = replayed(&path);
    assert_eq!(seen, ["openat /etc/shadow cat host 1".to_owned(), "close /kept nginx web 2".to_owned()]);
    let rules =
        printing("evt.type = close", "%container.type %container.labels %proc.cmdline %container.id %evt.hostname");
    let mut again = scene::engine(vec![rules], true, fs::read(&path).unwrap());
    let found = all(&mut again);
    assert_eq!(found[0].message, format!("docker a:b nginx -g daemon off; {WEB} recorded"));
}

/// Further alerts move the end; all rules count when the settings say so, and none when they do not.
#[test]
fn alerts_meanwhile() {
    let folder = Folder::new("longer");
    let steps = || (0..=4).map(|step| at(4 * step, open(b"/quiet"))).chain([at(21, close(9)), at(22, close(9))]);
    let mut engine = live(vec![asking()], Duration::ZERO, steps());
    engine.captures(Some(folder.settings(true)));
    let seen = news(&mut engine, 1);
    assert_eq!(folder.names(), [format!("c_{START}_1.scap")]);
    assert_eq!(seen.iter().map(|one| (one.num, one.events)).collect::<Vec<_>>(), [(1, 0), (1, 6)]);

    let mut engine = live(vec![asking()], Duration::ZERO, steps());
    engine.captures(Some(CaptureSettings { prefix: folder.0.join("none"), ..folder.settings(false) }));
    turn(&mut engine);
    assert!(engine.capture_news().is_empty() && folder.names().len() == 1);
}

/// It ends with its size; while it would have gone on, no other begins.
#[test]
fn the_size_limit() {
    let folder = Folder::new("limit");
    let now = now();
    let at = |seconds: u64, event: EventBuilder| Event(event.ts(now + seconds * SECOND));
    let many = (0..2000).map(|_| at(1, open(b"/etc/shadow")));
    let steps = [at(0, open(b"/etc/shadow")), Idle]
        .into_iter()
        .chain(many)
        .chain([at(30, open(b"/etc/shadow")), at(60, close(9))]);
    let mut engine = live(vec![asking()], Duration::ZERO, steps);
    engine.captures(Some(CaptureSettings { max_bytes: 20_000, ..folder.settings(false) }));
    turn(&mut engine);
    // What is known of the host is written meanwhile, and counts.
    written(&folder.0.join(format!("c_{now}_1.scap")), 1);
    let seen = news(&mut engine, 2);
    let limited: Vec<_> = seen.iter().filter(|one| one.outcome == Outcome::Limited).collect();
    assert_eq!((limited.len(), limited[0].num), (1, 1));
    let size = fs::metadata(&limited[0].path).unwrap().len();
    assert!(size == limited[0].bytes && (20_000..20_100).contains(&size), "{size}");
    assert_eq!(vigie_capture_events(&limited[0].path), limited[0].events);
    let later: Vec<_> = seen.iter().filter(|one| one.num > 1).map(|one| one.outcome.clone()).collect();
    assert_eq!(later, [Outcome::Started, Outcome::Finished]);
}

/// What cannot be written is told once, and alerts go on.
#[test]
fn captures_that_fail() {
    let folder = Folder::new("fails");
    let steps = || [at(0, open(b"/etc/shadow")), at(1, open(b"/etc/shadow")), at(2, close(3))];
    let mut engine = live(vec![asking()], Duration::ZERO, steps());
    engine.captures(Some(CaptureSettings { prefix: folder.0.join("no/such/folder/c"), ..folder.settings(false) }));
    assert_eq!(turn(&mut engine).len(), 3);
    let seen = engine.capture_news();
    let [CaptureNews { outcome: Outcome::Failed(why), num: 1, .. }] = &seen[..] else { panic!("{seen:?}") };
    assert!(why.contains("No such file"), "{why}");

    // What is there is not written over, nor is a link followed.
    let taken = folder.0.join(format!("c_{START}_1.scap"));
    std::os::unix::fs::symlink("/dev/null", &taken).unwrap();
    let mut engine = live(vec![asking()], Duration::ZERO, steps());
    engine.captures(Some(folder.settings(false)));
    turn(&mut engine);
    let seen = engine.capture_news();
    assert!(matches!(&seen[..], [CaptureNews { outcome: Outcome::Failed(_), .. }]), "{seen:?}");
}

/// The end of the watch, other settings, or the clock of an idle host end a capture; each is whole.
#[test]
fn ends() {
    let folder = Folder::new("ends");
    let begin = |prefix: &str, steps: Vec<Step>| {
        let mut engine = live(vec![asking()], Duration::ZERO, steps);
        engine.captures(Some(CaptureSettings { prefix: folder.0.join(prefix), ..folder.settings(false) }));
        engine
    };
    // An event of long ago: by the clock its time is over.
    let mut idle = begin("idle", vec![at(0, open(b"/etc/shadow")), Idle]);
    assert_eq!(news(&mut idle, 1)[1].outcome, Outcome::Finished);
    let now = now();
    let fresh = || vec![Event(open(b"/etc/shadow").ts(now + SECOND)), Idle];
    let mut stopped = begin("stopped", fresh());
    turn(&mut stopped);
    assert_eq!(stopped.capture_news().len(), 1);
    stopped.finish(&mut Vec::new());
    assert_eq!(stopped.capture_news()[0].outcome, Outcome::Finished);
    let mut changed = begin("changed", fresh());
    turn(&mut changed);
    changed.captures(None);
    assert_eq!(news(&mut changed, 1).last().unwrap().outcome, Outcome::Finished);
    for name in folder.names() {
        assert_eq!(vigie_capture_events(&folder.0.join(&name)), 1, "{name}");
    }
    assert_eq!(folder.names().len(), 3);
}

/// Waits until a file has so many bytes.
fn written(path: &Path, bytes: u64) {
    let until = Instant::now() + Duration::from_secs(20);
    while fs::metadata(path).unwrap().len() < bytes && Instant::now() < until {
        sleep(Duration::from_millis(1));
    }
}

fn vigie_capture_events(path: &Path) -> u64 {
    let mut engine = engine(vec![], true, fs::read(path).unwrap());
    all(&mut engine);
    assert_eq!(engine.damage, None);
    engine.counters.events
}

/// Nothing is lost of what an unanswered disk held back: a capture can be read while it is made.
#[test]
fn a_capture_can_be_read_while_it_is_made() {
    let folder = Folder::new("killed");
    let now = now();
    let steps = [Event(open(b"/etc/shadow").ts(now)), Event(open(b"/b").ts(now)), Idle];
    let mut engine = live(vec![asking()], Duration::ZERO, steps);
    engine.captures(Some(folder.settings(false)));
    turn(&mut engine);
    turn(&mut engine);
    let path = folder.0.join(format!("c_{now}_1.scap"));
    written(&path, 1);
    let until = Instant::now() + Duration::from_secs(20);
    while vigie_capture_events(&path) < 2 && Instant::now() < until {
        sleep(Duration::from_millis(1));
    }
    assert_eq!(vigie_capture_events(&path), 2);
}
