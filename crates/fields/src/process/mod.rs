//! Fields of the event's thread and of its process: `proc.*`, `thread.*`.

mod ancestors;
mod environment;
mod resources;

use vigie_filter::{Argument, Bump, Field, Value, View};
use vigie_state::Thread;

use crate::Current;
use crate::arena::{join_into, joined};
use crate::table::fields;

fields! {
    Exe = "proc.exe",
    Pexe = "proc.pexe",
    Aexe = "proc.aexe",
    Exepath = "proc.exepath",
    Pexepath = "proc.pexepath",
    Aexepath = "proc.aexepath",
    Name = "proc.name",
    Pname = "proc.pname",
    Aname = "proc.aname",
    Args = "proc.args",
    Aargs = "proc.aargs",
    Cmdline = "proc.cmdline",
    Pcmdline = "proc.pcmdline",
    Acmdline = "proc.acmdline",
    Cmdnargs = "proc.cmdnargs",
    Cmdlenargs = "proc.cmdlenargs",
    Exeline = "proc.exeline",
    Env = "proc.env",
    Aenv = "proc.aenv",
    Cwd = "proc.cwd",
    LoginShellId = "proc.loginshellid",
    Tty = "proc.tty",
    Pid = "proc.pid",
    Ppid = "proc.ppid",
    Apid = "proc.apid",
    Vpid = "proc.vpid",
    Pvpid = "proc.pvpid",
    Sid = "proc.sid",
    Sname = "proc.sname",
    SidExe = "proc.sid.exe",
    SidExepath = "proc.sid.exepath",
    Vpgid = "proc.vpgid",
    VpgidName = "proc.vpgid.name",
    VpgidExe = "proc.vpgid.exe",
    VpgidExepath = "proc.vpgid.exepath",
    Pgid = "proc.pgid",
    PgidName = "proc.pgid.name",
    PgidExe = "proc.pgid.exe",
    PgidExepath = "proc.pgid.exepath",
    Duration = "proc.duration",
    PpidDuration = "proc.ppid.duration",
    PidTs = "proc.pid.ts",
    PpidTs = "proc.ppid.ts",
    IsExeWritable = "proc.is_exe_writable",
    IsExeUpperLayer = "proc.is_exe_upper_layer",
    IsExeLowerLayer = "proc.is_exe_lower_layer",
    IsExeFromMemfd = "proc.is_exe_from_memfd",
    IsSidLeader = "proc.is_sid_leader",
    IsVpgidLeader = "proc.is_vpgid_leader",
    IsPgidLeader = "proc.is_pgid_leader",
    ExeIno = "proc.exe_ino",
    ExeInoCtime = "proc.exe_ino.ctime",
    ExeInoMtime = "proc.exe_ino.mtime",
    ExeInoCtimeDurationProcStart = "proc.exe_ino.ctime_duration_proc_start",
    ExeInoCtimeDurationPidnsStart = "proc.exe_ino.ctime_duration_pidns_start",
    PidnsInitStartTs = "proc.pidns_init_start_ts",
    CapPermitted = "thread.cap_permitted",
    CapInheritable = "thread.cap_inheritable",
    CapEffective = "thread.cap_effective",
    FdOpenCount = "proc.fdopencount",
    FdLimit = "proc.fdlimit",
    FdUsage = "proc.fdusage",
    VmSize = "proc.vmsize",
    VmRss = "proc.vmrss",
    VmSwap = "proc.vmswap",
    PfMajor = "thread.pfmajor",
    PfMinor = "thread.pfminor",
    Tid = "thread.tid",
    IsMain = "thread.ismain",
    Vtid = "thread.vtid",
    NameTid = "thread.nametid",
    Cgroups = "thread.cgroups",
    Cgroup = "thread.cgroup",
    NThreads = "proc.nthreads",
    NChilds = "proc.nchilds",
    ThreadVmSize = "thread.vmsize",
    ThreadVmRss = "thread.vmrss",
    ThreadVmSizeBytes = "thread.vmsize.b",
    ThreadVmRssBytes = "thread.vmrss.b",
    StdinType = "proc.stdin.type",
    StdoutType = "proc.stdout.type",
    StderrType = "proc.stderr.type",
    StdinName = "proc.stdin.name",
    StdoutName = "proc.stdout.name",
    StderrName = "proc.stderr.name",
}

