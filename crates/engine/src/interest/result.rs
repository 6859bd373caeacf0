//! Success and failure: `evt.rawres`, `evt.res`, `evt.failed`, and the descriptor that an opening call gave.

use vigie_events::id;
use vigie_events::interest::{Clause, Gate};
use vigie_events::schema::{Kind as Type, event_type};
use vigie_filter::bind::{BoundCheck, Constant};
use vigie_filter::prefilter::{Both, Necessary};
use vigie_filter::syntax::ast::Operator;
use vigie_filter::{Field, Kind, Value};

use super::Tests;
use super::leaf::{by_value, constants, texts};

pub(super) fn tests(check: &BoundCheck, field: &Field, id: u16) -> Option<Both<Tests>> {
    let result = event_type(id)?.params.first()?;
    // Other first parameters are wide or unsigned, where the kernel and the fields may disagree about the sign.
    if !matches!(result.kind, Type::Errno | Type::Fd | Type::Pid | Type::Int64) {
        return None;
    }
    let outcomes = [(true, Gate::of(Clause::success(true))), (false, Gate::of(Clause::success(false)))];
    match field.name.as_str() {
        "evt.failed" => Some(by_value(check, outcomes.map(|(success, gate)| (Value::Bool(!success), gate)))),
        "evt.count.error" => {
            Some(by_value(check, outcomes.map(|(success, gate)| (Value::Uint(u64::from(!success)), gate))))
        }
        "evt.res" => words(check),
        "evt.rawres" => numbers(check),
        name if name.strip_prefix("evt.rawarg.") == Some(result.name) && field.kind == Kind::Int(8) => numbers(check),
        "fd.num" if gives_its_result(id) => {
            // A thread that is not known has no descriptors: the field may be missing too.
            numbers_of(check, Some(-1)).map(|both| Both { unmet: Tests::always(), ..both })
        }
        _ => None,
    }
}

/// Calls whose descriptor is their result, -1 for all failures.
fn gives_its_result(id: u16) -> bool {
    matches!(id, id::OPEN_X | id::OPENAT_X | id::OPENAT2_X | id::CREAT_X | id::OPEN_BY_HANDLE_AT_X | id::SOCKET_X)
}

/// `SUCCESS`, or the name of the error, which may be any other text.
fn words(check: &BoundCheck) -> Option<Both<Tests>> {
    const SUCCESS: &[u8] = b"SUCCESS";
    let alone = texts(check)?.iter().all(|&text| text == SUCCESS) && check.modifier.is_none();
    let mut both = by_value(check, [(Value::Text(SUCCESS), Gate::of(Clause::success(true)))]);
    let failed = Tests(Gate::of(Clause::success(false)));
    match check.operator {
        Operator::Equal | Operator::In | Operator::Intersects if alone => both.unmet = both.unmet.or(&failed),
        Operator::NotEqual if alone => both.met = both.met.or(&failed),
        _ => both = Both { met: both.met.or(&failed), unmet: both.unmet.or(&failed) },
    }
    Some(both)
}

fn numbers(check: &BoundCheck) -> Option<Both<Tests>> {
    numbers_of(check, None)
}

/// Whether a comparison with numbers can hold for results below zero and for others. Between two literals that follow
/// each other it is the same for all numbers, so one of each stretch is tried on both sides of zero; with `failure`, all
/// failures are that number.
fn numbers_of(check: &BoundCheck, failure: Option<i64>) -> Option<Both<Tests>> {
    let ordered = matches!(
        check.operator,
        Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual
            | Operator::In
            | Operator::Intersects
    );
    if !ordered {
        return None;
    }
    let mut tried = vec![-1, 0, i64::MIN, i64::MAX];
    for constant in constants(check) {
        let Constant::Int(number) = *constant else { return None };
        tried.extend([number.saturating_sub(1), number, number.saturating_add(1)]);
    }
    let values = tried.into_iter().filter(|&number| number >= 0 || failure.is_none_or(|failure| failure == number));
    Some(by_value(check, values.map(|number| (Value::Int(number), Gate::of(Clause::success(number >= 0))))))
}
