//! The fields of class `evt` that are not parameters: when, what, whether it worked, what it opened.

mod abspath;
mod buffer;
mod kind;
mod opening;
mod times;

use vigie_events::event::until_nul;
use vigie_events::id;
use vigie_events::schema::{Origin, flag};
use vigie_filter::{Argument, Bump, Field, Value, View};

use crate::parameter::Parameter;
use crate::table::fields;
use crate::{Current, EventSource};

fields! {
    Latency = "evt.latency",
    LatencyS = "evt.latency.s",
    LatencyNs = "evt.latency.ns",
    LatencyQuantized = "evt.latency.quantized",
    LatencyHuman = "evt.latency.human",
    Deltatime = "evt.deltatime",
    DeltatimeS = "evt.deltatime.s",
    DeltatimeNs = "evt.deltatime.ns",
    Outputtime = "evt.outputtime",
    Dir = "evt.dir",
    Type = "evt.type",
    TypeIs = "evt.type.is",
    SyscallType = "syscall.type",
    Category = "evt.category",
    Cpu = "evt.cpu",
    Buflen = "evt.buflen",
    Res = "evt.res",
    Rawres = "evt.rawres",
    Failed = "evt.failed",
    IsIo = "evt.is_io",
    IsIoRead = "evt.is_io_read",
    IsIoWrite = "evt.is_io_write",
    IoDir = "evt.io_dir",
    IsWait = "evt.is_wait",
    WaitLatency = "evt.wait_latency",
    IsSyslog = "evt.is_syslog",
    Count = "evt.count",
    CountError = "evt.count.error",
    CountErrorFile = "evt.count.error.file",
    CountErrorNet = "evt.count.error.net",
    CountErrorMemory = "evt.count.error.memory",
    CountErrorOther = "evt.count.error.other",
    CountExit = "evt.count.exit",
    CountProcinfo = "evt.count.procinfo",
    CountThreadinfo = "evt.count.threadinfo",
    Around = "evt.around",
    Abspath = "evt.abspath",
    BuflenIn = "evt.buflen.in",
    BuflenOut = "evt.buflen.out",
    BuflenFile = "evt.buflen.file",
    BuflenFileIn = "evt.buflen.file.in",
    BuflenFileOut = "evt.buflen.file.out",
    BuflenNet = "evt.buflen.net",
    BuflenNetIn = "evt.buflen.net.in",
    BuflenNetOut = "evt.buflen.net.out",
    IsOpenRead = "evt.is_open_read",
    IsOpenWrite = "evt.is_open_write",
    InfraDockerName = "evt.infra.docker.name",
    IsOpenExec = "evt.is_open_exec",
    IsOpenCreate = "evt.is_open_create",
    Num = "evt.num",
    Time = "evt.time",
    TimeS = "evt.time.s",
    TimeIso8601 = "evt.time.iso8601",
    Datetime = "evt.datetime",
    DatetimeS = "evt.datetime.s",
    Rawtime = "evt.rawtime",
    RawtimeS = "evt.rawtime.s",
    RawtimeNs = "evt.rawtime.ns",
    Reltime = "evt.reltime",
    ReltimeS = "evt.reltime.s",
    ReltimeNs = "evt.reltime.ns",
    Pluginname = "evt.pluginname",
    Plugininfo = "evt.plugininfo",
    Source = "evt.source",
    IsAsync = "evt.is_async",
    Asynctype = "evt.asynctype",
    Hostname = "evt.hostname",
}

/// The plugin whose events these are.
const PLUGIN: &[u8] = b"k8saudit";

