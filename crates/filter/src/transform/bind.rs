//! Transformers' types: what each takes and gives.

use super::{Bound, BoundOperand};
use crate::syntax::ast::{Operand, Span, TransformerName, TransformerOperand};
use crate::{Catalog, Field, FieldError, Kind, Many};

/// Where a field or transformer stands, which decides the fields that may stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The left side of a comparison.
    Left,
    /// The right side.
    Right,
    Output,
}

/// Why a field or transformer cannot stand where it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BindError {
    /// The field's own trouble; `FieldError::Unknown` is what `skip-if-unknown-filter` forgives.
    Field { name: String, error: FieldError, span: Span },
    /// The field or transformer is not allowed there, or has the wrong operands.
    Use { message: String, span: Span },
}

impl BindError {
    /// Where in the text.
    pub fn span(&self) -> Span {
        match self {
            BindError::Field { span, .. } | BindError::Use { span, .. } => *span,
        }
    }
}

impl std::fmt::Display for BindError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BindError::Field { error: FieldError::Unknown(message) | FieldError::Argument(message), .. } => {
                out.write_str(message)
            }
            BindError::Use { message, .. } => out.write_str(message),
        }
    }
}

impl std::error::Error for BindError {}

/// A field or transformer bound to the fields of a catalog; gives a `Field` or a `Transformer`. `val(...)` becomes what
/// it holds.
///
/// # Errors
/// A field is unknown or may not stand there; a transformer's operands do not suit it.
pub fn bind(operand: &Operand, place: Place, catalog: &dyn Catalog) -> Result<BoundOperand, BindError> {
    match operand {
        Operand::Field { name, argument, span } => {
            field(name, argument.as_deref(), *span, place, catalog).map(BoundOperand::Field)
        }
        Operand::Transformer { name: TransformerName::Val, operands, argument, span } => match &operands[..] {
            [TransformerOperand::Operand(operand)] if argument.is_none() && place == Place::Right => {
                bind(operand, place, catalog)
            }
            _ if place != Place::Right => refuse(*span, "`val(...)` may only stand on the right side"),
            _ => refuse(*span, "`val(...)` holds one field"),
        },
        Operand::Transformer { name, operands, argument, span } => {
            let operands: Vec<BoundOperand> =
                operands.iter().map(|operand| inner(operand, place, catalog)).collect::<Result<_, _>>()?;
            let bound = Bound { name: *name, operands, argument: letter(*name, argument.as_deref(), *span)? };
            suits(&bound, *span)?;
            Ok(BoundOperand::Transformer(Box::new(bound)))
        }
    }
}

fn refuse<T>(span: Span, message: impl Into<String>) -> Result<T, BindError> {
    Err(BindError::Use { message: message.into(), span })
}

fn field(
    name: &str,
    argument: Option<&str>,
    span: Span,
    place: Place,
    catalog: &dyn Catalog,
) -> Result<Field, BindError> {
    let field =
        catalog.field(name, argument).map_err(|error| BindError::Field { name: name.to_owned(), error, span })?;
    let trouble = match place {
        Place::Left if field.print_only => "may only stand in outputs",
        Place::Right if field.print_only => "may only stand in outputs",
        Place::Right if field.no_rhs => "may not stand on the right side",
        Place::Output if field.filter_only => "may only stand in conditions",
        _ => return Ok(field),
    };
    refuse(span, format!("the field `{}` {trouble}", field.name))
}

fn inner(operand: &TransformerOperand, place: Place, catalog: &dyn Catalog) -> Result<BoundOperand, BindError> {
    match operand {
        TransformerOperand::Operand(operand) => {
            let span = match operand {
                Operand::Field { span, .. } | Operand::Transformer { span, .. } => *span,
            };
            match bind(operand, place, catalog)? {
                BoundOperand::Field(field) if field.no_transformer => {
                    refuse(span, format!("the field `{}` may not stand in a transformer", field.name))
                }
                bound => Ok(bound),
            }
        }
        TransformerOperand::Literal(literal) => Ok(BoundOperand::Literal(literal.bytes.clone())),
        TransformerOperand::List(operands) => {
            let bound = operands.iter().map(|operand| inner(operand, place, catalog)).collect::<Result<_, _>>()?;
            Ok(BoundOperand::List(bound))
        }
    }
}

