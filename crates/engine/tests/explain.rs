//! Why a rule matches an event or not.

#![allow(clippy::unwrap_used)]

mod scene;

use std::collections::HashMap;

use scene::*;
use vigie_engine::{Explained, Questions, Wanted};
use vigie_events::event::STATE_ONLY;
use vigie_filter::syntax::parse;

fn explained(wanted: Wanted) -> Option<Explained> {
    let events = [open(b"/etc/shadow"), close(3).flags(STATE_ONLY), close(3).ts(START + 1)];
    let mut engine = engine(vec![syscalls(&["evt.type = openat"])], true, section(&facts(), &events));
    let condition = parse("evt.type = openat and (sensitive or proc.name = x)").unwrap();
    let macros = HashMap::from([("sensitive".to_owned(), parse("fd.name startswith /etc").unwrap())]);
    let conditions = vec![vec![(0, condition)]];
    engine.explain(&Questions { wanted, conditions, macros, fields: vec!["evt.type".to_owned()] })
}

#[test]
fn every_part_has_its_result() {
    let answer = explained(Wanted::Number(1)).unwrap();
    assert_eq!((answer.num, answer.time, answer.set, answer.judged), (1, START, Some(0), true));
    assert_eq!(answer.fields, ["openat"]);
    assert!(answer.rules[0].tried);
    let parts: Vec<_> =
        answer.rules[0].parts.iter().map(|part| (part.depth, &part.text[..], part.result, &part.value[..])).collect();
    let expected = [
        (0, "and", Some(true), ""),
        (1, "evt.type = openat", Some(true), "openat"),
        (1, "or", Some(true), ""),
        (2, "sensitive", Some(true), ""),
        (3, "fd.name startswith /etc", Some(true), "/etc/shadow"),
        (2, "proc.name = x", Some(false), "cat"),
    ];
    assert_eq!(parts, expected);
}

#[test]
fn events_that_no_rule_sees() {
    let answer = explained(Wanted::Number(2)).unwrap();
    assert!(!answer.judged && !answer.rules[0].tried);
    let answer = explained(Wanted::Time(START + 1)).unwrap();
    assert!(answer.num == 3 && answer.judged && !answer.rules[0].tried);
    assert_eq!(explained(Wanted::Number(4)), None);
}
