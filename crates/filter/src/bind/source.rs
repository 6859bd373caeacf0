//! One side of a comparison that is read from the event: a field, or a transformer over fields.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use super::allowed::{self, Shape};
use super::{BindError, BindErrorKind};
use crate::syntax::ast::Operand;
use crate::transform::{self, BoundOperand, Place};
use crate::{Bump, Catalog, Field, FieldError, Fields, Many, Value, View};

/// What is read from the event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    operand: BoundOperand,
    /// Evaluating it twice gives two values.
    counts: bool,
}

/// The last instance given to a field that counts, over all conditions and outputs.
static INSTANCES: AtomicU32 = AtomicU32::new(0);

impl Source {
    /// Binds a field or a transformer. Fields that count get one instance per text, kept in `instances`.
    pub(super) fn bind(
        operand: &Operand,
        place: Place,
        catalog: &dyn Catalog,
        instances: &mut HashMap<String, u32>,
    ) -> Result<Source, BindError> {
        let mut operand = transform::bind(operand, place, catalog)?;
        let mut counts = false;
        operand.fields_mut(&mut |field| {
            if field.counts() {
                field.instance = *instances.entry(field.name.clone()).or_insert_with(next_instance);
                counts = true;
            }
        });
        Ok(Source { operand, counts })
    }

    /// The field, when it is one without transformers.
    pub fn field(&self) -> Option<&Field> {
        match &self.operand {
            BoundOperand::Field(field) => Some(field),
            _ => None,
        }
    }

    pub(crate) fn shape(&self) -> Shape {
        Shape { kind: transform::kind(&self.operand), many: transform::many(&self.operand) }
    }

    /// The fields that are read, in the order of the text.
    pub fn fields(&self) -> Vec<&Field> {
        let mut fields = Vec::new();
        self.operand.fields(&mut |field| fields.push(field));
        fields
    }

    /// Whether evaluating it twice gives two values.
    pub(crate) fn counts(&self) -> bool {
        self.counts
    }

    /// The value in the event at hand.
    #[inline]
    pub(crate) fn value<'a>(&'a self, fields: &'a impl Fields, arena: &'a Bump) -> Value<'a> {
        match &self.operand {
            BoundOperand::Field(field) => fields.value(field, View::Condition, arena),
            operand => transform::operand_value(operand, fields, View::Condition, arena),
        }
    }
}

impl From<transform::BindError> for BindError {
    fn from(error: transform::BindError) -> BindError {
        let kind = match &error {
            transform::BindError::Field { error: FieldError::Unknown(_), .. } => BindErrorKind::UnknownField,
            _ => BindErrorKind::Other,
        };
        BindError { kind, message: error.to_string(), span: error.span() }
    }
}

/// A number that no other field that counts has.
pub fn next_instance() -> u32 {
    INSTANCES.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
}

/// Why a source cannot be compared with a left side of that shape. `None` when it can.
pub(super) fn mismatch(source: &Source, left: Shape) -> Option<String> {
    let right = source.shape();
    if matches!(right.many, Many::Ancestors | Many::Ends) {
        return Some("a field with several values may not stand on the right side of a comparison".to_owned());
    }
    let is_list = |shape: Shape| shape.many == Many::List;
    if right.kind == left.kind && is_list(right) == is_list(left) {
        return None;
    }
    let words = |shape: Shape| {
        let text = allowed::kind_text(shape.kind);
        if is_list(shape) { format!("a list, each item {text}") } else { text.to_owned() }
    };
    Some(format!("the left side is {}, the right side {}", words(left), words(right)))
}
