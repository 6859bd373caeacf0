//! Every field of system calls has a value for some event: a rule that names one is not silently false.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod scene;

use std::collections::BTreeSet;
use std::path::Path;

use scene::*;
use vigie_capture::Reader;
use vigie_engine::{Engine, Ruleset, Settings};
use vigie_events::facts::ListedThread;
use vigie_events::{EventBuilder, id};
use vigie_fields::{EventSource, FieldTable, table};
use vigie_filter::syntax::parse;

/// Conditions of one field each, by the field's name; those of the table that only outputs use are left out.
fn conditions() -> Vec<(&'static str, String)> {
    let syscalls = FieldTable { source: EventSource::Syscall, static_fields: Vec::new() };
    let rows = table::rows().iter().filter(|row| syscalls.has(row) && row.class != "static" && !row.has("print_only"));
    rows.map(|row| {
        let argument = match row.name {
            "evt.arg" | "evt.rawarg" => ".flags",
            "evt.type.is" => ".openat",
            "evt.around" => "[1700000000000000000]",
            "container.label" | "k8s.pod.label" => "[app]",
            "proc.env" | "proc.aenv" => "",
            name if name.starts_with("container.mount") && row.argument.contains("key") => "[0]",
            _ => match row.argument {
                "dotname" => ".cpu",
                "index" => "[1]",
                "key" => "[key]",
                _ => "",
            },
        };
        let wanted = if row.name == "evt.around" { "= 1000" } else { "exists" };
        (row.name, format!("{}{argument} {wanted}", row.name))
    })
    .collect()
}

fn set() -> Ruleset {
    let mut set = Ruleset::new(EventSource::Syscall, Vec::new());
    for (name, condition) in conditions() {
        let bound = set.add(name, &parse(&condition).expect(&condition), "x", &[], true);
        assert!(bound.is_ok(), "{condition}: {bound:?}");
    }
    set
}

fn met(engine: &mut Engine) -> BTreeSet<String> {
    let (mut met, mut matches) = (BTreeSet::new(), Vec::new());
    // As many as the test has time for.
    while engine.counters.events < 15_000 && engine.next(1_000, 100, &mut matches) || !matches.is_empty() {
        met.extend(matches.drain(..).map(|found| found.rule));
    }
    met.into_iter().map(engine_name).collect()
}

fn engine_name(rule: usize) -> String {
    conditions()[rule].0.to_owned()
}

/// Of the events of audit logs alone; and answers of whoever looks up names.
const ELSEWHERE: [&str; 6] =
    ["evt.pluginname", "evt.plugininfo", "fd.cip.name", "fd.sip.name", "fd.lip.name", "fd.rip.name"];

#[test]
fn every_field_has_a_value_somewhere() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/captures/activity_small.scap");
    let mut engine = Engine::new(vec![set()], Settings::default());
    engine.open(Box::new(Reader::open(&path).unwrap()));
    let mut met = met(&mut engine);
    met.extend(of_made_events());
    let without: Vec<_> = conditions()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !met.contains(*name) && !ELSEWHERE.contains(name))
        .filter(|name| !table::row(name).is_some_and(|row| row.has("deprecated")))
        .collect();
    assert!(without.is_empty(), "{without:#?}");
}

const POD: &str = r#"{"container":{"id":"0123456789ab","name":"web","cni_json":"{}","ip":"10.0.0.9",
    "pod_sandbox_labels":{"app":"shop"},"labels":{"app":"shop","io.kubernetes.pod.name":"p","io.kubernetes.pod.namespace":"n","io.kubernetes.pod.uid":"u"},
    "Mounts":[{"Source":"/s","Destination":"/d","Mode":"rw","RW":true,"Propagation":"rprivate"}]}}"#;

/// A connection, a poll, a pod: what the recorded activity begins without.
fn of_made_events() -> BTreeSet<String> {
    let mut host = facts();
    let hex = "0123456789abcdef".repeat(4);
    let pod = ListedThread {
        tid: 40,
        pid: 40,
        cgroups: format!("cpu=/docker/{hex}\0").into(),
        pidns_init_start_ts: 5,
        ..host.threads[1].clone()
    };
    host.threads.push(pod);
    let tuple = [&[2u8, 10, 0, 0, 1][..], &4000u16.to_le_bytes(), &[10, 0, 0, 2], &80u16.to_le_bytes()].concat();
    let event = |id: u16| EventBuilder::new(id).tid(CAT).ts(START);
    let polled = [&2u16.to_le_bytes()[..], &3i64.to_le_bytes(), &[1, 0], &4i64.to_le_bytes(), &[1, 0]].concat();
    let events = [
        asynchronous(0, b"container", POD.as_bytes()),
        open(b"/a"),
        close(3).tid(40),
        event(id::SOCKET_X).i64(4).u32(2).u32(1).u32(6),
        event(id::CONNECT_X).i64(0).bytes(&tuple).i64(4).absent(),
        event(id::WRITE_X).i64(5).bytes(b"hello").i64(4).u32(5),
        event(id::READ_X).i64(5).bytes(b"hello").i64(4).u32(5),
        event(id::POLL_X).i64(1).bytes(&polled).i64(0),
        event(id::PROCINFO_E).u64(1).u64(2),
        event(id::INFRASTRUCTURE_EVENT_E).text(b"docker").text(b"start").text(b"").text(b""),
    ];
    let mut engine = engine(vec![set()], false, section(&host, &events));
    met(&mut engine)
}