pub(crate) fn value<'a>(current: &'a Current<'_>, number: u8, field: &Field, view: View, arena: &'a Bump) -> Value<'a> {
    let Some(which) = which(number) else { return Value::Missing };
    let event = current.event;
    match which {
        Which::Type => Value::Text(kind::name(current)),
        Which::SyscallType if event.event_type().origin == Origin::Syscall => Value::Text(kind::name(current)),
        Which::SyscallType => Value::Missing,
        Which::TypeIs => kind::is(event.id, &field.argument),
        Which::Num => Value::Uint(event.num),
        Which::Cpu => Value::Int(event.cpu.into()),
        Which::Dir => Value::Text(if event.id % 2 == 1 { b"<" } else { b">" }),
        Which::Category => Value::Text(kind::category(current)),
        Which::Res => result(current, view, arena),
        Which::Rawres => Value::int(event.result()),
        Which::Failed => event.result().map_or(Value::Missing, |result| Value::Bool(result < 0)),
        Which::IsOpenRead => Value::Bool(opening::flags(event) & opening::READ != 0),
        Which::IsOpenWrite => Value::Bool(opening::flags(event) & opening::WRITE != 0),
        Which::IsOpenCreate => Value::Bool(opening::creates(event)),
        Which::IsOpenExec => Value::Bool(opening::makes_executable(event)),
        Which::IsIo => has(current, flag::READS_FROM_FD | flag::WRITES_TO_FD),
        Which::IsIoRead => has(current, flag::READS_FROM_FD),
        Which::IsIoWrite => has(current, flag::WRITES_TO_FD),
        Which::IsWait => has(current, flag::WAITS),
        Which::IoDir => match event.event_type() {
            kind if kind.has(flag::WRITES_TO_FD) => Value::Text(b"write"),
            kind if kind.has(flag::READS_FROM_FD) => Value::Text(b"read"),
            _ => Value::Missing,
        },
        Which::IsSyslog => Value::Bool(buffer::is_syslog(current)),
        Which::Buflen => buffer::length(current, buffer::Direction::Any, buffer::Target::Any),
        Which::BuflenIn => buffer::length(current, buffer::Direction::In, buffer::Target::Any),
        Which::BuflenOut => buffer::length(current, buffer::Direction::Out, buffer::Target::Any),
        Which::BuflenFile => buffer::length(current, buffer::Direction::Any, buffer::Target::File),
        Which::BuflenFileIn => buffer::length(current, buffer::Direction::In, buffer::Target::File),
        Which::BuflenFileOut => buffer::length(current, buffer::Direction::Out, buffer::Target::File),
        Which::BuflenNet => buffer::length(current, buffer::Direction::Any, buffer::Target::Net),
        Which::BuflenNetIn => buffer::length(current, buffer::Direction::In, buffer::Target::Net),
        Which::BuflenNetOut => buffer::length(current, buffer::Direction::Out, buffer::Target::Net),
        Which::Count => Value::Uint(1),
        Which::CountError => failures(current, true),
        Which::CountErrorFile => failures(current, kind::concern(current) == kind::Concern::File),
        Which::CountErrorNet => failures(current, kind::concern(current) == kind::Concern::Net),
        Which::CountErrorMemory => failures(current, kind::is_of_memory(current)),
        Which::CountErrorOther => {
            failures(current, kind::concern(current) == kind::Concern::Other && !kind::is_of_memory(current))
        }
        Which::CountExit if event.id % 2 == 1 => Value::Uint(1),
        Which::CountProcinfo if event.id == id::PROCINFO_E && current.thread.is_some_and(|thread| thread.is_main()) => {
            Value::Uint(1)
        }
        Which::CountThreadinfo if event.id == id::PROCINFO_E => Value::Uint(1),
        Which::CountExit | Which::CountProcinfo | Which::CountThreadinfo => Value::Missing,
        Which::Around => around(event.ts, &field.argument),
        Which::Abspath => Value::text(abspath::of(current, field, arena)),
        Which::Latency | Which::LatencyS | Which::LatencyNs | Which::LatencyQuantized | Which::WaitLatency => {
            Value::Uint(0)
        }
        Which::LatencyHuman => Value::Text(b"0ns"),
        Which::Source => Value::text(EventSource::of(event).map(|source| source.name().as_bytes())),
        Which::IsAsync => Value::Bool(event.event_type().origin == Origin::Metaevent),
        Which::Asynctype if event.event_type().origin == Origin::Metaevent => Value::Text(kind::name(current)),
        Which::Asynctype => Value::Missing,
        Which::Hostname => Value::Text(match current.settings.hostname.as_bytes() {
            b"" => until_nul(&current.host.machine.hostname),
            name => name,
        }),
        Which::Pluginname if event.id == id::PLUGINEVENT_E => Value::Text(PLUGIN),
        Which::Plugininfo if event.id == id::PLUGINEVENT_E => Value::text(event.params.text(1)),
        Which::Pluginname | Which::Plugininfo => Value::Missing,
        Which::InfraDockerName if event.id == id::INFRASTRUCTURE_EVENT_E && event.params.text(0) == Some(b"docker") => {
            Value::text(event.params.text(1))
        }
        Which::InfraDockerName => Value::Missing,
        Which::Outputtime
        | Which::Time
        | Which::TimeS
        | Which::TimeIso8601
        | Which::Datetime
        | Which::DatetimeS
        | Which::Rawtime
        | Which::RawtimeS
        | Which::RawtimeNs
        | Which::Reltime
        | Which::ReltimeS
        | Which::ReltimeNs
        | Which::Deltatime
        | Which::DeltatimeS
        | Which::DeltatimeNs => times::value(current, which, field, view, arena),
    }
}

fn has<'a>(current: &Current<'_>, flags: u16) -> Value<'a> {
    Value::Bool(current.event.event_type().has(flags))
}

/// `SUCCESS`, or the text of the return value, which is the error's name except where it is a pid.
fn result<'a>(current: &Current<'a>, view: View, arena: &'a Bump) -> Value<'a> {
    match current.event.result() {
        None => Value::Missing,
        Some(0..) => Value::Text(b"SUCCESS"),
        Some(_) => match Parameter::at(current, 0) {
            Some(parameter) => Value::Text(parameter.text(current, view, arena)),
            None => Value::Missing,
        },
    }
}

/// 1 for a failure, 0 for a success; missing where there is no return value, or when the event is of another sort.
fn failures<'a>(current: &Current<'_>, counts: bool) -> Value<'a> {
    match current.event.result() {
        Some(result) if counts => Value::Uint(u64::from(result < 0)),
        _ => Value::Missing,
    }
}

/// How far the event is from a time, in milliseconds begun.
fn around<'a>(ts: u64, argument: &Argument) -> Value<'a> {
    match argument {
        Argument::Index(time) => Value::Uint(ts.abs_diff(*time).div_ceil(1_000_000)),
        _ => Value::Missing,
    }
}
