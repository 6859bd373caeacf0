//! Which rules are tried on which events, and in which order.

#![allow(clippy::unwrap_used)]

mod scene;

use scene::*;
use vigie_engine::Ruleset;
use vigie_events::event::STATE_ONLY;
use vigie_events::{EventBuilder, id};
use vigie_fields::EventSource;
use vigie_filter::syntax::parse;

#[test]
fn the_first_rule_or_all_in_their_order() {
    let conditions = ["evt.type = close", "evt.type in (open, openat)", "proc.name = cat", "evt.num = 1"];
    let capture = section(&facts(), &[open(b"/a"), close(3)]);
    let mut first = engine(vec![syscalls(&conditions)], true, capture.clone());
    assert_eq!(hits(&all(&mut first)), [(1, 1), (2, 0)]);
    let mut every = engine(vec![syscalls(&conditions)], false, capture);
    assert_eq!(hits(&all(&mut every)), [(1, 1), (1, 2), (1, 3), (2, 0), (2, 2)]);
    assert_eq!((every.counters.events, every.counters.judged, every.counters.matches), (2, 2, 5));
}

/// A rule that is not run is checked, keeps its number, and is tried on nothing.
#[test]
fn rules_that_do_not_run() {
    let mut set = Ruleset::new(EventSource::Syscall, Vec::new());
    for (name, run) in [("off", false), ("on", true)] {
        set.add(name, &parse("evt.type = close").unwrap(), "x", &[], run).unwrap();
    }
    assert!(set.add("wrong", &parse("no.field = 1").unwrap(), "x", &[], false).is_err());
    assert!(set.add("wrong", &parse("evt.num = 1").unwrap(), "%no.field", &[], false).is_err());
    let mut engine = engine(vec![set], true, section(&facts(), &[close(3)]));
    assert_eq!(hits(&all(&mut engine)), [(1, 1)]);
}

/// Events that only update the state count, and change it, but no rule sees them.
#[test]
fn events_for_the_state_alone() {
    let events = [open(b"/etc/shadow").flags(STATE_ONLY), close(3)];
    assert_eq!(tried(&["evt.num >= 1"], &events), [(2, 0)]);
    assert_eq!(tried(&["fd.name = /etc/shadow"], &events), [(2, 0)]);
}

/// The enter halves that are delivered only update the state; they count.
#[test]
fn enter_events_are_hidden() {
    let enter = EventBuilder::new(id::OPENAT_E).tid(CAT).ts(START).i64(-100).text(b"/asked/for").u32(1).u32(0);
    let events = [enter, open(b"/changed/meanwhile")];
    assert_eq!(tried(&["evt.num >= 1"], &events), [(2, 0)]);
    assert_eq!(tried(&["fd.name = /asked/for"], &events), [(2, 0)]);
}

/// Rules see the state after the event, and what it took away still with it.
#[test]
fn rules_see_the_state_after_the_event() {
    let exec = EventBuilder::new(id::EXECVE_X).tid(CAT).ts(START).i64(0).text(b"/bin/new").absents(2).i64(CAT);
    let exec = exec.absents(8).text(b"new").absents(17);
    let exit = EventBuilder::new(id::PROCEXIT_E).tid(CAT).ts(START).i64(0).i64(0).u8(0).u8(0).i64(0);
    let chdir = EventBuilder::new(id::CHDIR_X).tid(CAT).ts(START).i64(0).text(b"/tmp");
    let failed = EventBuilder::new(id::CHDIR_X).tid(CAT).ts(START).i64(-2).text(b"/never");
    let events = [open(b"/etc/shadow"), close(3), close(3), chdir, failed, exec, exit.clone(), exit];
    assert_eq!(tried(&["fd.name = /etc/shadow"], &events), [(1, 0), (2, 0)]);
    assert_eq!(tried(&["evt.type = chdir and proc.cwd = /tmp/"], &events), [(4, 0), (5, 0)]);
    assert_eq!(tried(&["proc.name = new"], &events), [(6, 0), (7, 0)]);
    assert_eq!(tried(&["evt.type = procexit"], &events), [(7, 0), (8, 0)]);
    assert_eq!(tried(&["evt.type = procexit and proc.pid exists"], &events), [(7, 0)]);
}

