//! The types of events that a condition can match, which decides where its rule is tried.

use crate::bind::{BoundCheck, BoundExpr, Constant, EventName, Node, Side};
use crate::syntax::ast::Operator;
use crate::{Catalog, EventSet, Sort};

/// The ids of the event types that a condition can match. Only names of event types narrow it (`=`, `!=`, `in`), and
/// comparisons of `evt.num` that are certain; every other comparison says nothing, under `not` too. Asynchronous events are the engine's to add.
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
    if check.event.is_none() {
        // Other certain comparisons say nothing to the peer.
        let folded = check.left.field().is_some_and(|field| field.name == "evt.num");
        return match check.outcome.filter(|_| folded) {
            Some(true) => Both { met: all, unmet: none },
            Some(false) => Both { met: none, unmet: all },
            None => Both { met: all, unmet: all },
        };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{World, bound};

    #[test]
    fn sets_of_event_types() {
        for (condition, expected) in [
            ("proc.name = a", &[1, 2, 3, 4, 5, 6][..]),
            ("evt.type = open", &[1]),
            ("evt.type == open", &[1]),
            ("syscall.type = open", &[1]),
            ("evt.type in (open, close)", &[1, 3]),
            ("evt.type != open", &[2, 3, 4, 5, 6]),
            ("not evt.type = open", &[2, 3, 4, 5, 6]),
            ("not evt.type in (open, openat)", &[3, 4, 5, 6]),
            ("not evt.type != open", &[1]),
            ("evt.type exists", &[1, 2, 3, 4, 5, 6]),
            ("evt.type contains open", &[1, 2, 3, 4, 5, 6]),
            ("evt.type = open and proc.name = a", &[1]),
            ("evt.type = open or proc.name = a", &[1, 2, 3, 4, 5, 6]),
            ("evt.type = open or evt.type = close", &[1, 3]),
            ("evt.type = open and evt.type = close", &[]),
            // De Morgan.
            ("not (evt.type = open and evt.type = close)", &[1, 2, 3, 4, 5, 6]),
            ("not (evt.type = open or evt.type = close)", &[2, 4, 5, 6]),
            // What says nothing says nothing when negated.
            ("evt.type = open and not proc.name = a", &[1]),
            ("not (evt.type = open and proc.name = a)", &[1, 2, 3, 4, 5, 6]),
            ("not (evt.type = open or proc.name = a)", &[2, 3, 4, 5, 6]),
            // One id for all generic calls: those with another name are still of that id.
            ("evt.type = getrandom", &[5]),
            ("evt.type != getrandom", &[1, 2, 3, 4, 5, 6]),
            // Events are numbered from 1.
            ("evt.num = 0", &[]),
            ("evt.num != 0", &[1, 2, 3, 4, 5, 6]),
            ("evt.num > 0 and evt.type = open", &[1]),
            ("evt.num >= 0 or evt.type = open", &[1, 2, 3, 4, 5, 6]),
            ("not evt.num >= 0", &[]),
            ("evt.num < 1 or evt.type = open", &[1]),
            ("evt.num <= 0", &[]),
            ("evt.num > 1", &[1, 2, 3, 4, 5, 6]),
            ("proc.name in ()", &[1, 2, 3, 4, 5, 6]),
            ("evt.type in ()", &[]),
        ] {
            let set: Vec<u16> = event_types(&bound(condition), &World).iter().collect();
            assert_eq!(set, expected, "{condition}");
        }
    }

    #[test]
    fn comparisons_that_the_type_decides() {
        let decide = |condition: &str, id| decided(&bound(condition).checks()[0], id, &World);
        assert_eq!(decide("evt.type = open", 1), Some(true));
        assert_eq!(decide("evt.type = open", 3), Some(false));
        assert_eq!(decide("evt.type != open", 1), Some(false));
        assert_eq!(decide("evt.type != open", 3), Some(true));
        assert_eq!(decide("evt.type in (close, open)", 1), Some(true));
        assert_eq!(decide("evt.type = getrandom", 5), None);
        assert_eq!(decide("evt.type in (open, getrandom)", 5), None);
        assert_eq!(decide("evt.type = open", 5), Some(false));
        // Whether an event is a system call at all is looked up.
        assert_eq!(decide("syscall.type = open", 1), None);
        assert_eq!(decide("syscall.type = open", 3), Some(false));
        assert_eq!(decide("syscall.type != open", 3), None);
        assert_eq!(decide("evt.type exists", 1), None);
        assert_eq!(decide("proc.name = open", 1), None);
    }
}
