//! Conditions evaluated the slow way, straight from the rules of the language: what `program` is tested against.

use crate::bind::{BoundCheck, BoundExpr, Constant, Node, Side};
use crate::operators::{Glob, PathPrefixes, PosixRegex};
use crate::syntax::ast::{Modifier, Operator};
use crate::{Bump, Fields, Many, Value};

/// Whether the event at hand meets the condition.
pub fn matches(expr: &BoundExpr, fields: &impl Fields, arena: &Bump) -> bool {
    let Some(root) = expr.nodes.len().checked_sub(1) else { return true };
    node(expr, root as u32, fields, arena)
}

fn node(expr: &BoundExpr, index: u32, fields: &impl Fields, arena: &Bump) -> bool {
    match &expr.nodes[index as usize] {
        Node::And(children) => children.iter().all(|&child| node(expr, child, fields, arena)),
        Node::Or(children) => children.iter().any(|&child| node(expr, child, fields, arena)),
        Node::Not(child) => !node(expr, *child, fields, arena),
        Node::Check(check) => holds(&expr.checks[*check as usize], fields, arena),
    }
}

/// One comparison.
pub fn holds(check: &BoundCheck, fields: &impl Fields, arena: &Bump) -> bool {
    if let Some(outcome) = check.outcome {
        return outcome;
    }
    let many = check.left.shape().many;
    let left = check.left.value(fields, arena);
    if left == Value::Missing {
        return false;
    }
    let literals: Vec<Constant>;
    let right = match &check.right {
        Side::Nothing => return many == Many::Ends || !is_empty_list(left),
        Side::Constants(constants) => constants,
        Side::Source(source) => {
            literals = match source.value(fields, arena) {
                Value::Missing => return false,
                Value::List(items) => items.iter().map(|&item| as_constant(item)).collect(),
                value => vec![as_constant(value)],
            };
            &literals
        }
    };
    let items = match left {
        Value::List(items) => items,
        ref value => std::slice::from_ref(value),
    };
    if items.is_empty() || right.is_empty() {
        return false;
    }
    let mut held = items.iter().map(|&item| one(item, check.operator, check.modifier, right));
    match (many, check.operator) {
        (Many::List, Operator::In) => held.all(|held| held),
        (Many::Ends, Operator::NotEqual) => held.all(|held| held),
        _ => held.any(|held| held),
    }
}

fn is_empty_list(value: Value<'_>) -> bool {
    matches!(value, Value::List(items) if items.is_empty())
}

fn as_constant(value: Value<'_>) -> Constant {
    match value {
        Value::Missing | Value::List(_) => Constant::Bytes(Box::default()),
        Value::Text(bytes) | Value::Buffer(bytes) => Constant::Bytes(bytes.into()),
        Value::Int(number) => Constant::Int(number),
        Value::Uint(number) => Constant::Uint(number),
        Value::Bool(value) => Constant::Bool(value),
        Value::Double(number) => Constant::Double(number),
        Value::Ip(address) => Constant::Ip(address),
    }
}

/// One value against all literals.
fn one(value: Value<'_>, operator: Operator, modifier: Option<Modifier>, literals: &[Constant]) -> bool {
    let count = literals.iter().filter(|literal| two(value, operator, literal)).count();
    match modifier {
        None | Some(Modifier::Anyof) => count > 0,
        Some(Modifier::Oneof) => count == 1,
        Some(Modifier::Allof) => count == literals.len(),
    }
}

fn two(value: Value<'_>, operator: Operator, literal: &Constant) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let order = match (value, literal) {
        (Value::Int(left), Constant::Int(right)) => left.cmp(right),
        (Value::Uint(left), Constant::Uint(right)) => left.cmp(right),
        (Value::Int(left), Constant::Uint(right)) => i128::from(left).cmp(&i128::from(*right)),
        (Value::Uint(left), Constant::Int(right)) => i128::from(left).cmp(&i128::from(*right)),
        (Value::Double(left), Constant::Double(right)) => match left.partial_cmp(right) {
            Some(order) => order,
            None => return operator == Operator::NotEqual,
        },
        (Value::Bool(left), Constant::Bool(right)) => left.cmp(right),
        (Value::Ip(left), Constant::Ip(right)) => left.cmp(right),
        (Value::Ip(left), Constant::Net(right)) if right.contains(left) => Equal,
        (Value::Ip(_), Constant::Net(_)) => Less,
        (Value::Text(left) | Value::Buffer(left), Constant::Bytes(right)) => match operator {
            Operator::Contains | Operator::Bcontains => return has(left, right),
            Operator::Icontains => return has(&left.to_ascii_lowercase(), &right.to_ascii_lowercase()),
            Operator::Startswith | Operator::Bstartswith => return left.starts_with(right),
            Operator::Endswith => return left.ends_with(right),
            Operator::Glob => return Glob::new(right, false).matches(left),
            Operator::Iglob => return Glob::new(right, true).matches(left),
            Operator::Regex => return PosixRegex::new(right).is_ok_and(|regex| regex.matches(left)),
            Operator::Pmatch => return PathPrefixes::new(&[right]).matches(left),
            _ => left.cmp(&**right),
        },
        _ => return false,
    };
    match operator {
        Operator::Less => order == Less,
        Operator::LessOrEqual => order != Greater,
        Operator::Greater => order == Greater,
        Operator::GreaterOrEqual => order != Less,
        Operator::Equal | Operator::In | Operator::Intersects => order == Equal,
        Operator::NotEqual => order != Equal,
        _ => false,
    }
}

fn has(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}
