//! What is evaluated when, and how often.

use super::program;
use crate::Bump;
use crate::program::Evaluator;
use crate::sample::{Given, Sample, World};

#[test]
fn what_rules_share_is_read_once_per_event() {
    let (mut program, ids) = program(&[
        "proc.name in (a, b) and proc.pid = 5",
        "proc.name in (b, c) and proc.pid = 5",
        "proc.name = d and proc.pid = 5",
        "proc.name in (a, b) and proc.pid = 5 and fd.name = x",
    ]);
    let roots: Vec<_> = ids.into_iter().map(|id| program.root(id)).collect();
    let mut evaluator = Evaluator::new(&program);
    let sample = Sample::new([("proc.name", Given::text("b")), ("proc.pid", Given::Int(5))]);
    let arena = Bump::new();
    for _ in 0..3 {
        sample.reads.set(0);
        evaluator.begin();
        let results: Vec<bool> = roots.iter().map(|&root| evaluator.test(&program, root, &sample, &arena)).collect();
        assert_eq!(results, [true, true, false, false]);
        assert_eq!(sample.reads.get(), 3, "one name, one pid, one file name");
    }
}

#[test]
fn and_and_or_stop_when_decided() {
    let sample = Sample::new([("proc.pid", Given::Int(5))]);
    for condition in ["proc.pid = 6 and fd.name = x", "not (proc.pid = 5 or fd.name = x)"] {
        sample.reads.set(0);
        let (mut program, ids) = program(&[condition]);
        let root = program.root(ids[0]);
        let mut evaluator = Evaluator::new(&program);
        evaluator.begin();
        assert!(!evaluator.test(&program, root, &sample, &Bump::new()));
        assert_eq!(sample.reads.get(), 1, "{condition}");
    }
}

#[test]
fn fields_that_count_step_once_per_rule_and_event() {
    let condition = "evt.deltatime > 1 and evt.deltatime < 3 and evt.deltatime != 9";
    let (mut program, ids) = program(&[condition, condition]);
    let roots: Vec<_> = ids.into_iter().map(|id| program.root(id)).collect();
    let mut evaluator = Evaluator::new(&program);
    let sample = Sample::default();
    let arena = Bump::new();
    // The counters of both rules are 1, 2, 3: each rule has its own.
    for expected in [false, true, false] {
        evaluator.begin();
        for &root in &roots {
            assert_eq!(evaluator.test(&program, root, &sample, &arena), expected);
        }
    }
}

#[test]
fn event_types_are_decided_beforehand() {
    let (mut program, ids) =
        program(&["evt.type in (open, openat) and proc.name = a", "not evt.type = close", "evt.type != getrandom"]);
    let in_open = program.specialise(ids[0], 1, &World);
    let in_openat = program.specialise(ids[0], 2, &World);
    assert_eq!(in_open, in_openat);
    let in_close = program.specialise(ids[0], 3, &World);
    assert!(program.is_never(in_close));
    let anything = program.specialise(ids[1], 1, &World);
    assert!(program.is_always(anything));
    let close = program.specialise(ids[1], 3, &World);
    assert!(program.is_never(close));
    // The generic event's name is known at run time only.
    let generic = program.specialise(ids[2], 5, &World);
    assert!(!program.is_always(generic) && !program.is_never(generic));
    let mut evaluator = Evaluator::new(&program);
    let sample = Sample::new([("evt.type", Given::text("acct")), ("proc.name", Given::text("a"))]);
    evaluator.begin();
    assert!(evaluator.test(&program, generic, &sample, &Bump::new()));
    assert!(evaluator.test(&program, in_open, &sample, &Bump::new()));
    assert!(evaluator.test(&program, anything, &sample, &Bump::new()));
    assert!(!evaluator.test(&program, close, &sample, &Bump::new()));
}

#[test]
fn depth_costs_no_stack() {
    let mut text = "proc.name = a".to_owned();
    for level in 0..990 {
        text = format!("not ({text} and proc.pid != {level}) or fd.name = n{level}");
        text = format!("({text})");
        if level > 480 {
            break;
        }
    }
    let sample = Sample::new([("proc.name", Given::text("a")), ("proc.pid", Given::Int(-1))]);
    let (mut program, ids) = program(&[&text]);
    let root = program.root(ids[0]);
    let mut evaluator = Evaluator::new(&program);
    evaluator.begin();
    // 482 times `not` of what holds with everything else.
    assert!(evaluator.test(&program, root, &sample, &Bump::new()));
}

#[test]
fn old_answers_are_forgotten_when_numbers_run_out() {
    let (mut program, ids) = program(&["proc.name in (a, b)"]);
    let root = program.root(ids[0]);
    let mut evaluator = Evaluator::new(&program);
    let (a, x) = (Sample::new([("proc.name", Given::text("a"))]), Sample::new([("proc.name", Given::text("x"))]));
    evaluator.begin();
    assert!(evaluator.test(&program, root, &a, &Bump::new()));
    evaluator.exhaust();
    evaluator.begin();
    assert!(!evaluator.test(&program, root, &x, &Bump::new()));
    evaluator.begin();
    assert!(!evaluator.test(&program, root, &x, &Bump::new()));
}
