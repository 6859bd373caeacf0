//! Conditions over the real fields: what a comparison means where fields and language meet.

mod moment;

use moment::{Moment, file, listening, socket};
use vigie_events::build::EventBuilder;
use vigie_events::id;
use vigie_fields::{Current, EventSource, FieldTable};
use vigie_filter::program::{Builder, Evaluator};
use vigie_filter::{Bump, bind, syntax};
use vigie_state::fd::Role;

fn holds(moment: &Moment, condition: &str) -> bool {
    let table = FieldTable { source: EventSource::Syscall, static_fields: Vec::new() };
    let expr = syntax::parse(condition).unwrap_or_else(|error| panic!("{condition}: {error:?}"));
    let bound = bind::bind(&expr, &table).unwrap_or_else(|error| panic!("{condition}: {error:?}"));
    let mut builder = Builder::new();
    let id = builder.add(&bound);
    let mut program = builder.finish();
    let root = program.root(id);
    let event = moment.event.event();
    let current = Current::new(&event, &moment.host, &moment.applied, &moment.settings, &moment.memory);
    let mut evaluator = Evaluator::new(&program);
    evaluator.begin();
    evaluator.test(&program, root, &current, &Bump::new())
}

#[track_caller]
fn check(moment: &Moment, met: &[&str], unmet: &[&str]) {
    for condition in met {
        assert!(holds(moment, condition), "unmet: {condition}");
    }
    for condition in unmet {
        assert!(!holds(moment, condition), "met: {condition}");
    }
}

fn read() -> EventBuilder {
    EventBuilder::new(id::READ_X).i64(5).bytes(b"hello").i64(3).u32(80)
}

#[test]
fn around_a_time() {
    let moment = Moment::new(read().ts(5_000_000_000));
    check(
        &moment,
        &["evt.around[5000000000] = 0", "evt.around[4999000001] = 1", "evt.around[5002000000] = 2"],
        &["evt.around[4998999999] = 1", "evt.around[5002000000] = 1"],
    );
}

#[test]
fn either_end_of_a_socket() {
    let moment = Moment::new(read()).opened(3, socket("10.0.0.1:40000", "8.8.8.8:443", Role::Client)).about(3);
    check(
        &moment,
        &[
            "fd.ip = 8.8.8.8",
            "fd.ip = 10.0.0.1",
            "fd.ip != 9.9.9.9",
            "fd.ip exists",
            "fd.port = 443",
            "fd.port in (1, 40000)",
            "fd.port < 500",
            "fd.proto = https",
            "fd.sport = https",
            "fd.sport = 443",
            "fd.net = 10.0.0.0/8",
            "fd.net in (8.0.0.0/8, 10.0.0.0/8)",
            "fd.snet in (9.0.0.0/8, 8.8.8.0/24)",
            "fd.cnet != 8.8.8.0/24",
            "fd.sip in (1.1.1.1, 8.8.8.8)",
            "fd.sip != 2001:db8::1",
        ],
        // `fd.ip in` never matches, and of `fd.net in` only the first network counts, as with the peer.
        &[
            "fd.ip != 8.8.8.8",
            "fd.port != 443",
            "fd.ip in (8.8.8.8)",
            "fd.net in (1.0.0.0/8, 10.0.0.0/8)",
            "fd.sip = 10.0.0.1",
            "fd.sport = http",
            "fd.sip = 2001:db8::1",
        ],
    );
}

#[test]
fn ends_of_what_is_no_connection() {
    let file = Moment::new(read()).opened(3, file("/x")).about(3);
    check(&file, &["fd.ip exists", "fd.port exists"], &["fd.ip = 1.1.1.1", "fd.ip != 1.1.1.1", "fd.sip exists"]);
    let listening = Moment::new(read()).opened(3, listening("0.0.0.0:80", Role::None)).about(3);
    check(&listening, &["fd.port = 80", "fd.sport = http", "fd.ip = 0.0.0.0"], &["fd.port != 80", "fd.sip exists"]);
    check(&Moment::new(read()).about(3), &[], &["fd.ip exists", "fd.name startswith /", "fd.type exists"]);
}

#[test]
fn parameters() {
    let open = EventBuilder::new(id::OPENAT_X).i64(3).i64(-100).text(b"/etc/shadow").u32(3).u32(0).u32(1).u64(9);
    let moment = Moment::new(open).opened(3, file("/etc/shadow")).about(3);
    check(
        &moment,
        &[
            "evt.type = openat",
            "evt.type in (open, openat)",
            "evt.is_open_read = true and evt.is_open_write = true",
            "evt.arg.flags contains O_RDWR",
            "evt.arg.flags = O_RDWR",
            "evt.rawarg.flags = 3",
            "evt.rawarg.fd > 2",
            "evt.arg.fd startswith <f>",
            "evt.arg.name = /etc/shadow",
            "fd.directory = /etc and fd.filename = shadow",
            "fd.num = 3",
            "fd.typechar = f",
            "evt.failed = false",
            "evt.rawres >= 0",
            "not evt.arg.tuple exists",
        ],
        // An absent parameter has no value, and its raw number is in no set.
        &["evt.arg.flags contains O_RDONLY", "evt.rawarg.flags in (3)", "evt.type = open", "evt.arg.tuple exists"],
    );
    let failed = EventBuilder::new(id::READ_X).i64(-11).absent().i64(3).u32(1);
    check(
        &Moment::new(failed),
        &["evt.arg.data = NULL", "evt.arg.data exists", "evt.res = EAGAIN"],
        &["evt.rawarg.data exists"],
    );
}

#[test]
fn bytes() {
    check(
        &Moment::new(read()),
        &["evt.buffer contains ell", "evt.buffer bcontains 6c6c", "evt.buffer bstartswith 6865"],
        &["evt.buffer contains xyz", "evt.buffer bcontains 00"],
    );
}
