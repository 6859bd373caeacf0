//! Which names are fields, with which arguments, for which source.

use vigie_fields::{EventSource, FieldTable, table};
use vigie_filter::{Argument, Catalog, Field, FieldError, Kind, Many, Print};

fn syscalls() -> FieldTable {
    FieldTable { source: EventSource::Syscall, static_fields: vec!["site".to_owned()] }
}

fn audits() -> FieldTable {
    FieldTable { source: EventSource::K8sAudit, ..syscalls() }
}

#[track_caller]
fn field(name: &str, argument: Option<&str>) -> Field {
    syscalls().field(name, argument).unwrap_or_else(|error| panic!("{name}: {error:?}"))
}

#[track_caller]
fn refused(name: &str, argument: Option<&str>) {
    let answer = syscalls().field(name, argument);
    assert!(matches!(answer, Err(FieldError::Argument(_))), "{name} {argument:?}: {answer:?}");
}

#[track_caller]
fn unknown(table: &FieldTable, name: &str, word: &str) {
    match table.field(name, None) {
        Err(FieldError::Unknown(text)) => assert!(text.contains(word), "{text}"),
        other => panic!("{name}: {other:?}"),
    }
    assert!(!table.is_field(name));
}

#[test]
fn arguments_behind_dots_and_in_brackets() {
    assert_eq!(field("evt.arg.flags", None).argument, Argument::Key("flags".to_owned()));
    assert_eq!(field("evt.arg", Some("2")).argument, Argument::Index(2));
    assert_eq!(field("evt.type.is.openat", None).argument, Argument::Key("openat".to_owned()));
    assert_eq!(field("evt.type.is.307", None).argument, Argument::Key("307".to_owned()));
    assert_eq!(field("evt.abspath", None).argument, Argument::None);
    assert_eq!(field("evt.abspath.dst", None).argument, Argument::Key("dst".to_owned()));
    assert_eq!(field("thread.cgroup.cpu", None).argument, Argument::Key("cpu".to_owned()));
    assert_eq!(field("proc.aname", Some("2")).argument, Argument::Index(2));
    assert_eq!(field("proc.aenv", Some("2")).argument, Argument::Index(2));
    assert_eq!(field("proc.aenv", Some("PATH")).argument, Argument::Key("PATH".to_owned()));
    assert_eq!(field("static.site", None).argument, Argument::Key("site".to_owned()));
}

#[test]
fn arguments_that_do_not_suit() {
    refused("evt.arg", None);
    refused("evt.arg", Some("flags"));
    refused("evt.arg.no_such_parameter", None);
    refused("evt.rawarg", None);
    refused("evt.rawarg", Some("0"));
    refused("evt.type.is", None);
    refused("evt.type.is.nothing", None);
    refused("evt.abspath.middle", None);
    refused("evt.around", None);
    refused("evt.around", Some("soon"));
    refused("fd.name", Some("0"));
    refused("proc.aname", Some("x"));
    refused("proc.aname", Some(""));
    refused("proc.aname", Some("99999999999999999999999"));
    refused("static.site", Some("0"));
}

