//! What can be proved of conditions without an event. Never wrong, often silent.

use super::graph::{Edge, Node};
use super::matcher::{Matcher, bytes_of};
use super::{ConditionId, Program};
use crate::bind::{BoundCheck, Constant, Side};
use crate::syntax::ast::Operator;
use crate::{Many, Value};

/// How many steps one proof may take.
const STEPS: usize = 5000;

/// How deep a proof may go.
const DEPTH: usize = 60;

/// How many literals of a comparison are tried.
const LITERALS: usize = 200;

impl Program {
    /// Whether every event that meets one condition meets the other. False when that is not certain.
    pub fn implies(&self, narrow: ConditionId, broad: ConditionId) -> bool {
        let mut proof = Proof { program: self, steps: STEPS };
        proof.implies(self.roots[narrow.0 as usize], self.roots[broad.0 as usize], 0)
    }

    /// Why no event can meet a condition, as a sentence without full stop. `None` when one can, or when that is not
    /// certain. Types of events that exclude each other are seen by `events::event_types`, not here.
    pub fn contradiction(&self, condition: ConditionId) -> Option<String> {
        let root = self.roots[condition.0 as usize];
        if root == Edge::FALSE {
            return Some("a part that is always false leaves nothing to match".to_owned());
        }
        let mut proof = Proof { program: self, steps: STEPS };
        let mut facts = Vec::new();
        proof.conflict(root, &mut facts, 0)
    }
}

struct Proof<'p> {
    program: &'p Program,
    steps: usize,
}

impl Proof<'_> {
    /// False when the proof has become too long.
    fn step(&mut self, depth: usize) -> bool {
        self.steps = self.steps.saturating_sub(1);
        self.steps > 0 && depth < DEPTH
    }

    fn implies(&mut self, narrow: Edge, broad: Edge, depth: usize) -> bool {
        if narrow == broad || narrow == Edge::FALSE || broad == Edge::TRUE {
            return true;
        }
        if !self.step(depth) {
            return false;
        }
        let nodes = &self.program.graph.nodes;
        let (left, right) = (nodes[narrow.node()], nodes[broad.node()]);
        match (left, narrow.negated(), right, broad.negated()) {
            // Both parts of what is broader, and both alternatives of what is narrower.
            (_, _, Node::And(first, second), false) => {
                self.implies(narrow, first, depth + 1) && self.implies(narrow, second, depth + 1)
            }
            (Node::And(first, second), true, ..) => {
                self.implies(first.not(), broad, depth + 1) && self.implies(second.not(), broad, depth + 1)
            }
            (Node::And(first, second), false, other, negated) => {
                // Later parts first: conditions that begin alike differ at their ends.
                self.implies(second, broad, depth + 1)
                    || self.implies(first, broad, depth + 1)
                    || matches!((other, negated), (Node::And(one, two), true)
                        if self.implies(narrow, one.not(), depth + 1) || self.implies(narrow, two.not(), depth + 1))
            }
            (_, _, Node::And(first, second), true) => {
                self.implies(narrow, first.not(), depth + 1) || self.implies(narrow, second.not(), depth + 1)
            }
            (Node::Check(one), false, Node::Check(two), false) => self.program.check_implies(one, two),
            (Node::Check(one), true, Node::Check(two), true) => self.program.check_implies(two, one),
            (Node::Check(one), false, Node::Check(two), true) => self.program.disjoint(one, two),
            _ => false,
        }
    }

    /// Why a part cannot hold together with the comparisons that hold already; adds those that the part needs.
    fn conflict(&mut self, part: Edge, facts: &mut Vec<(u32, bool)>, depth: usize) -> Option<String> {
        if !self.step(depth) {
            return None;
        }
        match (self.program.graph.nodes[part.node()], part.negated()) {
            (Node::True, negated) => negated.then(|| "a part is always false".to_owned()),
            (Node::Check(check), negated) => {
                for &(other, unmet) in facts.iter() {
                    if !self.step(depth) {
                        return None;
                    }
                    if self.program.exclude((check, negated), (other, unmet)) {
                        let text = |check: u32, negated: bool| {
                            let text = &self.program.checks[check as usize].text;
                            if negated { format!("'not {text}'") } else { format!("'{text}'") }
                        };
                        return Some(format!("{} and {} exclude each other", text(other, unmet), text(check, negated)));
                    }
                }
                facts.push((check, negated));
                None
            }
            (Node::And(first, second), false) => {
                self.conflict(first, facts, depth + 1).or_else(|| self.conflict(second, facts, depth + 1))
            }
            (Node::And(first, second), true) => {
                let known = facts.len();
                let one = self.conflict(first.not(), facts, depth + 1);
                facts.truncate(known);
                let one = one?;
                let other = self.conflict(second.not(), facts, depth + 1);
                facts.truncate(known);
                other.map(|_| one)
            }
        }
    }
}

