//! Reads fields and transformers, the operands of comparisons. Keeps its own stack.

use super::ast::{Operand, SyntaxError, TransformerName, TransformerOperand};
use super::parse::Parser;

/// Transformers within each other: fewer than the peer takes, since they are applied by functions that recur.
pub const MOST_TRANSFORMERS: usize = 100;

/// A transformer, or a list within one, that is still open.
struct Open {
    name: Option<TransformerName>,
    operands: Vec<TransformerOperand>,
    start: usize,
}

impl Parser<'_> {
    /// A transformer or `val(...)`; a field's name is just a value there.
    pub(super) fn right_operand(&mut self) -> Result<Option<Operand>, SyntaxError> {
        let start = self.cursor.at;
        match self.cursor.transformer() {
            Some(name) => self.transformer(name, start).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn operand(&mut self) -> Result<Option<Operand>, SyntaxError> {
        match self.right_operand()? {
            Some(operand) => Ok(Some(operand)),
            None => self.field(),
        }
    }

    fn field(&mut self) -> Result<Option<Operand>, SyntaxError> {
        let start = self.cursor.at;
        let Some(name) = self.cursor.field_name() else { return Ok(None) };
        let argument = self.cursor.argument()?;
        Ok(Some(Operand::Field { name: name.to_owned(), argument, span: self.cursor.span(start) }))
    }

    /// A transformer whose name and parenthesis have been read.
    fn transformer(&mut self, name: TransformerName, start: usize) -> Result<Operand, SyntaxError> {
        let mut outer: Vec<Open> = Vec::new();
        let mut open = Open { name: Some(name), operands: Vec::new(), start };
        loop {
            self.cursor.blanks();
            let start = self.cursor.at;
            let nested = if self.cursor.eat("(") { Some(None) } else { self.cursor.transformer().map(Some) };
            let mut operand = if let Some(name) = nested {
                if outer.len() + 1 >= MOST_TRANSFORMERS {
                    let message = format!("transformers nested deeper than {MOST_TRANSFORMERS} levels");
                    return self.cursor.error(start, message);
                }
                if name == Some(TransformerName::Val) {
                    return self.cursor.error(start, "`val(...)` may not stand inside a transformer");
                }
                outer.push(std::mem::replace(&mut open, Open { name, operands: Vec::new(), start }));
                self.cursor.blanks();
                if name.is_some() || self.cursor.peek() != Some(b')') {
                    continue;
                }
                None
            } else {
                Some(self.transformer_operand()?)
            };
            loop {
                open.operands.extend(operand);
                self.cursor.blanks();
                if self.cursor.eat(",") {
                    break;
                }
                if !self.cursor.eat(")") {
                    let found = self.cursor.found();
                    return self.cursor.error(self.cursor.at, format!("`,` or `)` is expected here, but {found}"));
                }
                let operands = std::mem::take(&mut open.operands);
                let closed = match open.name {
                    None => TransformerOperand::List(operands),
                    Some(name) => {
                        let argument = self.cursor.argument()?;
                        let span = self.cursor.span(open.start);
                        TransformerOperand::Operand(Operand::Transformer { name, operands, argument, span })
                    }
                };
                match (outer.pop(), closed) {
                    (Some(around), closed) => {
                        open = around;
                        operand = Some(closed);
                    }
                    (None, TransformerOperand::Operand(whole)) => return Ok(whole),
                    (None, _) => return self.cursor.error(open.start, "a list may not stand alone"),
                }
            }
        }
    }

    /// A field or a value between the parentheses of a transformer.
    fn transformer_operand(&mut self) -> Result<TransformerOperand, SyntaxError> {
        let start = self.cursor.at;
        if let Some(quoted) = self.cursor.quoted()? {
            return Ok(TransformerOperand::Literal(quoted));
        }
        if let Some(field) = self.field()? {
            let end = self.cursor.at;
            if self.cursor.bare().is_none() {
                return Ok(TransformerOperand::Operand(field));
            }
            // `a.b-c` is a value; what has brackets is not.
            if self.cursor.at > end && matches!(field, Operand::Field { argument: Some(_), .. }) {
                self.cursor.at = end;
                return Ok(TransformerOperand::Operand(field));
            }
            self.cursor.at = start;
        }
        match self.cursor.bare() {
            Some(bare) => Ok(TransformerOperand::Literal(bare)),
            None => {
                let found = self.cursor.found();
                self.cursor.error(start, format!("a field, a transformer or a value is expected here, but {found}"))
            }
        }
    }
}
