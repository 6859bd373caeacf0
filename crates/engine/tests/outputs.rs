//! What a match says.

#![allow(clippy::unwrap_used)]

mod scene;

use scene::*;
use vigie_engine::{Match, OwnedValue, Ruleset};
use vigie_events::EventBuilder;
use vigie_fields::EventSource;
use vigie_filter::syntax::parse;

fn said(output: &str, extra: &[(&str, &str)], event: EventBuilder) -> Match {
    let mut set = Ruleset::new(EventSource::Syscall, Vec::new());
    let extra: Vec<_> = extra.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    set.add("0", &parse("evt.num = 1").unwrap(), output, &extra, true).unwrap();
    let found = all(&mut engine(vec![set], true, section(&facts(), &[event])));
    found.into_iter().next().unwrap()
}

#[test]
fn fields_with_their_types() {
    let found = said("%evt.num %proc.name %proc.tty %evt.failed %fd.sip (%fd.dev)", &[], open(b"/a"));
    assert_eq!(found.message, "1 cat 0 false <NA> (5)");
    let expected = [
        ("evt.num", OwnedValue::Uint(1)),
        ("proc.name", OwnedValue::Text("cat".to_owned())),
        ("proc.tty", OwnedValue::Uint(0)),
        ("evt.failed", OwnedValue::Bool(false)),
        ("fd.sip", OwnedValue::Null),
        ("fd.dev", OwnedValue::Text("5".to_owned())),
    ];
    assert_eq!(found.fields, expected.map(|(name, value)| (name.to_owned(), value)));
    assert_eq!((found.time, found.num, found.set, found.rule), (START, 1, 0, 0));
}

/// The text of a transformer shows what it made; the fields hold what it was made of.
#[test]
fn transformers() {
    let found = said("%toupper(proc.name) %proc.name", &[], open(b"/a"));
    assert_eq!(found.message, "CAT cat");
    assert!(found.fields.iter().all(|(name, value)| name == "proc.name" && *value == OwnedValue::Text("cat".into())));
}

/// An extra field that is a field's name has its typed value; one with a template has text.
#[test]
fn extra_fields() {
    let extra =
        [("evt.num", "evt.num"), ("proc.pid", "%proc.pid"), ("number", "%evt.num"), ("both", "%evt.num, %fd.num")];
    let found = said("x", &extra, open(b"/a"));
    assert_eq!(found.message, "x");
    let expected = [
        ("evt.num", OwnedValue::Uint(1)),
        ("proc.pid", OwnedValue::Text(CAT.to_string())),
        ("number", OwnedValue::Text("1".to_owned())),
        ("both", OwnedValue::Text("1, 3".to_owned())),
    ];
    assert_eq!(found.fields, expected.map(|(name, value)| (name.to_owned(), value)));
}

#[test]
fn extra_fields_that_are_none() {
    let mut set = Ruleset::new(EventSource::Syscall, Vec::new());
    for (name, text) in [("no.field", "no.field"), ("key", "%no.field"), ("key", "%")] {
        let extra = [(name.to_owned(), text.to_owned())];
        assert!(set.add("0", &parse("evt.num = 1").unwrap(), "x", &extra, true).is_err(), "{name} {text}");
    }
}

/// Bytes that are no UTF-8 are replaced; a name ends at its NUL.
#[test]
fn hostile_names() {
    let found = said("%fd.name|", &[], open(b"/a\xff\n\x1b[2J\0b"));
    assert_eq!(found.message, "/a\u{fffd}\n\u{1b}[2J|");
    assert_eq!(found.fields, [("fd.name".to_owned(), OwnedValue::Text("/a\u{fffd}\n\u{1b}[2J".to_owned()))]);
}