impl Program {
    /// Two comparisons, each met or (true) unmet, that no event has both.
    fn exclude(&self, one: (u32, bool), two: (u32, bool)) -> bool {
        match (one, two) {
            ((one, false), (two, false)) => self.disjoint(one, two),
            ((one, false), (two, true)) | ((two, true), (one, false)) => self.check_implies(one, two),
            ((_, true), (_, true)) => false,
        }
    }

    /// The comparisons are of one value that is the same for both.
    fn same_value(&self, one: u32, two: u32) -> Option<(&BoundCheck, &BoundCheck)> {
        let (one, two) = (self.checks.get(one as usize)?, self.checks.get(two as usize)?);
        (one.left == two.left && !one.left.counts() && one.left.shape().many == Many::One).then_some((one, two))
    }

    fn check_implies(&self, one: u32, two: u32) -> bool {
        if one == two {
            return true;
        }
        let Some((one, two)) = self.same_value(one, two) else { return false };
        if two.operator == Operator::Exists {
            return true;
        }
        if let Some(values) = values(one) {
            return two_holds(two).is_some_and(|holds| values.iter().all(holds));
        }
        let (Side::Constants(narrow), Side::Constants(broad)) = (&one.right, &two.right) else { return false };
        let ([narrow], [broad]) = (&narrow[..], &broad[..]) else { return false };
        let (Some(narrow), Some(broad)) = (bytes_of(narrow), bytes_of(broad)) else { return false };
        match (one.operator, two.operator) {
            (Operator::Startswith, Operator::Startswith) => narrow.starts_with(broad),
            (Operator::Endswith, Operator::Endswith) => narrow.ends_with(broad),
            (Operator::Startswith | Operator::Endswith | Operator::Contains, Operator::Contains) => {
                memchr::memmem::find(narrow, broad).is_some()
            }
            _ => false,
        }
    }

    fn disjoint(&self, one: u32, two: u32) -> bool {
        let Some((one, two)) = self.same_value(one, two) else { return false };
        let none =
            |values: &[Constant], check: &BoundCheck| two_holds(check).is_some_and(|holds| !values.iter().any(holds));
        match (values(one), values(two)) {
            (Some(values), _) => none(values, two),
            (None, Some(values)) => none(values, one),
            (None, None) => {
                let (Side::Constants(first), Side::Constants(second)) = (&one.right, &two.right) else { return false };
                let ([first], [second]) = (&first[..], &second[..]) else { return false };
                let (Some(first), Some(second)) = (bytes_of(first), bytes_of(second)) else { return false };
                match (one.operator, two.operator) {
                    (Operator::Startswith, Operator::Startswith) => {
                        !first.starts_with(second) && !second.starts_with(first)
                    }
                    (Operator::Endswith, Operator::Endswith) => !first.ends_with(second) && !second.ends_with(first),
                    _ => false,
                }
            }
        }
    }
}

/// The only values with which a comparison holds. `None` when there are others, or too many.
fn values(check: &BoundCheck) -> Option<&[Constant]> {
    let Side::Constants(constants) = &check.right else { return None };
    let exact = check.modifier.is_none()
        && matches!(check.operator, Operator::Equal | Operator::In | Operator::Intersects)
        && constants.len() <= LITERALS
        && !constants.iter().any(|constant| matches!(constant, Constant::Net(_)));
    exact.then_some(constants)
}

/// Whether a comparison holds for a value. `None` when that depends on more.
fn two_holds(check: &BoundCheck) -> Option<impl Fn(&Constant) -> bool + '_> {
    matches!(check.right, Side::Constants(_)).then(|| {
        let matcher = Matcher::new(check);
        move |constant: &Constant| {
            let value = match constant {
                Constant::Int(number) => Value::Int(*number),
                Constant::Uint(number) => Value::Uint(*number),
                Constant::Double(number) => Value::Double(*number),
                Constant::Bool(value) => Value::Bool(*value),
                Constant::Bytes(bytes) => Value::Text(bytes),
                Constant::Ip(address) => Value::Ip(*address),
                Constant::Net(_) => Value::Missing,
            };
            matcher.test(value, Value::Missing, Many::One, check.operator)
        }
    })
}