fn letter(name: TransformerName, argument: Option<&str>, span: Span) -> Result<Option<u8>, BindError> {
    match (name, argument.map(str::as_bytes)) {
        (_, None) => Ok(None),
        (TransformerName::Getopt, Some(&[letter])) => Ok(Some(letter)),
        (TransformerName::Getopt, _) => refuse(span, "`getopt(...)[x]` takes the letter of one option"),
        _ => refuse(span, format!("`{}(...)` takes nothing in brackets", name.text())),
    }
}

/// The operands are as many as the transformer takes, and of the right types.
fn suits(bound: &Bound, span: Span) -> Result<(), BindError> {
    let name = bound.name.text();
    let text = |operand: &BoundOperand| kind(operand) == Kind::Text && !matches!(operand, BoundOperand::List(_));
    let one_text = |operand: &BoundOperand| text(operand) && many(operand) == Many::One;
    let texts = |operand: &BoundOperand| match operand {
        BoundOperand::List(items) => items.iter().all(text),
        other => text(other) && many(other) != Many::One,
    };
    match (bound.name, &bound.operands[..]) {
        (TransformerName::Tolower | TransformerName::Toupper | TransformerName::Basename, [only]) if text(only) => {}
        (TransformerName::B64, [only]) if text(only) || is_buffer(only) => {}
        (TransformerName::Len, [only]) if text(only) || is_buffer(only) || many(only) == Many::List => {}
        (TransformerName::Tolower | TransformerName::Toupper | TransformerName::Basename, [_]) => {
            return refuse(span, format!("`{name}(...)` takes text"));
        }
        (TransformerName::B64, [_]) => return refuse(span, "`b64(...)` takes text or a buffer"),
        (TransformerName::Len, [_]) => return refuse(span, "`len(...)` takes text, a buffer or a list"),
        (TransformerName::Join, [separator, list]) if one_text(separator) && texts(list) => {}
        (TransformerName::Join, _) => return refuse(span, "`join(...)` takes a separator and a list of texts"),
        (TransformerName::Concat, operands) if operands.len() > 1 && operands.iter().all(one_text) => {}
        (TransformerName::Concat, _) => return refuse(span, "`concat(...)` takes two texts or more"),
        (TransformerName::Getopt, [arguments, options])
            if (text(arguments) || texts(arguments)) && one_text(options) => {}
        (TransformerName::Getopt, _) => {
            return refuse(span, "`getopt(...)` takes arguments and the letters of options");
        }
        _ => return refuse(span, format!("`{name}(...)` takes one operand")),
    }
    Ok(())
}

fn is_buffer(operand: &BoundOperand) -> bool {
    matches!(operand, BoundOperand::Field(field) if field.kind == Kind::Buffer)
}

/// The type of what an operand gives; of its items when it gives several.
pub fn kind(operand: &BoundOperand) -> Kind {
    match operand {
        BoundOperand::Field(field) => field.kind,
        BoundOperand::Transformer(bound) if bound.name == TransformerName::Len => Kind::Uint(8),
        _ => Kind::Text,
    }
}

/// Whether an operand gives one value or several.
pub fn many(operand: &BoundOperand) -> Many {
    match operand {
        BoundOperand::Field(field) => field.many,
        BoundOperand::Literal(_) => Many::One,
        BoundOperand::List(_) => Many::List,
        BoundOperand::Transformer(bound) => match bound.name {
            TransformerName::Tolower | TransformerName::Toupper | TransformerName::Basename | TransformerName::B64 => {
                bound.operands.first().map_or(Many::One, many)
            }
            TransformerName::Getopt if bound.argument.is_none() => Many::List,
            _ => Many::One,
        },
    }
}
