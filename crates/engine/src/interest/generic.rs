//! Which calls rules look at as generic events: these carry their name inside.

use vigie_events::interest::Generic;
use vigie_events::{id, values};
use vigie_fields::{FieldTable, event_names, presence};
use vigie_filter::bind::{BoundCheck, BoundExpr};
use vigie_filter::prefilter::{Both, Necessary, necessary};
use vigie_filter::syntax::ast::Operator;

/// Calls by their codes: these, or all but these.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Calls {
    codes: Vec<u16>,
    all_but: bool,
}

impl Calls {
    fn of(mut codes: Vec<u16>, all_but: bool) -> Calls {
        codes.sort_unstable();
        codes.dedup();
        Calls { codes, all_but }
    }

    fn not(&self) -> Calls {
        Calls { codes: self.codes.clone(), all_but: !self.all_but }
    }
}

impl Necessary for Calls {
    fn always() -> Calls {
        Calls::of(Vec::new(), true)
    }

    fn never() -> Calls {
        Calls::of(Vec::new(), false)
    }

    fn and(&self, other: &Calls) -> Calls {
        let keep = |calls: &Calls, from: &Calls, within: bool| -> Vec<u16> {
            from.codes.iter().filter(|code| calls.codes.contains(code) == within).copied().collect()
        };
        match (self.all_but, other.all_but) {
            (false, false) => Calls::of(keep(other, self, true), false),
            (false, true) => Calls::of(keep(other, self, false), false),
            (true, false) => Calls::of(keep(self, other, false), false),
            (true, true) => Calls::of([&self.codes[..], &other.codes].concat(), true),
        }
    }

    fn or(&self, other: &Calls) -> Calls {
        self.not().and(&other.not()).not()
    }
}

/// The calls that the condition can match as generic events.
pub(super) fn wanted(condition: &BoundExpr, catalog: &FieldTable) -> Generic {
    let calls = necessary(condition, id::GENERIC_X, catalog, leaf);
    match (calls.all_but, calls.codes.is_empty()) {
        (true, _) => Generic::All,
        (false, true) => Generic::None,
        (false, false) => Generic::Some(calls.codes),
    }
}

fn leaf(check: &BoundCheck) -> Both<Calls> {
    if check.event.is_some() {
        let named = Calls::of(check.event_names().iter().flat_map(|name| codes(name)).collect(), false);
        let other = named.not();
        let differs = check.operator == Operator::NotEqual;
        return if differs { Both { met: other, unmet: named } } else { Both { met: named, unmet: other } };
    }
    match check.left.field() {
        Some(field) if !presence::possible(id::GENERIC_X, field) => {
            Both { met: Calls::never(), unmet: Calls::always() }
        }
        _ => Both::unknown(),
    }
}

/// The codes of a call's name. None for a call that has an event type of its own.
pub(super) fn codes(name: &str) -> Vec<u16> {
    if !event_names::named(name).is_some_and(|types| types.contains(id::GENERIC_X)) {
        return Vec::new();
    }
    let entries = values::table("syscall").map_or(&[][..], |table| &table.entries);
    entries.iter().filter(|(known, _)| *known == name).filter_map(|&(_, code)| u16::try_from(code).ok()).collect()
}
