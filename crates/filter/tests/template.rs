//! Outputs: falco.md §1.5, falco_semantics.md §1.5 and §4.1.

#![allow(clippy::unwrap_used)]

mod samples;

use std::net::Ipv6Addr;

use samples::{Event, Samples};
use vigie_filter::template::Template;
use vigie_filter::{Bump, Value};

fn render(text: &str, event: &Event) -> String {
    let template = Template::parse(text, &Samples).unwrap_or_else(|error| panic!("{text}: {error}"));
    let (arena, mut out) = (Bump::new(), b">".to_vec());
    template.render(event, &arena, &mut out);
    String::from_utf8_lossy(&out[1..]).into_owned()
}

fn one(name: &'static str, value: Value<'static>) -> String {
    render(&format!("%{name}"), &Event::new([(name, value)]))
}

fn named(name: &'static str) -> Event {
    Event::new([("proc.name", Value::Text(name.as_bytes()))])
}

#[test]
fn the_longest_name_counts() {
    let event = Event::new([("proc.name", Value::Text(b"N")), ("proc.namespace", Value::Text(b"S"))]);
    assert_eq!(render("a %proc.name b", &event), "a N b");
    assert_eq!(render("%proc.namespace", &event), "S");
    assert_eq!(render("%proc.namesp", &event), "Nsp");
    assert_eq!(render("%proc.name.", &event), "N.");
    assert_eq!(render("%proc.name%proc.name", &event), "NN");
    assert_eq!(render("%proc.name_x", &event), "N_x");
    assert_eq!(render("(%proc.name)", &event), "(N)");
    assert_eq!(render("no field", &event), "no field");
    assert_eq!(render("", &event), "");
}

#[test]
fn arguments_belong_to_fields_that_take_them() {
    let event = Event::new([
        ("proc.name", Value::Text(b"N")),
        ("proc.aname", Value::Text(b"P")),
        ("proc.aname[2]", Value::Text(b"G")),
        ("proc.aname[\"a b\"]", Value::Text(b"Q")),
    ]);
    assert_eq!(render("%proc.aname[2]x", &event), "Gx");
    assert_eq!(render("%proc.aname[\"a b\"]", &event), "Q");
    assert_eq!(render("%proc.aname", &event), "P");
    assert_eq!(render("[%proc.name][x]", &event), "[N][x]");
}

#[test]
fn what_is_missing_says_so() {
    assert_eq!(render("%fd.name|%tolower(fd.name)|%fd.num", &Event::default()), "<NA>|<NA>|<NA>");
    assert_eq!(render("*%fd.name x", &Event::default()), "<NA> x");
}

#[test]
fn widths_cut_and_pad_bytes() {
    assert_eq!(render("%6proc.name|", &named("abc")), "abc   |");
    assert_eq!(render("%2proc.name|", &named("abc")), "ab|");
    assert_eq!(render("%0proc.name|", &named("abc")), "abc|");
    assert_eq!(render("%6fd.name|", &named("abc")), "<NA>  |");
    assert_eq!(render("%5toupper(proc.name)|", &named("abc")), "ABC  |");
    let template = Template::parse("%2proc.name", &Samples).unwrap();
    let mut out = Vec::new();
    template.render(&named("a\u{e9}"), &Bump::new(), &mut out);
    assert_eq!(out, b"a\xc3");
}

#[test]
fn transformers_are_rendered() {
    let event = named("aB");
    assert_eq!(render("%tolower(proc.name)x", &event), "abx");
    assert_eq!(render("%len(proc.name)", &event), "2");
    assert_eq!(render("%join(\"-\", (proc.name, \"y\"))", &event), "aB-y");
    let event = Event::new([("ka.names", Value::List(&[Value::Text(b"A"), Value::Text(b"B")]))]);
    assert_eq!(render("%tolower(ka.names)", &event), "(a,b)");
}

