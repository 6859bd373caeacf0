//! Outputs: text with the values of fields in it.

mod parse;
pub mod text;

use bumpalo::Bump;

use crate::transform::{self, BoundOperand};
use crate::{Field, Fields, Value, View};

pub use parse::TemplateError;

/// An output: `%proc.name opened %fd.name`.
#[derive(Clone, Debug)]
pub struct Template {
    pieces: Vec<Piece>,
    fields: Vec<Field>,
}

#[derive(Clone, Debug)]
enum Piece {
    Literal(String),
    /// A field or a transformer, cut or padded to so many bytes unless 0.
    Value(BoundOperand, usize),
}

impl Template {
    /// The fields named, those inside transformers too, each once, in their order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Calls `visit` with every field wherever it stands, in the order in which `render` reads them.
    pub fn visit_fields<'s>(&'s self, visit: &mut dyn FnMut(&'s Field)) {
        for piece in &self.pieces {
            if let Piece::Value(operand, _) = piece {
                operand.fields(visit);
            }
        }
    }

    /// Appends the text for the event at hand; what is missing is `<NA>`.
    pub fn render<'a, F: Fields + ?Sized>(&'a self, fields: &'a F, arena: &'a Bump, out: &mut Vec<u8>) {
        for piece in &self.pieces {
            let (operand, width) = match piece {
                Piece::Literal(literal) => {
                    out.extend_from_slice(literal.as_bytes());
                    continue;
                }
                Piece::Value(operand, width) => (operand, *width),
            };
            let start = out.len();
            match operand {
                BoundOperand::Field(field) => text::write(field, fields.value(field, View::Text, arena), out),
                other => text::write_plain(transform::operand_value(other, fields, View::Text, arena), out),
            }
            if width > 0 {
                out.resize(start + width, b' ');
            }
        }
    }

    /// The text of one value, for what has no template of its own.
    pub fn text(field: &Field, value: Value) -> Vec<u8> {
        let mut out = Vec::new();
        text::write(field, value, &mut out);
        out
    }
}
