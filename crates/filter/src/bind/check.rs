//! One comparison, bound.

use std::collections::HashMap;

use super::allowed::{self, Shape};
use super::literal::{self, Constant};
use super::source::{self, Source};
use super::{BindError, hint};
use crate::operators::PosixRegex;
use crate::syntax::ast::{Check, Expr, Literal, Modifier, Operand, Operator, Right, Span, TransformerOperand};
use crate::syntax::{print, print_operand};
use crate::transform::Place;
use crate::{Catalog, Kind, Many};

/// A comparison whose sides are known. Where the peer's behaviour is odd (see `outcome` and `narrow`), this holds what
/// the peer really compares.
#[derive(Clone, Debug)]
pub struct BoundCheck {
    pub left: Source,
    pub operator: Operator,
    pub modifier: Option<Modifier>,
    pub right: Side,
    /// The result, when it is the same for every event.
    pub outcome: Option<bool>,
    /// Set when this compares the event's type by name with `=`, `!=` or `in`.
    pub event: Option<EventName>,
    /// As written, blanks apart.
    pub text: String,
    pub span: Span,
}

/// Which of the two fields holds the event's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventName {
    /// `evt.type`, which every event has.
    Event,
    /// `syscall.type`, missing in events that are no system calls.
    Syscall,
}

/// The right side.
#[derive(Clone, Debug)]
pub enum Side {
    Nothing,
    Constants(Vec<Constant>),
    Source(Source),
}

pub(super) fn bind(
    check: &Check,
    catalog: &dyn Catalog,
    instances: &mut HashMap<String, u32>,
    hints: &mut Vec<String>,
) -> Result<BoundCheck, BindError> {
    let type_field = type_field(&check.left);
    if let Operand::Transformer { span, .. } = &check.left {
        if let Some(name) = hidden_type_field(&check.left) {
            return Err(BindError::other(format!("'{name}' may not stand in a transformer"), *span));
        }
    }
    let left = Source::bind(&check.left, Place::Left, catalog, instances)?;
    let left_text = print_operand(&check.left);
    let shape = left.shape();
    let (operator, modifier) = (check.operator, check.modifier);
    if let Some(why) = allowed::refusal(&left_text, shape, operator, modifier) {
        return Err(BindError::other(why, check.span));
    }
    let right = match &check.right {
        Right::Nothing => Side::Nothing,
        Right::Value(literal) => Side::Constants(vec![constant(literal, shape, check, catalog, hints)?]),
        Right::List(literals) => Side::Constants(
            literals
                .iter()
                .map(|literal| constant(literal, shape, check, catalog, hints))
                .collect::<Result<Vec<_>, _>>()?,
        ),
        Right::Operand(operand) => Side::Source(right_operand(operand, type_field, check, shape, catalog, instances)?),
    };
    if let (Some(_), Some(literals)) = (type_field, literals_of(&check.right)) {
        known_types(literals, catalog)?;
    }
    let narrowing = modifier.is_none() && matches!(operator, Operator::Equal | Operator::NotEqual | Operator::In);
    let mut bound = BoundCheck {
        event: type_field.filter(|_| narrowing),
        outcome: outcome(&left, shape, operator, &right),
        left,
        operator,
        modifier,
        right,
        text: text_of(check),
        span: check.span,
    };
    narrow(&mut bound, shape);
    Ok(bound)
}

fn type_field(operand: &Operand) -> Option<EventName> {
    match operand {
        Operand::Field { name, .. } if name == "evt.type" => Some(EventName::Event),
        Operand::Field { name, .. } if name == "syscall.type" => Some(EventName::Syscall),
        _ => None,
    }
}

/// The event type's field within a transformer, which the peer refuses: its index of rules would be wrong.
fn hidden_type_field(operand: &Operand) -> Option<&str> {
    let Operand::Transformer { operands, .. } = operand else { return None };
    let mut parts: Vec<&TransformerOperand> = operands.iter().collect();
    while let Some(part) = parts.pop() {
        match part {
            TransformerOperand::Operand(Operand::Field { name, .. })
                if name == "evt.type" || name == "syscall.type" =>
            {
                return Some(name);
            }
            TransformerOperand::Operand(Operand::Transformer { operands, .. }) | TransformerOperand::List(operands) => {
                parts.extend(operands)
            }
            TransformerOperand::Operand(Operand::Field { .. }) | TransformerOperand::Literal(_) => {}
        }
    }
    None
}

