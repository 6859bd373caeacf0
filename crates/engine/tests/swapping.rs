//! Rules that are replaced while events come, and what an engine does on a live source.

#![allow(clippy::unwrap_used)]

mod scene;

use std::time::{Duration, Instant};

use scene::Step::{Event, Host, Idle};
use scene::*;
use vigie_engine::{Engine, Settings, Swap};

#[test]
fn between_two_events() {
    let old = printing("evt.type = openat and fd.name = /a", "old %fd.name of %proc.name");
    let mut engine = live(vec![old], Duration::ZERO, [Event(open(b"/a")), Idle, Event(open(b"/b")), Event(close(3))]);
    engine.profile();
    assert_eq!(turn(&mut engine)[0].message, "old /a of cat");
    assert_eq!((engine.generation(), engine.matches_by_rule()), (0, &[vec![1]][..]));

    let rules = syscalls(&["evt.type = open", "fd.name = /b", "evt.type = close"]);
    engine.replace(Swap::compile(vec![rules]));
    assert_eq!(engine.matches_by_rule(), [[0, 0, 0]]);
    let found = turn(&mut engine);
    // Events go on counting.
    assert_eq!(hits(&found), [(2, 1), (3, 1), (3, 2)]);
    assert!(found.iter().all(|found| found.generation == 1));
    assert_eq!(engine.matches_by_rule(), [[0, 2, 1]]);
    assert_eq!(engine.costs()[0].iter().map(|cost| cost.matched).collect::<Vec<_>>(), [0, 2, 1]);
    assert_eq!(engine.counters.matches, 4);
}

/// Alerts of the old rules that wait for their container keep their output, and say whose they are.
#[test]
fn while_alerts_wait() {
    let old = printing("evt.type = openat", "old %container.name");
    let new = printing("evt.type = openat", "new %container.name");
    let steps = [Event(open(b"/a").tid(NGINX)), Idle, Event(open(b"/b").tid(NGINX)), Idle];
    let mut engine = live(vec![old], Duration::from_secs(600), steps);
    assert!(turn(&mut engine).is_empty());
    engine.replace(Swap::compile(vec![new]));
    assert!(turn(&mut engine).is_empty());
    let json = format!(r#"{{"container":{{"id":"{WEB}","name":"web"}}}}"#);
    engine.inbox().container(json.into(), false).unwrap();
    let told = turn(&mut engine);
    let told: Vec<_> = told.iter().map(|found| (found.generation, found.message.as_str())).collect();
    assert_eq!(told, [(0, "old web"), (1, "new web")]);
}

/// The engine is held for moments, however long compiling takes.
#[test]
fn swapping_is_quick() {
    let conditions: Vec<String> = (0..300).map(|n| format!("proc.name = p{n} and fd.name contains f{n}")).collect();
    let conditions: Vec<&str> = conditions.iter().map(String::as_str).collect();
    let mut engine = live(vec![syscalls(&conditions)], Duration::ZERO, []);
    let quickest = (0..5).map(|_| {
        let swap = Swap::compile(vec![syscalls(&conditions)]);
        let begun = Instant::now();
        let old = engine.replace(swap);
        let taken = begun.elapsed();
        drop(old);
        taken
    });
    let quickest = quickest.min().unwrap();
    assert!(quickest < Duration::from_millis(1), "{quickest:?}");
}

/// One odd event is no reason to go blind; a capture that has one is refused from there on.
#[test]
fn events_of_unknown_plugins() {
    let steps = [Event(open(b"/a")), Event(audit(4711, "{}")), Event(close(3))];
    let mut engine = live(vec![syscalls(&["evt.num >= 1"])], Duration::ZERO, steps);
    assert_eq!(hits(&turn(&mut engine)), [(1, 0), (3, 0)]);
    assert_eq!((engine.counters.unknown_plugins, engine.damage), (1, None));

    let events = [open(b"/a"), audit(4711, "{}"), close(3)];
    let mut recorded = scene::engine(vec![syscalls(&["evt.num >= 1"])], true, section(&facts(), &events));
    assert_eq!(hits(&all(&mut recorded)), [(1, 0)]);
    assert_eq!(recorded.damage.unwrap().what, "event 2 is of plugin 4711, which is not available");
}

/// Whatever comes, the engine is soon back: on a source that is never idle too.
#[test]
fn an_engine_comes_back() {
    struct Endless(vigie_events::EventBuilder);
    impl vigie_events::Source for Endless {
        fn next(&mut self) -> Result<vigie_events::Delivered<'_>, vigie_events::SourceError> {
            Ok(vigie_events::Delivered::Event(self.0.event()))
        }
    }
    let mut engine = Engine::new(vec![syscalls(&["evt.num = 1"])], Settings::default());
    engine.open(Box::new(Endless(close(3))));
    let (begun, mut matches) = (Instant::now(), Vec::new());
    assert!(engine.next(256, u64::MAX, &mut matches));
    assert!(begun.elapsed() < Duration::from_secs(5) && matches.len() == 1, "{:?}", begun.elapsed());
}

/// A source that begins anew.
#[test]
fn another_host() {
    let steps = [Event(open(b"/a")), Host(Box::new(facts())), Event(close(3))];
    let mut engine = live(vec![syscalls(&["fd.name = /a"])], Duration::ZERO, steps);
    assert_eq!(hits(&turn(&mut engine)), [(1, 0)]);
}
