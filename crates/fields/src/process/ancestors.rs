//! Fields of a process's ancestors: of the parent, of the nth, of each.

use vigie_filter::{Argument, Bump, Field, Value, View};
use vigie_state::Thread;

use super::{Command, arguments, command};
use crate::Current;
use crate::arena::{joined, list};

/// Ancestor `n` of the event's process: 0 itself, 1 the parent, always main threads. `None` at a missing link.
pub(super) fn ancestor<'a>(current: &'a Current<'_>, n: u64) -> Option<&'a Thread> {
    let process = current.process()?;
    match n {
        0 => Some(process),
        1 => current.host.threads.parent_of(process),
        _ => current.host.threads.ancestors(process).nth(usize::try_from(n).ok()? - 1),
    }
}

/// From the parent outwards.
pub(super) fn all<'a>(current: &'a Current<'_>) -> impl Iterator<Item = &'a Thread> {
    current.process().into_iter().flat_map(|process| current.host.threads.ancestors(process))
}

/// `proc.aname` and its like: with an index one ancestor's; without, a list of each's in conditions, and their text
/// elsewhere.
pub(super) fn texts<'a>(
    current: &'a Current<'_>,
    field: &Field,
    view: View,
    arena: &'a Bump,
    of: Command,
) -> Value<'a> {
    match field.argument {
        Argument::Index(n) => Value::text(ancestor(current, n).map(|thread| command(thread, of))),
        _ if view == View::Condition => list(arena, all(current).map(|thread| Value::Text(command(thread, of)))),
        _ => joined_or_missing(arena, all(current).map(|thread| command(thread, of))),
    }
}

/// `proc.aargs`: without an index all arguments of all ancestors, in conditions too.
pub(super) fn args<'a>(current: &'a Current<'_>, field: &Field, arena: &'a Bump) -> Value<'a> {
    match field.argument {
        Argument::Index(n) => Value::text(ancestor(current, n).map(|thread| arguments(thread, arena))),
        _ => joined_or_missing(arena, all(current).map(|thread| arguments(thread, arena))),
    }
}

/// `proc.apid`: without an index each ancestor's in conditions, the process's own elsewhere.
pub(super) fn pids<'a>(current: &'a Current<'_>, field: &Field, view: View, arena: &'a Bump) -> Value<'a> {
    match field.argument {
        Argument::Index(n) => super::pid(ancestor(current, n)),
        _ if view == View::Condition => {
            list(arena, all(current).map(|thread| super::pid(Some(thread))).filter(|pid| *pid != Value::Missing))
        }
        _ => super::pid(current.process()),
    }
}

/// The pid of the farthest process, the event's own included, that is a shell by its name.
pub(super) fn login_shell(current: &Current<'_>) -> Option<i64> {
    let process = current.process()?;
    let shells = std::iter::once(process).chain(all(current)).filter(|thread| thread.comm.ends_with(b"sh"));
    shells.last().map(|thread| thread.pid)
}

/// The leader of a session or of a group of processes: the process of that number, unless it is a number of a pid
/// namespace; else the farthest ancestor in an unbroken chain that has the same number.
pub(super) fn leader<'a>(
    current: &'a Current<'_>,
    thread: &'a Thread,
    number: fn(&Thread) -> i64,
    of_namespace: bool,
) -> Option<&'a Thread> {
    let wanted = number(thread);
    if wanted == -1 {
        return None;
    }
    if !(of_namespace && super::in_pid_namespace(thread)) {
        if let Some(leader) = current.host.threads.by_tid(wanted) {
            return Some(leader);
        }
    }
    all(current).take_while(|ancestor| number(ancestor) == wanted).last()
}

fn joined_or_missing<'a, 'p>(arena: &'a Bump, texts: impl Iterator<Item = &'p [u8]>) -> Value<'a> {
    let mut texts = texts.peekable();
    if texts.peek().is_none() { Value::Missing } else { Value::Text(joined(arena, texts, b" ")) }
}
