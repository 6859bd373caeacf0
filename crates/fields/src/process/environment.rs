//! Variables of the environment, which belong to main threads.

use vigie_filter::{Argument, Bump, Field, Value, View};
use vigie_state::Thread;

use super::ancestors;
use crate::Current;
use crate::arena::{joined, list};

/// How far `proc.aenv[NAME]` looks.
const MAX_PARENTS: usize = 20;

/// The most bytes of all ancestors' environments together that a condition sees.
const MAX_BYTES: usize = 1 << 20;

/// `proc.env`
pub(super) fn own<'a>(current: &'a Current<'_>, field: &Field, arena: &'a Bump) -> Value<'a> {
    let Some(process) = current.process() else { return Value::Text(b"") };
    match &field.argument {
        Argument::Key(name) => Value::Text(variable(process, name.as_bytes())),
        _ => Value::Text(whole(process, arena)),
    }
}

/// `proc.aenv`: by name the first among the parents that is not empty. In conditions, without a name, each ancestor's
/// environment whatever the index; elsewhere the environment of that ancestor.
pub(super) fn of_ancestors<'a>(current: &'a Current<'_>, field: &Field, view: View, arena: &'a Bump) -> Value<'a> {
    let index = match &field.argument {
        Argument::Key(name) => {
            let parents = ancestors::all(current).take(MAX_PARENTS);
            let mut values = parents.map(|thread| variable(thread, name.as_bytes()));
            return Value::Text(values.find(|value| !value.is_empty()).unwrap_or(b""));
        }
        Argument::Index(index) => *index,
        Argument::None => 0,
    };
    if view == View::Condition {
        let mut left = MAX_BYTES;
        let affordable = ancestors::all(current).take_while(|thread| {
            let fits = thread.env.len() <= left;
            left = left.saturating_sub(thread.env.len());
            fits
        });
        return list(arena, affordable.map(|thread| Value::Text(whole(thread, arena))));
    }
    match index {
        0 => Value::Text(current.process().map_or(&b""[..], |process| whole(process, arena))),
        _ => Value::text(ancestors::ancestor(current, index).map(|thread| whole(thread, arena))),
    }
}

/// The variables joined by blanks.
fn whole<'a>(thread: &Thread, arena: &'a Bump) -> &'a [u8] {
    joined(arena, thread.variables(), b" ")
}

/// The value of a variable without blanks around it; empty when it is not set.
fn variable<'a>(thread: &'a Thread, name: &[u8]) -> &'a [u8] {
    let value = thread.variables().find_map(|variable| variable.strip_prefix(name)?.strip_prefix(b"="));
    value.unwrap_or(b"").trim_ascii()
}
