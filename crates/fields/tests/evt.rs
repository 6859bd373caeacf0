//! When an event was, what it was and whether it worked, one case per rule of what the peer does.

mod moment;

use moment::{Moment, PID, directory, file, listening, socket};
use vigie_events::build::EventBuilder;
use vigie_events::id;
use vigie_fields::Current;
use vigie_filter::{Bump, Fields, Value, View};
use vigie_state::fd::Role;
use vigie_state::{Bytes, Fd, FdType};

/// 2026-11-21T20:10:20.371916589Z
const TS: u64 = 1_795_291_820_371_916_589;

fn at(ts: u64) -> Moment {
    Moment::new(EventBuilder::new(id::CLOSE_X).ts(ts).i64(0).i64(3))
}

fn close(result: i64) -> EventBuilder {
    EventBuilder::new(id::CLOSE_X).i64(result).i64(3)
}

fn open(result: i64, flags: u32, mode: u32) -> EventBuilder {
    EventBuilder::new(id::OPEN_X).i64(result).text(b"/x").u32(flags).u32(mode).u32(0).u64(0)
}

fn openat(result: i64, flags: u32, mode: u32) -> EventBuilder {
    EventBuilder::new(id::OPENAT_X).i64(result).i64(-100).text(b"/x").u32(flags).u32(mode).u32(0).u64(0)
}

fn asynchronous(name: &[u8]) -> EventBuilder {
    EventBuilder::new(id::ASYNCEVENT_E).u32(0).text(name).text(b"{}")
}

#[test]
fn times_as_text_and_numbers() {
    let mut moment = at(TS);
    moment.settings.utc_offset = 3600;
    for (name, text) in [
        ("evt.time", "21:10:20.371916589"),
        ("evt.outputtime", "21:10:20.371916589"),
        ("evt.time.s", "21:10:20"),
        ("evt.datetime", "2026-11-21 21:10:20.371916589"),
        ("evt.datetime.s", "2026-11-21 21:10:20"),
        ("evt.time.iso8601", "2026-11-21T20:10:20.371916589+0000"),
    ] {
        moment.prints(name, &format!("Text({text:?})"));
        moment.compares(name, &format!("Text({text:?})"));
        moment.gives_json(name, &format!("Uint({TS})"));
    }
    moment.shows("evt.rawtime", &format!("Uint({TS})"));
    moment.shows("evt.rawtime.s", "Uint(1795291820)");
    moment.shows("evt.rawtime.ns", "Uint(371916589)");
}

#[test]
fn times_since_the_first_event() {
    let mut moment = at(TS);
    moment.host.first_ts = TS - 2_000_000_007;
    moment.shows("evt.reltime", "Uint(2000000007)");
    moment.shows("evt.reltime.s", "Uint(2)");
    moment.shows("evt.reltime.ns", "Uint(7)");
    moment.host.first_ts = 0;
    moment.shows("evt.reltime", "Uint(0)");
    moment.host.first_ts = TS + 1;
    moment.shows("evt.reltime", "Uint(0)");
}

