//! Transformers: `tolower(...)`, `join(...)` and their like, bound to fields and applied to values.

mod base64;
mod bind;
mod getopt;

use bumpalo::{Bump, collections::Vec as ArenaVec};

use crate::syntax::ast::TransformerName;
use crate::{Field, Fields, Value, View};

pub use bind::{BindError, Place, bind, kind, many};

/// A transformer with its fields. `val(...)` never gets here: binding replaces it by its field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bound {
    pub name: TransformerName,
    pub operands: Vec<BoundOperand>,
    /// The letter of `getopt(...)[x]`.
    pub argument: Option<u8>,
}

/// What a transformer works on, or one side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BoundOperand {
    Field(Field),
    Transformer(Box<Bound>),
    /// Inside transformers only.
    Literal(Vec<u8>),
    /// Inside transformers only.
    List(Vec<BoundOperand>),
}

impl BoundOperand {
    /// Calls `visit` with every field within, from left to right.
    pub fn fields<'s>(&'s self, visit: &mut dyn FnMut(&'s Field)) {
        match self {
            BoundOperand::Field(field) => visit(field),
            BoundOperand::Transformer(bound) => bound.operands.iter().for_each(|operand| operand.fields(visit)),
            BoundOperand::List(operands) => operands.iter().for_each(|operand| operand.fields(visit)),
            BoundOperand::Literal(_) => {}
        }
    }

    /// As `fields`, for whoever numbers their instances.
    pub fn fields_mut(&mut self, visit: &mut dyn FnMut(&mut Field)) {
        match self {
            BoundOperand::Field(field) => visit(field),
            BoundOperand::Transformer(bound) => bound.operands.iter_mut().for_each(|operand| operand.fields_mut(visit)),
            BoundOperand::List(operands) => operands.iter_mut().for_each(|operand| operand.fields_mut(visit)),
            BoundOperand::Literal(_) => {}
        }
    }
}

/// The value of a field, a transformer or a literal in the event at hand. `Missing` when an input is missing or a
/// transformer fails.
pub fn operand_value<'a, F: Fields + ?Sized>(
    operand: &'a BoundOperand,
    fields: &'a F,
    view: View,
    arena: &'a Bump,
) -> Value<'a> {
    match operand {
        BoundOperand::Field(field) => fields.value(field, view, arena),
        BoundOperand::Transformer(bound) => value(bound, fields, view, arena),
        BoundOperand::Literal(bytes) => Value::Text(bytes),
        BoundOperand::List(operands) => {
            let mut items = ArenaVec::with_capacity_in(operands.len(), arena);
            for operand in operands {
                match operand_value(operand, fields, view, arena) {
                    Value::Missing => return Value::Missing,
                    Value::List(several) => items.extend_from_slice(several),
                    one => items.push(one),
                }
            }
            Value::List(items.into_bump_slice())
        }
    }
}

/// What a transformer makes of its operands. `Missing` when one is missing or cannot be transformed.
pub fn value<'a, F: Fields + ?Sized>(bound: &'a Bound, fields: &'a F, view: View, arena: &'a Bump) -> Value<'a> {
    let mut operands = bound.operands.iter().map(|operand| operand_value(operand, fields, view, arena));
    let first = operands.next().unwrap_or(Value::Missing);
    apply(bound.name, bound.argument, first, operands, arena)
}

/// A transformer applied to its first operand and the others.
fn apply<'a>(
    name: TransformerName,
    argument: Option<u8>,
    first: Value<'a>,
    mut others: impl Iterator<Item = Value<'a>>,
    arena: &'a Bump,
) -> Value<'a> {
    match name {
        TransformerName::Tolower => {
            each(first, arena, &|bytes| Some(changed(bytes, u8::is_ascii_uppercase, u8::to_ascii_lowercase, arena)))
        }
        TransformerName::Toupper => {
            each(first, arena, &|bytes| Some(changed(bytes, u8::is_ascii_lowercase, u8::to_ascii_uppercase, arena)))
        }
        TransformerName::Basename => each(first, arena, &|bytes| Some(basename(bytes))),
        TransformerName::B64 => each(first, arena, &|bytes| base64::decode(bytes, arena).map(until_nul)),
        TransformerName::Len => len(first),
        TransformerName::Join => match (first, others.next()) {
            (Value::Text(separator), Some(Value::List(items))) => joined(until_nul(separator), items, arena),
            (Value::Text(_), Some(one @ Value::Text(_))) => one,
            _ => Value::Missing,
        },
        TransformerName::Concat => {
            let mut items = ArenaVec::new_in(arena);
            items.push(first);
            items.extend(others);
            joined(b"", &items, arena)
        }
        TransformerName::Getopt => match others.next() {
            Some(Value::Text(options)) => getopt::value(first, until_nul(options), argument, arena),
            _ => Value::Missing,
        },
        TransformerName::Val => first,
    }
}

/// Text ends at its first NUL.
pub(crate) fn until_nul(bytes: &[u8]) -> &[u8] {
    &bytes[..memchr::memchr(0, bytes).unwrap_or(bytes.len())]
}

/// Text, or each item of a list, transformed; one failure makes it all missing.
fn each<'a>(value: Value<'a>, arena: &'a Bump, one: &dyn Fn(&'a [u8]) -> Option<&'a [u8]>) -> Value<'a> {
    match value {
        Value::Text(bytes) => Value::text(one(until_nul(bytes))),
        Value::Buffer(bytes) => Value::text(one(bytes)),
        Value::List(items) => {
            let mut transformed = ArenaVec::with_capacity_in(items.len(), arena);
            for item in items {
                match item {
                    Value::Text(bytes) => match one(until_nul(bytes)) {
                        Some(bytes) => transformed.push(Value::Text(bytes)),
                        None => return Value::Missing,
                    },
                    _ => return Value::Missing,
                }
            }
            Value::List(transformed.into_bump_slice())
        }
        _ => Value::Missing,
    }
}

/// Bytes with another case; borrowed when nothing has to change.
fn changed<'a>(bytes: &'a [u8], affected: fn(&u8) -> bool, change: fn(&u8) -> u8, arena: &'a Bump) -> &'a [u8] {
    if bytes.iter().any(affected) { arena.alloc_slice_fill_iter(bytes.iter().map(change)) } else { bytes }
}

fn basename(path: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', path).map_or(path, |slash| &path[slash + 1..])
}

fn len(value: Value) -> Value {
    let length = match value {
        Value::Text(bytes) => until_nul(bytes).len(),
        Value::Buffer(bytes) => bytes.len(),
        Value::List(items) => items.len(),
        _ => return Value::Missing,
    };
    Value::Uint(length as u64)
}

/// Texts with a separator between them.
fn joined<'a>(separator: &[u8], items: &[Value<'a>], arena: &'a Bump) -> Value<'a> {
    let mut out = ArenaVec::new_in(arena);
    for (index, item) in items.iter().enumerate() {
        let Value::Text(bytes) = item else { return Value::Missing };
        if index > 0 {
            out.extend_from_slice_copy(separator);
        }
        out.extend_from_slice_copy(until_nul(bytes));
    }
    Value::Text(out.into_bump_slice())
}
