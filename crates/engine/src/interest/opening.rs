//! What calls of the open family asked for: `evt.is_open_*`, and their flags by name or number.

use vigie_events::interest::{ARGUMENT_FLAGS, Clause, Gate, open_flags_param};
use vigie_events::{id, schema, values};
use vigie_filter::bind::{BoundCheck, Constant};
use vigie_filter::prefilter::{Both, Necessary};
use vigie_filter::syntax::ast::Operator;
use vigie_filter::{Argument, Field, Value};

use super::Tests;
use super::leaf::{by_value, constants, texts};

const READ: u32 = 1;
const WRITE: u32 = 2;
const CREAT: u32 = 4;
const TMPFILE: u32 = 1 << 13;
const CREATED: u32 = 1 << 14;

pub(super) fn tests(check: &BoundCheck, field: &Field, event: u16) -> Option<Both<Tests>> {
    let with = |bits: u32| match event {
        // Its mode alone decides.
        id::CREAT_X if field.name == "evt.is_open_exec" => Gate::All,
        _ if open_flags_param(event).is_some() => Gate::of(Clause::open_flags(bits)),
        _ => Gate::NEVER,
    };
    let truth = |gate: Gate| Some(by_value(check, [(Value::Bool(true), gate), (Value::Bool(false), Gate::All)]));
    match field.name.as_str() {
        "evt.is_open_read" => truth(with(READ)),
        "evt.is_open_write" => truth(with(WRITE)),
        // The driver's bit follows from the argument's.
        "evt.is_open_create" => truth(with(CREAT | TMPFILE | CREATED)),
        "evt.is_open_exec" => truth(with(CREAT | TMPFILE)),
        name => {
            let index = open_flags_param(event)?;
            if !is_parameter(field, event, index) {
                return None;
            }
            let gate = if name.starts_with("evt.rawarg.") { number(check)? } else { names(check)? };
            Some(Both { met: Tests(gate), unmet: Tests::always() })
        }
    }
}

/// Whether the field is that parameter of the event.
pub(super) fn is_parameter(field: &Field, event: u16, index: usize) -> bool {
    let of_the_class = ["evt.arg.", "evt.arg[", "evt.rawarg."].iter().any(|class| field.name.starts_with(class));
    of_the_class
        && match &field.argument {
            Argument::Key(name) => schema::event_type(event).and_then(|kind| kind.param(name)) == Some(index),
            Argument::Index(number) => usize::try_from(*number) == Ok(index),
            Argument::None => false,
        }
}

/// Flags as text, their names joined: one that has the literal in it must be set.
fn names(check: &BoundCheck) -> Option<Gate> {
    let mut bits = 0;
    for (_, value) in named(check, "file_flags")? {
        // No bit says that none is set.
        bits |= u32::try_from(value).ok().filter(|&value| value != 0)?;
    }
    argument(bits)
}

/// A number that the flags are.
fn number(check: &BoundCheck) -> Option<Gate> {
    match (check.operator, constants(check)) {
        (Operator::Equal, [Constant::Uint(number)]) => argument(u32::try_from(*number).ok()?),
        _ => None,
    }
}

/// One of these bits. `None` when they are not the argument's alone.
fn argument(bits: u32) -> Option<Gate> {
    (bits != 0 && bits & !ARGUMENT_FLAGS == 0).then(|| Gate::of(Clause::open_flags(bits)))
}

/// The entries of a table of which one's name must be in a text of joined names for the comparison to hold. `None` when
/// that is not certain: the literal is put together of several, or may be a number, which stands for what has no name.
pub(super) fn named(check: &BoundCheck, table: &str) -> Option<Vec<(&'static str, u64)>> {
    let ignores_case = match check.operator {
        Operator::Equal | Operator::In | Operator::Contains | Operator::Startswith | Operator::Endswith => false,
        Operator::Icontains => true,
        _ => return None,
    };
    let texts = texts(check)?;
    let unclear = |text: &&[u8]| text.contains(&b'|') || text.iter().all(u8::is_ascii_digit);
    if texts.is_empty() || texts.iter().any(unclear) {
        return None;
    }
    let holds = |name: &str| {
        texts.iter().any(|text| {
            let (name, text) = if ignores_case {
                (name.to_ascii_lowercase().into_bytes(), text.to_ascii_lowercase())
            } else {
                (name.as_bytes().to_vec(), text.to_vec())
            };
            name.windows(text.len()).any(|window| window == text)
        })
    };
    Some(values::table(table)?.entries.iter().filter(|(name, _)| holds(name)).copied().collect())
}
