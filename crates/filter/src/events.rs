//! The types of events that a condition can match, which decides where its rule is tried.

use crate::bind::{BoundCheck, BoundExpr, Constant, EventName, Node, Side};
use crate::syntax::ast::Operator;
use crate::{Catalog, EventSet, Sort};

/// The ids of the event types that a condition can match. Only names of event types narrow it (`=`, `!=`, `in`) and
/// what is constant; every other comparison says nothing, under `not` too. Asynchronous events are the engine's to add.
pub fn event_types(expr: &BoundExpr, catalog: &dyn Catalog) -> EventSet {
    let all = catalog.all_events();
    let leaves: Vec<Both> = expr.checks.iter().map(|check| of_check(check, all, catalog)).collect();
    let mut sets: Vec<Both> = Vec::with_capacity(expr.nodes.len());
    for node in &expr.nodes {
        let set = match node {
            Node::Check(check) => leaves[*check as usize],
            Node::Not(child) => sets[*child as usize].swapped(),
            Node::And(children) => children
                .iter()
                .fold(Both { met: all, unmet: EventSet::default() }, |set, &child| set.and(sets[child as usize])),
            Node::Or(children) => {
                let none = Both { met: EventSet::default(), unmet: all };
                children.iter().fold(none.swapped(), |set, &child| set.and(sets[child as usize].swapped())).swapped()
            }
        };
        sets.push(set);
    }
    sets.last().map_or(all, |set| set.met)
}

/// Where a condition can be met, and where it can be unmet.
#[derive(Clone, Copy)]
struct Both {
    met: EventSet,
    unmet: EventSet,
}

impl Both {
    fn swapped(self) -> Both {
        Both { met: self.unmet, unmet: self.met }
    }

    fn and(self, other: Both) -> Both {
        Both { met: self.met.intersection(other.met), unmet: self.unmet.union(other.unmet) }
    }
}

fn of_check(check: &BoundCheck, all: EventSet, catalog: &dyn Catalog) -> Both {
    let none = EventSet::default();
    match check.outcome {
        Some(true) => return Both { met: all, unmet: none },
        Some(false) => return Both { met: none, unmet: all },
        None => {}
    }
    if check.event.is_none() {
        return Both { met: all, unmet: all };
    }
    let mut named = none;
    // Events that carry their name inside may have the name and may not.
    let mut certain = none;
    for name in names(check) {
        let ids = catalog.events_named(&name).unwrap_or_default();
        named = named.union(ids);
        certain = certain.union(ids.iter().filter(|&id| catalog.sort(id, &name) == Sort::Always).collect());
    }
    let set = Both { met: named.intersection(all), unmet: certain.complement().intersection(all) };
    if check.operator == Operator::NotEqual { set.swapped() } else { set }
}

/// The names that the event's type is compared with.
pub(crate) fn names(check: &BoundCheck) -> Vec<String> {
    let Side::Constants(constants) = &check.right else { return Vec::new() };
    let text = |constant: &Constant| match constant {
        Constant::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    };
    constants.iter().filter_map(text).collect()
}

/// What a comparison of the event's type by name gives in events of one id. `None` when it must be looked at.
pub(crate) fn decided(check: &BoundCheck, id: u16, catalog: &dyn Catalog) -> Option<bool> {
    let field = check.event?;
    let mut depends = false;
    for name in names(check) {
        match catalog.sort(id, &name) {
            Sort::Never => {}
            Sort::Depends => depends = true,
            // Events that are no system calls have a name and no `syscall.type`.
            Sort::Always if field == EventName::Syscall => depends = true,
            Sort::Always => return Some(check.operator != Operator::NotEqual),
        }
    }
    let differs = check.operator == Operator::NotEqual;
    if depends || (differs && field == EventName::Syscall) { None } else { Some(differs) }
}
