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
    let stream = |number| current.host.fd_of(thread, number);
    let of_main = |kb: u32| if thread.is_main() { u64::from(kb) } else { 0 };
    match which {
        Which::CapPermitted => capabilities(thread.cap_permitted, arena),
        Which::CapInheritable => capabilities(thread.cap_inheritable, arena),
        Which::CapEffective => capabilities(thread.cap_effective, arena),
        Which::FdOpenCount => Value::Uint(open_fds(current, thread)),
        Which::FdLimit => Value::Int(fd_limit(current, thread)),
        Which::FdUsage => Value::Double(fd_usage(open_fds(current, thread), fd_limit(current, thread))),
        Which::VmSize => Value::Uint(thread.vmsize_kb.into()),
        Which::VmRss => Value::Uint(thread.vmrss_kb.into()),
        Which::VmSwap => Value::Uint(thread.vmswap_kb.into()),
        Which::PfMajor => Value::Uint(thread.pfmajor),
        Which::PfMinor => Value::Uint(thread.pfminor),
        Which::ThreadVmSize => Value::Uint(of_main(thread.vmsize_kb)),
        Which::ThreadVmRss => Value::Uint(of_main(thread.vmrss_kb)),
        Which::ThreadVmSizeBytes => Value::Uint(of_main(thread.vmsize_kb) * 1024),
        Which::ThreadVmRssBytes => Value::Uint(of_main(thread.vmrss_kb) * 1024),
        Which::NThreads => Value::Uint(live_threads(current, thread).into()),
        Which::NChilds => Value::Uint(threads_but_the_leader(current, thread).into()),
        Which::Cgroups => cgroups(thread, arena),
        Which::Cgroup => match &field.argument {
            Argument::Key(name) => cgroup(thread, name.as_bytes()),
            _ => Value::Missing,
        },
        Which::StdinType => stream_type(stream(0)),
        Which::StdoutType => stream_type(stream(1)),
        Which::StderrType => stream_type(stream(2)),
        Which::StdinName => Value::text(stream(0).map(|fd| &fd.name[..])),
        Which::StdoutName => Value::text(stream(1).map(|fd| &fd.name[..])),
        Which::StderrName => Value::text(stream(2).map(|fd| &fd.name[..])),
        // Processor time: told by events that the drivers in use do not send.
        _ => Value::Missing,
    }
}

/// How many descriptors the event's process has open.
pub(super) fn open_fds(current: &Current<'_>, thread: &Thread) -> u64 {
    current.host.threads.table_of(thread).map_or(0, |holder| holder.fds.len() as u64)
}

fn fd_limit(current: &Current<'_>, thread: &Thread) -> i64 {
    current.host.threads.table_of(thread).map_or(0, |holder| holder.fdlimit)
}

/// Percent of the limit; 0 when the limit is unknown.
fn fd_usage(open: u64, limit: i64) -> f64 {
    match u64::try_from(limit) {
        Ok(0) | Err(_) => 0.0,
        Ok(limit) if open > limit => 100.0,
        Ok(limit) => open as f64 * 100.0 / limit as f64,
    }
}

fn live_threads(current: &Current<'_>, thread: &Thread) -> u32 {
    current.host.threads.live_of(thread.pid).unwrap_or(0)
}

fn threads_but_the_leader(current: &Current<'_>, thread: &Thread) -> u32 {
    let leader_lives = current.process().is_some_and(|leader| !leader.dead);
    live_threads(current, thread).saturating_sub(leader_lives.into())
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

/// As `fd.type`: types nobody knows are `<NA>`, a value.
fn stream_type(fd: Option<&Fd>) -> Value<'_> {
    Value::text(fd.map(|fd| fd.kind.name().unwrap_or("<NA>").as_bytes()))
}