#[test]
fn errors_say_where() {
    let refusal = |text: &str| {
        let error = Template::parse(text, &Samples).map(|_| ()).unwrap_err();
        (error.message, error.offset)
    };
    assert_eq!(refusal("a %no.such"), ("no such field: no.such".into(), 2));
    assert_eq!(refusal("100%"), ("`%` stands before a field or a transformer".into(), 3));
    assert_eq!(refusal("%%proc.name").1, 0);
    assert_eq!(refusal("a %5"), ("`%` stands before a field or a transformer".into(), 2));
    assert_eq!(refusal("a %tolower(proc.name").1, 20);
    assert_eq!(refusal("a %tolower(fd.num)"), ("`tolower(...)` takes text".into(), 3));
    assert_eq!(refusal("%val(fd.num)").1, 1);
    assert_eq!(refusal("%evt.around[1]").0, "the field `evt.around[1]` may only stand in conditions");
    assert!(Template::parse("%99999999999proc.name", &Samples).is_err());
    assert!(Template::parse("%evt.outputtime", &Samples).is_ok());
    assert!(Template::parse(&"%proc.name".repeat(10_000), &Samples).is_ok());
    assert!(Template::parse(&("%proc.name".to_owned() + &"a".repeat(1_000_000)), &Samples).is_ok());
}

#[test]
fn fields_are_listed_once() {
    let text = "%proc.name %tolower(fd.name) %fd.num %proc.name %fd.name %proc.aname[1] %proc.aname[2]";
    let template = Template::parse(text, &Samples).unwrap();
    let names: Vec<&str> = template.fields().iter().map(|field| &*field.name).collect();
    assert_eq!(names, ["proc.name", "fd.name", "fd.num", "proc.aname[1]", "proc.aname[2]"]);
}

#[test]
fn numbers() {
    assert_eq!(one("fd.num", Value::Int(-1)), "-1");
    assert_eq!(one("fd.num", Value::Uint(u64::MAX)), "18446744073709551615");
    assert_eq!(one("fd.dev", Value::Uint(0xfd01)), "FD01");
    assert_eq!(one("evt.mode", Value::Int(0o644)), "644");
    assert_eq!(one("evt.mode", Value::Int(-1)), "177777");
    assert_eq!(one("evt.rawtime.ns", Value::Uint(42)), "000000042");
    assert_eq!(one("evt.rawtime.ns", Value::Uint(12_345_678_901)), "12345678901");
    assert_eq!(one("thread.cpu", Value::Double(12.34)), "12.3");
    assert_eq!(one("thread.cpu", Value::Double(0.0)), "0.0");
}

#[test]
fn other_types() {
    assert_eq!(one("evt.failed", Value::Bool(true)), "true");
    assert_eq!(one("evt.failed", Value::Bool(false)), "false");
    assert_eq!(one("fd.cip", Value::Ip([10, 0, 0, 1].into())), "10.0.0.1");
    let v6: Ipv6Addr = "2001:db8:0:0:1:0:0:1".parse().unwrap();
    assert_eq!(one("fd.cip", Value::Ip(v6.into())), "2001:db8::1:0:0:1");
    assert_eq!(one("fd.cnet", Value::Ip([10, 0, 0, 1].into())), "<IPNET>");
    assert_eq!(one("fd.cnet", Value::Missing), "<NA>");
    assert_eq!(one("proc.name", Value::Text(b"a\0b")), "a");
    assert_eq!(one("proc.name", Value::Text(b"")), "");
    assert_eq!(one("evt.buffer", Value::Buffer(b"a\0\n~b\xff")), "a..~b.");
}

#[test]
fn lists_are_cut() {
    assert_eq!(one("ka.names", Value::List(&[Value::Text(b"a"), Value::Text(b"b c")])), "(a,b c)");
    assert_eq!(one("ka.names", Value::List(&[])), "()");
    assert_eq!(one("ka.ports", Value::List(&[Value::Uint(80), Value::Uint(443)])), "(80,443)");
    const MANY: [Value; 600] = [Value::Text(b"x"); 600];
    let text = one("ka.names", Value::List(&MANY));
    assert_eq!(text.len(), 1023);
    assert!(text.ends_with("x,x,x") || text.ends_with("x,x,"));
}
