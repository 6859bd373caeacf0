//! Transformers: falco_semantics.md §3.1 and §3.2.

#![allow(clippy::unwrap_used)]

mod samples;

use samples::{Event, Samples};
use vigie_filter::syntax::ast::{Expr, Right};
use vigie_filter::syntax::parse;
use vigie_filter::transform::{BindError, BoundOperand, Place, bind, kind, many, operand_value};
use vigie_filter::{Bump, Kind, Many, Value, View};

fn bound(text: &str) -> Result<BoundOperand, BindError> {
    let Expr::Check(check) = &*parse(&format!("{text} exists")).unwrap() else { panic!("{text}") };
    bind(&check.left, Place::Left, &Samples)
}

fn right(text: &str) -> Result<BoundOperand, BindError> {
    let Expr::Check(check) = &*parse(&format!("a.b = {text}")).unwrap() else { panic!("{text}") };
    let Right::Operand(operand) = &check.right else { panic!("{text}") };
    bind(operand, Place::Right, &Samples)
}

/// What an expression gives, as debug text.
fn value(text: &str, event: &Event) -> String {
    let (operand, arena) = (bound(text).unwrap(), Bump::new());
    show(operand_value(&operand, event, View::Condition, &arena))
}

fn show(value: Value) -> String {
    match value {
        Value::Missing => "missing".to_owned(),
        Value::Text(bytes) => format!("'{}'", bytes.escape_ascii()),
        Value::Uint(number) => number.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(|&item| show(item)).collect::<Vec<_>>().join(" ")),
        other => panic!("{other:?}"),
    }
}

fn named(name: &'static str) -> Event {
    Event::new([("proc.name", Value::Text(name.as_bytes()))])
}

const NAMES: Value = Value::List(&[Value::Text(b"Ab"), Value::Text(b"c/D")]);

#[test]
fn case_is_ascii_only() {
    assert_eq!(value("tolower(proc.name)", &named("A\u{c9}b1")), "'a\\xc3\\x89b1'");
    assert_eq!(value("toupper(proc.name)", &named("a\u{e9}B1")), "'A\\xc3\\xa9B1'");
    assert_eq!(value("toupper(tolower(proc.name))", &named("aB")), "'AB'");
}

#[test]
fn basename_is_behind_the_last_slash() {
    assert_eq!(value("basename(proc.name)", &named("/usr/bin/x")), "'x'");
    assert_eq!(value("basename(proc.name)", &named("x")), "'x'");
    assert_eq!(value("basename(proc.name)", &named("/usr/")), "''");
}

#[test]
fn b64_decodes() {
    for (text, bytes) in [
        ("aGVsbG8=", "'hello'"),
        ("aGVsbG8", "'hello'"),
        ("aGVsbA==", "'hell'"),
        ("aGVsbA", "'hell'"),
        ("aGVs", "'hel'"),
        ("+/+/", "'\\xfb\\xff\\xbf'"),
        ("", "''"),
        // Up to the first NUL.
        ("YQBi", "'a'"),
        ("aGVsbG8*", "missing"),
        ("a", "missing"),
        ("aGVsb", "missing"),
        ("aG=s", "missing"),
        ("====", "missing"),
    ] {
        assert_eq!(value("b64(proc.name)", &named(text)), bytes, "{text}");
    }
    let event = Event::new([("evt.buffer", Value::Buffer(b"aGk="))]);
    assert_eq!(value("b64(evt.buffer)", &event), "'hi'");
}

#[test]
fn len_counts() {
    assert_eq!(value("len(proc.name)", &named("h\u{e9}")), "3");
    assert_eq!(value("len(proc.name)", &named("a\0b")), "1");
    let event = Event::new([("evt.buffer", Value::Buffer(b"a\0b")), ("ka.names", NAMES)]);
    assert_eq!(value("len(evt.buffer)", &event), "3");
    assert_eq!(value("len(ka.names)", &event), "2");
    assert_eq!(kind(&bound("len(ka.names)").unwrap()), Kind::Uint(8));
    assert_eq!(many(&bound("len(ka.names)").unwrap()), Many::One);
}

#[test]
fn lists_are_transformed_item_by_item() {
    let event = Event::new([("ka.names", NAMES)]);
    assert_eq!(value("tolower(ka.names)", &event), "['ab' 'c/d']");
    assert_eq!(value("basename(ka.names)", &event), "['Ab' 'D']");
    assert_eq!(many(&bound("tolower(ka.names)").unwrap()), Many::List);
    let empty = Event::new([("ka.names", Value::List(&[]))]);
    assert_eq!(value("tolower(ka.names)", &empty), "[]");
}

