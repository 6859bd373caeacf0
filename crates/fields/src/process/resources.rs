//! What a process holds and may do: descriptors, memory, threads, capabilities, cgroups.

use bumpalo::collections::Vec;
use vigie_events::values;
use vigie_filter::{Argument, Bump, Field, Value};
use vigie_state::thread::pieces;
use vigie_state::{Fd, Thread};

use super::Which;
use crate::Current;
use crate::arena::join_into;

pub(super) fn value<'a>(
    current: &'a Current<'_>,
    which: Which,
    thread: &'a Thread,
    field: &Field,
    arena: &'a Bump,
) -> Value<'a> {
    let of_main = |kb: u32| if thread.is_main() { u64::from(kb) } else { 0 };
    match which {
        Which::CapPermitted => capabilities(thread.cap_permitted, arena),
        Which::CapInheritable => capabilities(thread.cap_inheritable, arena),
        Which::CapEffective => capabilities(thread.cap_effective, arena),
        Which::FdOpenCount => Value::Uint(open_fds(current)),
        Which::FdLimit => Value::Int(fd_limit(current)),
        Which::FdUsage => Value::Double(fd_usage(open_fds(current), fd_limit(current))),
        Which::VmSize => Value::Uint(thread.vmsize_kb.into()),
        Which::VmRss => Value::Uint(thread.vmrss_kb.into()),
        Which::VmSwap => Value::Uint(thread.vmswap_kb.into()),
        Which::PfMajor => Value::Uint(thread.pfmajor),
        Which::PfMinor => Value::Uint(thread.pfminor),
        Which::ThreadVmSize => Value::Uint(of_main(thread.vmsize_kb)),
        Which::ThreadVmRss => Value::Uint(of_main(thread.vmrss_kb)),
        Which::ThreadVmSizeBytes => Value::Uint(of_main(thread.vmsize_kb) * 1024),
        Which::ThreadVmRssBytes => Value::Uint(of_main(thread.vmrss_kb) * 1024),
        Which::NThreads => Value::Uint(current.process().map_or(0, |process| process.live_threads).into()),
        Which::NChilds => Value::Uint(current.process().map_or(0, threads_but_the_leader).into()),
        Which::Cgroups => cgroups(thread, arena),
        Which::Cgroup => match &field.argument {
            Argument::Key(name) => cgroup(thread, name.as_bytes()),
            _ => Value::Missing,
        },
        Which::StdinType => stream_type(stream(current, 0)),
        Which::StdoutType => stream_type(stream(current, 1)),
        Which::StderrType => stream_type(stream(current, 2)),
        Which::StdinName => Value::text(stream(current, 0).map(|fd| &fd.name[..])),
        Which::StdoutName => Value::text(stream(current, 1).map(|fd| &fd.name[..])),
        Which::StderrName => Value::text(stream(current, 2).map(|fd| &fd.name[..])),
        _ => Value::Missing,
    }
}

/// How many descriptors the event's process has open.
pub(super) fn open_fds(current: &Current<'_>) -> u64 {
    current.process().map_or(0, |process| process.fds.len() as u64)
}

fn fd_limit(current: &Current<'_>) -> i64 {
    current.process().map_or(0, |process| process.fdlimit)
}

/// Percent of the limit; 0 when the limit is unknown.
fn fd_usage(open: u64, limit: i64) -> f64 {
    match u64::try_from(limit) {
        Ok(0) | Err(_) => 0.0,
        Ok(limit) if open > limit => 100.0,
        Ok(limit) => open as f64 * 100.0 / limit as f64,
    }
}

fn threads_but_the_leader(process: &Thread) -> u32 {
    if process.dead { process.live_threads } else { process.live_threads.saturating_sub(1) }
}

/// The names of a set of capabilities, in the order of bits.
fn capabilities(set: u64, arena: &Bump) -> Value<'_> {
    let table = values::table("capability");
    let bits = (0..u64::from(u64::BITS)).filter(|bit| set & 1 << bit != 0);
    let names = bits.filter_map(|bit| table?.name_of(bit)).map(str::as_bytes);
    Value::Text(crate::arena::joined(arena, names, b" "))
}

/// `subsystem=path` each, joined by blanks.
fn cgroups<'a>(thread: &Thread, arena: &'a Bump) -> Value<'a> {
    let mut text = Vec::new_in(arena);
    for (subsystem, path) in pieces(&thread.cgroups).filter_map(cgroup_of) {
        if !text.is_empty() {
            text.push(b' ');
        }
        join_into(&mut text, [subsystem, path].into_iter(), b"=");
    }
    if text.is_empty() { Value::Missing } else { Value::Text(text.into_bump_slice()) }
}

/// The path of one subsystem.
fn cgroup<'a>(thread: &'a Thread, name: &[u8]) -> Value<'a> {
    let mut all = pieces(&thread.cgroups).filter_map(cgroup_of);
    Value::text(all.find(|(subsystem, _)| *subsystem == name).map(|(_, path)| path))
}

/// The subsystem by the name that the kernel's files have for it, and the path.
fn cgroup_of(entry: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = entry.iter().position(|&byte| byte == b'=')?;
    let (subsystem, path) = (&entry[..end], &entry[end + 1..]);
    let subsystem: &[u8] = match subsystem.strip_suffix(b"_cgroup").unwrap_or(subsystem) {
        b"perf" => b"perf_event",
        b"mem" => b"memory",
        b"io" => b"blkio",
        other => other,
    };
    Some((subsystem, path))
}

/// Descriptor 0, 1 or 2 of the process.
fn stream<'a>(current: &'a Current<'_>, number: i64) -> Option<&'a Fd> {
    current.process()?.fds.get(number)
}

/// As `fd.type`: types nobody knows are `<NA>`, a value.
fn stream_type(fd: Option<&Fd>) -> Value<'_> {
    Value::text(fd.map(|fd| fd.kind.name().unwrap_or("<NA>").as_bytes()))
}