#[test]
fn times_since_a_field_was_last_evaluated() {
    let first = at(TS);
    let mut one = first.field("evt.deltatime");
    one.instance = 1;
    let mut two = first.field("evt.deltatime.ns");
    two.instance = 2;
    let value = |field, ts: u64, view| {
        let builder = close(0).ts(ts).tid(PID);
        let event = builder.event();
        let current = Current::new(&event, &first.host, &first.applied, &first.settings, &first.memory);
        let arena = Bump::new();
        match current.value(field, view, &arena) {
            Value::Uint(number) => number,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(value(&one, TS, View::Condition), 0);
    assert_eq!(value(&one, TS + 5, View::Condition), 5);
    assert_eq!(value(&two, TS + 6, View::Text), 0);
    assert_eq!(value(&one, TS + 7, View::Text), 2);
    assert_eq!(value(&two, TS + 1_000_000_008, View::Text), 2);
    assert_eq!(value(&one, TS + 9, View::Json), 0);
}

#[test]
fn counters_step_each_by_itself() {
    let moment = at(TS);
    let mut one = moment.field("util.cnt");
    let mut two = one.clone();
    (one.instance, two.instance) = (1, 2);
    assert_eq!(moment.evaluate(&one, View::Text), "Uint(1)");
    assert_eq!(moment.evaluate(&one, View::Text), "Uint(2)");
    assert_eq!(moment.evaluate(&two, View::Text), "Uint(1)");
}

#[test]
fn latencies_are_gone() {
    for name in ["evt.latency", "evt.latency.s", "evt.latency.ns", "evt.latency.quantized", "evt.wait_latency"] {
        at(TS).shows(name, "Uint(0)");
    }
    at(TS).says("evt.latency.human", "0ns");
}

#[test]
fn who_and_where() {
    let mut moment = Moment::new(close(0).cpu(3));
    moment.num = 77;
    moment.shows("evt.num", "Uint(77)");
    moment.shows("evt.cpu", "Int(3)");
    moment.says("evt.source", "syscall");
    moment.shows("evt.count", "Uint(1)");
    moment.shows("evt.count.exit", "Uint(1)");
    moment.says("evt.dir", "<");
    moment.host.machine.hostname = b"recorded".to_vec();
    moment.says("evt.hostname", "recorded");
    moment.settings.hostname = "configured".to_owned();
    moment.says("evt.hostname", "configured");
    moment.lacks(&["evt.pluginname", "evt.plugininfo", "evt.asynctype"]);
    moment.settings.static_fields = vec![("site".to_owned(), "lab".to_owned())];
    moment.says("static.site", "lab");
}

#[test]
fn names_of_events() {
    let named = |event: EventBuilder, name: &str| Moment::new(event).says("evt.type", name);
    named(close(0), "close");
    named(EventBuilder::new(id::GENERIC_X).u16(5).u16(0), "open");
    named(EventBuilder::new(id::GENERIC_X).u16(0).u16(0), "unknown");
    named(EventBuilder::new(id::GENERIC_X).u16(u16::MAX).u16(0), "unknown");
    named(asynchronous(b"container_removed"), "container_removed");
    Moment::new(EventBuilder::new(id::GENERIC_X).u16(5).u16(0)).says("syscall.type", "open");
    Moment::new(close(0)).says("syscall.type", "close");
    Moment::new(asynchronous(b"container")).lacks(&["syscall.type"]);
    Moment::new(EventBuilder::new(id::PROCEXIT_E).absents(5)).lacks(&["syscall.type"]);
}

#[test]
fn types_by_name_and_number() {
    let moment = Moment::new(openat(3, 1, 0));
    moment.shows("evt.type.is.307", "Uint(1)");
    moment.shows("evt.type.is.306", "Uint(0)");
    // The first entry of that name is an older layout.
    moment.shows("evt.type.is.openat", "Uint(0)");
    moment.shows("evt.type.is.close", "Uint(0)");
    Moment::new(close(0)).shows("evt.type.is.close", "Uint(1)");
}

#[test]
fn events_that_are_no_system_calls() {
    let moment = Moment::new(asynchronous(b"container"));
    moment.says("evt.dir", ">");
    moment.shows("evt.is_async", "Bool(true)");
    moment.says("evt.asynctype", "container");
    moment.lacks(&["evt.rawres", "evt.res", "evt.failed", "evt.count.error", "evt.count.exit"]);
    Moment::new(EventBuilder::new(id::USER_ADDED_E).absents(6)).shows("evt.is_async", "Bool(true)");
    Moment::new(close(0)).shows("evt.is_async", "Bool(false)");
    Moment::new(EventBuilder::new(id::PROCEXIT_E).i64(0).i64(0).u8(0).u8(0).i64(0)).lacks(&["evt.rawres", "evt.res"]);
}

#[test]
fn events_of_the_plugin() {
    let mut moment = Moment::nobodys(EventBuilder::new(id::PLUGINEVENT_E).u32(1).bytes(b"{\"kind\":\"Event\"}"));
    moment.source = vigie_fields::EventSource::K8sAudit;
    moment.says("evt.pluginname", "k8saudit");
    moment.says("evt.plugininfo", "{\"kind\":\"Event\"}");
    moment.says("evt.source", "k8s_audit");
    moment.shows("evt.is_async", "Bool(false)");
    let mut moment = Moment::nobodys(EventBuilder::new(id::PLUGINEVENT_E).u32(2).bytes(b"{}"));
    moment.source = vigie_fields::EventSource::K8sAudit;
    moment.lacks(&["evt.source"]);
}

#[test]
fn categories() {
    let of = |event: EventBuilder, category: &str| Moment::new(event).says("evt.category", category);
    of(openat(3, 1, 0), "file");
    of(EventBuilder::new(id::PIPE_X).i64(0).i64(3).i64(4).u64(1), "IPC");
    of(EventBuilder::new(id::EXECVE_X).i64(0), "process");
    of(EventBuilder::new(id::MMAP_X).i64(0), "memory");
    of(EventBuilder::new(id::SETUID_X).i64(0).u32(0), "user");
    of(EventBuilder::new(id::NANOSLEEP_X).i64(0).u64(0), "sleep");
    of(EventBuilder::new(id::CPU_HOTPLUG_E).u32(0).u32(0), "system");
    of(EventBuilder::new(id::DROP_E).u32(0), "internal");
    of(EventBuilder::new(id::GENERIC_X).u16(5).u16(0), "other");
}

#[test]
fn categories_of_reading_and_writing_are_those_of_the_descriptor() {
    let of = |fd: Fd| {
        let read = EventBuilder::new(id::READ_X).i64(1).bytes(b"x").i64(3).u32(1);
        Moment::new(read).opened(3, fd).about(3).view("evt.category", View::Text)
    };
    let plain = |kind| of(Fd::new(kind, Bytes::default()));
    assert_eq!(of(file("/x")), "Text(\"file\")");
    assert_eq!(of(directory("/x")), "Text(\"file\")");
    assert_eq!(of(socket("1.1.1.1:1", "2.2.2.2:2", Role::Client)), "Text(\"net\")");
    assert_eq!(of(listening("1.1.1.1:1", Role::None)), "Text(\"net\")");
    for kind in [FdType::Pipe, FdType::Unix, FdType::Event, FdType::Signalfd, FdType::Inotify, FdType::Userfaultfd] {
        assert_eq!(plain(kind), "Text(\"ipc\")");
    }
    for kind in [FdType::Eventpoll, FdType::Timerfd, FdType::Bpf, FdType::Memfd, FdType::Pidfd, FdType::Netlink] {
        assert_eq!(plain(kind), "Text(\"unknown\")");
    }
    let unknown = EventBuilder::new(id::CLOSE_X).i64(0).i64(3);
    Moment::new(unknown).about(3).says("evt.category", "unknown");
}

#[test]
fn results() {
    let moment = Moment::new(close(-9));
    moment.says("evt.res", "EBADF");
    moment.shows("evt.rawres", "Int(-9)");
    moment.shows("evt.failed", "Bool(true)");
    moment.shows("evt.count.error", "Uint(1)");
    let moment = Moment::new(close(0));
    moment.says("evt.res", "SUCCESS");
    moment.shows("evt.rawres", "Int(0)");
    moment.shows("evt.failed", "Bool(false)");
    Moment::new(openat(-2, 1, 0)).says("evt.res", "ENOENT");
    Moment::new(openat(3, 1, 0)).says("evt.res", "SUCCESS");
    // The return value of a fork is a pid, which has no error's name.
    Moment::new(EventBuilder::new(id::CLONE_X).i64(-11)).says("evt.res", "-11");
    Moment::new(EventBuilder::new(id::SETSID_X).i64(-1)).says("evt.res", "-1");
    let generic = EventBuilder::new(id::GENERIC_X).u16(5).u16(0);
    Moment::new(generic).lacks(&["evt.res", "evt.rawres", "evt.failed", "evt.count.error"]);
    Moment::new(EventBuilder::new(id::CLOSE_X).absent().i64(3)).lacks(&["evt.res", "evt.failed"]);
}

#[test]
fn failures_by_what_they_concern() {
    let counted = |moment: Moment| {
        ["file", "net", "memory", "other"]
            .into_iter()
            .filter(|name| moment.view(&format!("evt.count.error.{name}"), View::Text) == "Uint(1)")
            .collect::<Vec<_>>()
    };
    assert_eq!(counted(Moment::new(openat(-2, 1, 0))), ["file"]);
    assert_eq!(counted(Moment::new(EventBuilder::new(id::CONNECT_X).i64(-111))), ["net"]);
    assert_eq!(counted(Moment::new(EventBuilder::new(id::MPROTECT_X).i64(-1))), ["memory"]);
    assert_eq!(counted(Moment::new(close(-9))), ["other"]);
    let about = |fd: Fd| Moment::new(close(-5)).opened(3, fd).about(3);
    assert_eq!(counted(about(file("/x"))), ["file"]);
    assert_eq!(counted(about(directory("/x"))), ["file"]);
    assert_eq!(counted(about(socket("1.1.1.1:1", "2.2.2.2:2", Role::Client))), ["net"]);
    assert_eq!(counted(about(listening("1.1.1.1:1", Role::None))), ["net"]);
    assert_eq!(counted(about(Fd::new(FdType::Unix, Bytes::default()))), ["net"]);
    assert_eq!(counted(about(Fd::new(FdType::Pipe, Bytes::default()))), ["other"]);
    let mmap = |fd: Fd| Moment::new(EventBuilder::new(id::MMAP_X).i64(-12)).opened(3, fd).about(3);
    assert_eq!(counted(mmap(file("/x"))), ["file", "memory"]);
    assert_eq!(counted(mmap(Fd::new(FdType::Memfd, Bytes::default()))), ["memory"]);
    assert!(counted(Moment::new(close(0))).is_empty());
}

#[test]
fn directions() {
    let check = |event: EventBuilder, io: bool, read: bool, write: bool, direction: &str| {
        let moment = Moment::new(event);
        moment.shows("evt.is_io", &format!("Bool({io})"));
        moment.shows("evt.is_io_read", &format!("Bool({read})"));
        moment.shows("evt.is_io_write", &format!("Bool({write})"));
        moment.shows("evt.io_dir", direction);
    };
    check(EventBuilder::new(id::READ_X).i64(0), true, true, false, "Text(\"read\")");
    check(EventBuilder::new(id::WRITE_X).i64(0), true, false, true, "Text(\"write\")");
    check(EventBuilder::new(id::COPY_FILE_RANGE_X).i64(0), true, true, true, "Text(\"write\")");
    check(close(0), false, false, false, "Missing");
    Moment::new(EventBuilder::new(id::POLL_X).i64(0)).shows("evt.is_wait", "Bool(true)");
    Moment::new(close(0)).shows("evt.is_wait", "Bool(false)");
}

#[test]
fn the_log_is_a_name() {
    let write = || EventBuilder::new(id::WRITE_X).i64(1).bytes(b"x").i64(3).u32(1);
    let unix = |name: &str| Fd::new(FdType::Unix, Bytes::from(name));
    Moment::new(write()).opened(3, unix("1->2 /dev/log")).about(3).shows("evt.is_syslog", "Bool(true)");
    Moment::new(write()).opened(3, unix("1->2 /dev/lo")).about(3).shows("evt.is_syslog", "Bool(false)");
    Moment::new(write()).shows("evt.is_syslog", "Bool(false)");
    Moment::new(close(0)).opened(3, unix("/dev/log")).about(3).shows("evt.is_syslog", "Bool(false)");
}

#[test]
fn lengths_of_buffers() {
    let all = [
        "evt.buflen",
        "evt.buflen.in",
        "evt.buflen.out",
        "evt.buflen.file",
        "evt.buflen.file.in",
        "evt.buflen.file.out",
        "evt.buflen.net",
        "evt.buflen.net.in",
        "evt.buflen.net.out",
    ];
    let shown =
        |moment: Moment| all.into_iter().filter(|name| moment.view(name, View::Text) == "Uint(5)").collect::<Vec<_>>();
    let event = |id: u16, result: i64| EventBuilder::new(id).i64(result).bytes(b"hello").i64(3).u32(5);
    let net = || socket("1.1.1.1:1", "2.2.2.2:2", Role::Client);
    assert_eq!(
        shown(Moment::new(event(id::READ_X, 5)).opened(3, file("/x")).about(3)),
        ["evt.buflen", "evt.buflen.in", "evt.buflen.file", "evt.buflen.file.in"]
    );
    assert_eq!(
        shown(Moment::new(event(id::WRITE_X, 5)).opened(3, net()).about(3)),
        ["evt.buflen", "evt.buflen.out", "evt.buflen.net", "evt.buflen.net.out"]
    );
    // Directories are no files here, and other input and output has no direction.
    let directory = Moment::new(event(id::READ_X, 5)).opened(3, directory("/x")).about(3);
    assert_eq!(shown(directory), ["evt.buflen", "evt.buflen.in"]);
    let ioctl = EventBuilder::new(id::IOCTL_X).i64(5).i64(3).u64(0).u64(0);
    assert_eq!(shown(Moment::new(ioctl).opened(3, file("/x")).about(3)), ["evt.buflen", "evt.buflen.file"]);
    Moment::new(event(id::READ_X, 5)).lacks(&all);
    Moment::new(event(id::READ_X, -5)).opened(3, file("/x")).about(3).lacks(&all);
    Moment::new(openat(5, 1, 0)).opened(5, file("/x")).about(5).lacks(&all);
}

#[test]
fn opened_for_reading_and_writing() {
    let check = |event: EventBuilder, read: bool, write: bool| {
        let moment = Moment::new(event);
        moment.shows("evt.is_open_read", &format!("Bool({read})"));
        moment.shows("evt.is_open_write", &format!("Bool({write})"));
    };
    check(open(3, 1, 0), true, false);
    check(openat(3, 2, 0), false, true);
    check(openat(-2, 3, 0), true, true);
    check(openat(3, 0, 0), false, false);
    let openat2 = |flags: u32| EventBuilder::new(id::OPENAT2_X).i64(3).i64(-100).text(b"x").u32(flags).u32(0);
    check(openat2(3), true, true);
    let by_handle = |flags: u32| EventBuilder::new(id::OPEN_BY_HANDLE_AT_X).i64(3).i64(4).u32(flags).text(b"/x");
    check(by_handle(2), false, true);
    check(EventBuilder::new(id::OPENAT_X).i64(3).i64(-100).text(b"x").absents(4), false, false);
    check(EventBuilder::new(id::CREAT_X).i64(3).text(b"/x").u32(0o777).u32(0).u64(0).u16(1), false, false);
    check(close(0), false, false);
}

#[test]
fn created_and_executable() {
    let check = |event: EventBuilder, create: bool, executable: bool| {
        let moment = Moment::new(event);
        moment.shows("evt.is_open_create", &format!("Bool({create})"));
        moment.shows("evt.is_open_exec", &format!("Bool({executable})"));
    };
    const CREAT: u32 = 4;
    const TMPFILE: u32 = 8192;
    const CREATED: u32 = 16384;
    check(openat(3, 2 | CREAT | CREATED, 0o755), true, true);
    check(open(3, 2 | CREAT, 0o644), false, false);
    check(openat(3, 2 | CREAT, 0o100), false, true);
    check(openat(3, 2, 0o755), false, false);
    check(openat(3, 2 | TMPFILE, 0o010), true, true);
    check(openat(-1, 2 | TMPFILE, 0o600), false, false);
    check(EventBuilder::new(id::CREAT_X).i64(3).text(b"/x").u32(0o711).u32(0).u64(0).u16(1), false, true);
    check(EventBuilder::new(id::CREAT_X).i64(3).text(b"/x").u32(0o600).u32(0).u64(0).u16(1), false, false);
    let by_handle =
        EventBuilder::new(id::OPEN_BY_HANDLE_AT_X).i64(3).i64(4).u32(CREAT | CREATED).text(b"/x").u32(0o777);
    check(by_handle, true, false);
    check(close(0), false, false);
}

#[test]
fn around_a_time_in_milliseconds() {
    at(5_000_000).compares("evt.around[5000000]", "Uint(0)");
    at(5_000_001).compares("evt.around[5000000]", "Uint(1)");
    at(5_000_000).compares("evt.around[7000000]", "Uint(2)");
    at(0).compares("evt.around[18446744073709551615]", "Uint(18446744073710)");
}

#[test]
fn absolute_paths() {
    let unlinkat = |dirfd: i64, name: &[u8]| EventBuilder::new(id::UNLINKAT_X).i64(0).i64(dirfd).text(name).u32(0);
    Moment::new(unlinkat(-100, b"/a/../b//c")).says("evt.abspath", "/b/c");
    Moment::new(unlinkat(-100, b"x")).says("evt.abspath", "/home/u/x");
    Moment::new(unlinkat(7, b"x")).opened(7, directory("/srv")).says("evt.abspath", "/srv/x");
    Moment::new(unlinkat(7, b"x")).opened(7, directory("/")).says("evt.abspath", "//x");
    Moment::new(unlinkat(7, b"x")).says("evt.abspath", "<UNKNOWN>/x");
    Moment::nobodys(unlinkat(-100, b"/x")).lacks(&["evt.abspath"]);
    Moment::new(openat(3, 1, 0)).says("evt.abspath", "/x");
    let rename = || EventBuilder::new(id::RENAMEAT2_X).i64(0).i64(-100).text(b"a").i64(7).text(b"b").u32(0);
    let moment = Moment::new(rename()).opened(7, directory("/srv"));
    moment.says("evt.abspath", "/home/u/a");
    moment.says("evt.abspath.src", "/home/u/a");
    moment.says("evt.abspath.dst", "/srv/b");
    let symlinkat = EventBuilder::new(id::SYMLINKAT_X).i64(0).text(b"to").i64(-100).text(b"link");
    Moment::new(symlinkat).says("evt.abspath", "/home/u/link");
    let by_handle = |fd: i64| EventBuilder::new(id::OPEN_BY_HANDLE_AT_X).i64(fd).i64(4).u32(1).text(b"/by/handle");
    Moment::new(by_handle(3)).says("evt.abspath", "/by/handle");
    Moment::new(by_handle(-1)).lacks(&["evt.abspath"]);
    Moment::new(open(3, 1, 0)).lacks(&["evt.abspath"]);
}