#[test]
fn join_and_concat() {
    let event = Event::new([("proc.name", Value::Text(b"n")), ("fd.name", Value::Text(b"f")), ("ka.names", NAMES)]);
    assert_eq!(value("join(\",\", (proc.name, \"x\", tolower(fd.name)))", &event), "'n,x,f'");
    assert_eq!(value("join(\"--\", ka.names)", &event), "'Ab--c/D'");
    assert_eq!(value("join(\",\", ())", &event), "''");
    assert_eq!(value("concat(proc.name, \":\", fd.name)", &event), "'n:f'");
}

#[test]
fn what_is_missing_stays_missing() {
    let event = named("n");
    for text in [
        "tolower(fd.name)",
        "b64(evt.buffer)",
        "len(fd.name)",
        "len(ka.names)",
        "concat(proc.name, fd.name)",
        "join(fd.name, (proc.name))",
        "join(\",\", (proc.name, fd.name))",
        "join(\",\", ka.names)",
        "getopt(proc.args, \"a\")",
        "tolower(b64(proc.name))",
    ] {
        assert_eq!(value(text, &event), "missing", "{text}");
    }
    assert_eq!(value("tolower(proc.name)", &named("")), "''");
}

#[test]
fn getopt_walks_the_options() {
    let of = |arguments: &'static str, text: &str| {
        value(&format!("getopt(proc.args, {text}"), &Event::new([("proc.args", Value::Text(arguments.as_bytes()))]))
    };
    assert_eq!(of("-a -b v rest", "\"ab:\")"), "['a' 'b' 'v']");
    assert_eq!(of("-ab v -bw", "\"ab:\")"), "['a' 'b' 'v' 'b' 'w']");
    assert_eq!(of("-a stop -b v", "\"ab:\")"), "['a']");
    assert_eq!(of("-a -- -b v", "\"ab:\")"), "['a']");
    assert_eq!(of("-a --long -b v", "\"ab:\")"), "['a' 'b' 'v']");
    assert_eq!(of("-x", "\"ab:\")"), "['?']");
    assert_eq!(of("-a - -a", "\"ab:\")"), "['a']");
    assert_eq!(of("-b v -b w", "\"ab:\")[b]"), "'w'");
    assert_eq!(of("-a", "\"ab:\")[a]"), "'a'");
    assert_eq!(of("-a", "\"ab:\")[b]"), "missing");
    assert_eq!(of("-b", "\"ab:\")[b]"), "''");
    assert_eq!(of("-b -a", "\"ab:\")[b]"), "'-a'");
    assert_eq!(of("-:", "\"a:\")"), "['?']");
    let list = Event::new([("ka.names", Value::List(&[Value::Text(b"-c"), Value::Text(b"two words")]))]);
    assert_eq!(value("getopt(ka.names, \"c:\")[c]", &list), "'two words'");
    assert_eq!(many(&bound("getopt(ka.names, \"c:\")").unwrap()), Many::List);
    assert_eq!(many(&bound("getopt(ka.names, \"c:\")[c]").unwrap()), Many::One);
}

#[test]
fn val_is_its_field() {
    assert_eq!(right("val(fd.name)"), bound("fd.name"));
    assert_eq!(right("val(tolower(fd.name))"), bound("tolower(fd.name)"));
    assert!(right("val(fd.name, fd.name)").is_err());
    assert!(right("val(\"x\")").is_err());
}

#[test]
fn operands_must_suit() {
    for text in [
        "tolower(fd.num)",
        "tolower(proc.name, fd.name)",
        "tolower(evt.buffer)",
        "basename((proc.name))",
        "b64(fd.num)",
        "len(fd.num)",
        "join(proc.name)",
        "join(ka.names, (proc.name))",
        "join(\",\", proc.name)",
        "join(\",\", (fd.num))",
        "join(\",\", ka.ports)",
        "concat(proc.name)",
        "concat(proc.name, fd.num)",
        "getopt(proc.args)",
        "getopt(proc.args, \"a\")[ab]",
        "tolower(proc.name)[x]",
        "tolower(evt.rawarg)",
        "evt.outputtime",
        "tolower(evt.outputtime)",
    ] {
        assert!(matches!(bound(text), Err(BindError::Use { .. })), "{text}");
    }
    assert!(matches!(bound("tolower(no.such)"), Err(BindError::Field { name, .. }) if name == "no.such"));
    assert!(matches!(right("val(evt.rawarg)"), Err(BindError::Use { .. })));
    assert!(bound("len(ka.ports)").is_ok());
    assert!(bound("evt.around[1]").is_ok());
    let Err(error) = bound("concat(proc.name, tolower(no.such))") else { panic!() };
    assert_eq!((error.span().start, error.span().end), (26, 33));
}

#[test]
fn a_hundred_transformers_nest() {
    let text = "tolower(".repeat(100) + "proc.name" + &")".repeat(100);
    assert_eq!(value(&text, &named("A")), "'a'");
}