#[test]
fn names_are_printed_as_the_peer_does() {
    assert_eq!(field("proc.aname", Some("2")).name, "proc.aname[2]");
    assert_eq!(field("evt.arg.flags", None).name, "evt.arg.flags");
    assert_eq!(field("proc.env", Some("a b")).name, "proc.env[\"a b\"]");
    assert_eq!(field("proc.env", Some("a=\"b\\")).name, r#"proc.env["a=\"b\\"]"#);
    assert_eq!(field("static.site", None).name, "static.site");
}

#[test]
fn the_longest_name_that_is_a_field() {
    let table = syscalls();
    for name in ["evt.arg", "evt.arg.flags", "proc.name", "evt.type.is.open", "static.site", "evt.abspath.src"] {
        assert!(table.is_field(name), "{name}");
    }
    assert!(!table.is_field(&format!("thread.cgroup.{}", "a".repeat(300))));
    for name in ["evt.arg.flagsx", "evt.arg.", "proc.name.", "proc.nam", "evt.", "static.", "static.other", ""] {
        assert!(!table.is_field(name), "{name}");
    }
}

#[test]
fn names_that_are_no_fields_say_why() {
    unknown(&syscalls(), "proc.nam", "proc.nam");
    unknown(&syscalls(), "json.value", "not of system calls");
    unknown(&syscalls(), "ct.name", "plugin cloudtrail");
    unknown(&syscalls(), "thread.cpu", "not measured");
    unknown(&syscalls(), "evt.infra.docker.container.id", "not measured");
    unknown(&syscalls(), "static.other", "static fields");
    unknown(&syscalls(), "ka.verb", "audit");
    unknown(&audits(), "proc.name", "system calls");
    unknown(&audits(), "evt.type", "system calls");
    unknown(&audits(), "evt.arg.flags", "system calls");
}

#[test]
fn what_every_source_has() {
    for name in [
        "evt.num",
        "evt.time",
        "evt.time.s",
        "evt.time.iso8601",
        "evt.datetime",
        "evt.datetime.s",
        "evt.rawtime",
        "evt.rawtime.s",
        "evt.rawtime.ns",
        "evt.reltime",
        "evt.reltime.s",
        "evt.reltime.ns",
        "evt.pluginname",
        "evt.plugininfo",
        "evt.source",
        "evt.is_async",
        "evt.asynctype",
        "evt.hostname",
        "static.site",
    ] {
        assert!(syscalls().is_field(name) && audits().is_field(name), "{name}");
    }
    assert!(audits().is_field("ka.verb"));
}

#[test]
fn kinds() {
    for (name, kind) in [
        ("evt.num", Kind::Uint(8)),
        ("evt.cpu", Kind::Int(2)),
        ("evt.rawres", Kind::Int(8)),
        ("evt.count", Kind::Uint(4)),
        ("evt.rawtime", Kind::Uint(8)),
        ("evt.deltatime", Kind::Uint(8)),
        ("evt.buffer", Kind::Buffer),
        ("evt.failed", Kind::Bool),
        ("evt.type", Kind::Text),
        ("fd.dev", Kind::Int(4)),
        ("fd.sip", Kind::Ip),
        ("fd.snet", Kind::Net),
        ("fd.sport", Kind::Port),
        ("fd.sproto", Kind::Text),
        ("proc.fdusage", Kind::Double),
    ] {
        assert_eq!(field(name, None).kind, kind, "{name}");
    }
}

#[test]
fn kinds_of_raw_parameters_are_those_of_the_first_of_their_name() {
    for (name, kind, print) in [
        // close.res, open.flags, open.mode, read.data, open.name, mmap's hexadecimal address
        ("res", Kind::Int(8), Print::Plain),
        ("flags", Kind::Uint(4), Print::Hex),
        ("mode", Kind::Uint(4), Print::Octal),
        ("data", Kind::Buffer, Print::Plain),
        ("name", Kind::Text, Print::Plain),
        ("request", Kind::Uint(8), Print::Hex),
        ("sig", Kind::Uint(1), Print::Plain),
    ] {
        let field = field(&format!("evt.rawarg.{name}"), None);
        assert_eq!((field.kind, field.print), (kind, print), "{name}");
        assert!(field.no_rhs && field.no_transformer);
    }
}

#[test]
fn fields_of_many_values() {
    for name in ["proc.aname", "proc.aexe", "proc.aexepath", "proc.acmdline", "proc.apid", "proc.aenv"] {
        assert_eq!(field(name, None).many, Many::Ancestors, "{name}");
    }
    assert_eq!(field("proc.aname", Some("1")).many, Many::One);
    assert_eq!(field("proc.aenv", Some("1")).many, Many::Ancestors);
    assert_eq!(field("proc.aenv", Some("PATH")).many, Many::One);
    for name in ["fd.ip", "fd.port", "fd.net", "fd.proto"] {
        let field = field(name, None);
        assert!(field.many == Many::Ends && field.filter_only && field.no_rhs && field.no_transformer, "{name}");
    }
    assert_eq!(field("fd.types", None).many, Many::List);
    assert_eq!(field("fd.sip", None).many, Many::One);
    assert_eq!(field("proc.args", None).many, Many::One);
    assert!(field("evt.outputtime", None).print_only);
}

#[test]
fn how_numbers_are_written() {
    assert_eq!(field("fd.dev", None).print, Print::Hex);
    assert_eq!(field("fd.dev.major", None).print, Print::Plain);
    assert_eq!(field("evt.rawtime.ns", None).print, Print::Padded(9));
    assert_eq!(field("evt.reltime", None).print, Print::Padded(9));
    assert_eq!(field("evt.reltime.ns", None).print, Print::Padded(9));
    assert_eq!(field("evt.reltime.s", None).print, Print::Plain);
    assert_eq!(field("evt.rawtime", None).print, Print::Plain);
}

#[test]
fn every_field_of_the_table_can_be_bound() {
    for row in table::rows() {
        let source = if matches!(row.class, "ka" | "json" | "jevt") { audits() } else { syscalls() };
        let (name, argument) = match row.argument {
            _ if row.class == "static" => ("static.site".to_owned(), None),
            "" => (row.name.to_owned(), None),
            dotted if dotted.contains("dotname") => {
                let key = match row.name {
                    "evt.arg" | "evt.rawarg" => "flags",
                    "evt.type.is" => "open",
                    "evt.abspath" => "src",
                    _ => "cpu",
                };
                (format!("{}.{key}", row.name), None)
            }
            indexed if indexed.contains("index") => (row.name.to_owned(), Some("1")),
            _ => (row.name.to_owned(), Some("key")),
        };
        let bound = source.field(&name, argument);
        assert!(bound.as_ref().is_ok_and(|field| field.id == row.id), "{name} {argument:?} {bound:?}");
    }
}