fn right_operand(
    operand: &Operand,
    type_field: Option<EventName>,
    check: &Check,
    shape: Shape,
    catalog: &dyn Catalog,
    instances: &mut HashMap<String, u32>,
) -> Result<Source, BindError> {
    if matches!(check.operator, Operator::Regex | Operator::Pmatch) {
        let message = format!("'{}' takes no field or transformer on its right side", check.operator.text());
        return Err(BindError::other(message, check.span));
    }
    if type_field.is_some() || hidden_type_field(operand).is_some() {
        return Err(BindError::other("the event's type can only be compared with names", check.span));
    }
    let source = Source::bind(operand, Place::Right, catalog, instances)?;
    match source::mismatch(&source, shape) {
        Some(why) => Err(BindError::other(why, check.span)),
        None => Ok(source),
    }
}

fn constant(
    literal: &Literal,
    shape: Shape,
    check: &Check,
    catalog: &dyn Catalog,
    hints: &mut Vec<String>,
) -> Result<Constant, BindError> {
    let constant = literal::constant(&literal.bytes, shape.kind, check.operator, catalog)
        .map_err(|message| BindError::other(message, literal.span))?;
    hint::of_literal(&literal.bytes, check.operator, catalog, hints);
    if check.operator == Operator::Regex {
        PosixRegex::new(&literal.bytes).map_err(|error| {
            let message = format!("not a regular expression: {} (at byte {})", error.message, error.offset);
            BindError::other(message, literal.span)
        })?;
    }
    Ok(constant)
}

fn literals_of(right: &Right) -> Option<&[Literal]> {
    match right {
        Right::Value(literal) => Some(std::slice::from_ref(literal)),
        Right::List(literals) => Some(literals),
        Right::Nothing | Right::Operand(_) => None,
    }
}

fn known_types(literals: &[Literal], catalog: &dyn Catalog) -> Result<(), BindError> {
    for literal in literals {
        let name = String::from_utf8_lossy(&literal.bytes);
        if catalog.events_named(&name).is_none() {
            return Err(BindError::other(format!("there is no event type '{name}'"), literal.span));
        }
    }
    Ok(())
}

/// What the check gives for every event, as far as that is certain.
fn outcome(left: &Source, shape: Shape, operator: Operator, right: &Side) -> Option<bool> {
    let Side::Constants(constants) = right else { return None };
    if constants.is_empty() {
        return Some(false);
    }
    let membership = matches!(operator, Operator::In | Operator::Intersects);
    let field = left.field()?;
    let numeric = !matches!(shape.kind, Kind::Text | Kind::Buffer);
    // The peer looks these up in the set with a length of zero.
    let never_found = (shape.kind == Kind::Ip && shape.many == Many::Ends)
        || (numeric && shape.many == Many::Ancestors)
        || (numeric && field.name.starts_with("evt.rawarg"));
    if membership && never_found {
        return Some(false);
    }
    if field.name == "evt.num" { number_of_event(operator, constants) } else { None }
}

/// Events are numbered from 1.
fn number_of_event(operator: Operator, constants: &[Constant]) -> Option<bool> {
    let numbers =
        || constants.iter().filter_map(|constant| if let Constant::Uint(n) = constant { Some(*n) } else { None });
    let first = numbers().next()?;
    match operator {
        Operator::Equal | Operator::In | Operator::Intersects if numbers().all(|number| number == 0) => Some(false),
        Operator::NotEqual if numbers().all(|number| number == 0) => Some(true),
        Operator::Less if first <= 1 => Some(false),
        Operator::LessOrEqual if first == 0 => Some(false),
        Operator::Greater if first == 0 => Some(true),
        Operator::GreaterOrEqual if first <= 1 => Some(true),
        _ => None,
    }
}

/// What a check means beyond its words. Fields with several values look at the first literal alone: behind `anyof`,
/// `oneof`, `allof`, and in `fd.net in`.
fn narrow(check: &mut BoundCheck, shape: Shape) {
    // Its value is how far the event is from a time, the literal how far it may be.
    if check.left.field().is_some_and(|field| field.name.starts_with("evt.around[")) {
        check.operator = Operator::LessOrEqual;
    }
    let Side::Constants(constants) = &mut check.right else { return };
    if !matches!(shape.many, Many::Ancestors | Many::Ends) {
        return;
    }
    if check.modifier.take().is_some() || (shape.kind == Kind::Net && check.operator == Operator::In) {
        constants.truncate(1);
    }
}

/// Longer lists are left out of a check's text.
const LONGEST_TEXT: usize = 4096;

fn text_of(check: &Check) -> String {
    print(&Expr::Check(check.clone()), LONGEST_TEXT).unwrap_or_else(|_| {
        let modifier = check.modifier.map_or(String::new(), |modifier| format!(" {}", modifier.text()));
        format!("{} {}{modifier} (...)", print_operand(&check.left), check.operator.text())
    })
}
