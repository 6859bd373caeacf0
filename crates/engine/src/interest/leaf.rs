//! What one comparison says of an event before its fields are read.

use vigie_events::id::{SETGID_X, SETREGID_X, SETRESGID_X, SETRESUID_X, SETREUID_X, SETUID_X};
use vigie_events::interest::{Clause, Gate};
use vigie_events::schema::{Origin, event_type};
use vigie_fields::presence;
use vigie_filter::bind::{BoundCheck, Constant, Side};
use vigie_filter::prefilter::{Both, Necessary};
use vigie_filter::syntax::ast::Operator;
use vigie_filter::{Field, Many, Value};

use super::{Tests, family, opening, path, result};

/// What events of that type must pass for the comparison to hold, and for it not to hold.
pub(super) fn leaf(check: &BoundCheck, id: u16) -> Both<Tests> {
    let Some(field) = check.left.field() else { return Both::unknown() };
    if !presence::possible(id, field) {
        // What is missing meets no comparison.
        return Both { met: Tests::never(), unmet: Tests::always() };
    }
    if !matches!(check.right, Side::Constants(_)) || field.many != Many::One {
        return Both::unknown();
    }
    let only_when_met = |gate: Gate| Both { met: Tests(gate), unmet: Tests::always() };
    result::tests(check, field, id)
        .or_else(|| opening::tests(check, field, id))
        .or_else(|| family::tests(check, field, id).map(only_when_met))
        .or_else(|| path::tests(check, field, id).map(only_when_met))
        .or_else(|| users(check, field, id).map(only_when_met))
        .unwrap_or_else(Both::unknown)
}

/// The tests of a field that has one of these values, each under its own tests: those of the values with which the
/// comparison holds, and of those with which it does not.
pub(super) fn by_value<'v>(check: &BoundCheck, values: impl IntoIterator<Item = (Value<'v>, Gate)>) -> Both<Tests> {
    let mut both = Both { met: Tests::never(), unmet: Tests::never() };
    for (value, gate) in values {
        let side = if check.holds(value) { &mut both.met } else { &mut both.unmet };
        *side = side.or(&Tests(gate));
    }
    both
}

/// The literals. Empty when there are none.
pub(super) fn constants(check: &BoundCheck) -> &[Constant] {
    match &check.right {
        Side::Constants(constants) => constants,
        Side::Nothing | Side::Source(_) => &[],
    }
}

/// The literals as text. `None` when one is none.
pub(super) fn texts(check: &BoundCheck) -> Option<Vec<&[u8]>> {
    constants(check)
        .iter()
        .map(|constant| match constant {
            Constant::Bytes(bytes) => Some(&bytes[..]),
            _ => None,
        })
        .collect()
}

/// Whether the comparison is with whole values: one of its literals is the field's value.
pub(super) fn is_equality(check: &BoundCheck) -> bool {
    check.modifier.is_none() && matches!(check.operator, Operator::Equal | Operator::In | Operator::Intersects)
}

/// The effective user, by number: a name may belong to several, and to others in a container. Not for calls that change
/// it, nor for the number of users that are not known.
fn users(check: &BoundCheck, field: &Field, id: u16) -> Option<Gate> {
    let of_a_call = event_type(id)?.origin == Origin::Syscall;
    let changes = matches!(id, SETUID_X | SETREUID_X | SETRESUID_X | SETGID_X | SETREGID_X | SETRESGID_X);
    if field.name != "user.uid" || !of_a_call || changes || !is_equality(check) {
        return None;
    }
    let number = |constant: &Constant| match constant {
        Constant::Uint(number) => u32::try_from(*number).ok().filter(|&uid| uid != u32::MAX),
        _ => None,
    };
    let uids: Option<Vec<u32>> = constants(check).iter().map(number).collect();
    Some(Gate::of(Clause::uids(uids?)))
}
