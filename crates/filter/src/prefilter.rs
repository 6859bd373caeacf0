//! What has to be true of an event of one type for a condition to hold, as far as somebody who knows the event before
//! its fields are read can tell.
//!
//! The condition is evaluated over necessary tests instead of values. Of every part two are kept: what events must meet
//! in which it holds, and in which it does not hold, so `not` swaps them. What nobody can tell is always possible.

use crate::bind::{BoundCheck, BoundExpr, Node};
use crate::program::matcher::Matcher;
use crate::syntax::ast::Operator;
use crate::{Catalog, Many, Value, events};

/// Tests that an event can be put to early. All operations may be wider than they say, never narrower.
pub trait Necessary: Clone {
    /// Every event passes.
    fn always() -> Self;
    /// No event passes.
    fn never() -> Self;
    fn and(&self, other: &Self) -> Self;
    fn or(&self, other: &Self) -> Self;
}

/// What events must meet in which a part of a condition holds, and in which it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Both<N> {
    pub met: N,
    pub unmet: N,
}

impl<N: Necessary> Both<N> {
    /// Nothing is known.
    pub fn unknown() -> Both<N> {
        Both { met: N::always(), unmet: N::always() }
    }

    /// It is the same in every event.
    pub fn certain(holds: bool) -> Both<N> {
        let (met, unmet) = (N::always(), N::never());
        if holds { Both { met, unmet } } else { Both { met: unmet, unmet: met } }
    }
}

/// What events of a type must meet for the condition to hold. `leaf` says it of one comparison, those of the event's
/// name included where the type alone does not decide them. A condition that counts how often it is evaluated lets
/// every event of its types pass.
pub fn necessary<N: Necessary>(
    condition: &BoundExpr,
    event: u16,
    catalog: &dyn Catalog,
    leaf: impl Fn(&BoundCheck) -> Both<N>,
) -> N {
    let counts = condition.checks.iter().any(BoundCheck::counts);
    let of_check = |check: &BoundCheck| match (check.outcome, events::decided(check, event, catalog)) {
        (Some(holds), _) | (None, Some(holds)) => Both::certain(holds),
        _ if counts => Both::unknown(),
        _ => leaf(check),
    };
    let leaves: Vec<Both<N>> = condition.checks.iter().map(of_check).collect();
    let mut all: Vec<Both<N>> = Vec::with_capacity(condition.nodes.len());
    for node in &condition.nodes {
        let both = match node {
            Node::Check(check) => leaves[*check as usize].clone(),
            Node::Not(child) => {
                let Both { met, unmet } = all[*child as usize].clone();
                Both { met: unmet, unmet: met }
            }
            Node::And(children) => children.iter().fold(Both::certain(true), |both: Both<N>, &child| Both {
                met: both.met.and(&all[child as usize].met),
                unmet: both.unmet.or(&all[child as usize].unmet),
            }),
            Node::Or(children) => children.iter().fold(Both::certain(false), |both: Both<N>, &child| Both {
                met: both.met.or(&all[child as usize].met),
                unmet: both.unmet.and(&all[child as usize].unmet),
            }),
        };
        all.push(both);
    }
    all.pop().map_or(N::always(), |both| both.met)
}

impl BoundCheck {
    /// Whether evaluating it twice may give two results.
    pub fn counts(&self) -> bool {
        let right = matches!(&self.right, crate::bind::Side::Source(source) if source.counts());
        self.left.counts() || right
    }

    /// Whether the comparison with its literals holds for a value of its field that is no list.
    pub fn holds(&self, value: Value<'_>) -> bool {
        matches!(self.right, crate::bind::Side::Constants(_))
            && Matcher::new(self).test(value, Value::Missing, Many::One, self.operator)
    }

    /// The names that the event's type is compared with. Empty when this is no such comparison.
    pub fn event_names(&self) -> Vec<String> {
        if self.event.is_some() { events::names(self) } else { Vec::new() }
    }

    /// The field is there, whatever it holds.
    pub fn is_existence(&self) -> bool {
        self.operator == Operator::Exists
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{World, bound};

    /// The comparisons of `fd.name` that have to hold; any other may.
    #[derive(Clone, Debug, PartialEq)]
    struct Names(Option<Vec<String>>);

    impl Necessary for Names {
        fn always() -> Names {
            Names(None)
        }

        fn never() -> Names {
            Names(Some(Vec::new()))
        }

        fn and(&self, other: &Names) -> Names {
            match (&self.0, &other.0) {
                (None, names) | (names, None) => Names(names.clone()),
                (Some(one), Some(two)) => Names(Some(one.iter().filter(|name| two.contains(name)).cloned().collect())),
            }
        }

        fn or(&self, other: &Names) -> Names {
            Names(self.0.as_ref().zip(other.0.as_ref()).map(|(one, two)| [&one[..], two].concat()))
        }
    }

    fn names(condition: &str, event: u16) -> Option<Vec<String>> {
        let leaf = |check: &BoundCheck| match check.left.field() {
            Some(field) if field.name == "fd.name" && check.operator == Operator::Equal => {
                let text = check.text.rsplit('=').next().unwrap_or("").trim().to_owned();
                Both { met: Names(Some(vec![text])), unmet: Names::always() }
            }
            _ => Both::unknown(),
        };
        necessary(&bound(condition), event, &World, leaf).0
    }

    #[test]
    fn parts_together() {
        let some = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert_eq!(names("evt.type = open and fd.name = a", 1), some(&["a"]));
        assert_eq!(names("evt.type = open and fd.name = a", 3), some(&[]));
        assert_eq!(names("evt.type = open and (fd.name = a or fd.name = b)", 1), some(&["a", "b"]));
        assert_eq!(names("fd.name = a or proc.name = b", 1), None);
        assert_eq!(names("fd.name = a and proc.name = b", 1), some(&["a"]));
        assert_eq!(names("not fd.name = a", 1), None);
        assert_eq!(names("not not fd.name = a", 1), some(&["a"]));
        assert_eq!(names("not (not fd.name = a or proc.name = b)", 1), some(&["a"]));
        assert_eq!(names("not (evt.type = open or proc.name = b)", 1), some(&[]));
        assert_eq!(names("(evt.type = open and fd.name = a) or (evt.type = close and fd.name = b)", 3), some(&["b"]));
        assert_eq!(names("evt.num = 0", 1), some(&[]));
    }

    #[test]
    fn what_counts_evaluations_is_evaluated_for_every_event() {
        assert_eq!(names("evt.type = open and fd.name = a and evt.deltatime > 1", 1), None);
        assert_eq!(names("evt.type = open and fd.name = a and evt.deltatime > 1", 3), Some(Vec::new()));
    }

    #[test]
    fn comparisons_of_given_values() {
        let holds = |condition: &str, value: Value<'_>| bound(condition).checks()[0].holds(value);
        assert!(holds("evt.rawres >= 0", Value::Int(0)));
        assert!(!holds("evt.rawres in (1, 2)", Value::Int(0)));
        assert!(holds("fd.name in (a, b)", Value::Text(b"b")));
        assert!(!holds("fd.name != a", Value::Missing));
    }
}