pub(crate) fn value<'a>(current: &'a Current<'_>, number: u8, field: &Field, view: View, arena: &'a Bump) -> Value<'a> {
    // What nearly every rule reads comes first, without the cost of the others.
    match (which(number), current.thread) {
        (Some(Which::Name), Some(thread)) => Value::Text(&thread.comm),
        (Some(Which::Exe), Some(thread)) => Value::Text(&thread.exe),
        (Some(Which::Exepath), Some(thread)) => Value::Text(&thread.exepath),
        (Some(Which::Cmdline), Some(thread)) => Value::Text(&thread.cmdline),
        (Some(Which::Tid), _) => Value::Int(current.event.tid),
        (Some(which), Some(thread)) => of_thread(current, which, thread, field, view, arena),
        _ => Value::Missing,
    }
}

#[inline(never)]
fn of_thread<'a>(
    current: &'a Current<'_>,
    which: Which,
    thread: &'a Thread,
    field: &Field,
    view: View,
    arena: &'a Bump,
) -> Value<'a> {
    let of_parent = |of| Value::text(ancestors::ancestor(current, 1).map(|parent| command(parent, of)));
    let leader_text = |leader: Option<&'a Thread>, of| Value::Text(leader.map_or(b"", |leader| command(leader, of)));
    let session = || ancestors::leader(current, thread, |thread| thread.sid, true);
    let namespace_group = || ancestors::leader(current, thread, |thread| thread.vpgid, true);
    let group = || ancestors::leader(current, thread, |thread| thread.pgid, false);
    match which {
        Which::Pname => of_parent(Command::Name),
        Which::Pexe => of_parent(Command::Exe),
        Which::Pexepath => of_parent(Command::Exepath),
        Which::Pcmdline => of_parent(Command::Cmdline),
        Which::Aname => ancestors::texts(current, field, view, arena, Command::Name),
        Which::Aexe => ancestors::texts(current, field, view, arena, Command::Exe),
        Which::Aexepath => ancestors::texts(current, field, view, arena, Command::Exepath),
        Which::Acmdline => ancestors::texts(current, field, view, arena, Command::Cmdline),
        Which::Args => match field.argument {
            Argument::Index(index) => {
                Value::Text(usize::try_from(index).ok().and_then(|index| thread.arguments().nth(index)).unwrap_or(b""))
            }
            _ => Value::Text(arguments(thread, arena)),
        },
        Which::Aargs => ancestors::args(current, field, arena),
        Which::Cmdnargs => Value::Uint(thread.arguments().count() as u64),
        Which::Cmdlenargs => Value::Uint(thread.arguments().map(|argument| argument.len() as u64).sum()),
        Which::Exeline => Value::Text(exeline(thread, arena)),
        Which::Env => environment::own(current, field, arena),
        Which::Aenv => environment::of_ancestors(current, field, view, arena),
        Which::Cwd => Value::Text(current.process().map_or(b"./", |process| &process.cwd)),
        Which::Tty => Value::Uint(thread.tty.into()),
        Which::Pid => pid(Some(thread)),
        Which::Ppid => pid(ancestors::ancestor(current, 1)),
        Which::Apid => ancestors::pids(current, field, view, arena),
        Which::LoginShellId => Value::int(ancestors::login_shell(current)),
        Which::Vpid => Value::int(Some(thread.vpid).filter(|&vpid| vpid != -1)),
        Which::Vtid => Value::int(Some(thread.vtid).filter(|&vtid| vtid != -1)),
        Which::Pvpid => Value::int(current.host.threads.by_tid(thread.ptid).map(|parent| parent.vpid)),
        Which::Sid => Value::Int(thread.sid),
        Which::Vpgid => Value::Int(thread.vpgid),
        Which::Pgid => Value::Int(thread.pgid),
        Which::Sname => leader_text(session(), Command::Name),
        Which::SidExe => leader_text(session(), Command::Exe),
        Which::SidExepath => leader_text(session(), Command::Exepath),
        Which::VpgidName => leader_text(namespace_group(), Command::Name),
        Which::VpgidExe => leader_text(namespace_group(), Command::Exe),
        Which::VpgidExepath => leader_text(namespace_group(), Command::Exepath),
        Which::PgidName => leader_text(group(), Command::Name),
        Which::PgidExe => leader_text(group(), Command::Exe),
        Which::PgidExepath => leader_text(group(), Command::Exepath),
        Which::IsSidLeader => Value::Bool(thread.sid == thread.vpid),
        Which::IsVpgidLeader => Value::Bool(thread.vpgid == thread.vpid),
        Which::IsPgidLeader => Value::Bool(thread.pgid == thread.pid),
        Which::IsExeWritable => Value::Bool(thread.exe_writable),
        Which::IsExeUpperLayer => Value::Bool(thread.exe_upper_layer),
        Which::IsExeLowerLayer => Value::Bool(thread.exe_lower_layer),
        Which::IsExeFromMemfd => Value::Bool(thread.exe_from_memfd),
        Which::ExeIno => Value::int(Some(thread.exe_ino as i64).filter(|&ino| ino != 0)),
        Which::ExeInoCtime => unless_zero(thread.exe_ctime),
        Which::ExeInoMtime => unless_zero(thread.exe_mtime),
        Which::ExeInoCtimeDurationProcStart => unless_zero(thread.exe_ctime_since_clone),
        Which::ExeInoCtimeDurationPidnsStart => unless_zero(thread.exe_ctime_since_pidns),
        Which::PidnsInitStartTs => unless_zero(thread.pidns_init_start_ts),
        Which::PidTs => unless_zero(thread.clone_ts),
        Which::PpidTs => Value::uint(ancestors::ancestor(current, 1).map(|parent| parent.clone_ts)),
        Which::Duration => match thread.clone_ts {
            0 => Value::Missing,
            clone_ts => Value::Uint(current.event.ts.wrapping_sub(clone_ts)),
        },
        Which::PpidDuration => match ancestors::ancestor(current, 1).map(|parent| parent.clone_ts) {
            None => Value::Missing,
            // The peer falls through to its next field.
            Some(0) => Value::Uint(resources::open_fds(current, thread)),
            Some(clone_ts) => Value::Uint(current.event.ts.wrapping_sub(clone_ts)),
        },
        Which::IsMain => Value::Bool(thread.is_main()),
        Which::NameTid => {
            let mut text = bumpalo::collections::Vec::new_in(arena);
            text.extend_from_slice_copy(&thread.comm);
            text.extend_from_slice_copy(thread.tid.to_string().as_bytes());
            Value::Text(text.into_bump_slice())
        }
        _ => resources::value(current, which, thread, field, arena),
    }
}