/// What tells of containers and accounts at the head of a capture is taken in and counted, and never judged.
#[test]
fn the_head_of_a_capture() {
    let container = asynchronous(0, b"container", br#"{"container":{"id":"aaaaaaaaaaaa","name":"web"}}"#);
    let user =
        EventBuilder::new(id::USER_ADDED_E).ts(START).u32(0).u32(0).text(b"boss").text(b"/r").text(b"/s").absent();
    let group = EventBuilder::new(id::GROUP_ADDED_E).ts(START).u32(0).text(b"bosses").absent();
    let events = [container.clone(), user, group, open(b"/a"), container];
    assert_eq!(tried(&["evt.num >= 1"], &events), [(4, 0), (5, 0)]);
    assert_eq!(tried(&["container.name = web"], &events), [(5, 0)]);
    assert_eq!(tried(&["group.name = bosses"], &events), [(4, 0)]);
    assert_eq!(tried(&["evt.reltime.s = 0"], &events), [(4, 0), (5, 0)]);
}

/// Every rule is tried on asynchronous events, whatever types it names; they have no thread.
#[test]
fn asynchronous_events() {
    let container = asynchronous(0, b"container", br#"{"container":{"id":"aaaaaaaaaaaa","name":"web"}}"#).tid(CAT);
    let events = [open(b"/a"), container, asynchronous(0, b"container_removed", b"{}")];
    assert_eq!(tried(&["evt.type = container", "evt.type = container_removed"], &events), [(2, 0), (3, 1)]);
    assert_eq!(tried(&["evt.is_async = true"], &events), [(2, 0), (3, 0)]);
    assert_eq!(tried(&["not evt.type = container"], &events), [(1, 0), (3, 0)]);
    assert_eq!(tried(&["evt.type != openat"], &events), [(2, 0), (3, 0)]);
    assert_eq!(tried(&["proc.name exists", "not proc.name exists"], &events), [(1, 0), (2, 1), (3, 1)]);
    assert_eq!(tried(&["container.id = aaaaaaaaaaaa"], &events), [(2, 0)]);
    assert_eq!(tried(&["container.id = host"], &events), [(1, 0)]);
}

/// A new section forgets threads and descriptors and counts on.
#[test]
fn several_sections() {
    let first = section(&facts(), &[open(b"/etc/shadow"), close(9)]);
    let mut nobody = facts();
    nobody.threads.clear();
    nobody.machine.hostname = b"other".to_vec();
    let later = |event: EventBuilder| event.ts(START + 5 * SECOND);
    let added = EventBuilder::new(id::GROUP_ADDED_E).u32(7).text(b"seven").absent();
    let second = section(&nobody, &[later(added), later(close(3)), later(close(3)).ts(START + 7 * SECOND)]);
    let conditions = [
        "proc.name = cat",
        "fd.name = /etc/shadow",
        "evt.hostname = other",
        "evt.reltime.s = 2",
        "proc.name = <NA>",
        "evt.type = groupadded",
    ];
    let mut engine = engine(vec![syscalls(&conditions)], false, [first, second].concat());
    let found = hits(&all(&mut engine));
    assert_eq!(found, [(1, 0), (1, 1), (2, 0), (4, 2), (4, 4), (5, 2), (5, 3), (5, 4)]);
    assert_eq!(engine.counters.events, 5);
}

const AUDIT: &str = r#"{"auditID":"1","verb":"create","objectRef":{"resource":"pods","namespace":"shop"}}"#;

/// Each source has rules of its own.
#[test]
fn audit_events() {
    let sets =
        || vec![syscalls(&["evt.num >= 1"]), rules(EventSource::K8sAudit, &["ka.verb = create", "evt.num >= 1"])];
    let events = [open(b"/a"), audit(1, AUDIT), audit(1, "{}"), asynchronous(1, b"news", b"")];
    let mut engine = engine(sets(), false, section(&facts(), &events));
    let matches = all(&mut engine);
    let found: Vec<_> = matches.iter().map(|found| (found.num, found.set, found.rule)).collect();
    assert_eq!(found, [(1, 0, 0), (2, 1, 0), (2, 1, 1), (3, 1, 1), (4, 1, 1)]);
    assert_eq!(engine.damage, None);
}

/// Audit events without rules for them are passed over.
#[test]
fn a_source_without_rules() {
    assert_eq!(tried(&["evt.num >= 1"], &[open(b"/a"), audit(1, AUDIT), close(3)]), [(1, 0), (3, 0)]);
}

#[test]
fn what_evt_source_says() {
    let sets = vec![
        syscalls(&["evt.source = syscall", "evt.source = k8s_audit"]),
        rules(EventSource::K8sAudit, &["evt.source = k8s_audit", "evt.pluginname = k8saudit"]),
    ];
    let events = [open(b"/a"), audit(1, AUDIT), asynchronous(0, b"container", b"{}")];
    let found: Vec<_> = all(&mut engine(sets, false, section(&facts(), &events)))
        .iter()
        .map(|found| (found.num, found.set, found.rule))
        .collect();
    assert_eq!(found, [(1, 0, 0), (2, 1, 0), (2, 1, 1), (3, 0, 0)]);
}

/// Nobody can judge the events of a plugin that is not known: the run ends, and says so.
#[test]
fn an_unknown_plugin() {
    for event in [audit(2, "{}"), asynchronous(999, b"x", b"")] {
        let mut engine =
            engine(vec![syscalls(&["evt.num >= 1"])], false, section(&facts(), &[open(b"/a"), event, close(3)]));
        assert_eq!(hits(&all(&mut engine)), [(1, 0)]);
        let damage = engine.damage.clone().unwrap();
        assert!(damage.what.contains("plugin 2") || damage.what.contains("plugin 999"), "{damage}");
        let mut matches = Vec::new();
        assert!(!engine.next(10, 10, &mut matches) && matches.is_empty());
    }
}

/// What came before the damage stays.
#[test]
fn damage_keeps_what_came_before() {
    let mut capture = section(&facts(), &[open(b"/a"), close(3), close(3)]);
    capture.truncate(capture.len() - 5);
    let mut engine = engine(vec![syscalls(&["evt.num >= 1"])], false, capture);
    assert_eq!(hits(&all(&mut engine)), [(1, 0), (2, 0)]);
    assert!(engine.damage.as_ref().is_some_and(|damage| damage.offset.is_some()));
}

/// Types that only a newer writer knows are passed over and do not count; so is what a conversion drops.
#[test]
fn skipped_events_are_not_counted() {
    let mut capture = section(&facts(), &[]);
    let mut unknown = section(&facts(), &[close(3)]).split_off(capture.len());
    unknown[8 + 2 + 20..][..2].copy_from_slice(&5000u16.to_le_bytes());
    let known = section(&facts(), &[close(3)]).split_off(capture.len());
    capture.extend([unknown, known].concat());
    let mut engine = engine(vec![syscalls(&["evt.num >= 1"])], false, capture);
    assert_eq!(hits(&all(&mut engine)), [(1, 0)]);
    assert_eq!(engine.skipped(), 1);
}

#[test]
fn limits_of_one_call() {
    let events: Vec<_> = (0..20).map(|_| close(3)).collect();
    let mut engine = engine(vec![syscalls(&["evt.num >= 1"])], false, section(&facts(), &events));
    let mut matches = Vec::new();
    assert!(engine.next(3, 100, &mut matches));
    assert_eq!(matches.len(), 3);
    matches.clear();
    assert!(engine.next(100, 5, &mut matches));
    assert_eq!((matches.len(), engine.counters.events), (5, 8));
}

/// Delta times step from one evaluation of a field's instance to the next.
#[test]
fn delta_times() {
    let events: Vec<_> = (0..3).map(|second| close(3).ts(START + second * SECOND)).collect();
    assert_eq!(tried(&["evt.deltatime.s = 1"], &events), [(2, 0), (3, 0)]);
}

#[test]
fn costs_of_rules() {
    let set = syscalls(&["evt.type = close", "evt.type = openat and fd.name = /a", "evt.type = mkdir"]);
    let mut engine = engine(vec![set], false, section(&facts(), &[open(b"/a"), open(b"/b"), close(3)]));
    assert!(engine.costs().is_empty());
    engine.profile();
    all(&mut engine);
    let costs: Vec<_> = engine.costs()[0].iter().map(|cost| (cost.tried, cost.matched)).collect();
    assert_eq!(costs, [(1, 1), (2, 1), (0, 0)]);
}