/// What processes are called.
#[derive(Clone, Copy, Debug)]
enum Command {
    Name,
    Exe,
    Exepath,
    Cmdline,
}

#[inline]
fn command(thread: &Thread, of: Command) -> &[u8] {
    match of {
        Command::Name => &thread.comm,
        Command::Exe => &thread.exe,
        Command::Exepath => &thread.exepath,
        Command::Cmdline => &thread.cmdline,
    }
}

/// The arguments joined by blanks.
fn arguments<'a>(thread: &Thread, arena: &'a Bump) -> &'a [u8] {
    joined(arena, thread.arguments(), b" ")
}

/// `argv[0]`, a blank, the arguments.
fn exeline<'a>(thread: &Thread, arena: &'a Bump) -> &'a [u8] {
    let mut line = bumpalo::collections::Vec::new_in(arena);
    line.extend_from_slice_copy(&thread.exe);
    line.push(b' ');
    join_into(&mut line, thread.arguments(), b" ");
    line.into_bump_slice()
}

/// A thread's pid. Missing without a thread, and when it cannot be one.
fn pid<'a>(thread: Option<&Thread>) -> Value<'a> {
    Value::int(thread.map(|thread| thread.pid).filter(|pid| (-1..=i64::from(u32::MAX)).contains(pid)))
}

fn unless_zero<'a>(number: u64) -> Value<'a> {
    Value::uint(Some(number).filter(|&number| number != 0))
}

/// `clone_flags`: the thread lives in a pid namespace, by the driver's word.
const CHILD_IN_PIDNS: u32 = 1 << 29;

/// Whether the thread's own numbers are not the host's.
fn in_pid_namespace(thread: &Thread) -> bool {
    thread.flags & CHILD_IN_PIDNS != 0 || (thread.tid != thread.vtid && thread.vtid >= 0)
}
