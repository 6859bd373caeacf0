//! Reads conditions. Keeps its own stacks, so that nesting costs no call depth.

use std::sync::Arc;

use super::ast::{Check, Expr, Literal, Modifier, Operand, Operator, Right, SyntaxError, TransformerName};
use super::lex::{Cursor, is_blank};

/// Parentheses within each other, as many as the peer takes.
pub const MOST_LEVELS: usize = 1000;

/// Reads a condition. Takes time in proportion to the text.
///
/// # Errors
/// The text is no condition: the first place where it goes wrong.
pub fn parse(text: &str) -> Result<Arc<Expr>, SyntaxError> {
    let mut parser = Parser { cursor: Cursor::new(text) };
    if u32::try_from(text.len()).is_err() {
        return parser.cursor.error(0, "the condition is longer than 4 GiB");
    }
    parser.expression()
}

/// The field or transformer at the beginning of a text, and its length. What follows it does not matter.
///
/// # Errors
/// The text begins with neither.
pub(crate) fn operand_prefix(text: &str) -> Result<(Operand, usize), SyntaxError> {
    let mut parser = Parser { cursor: Cursor::new(text) };
    match parser.operand()? {
        Some(operand) => Ok((operand, parser.cursor.at)),
        None => parser.cursor.error(0, "neither a field nor a transformer"),
    }
}

/// A level of parentheses that is still open.
#[derive(Default)]
struct Level {
    /// Finished parts of the `or` chain.
    alternatives: Vec<Arc<Expr>>,
    /// Parts of the `and` chain that is being read.
    parts: Vec<Arc<Expr>>,
    /// `not` stands before what is being read.
    negated: bool,
    /// Where the parenthesis stands.
    opened: usize,
}

pub(super) struct Parser<'t> {
    pub(super) cursor: Cursor<'t>,
}

/// A chain of one is its part.
fn chain(mut parts: Vec<Arc<Expr>>, operator: fn(Vec<Arc<Expr>>) -> Expr) -> Arc<Expr> {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            Arc::new(operator(parts))
        }
    }
}

impl Parser<'_> {
    fn expression(&mut self) -> Result<Arc<Expr>, SyntaxError> {
        let mut outer: Vec<Level> = Vec::new();
        let mut level = Level::default();
        loop {
            self.cursor.blanks();
            while self.cursor.keyword("not") {
                level.negated = !level.negated;
                self.cursor.blanks();
            }
            let opened = self.cursor.at;
            if self.cursor.eat("(") {
                if outer.len() >= MOST_LEVELS {
                    return self.cursor.error(opened, format!("nested deeper than {MOST_LEVELS} levels"));
                }
                outer.push(std::mem::replace(&mut level, Level { opened, ..Level::default() }));
                continue;
            }
            let mut expr = self.check()?;
            loop {
                let negated = std::mem::take(&mut level.negated);
                level.parts.push(if negated { Expr::negated(expr) } else { expr });
                self.cursor.blanks();
                if self.cursor.keyword("and") {
                    break;
                }
                let parts = std::mem::take(&mut level.parts);
                level.alternatives.push(chain(parts, Expr::And));
                if self.cursor.keyword("or") {
                    break;
                }
                expr = chain(level.alternatives, Expr::Or);
                match outer.pop() {
                    None if self.cursor.peek().is_none() => return Ok(expr),
                    None => return self.unexpected(&expr),
                    Some(_) if self.cursor.peek().is_none() => {
                        return self.cursor.error(level.opened, "this parenthesis is never closed");
                    }
                    Some(_) if !self.cursor.eat(")") => return self.unexpected(&expr),
                    Some(around) => level = around,
                }
            }
        }
    }

    /// What follows a condition is neither `and`, `or`, `)` nor the end.
    fn unexpected<T>(&self, before: &Expr) -> Result<T, SyntaxError> {
        let found = self.cursor.found();
        if self.cursor.peek() == Some(b')') {
            return self.cursor.error(self.cursor.at, "this parenthesis was never opened");
        }
        if let (Expr::Name(name, _), Some(b'=' | b'!' | b'<' | b'>')) = (before, self.cursor.peek()) {
            let message = format!("`{name}` is no field: field names have a dot");
            return self.cursor.error(self.cursor.at, message);
        }
        self.cursor.error(self.cursor.at, format!("`and`, `or` or the end is expected here, but {found}"))
    }

    /// One comparison, or a macro's name.
    fn check(&mut self) -> Result<Arc<Expr>, SyntaxError> {
        let start = self.cursor.at;
        let Some(left) = self.operand()? else {
            return match self.cursor.identifier() {
                Some(name) if !matches!(name, "and" | "or" | "not") => {
                    Ok(Arc::new(Expr::Name(name.to_owned(), self.cursor.span(start))))
                }
                _ => {
                    self.cursor.at = start;
                    let found = self.cursor.found();
                    self.cursor.error(start, format!("a field, a macro or a parenthesis is expected here, but {found}"))
                }
            };
        };
        if matches!(left, Operand::Transformer { name: TransformerName::Val, .. }) {
            return self.cursor.error(start, "`val(...)` may only stand on the right side");
        }
        self.cursor.blanks();
        let operator = self.operator()?;
        let (modifier, right) = self.right(operator)?;
        let span = self.cursor.span(start);
        Ok(Arc::new(Expr::Check(Check { left, operator, modifier, right, span })))
    }

    fn right(&mut self, operator: Operator) -> Result<(Option<Modifier>, Right), SyntaxError> {
        if operator == Operator::Exists {
            return Ok((None, Right::Nothing));
        }
        self.cursor.blanks();
        match operator {
            Operator::In | Operator::Intersects | Operator::Pmatch => Ok((None, self.list_or_operand(operator)?)),
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                Ok((None, self.number(operator)?))
            }
            _ => self.value(operator),
        }
    }

    fn operator(&mut self) -> Result<Operator, SyntaxError> {
        let start = self.cursor.at;
        for &(symbol, operator) in &Operator::SYMBOLS {
            if self.cursor.eat(symbol) {
                return Ok(operator);
            }
        }
        let word = self.cursor.word();
        if let Some(operator) = Operator::of(word) {
            self.cursor.at += word.len();
            let apart = match self.cursor.peek() {
                None | Some(b'(') => true,
                Some(byte) => is_blank(byte),
            };
            if apart || operator == Operator::Exists {
                return Ok(operator);
            }
            return self.cursor.error(self.cursor.at, format!("a blank is expected after `{word}`"));
        }
        let found = self.cursor.found();
        self.cursor.error(start, format!("an operator is expected after the field, but {found}"))
    }

    fn number(&mut self, operator: Operator) -> Result<Right, SyntaxError> {
        if let Some(operand) = self.right_operand()? {
            return Ok(Right::Operand(operand));
        }
        match self.cursor.number() {
            Some(number) => Ok(Right::Value(number)),
            None => {
                let found = self.cursor.found();
                self.cursor.error(self.cursor.at, format!("`{}` needs a number, but {found}", operator.text()))
            }
        }
    }

    fn value(&mut self, operator: Operator) -> Result<(Option<Modifier>, Right), SyntaxError> {
        let start = self.cursor.at;
        for modifier in [Modifier::Oneof, Modifier::Anyof, Modifier::Allof] {
            if !self.cursor.keyword(modifier.text()) {
                continue;
            }
            self.cursor.blanks();
            // The word itself may be the value compared with.
            let after = self.cursor.word();
            if matches!(self.cursor.peek(), None | Some(b')')) || matches!(after, "and" | "or") {
                self.cursor.at = start;
                break;
            }
            return Ok((Some(modifier), Right::List(self.list(modifier.text())?)));
        }
        if let Some(operand) = self.right_operand()? {
            return Ok((None, Right::Operand(operand)));
        }
        match self.literal()? {
            Some(value) => Ok((None, Right::Value(value))),
            None => {
                let found = self.cursor.found();
                let text = operator.text();
                let hint = if self.cursor.peek() == Some(b'(') {
                    format!(" (for a list: `{text} anyof (...)`)")
                } else {
                    String::new()
                };
                self.cursor.error(start, format!("`{text}` needs a value, but {found}{hint}"))
            }
        }
    }

    fn literal(&mut self) -> Result<Option<Literal>, SyntaxError> {
        Ok(match self.cursor.quoted()? {
            Some(quoted) => Some(quoted),
            None => self.cursor.bare(),
        })
    }

    fn list_or_operand(&mut self, operator: Operator) -> Result<Right, SyntaxError> {
        match self.right_operand()? {
            Some(operand) => Ok(Right::Operand(operand)),
            None => Ok(Right::List(self.list(operator.text())?)),
        }
    }

    /// `(a, b)`, for the word before it.
    fn list(&mut self, before: &str) -> Result<Vec<Literal>, SyntaxError> {
        let start = self.cursor.at;
        if !self.cursor.eat("(") {
            let word = self.cursor.identifier();
            let ends = self.cursor.bare().is_none();
            return match word {
                Some(name) if ends => self.cursor.error(start, format!("`{name}` is no known list")),
                _ => {
                    self.cursor.at = start;
                    let found = self.cursor.found();
                    self.cursor.error(start, format!("`{before}` needs a list in parentheses, but {found}"))
                }
            };
        }
        let mut items = Vec::new();
        self.cursor.blanks();
        if self.cursor.eat(")") {
            return Ok(items);
        }
        loop {
            self.cursor.blanks();
            match self.literal()? {
                Some(item) => items.push(item),
                None => {
                    let found = self.cursor.found();
                    return self.cursor.error(self.cursor.at, format!("a value of the list is expected, but {found}"));
                }
            }
            self.cursor.blanks();
            if self.cursor.eat(")") {
                return Ok(items);
            }
            if !self.cursor.eat(",") {
                let found = self.cursor.found();
                return self.cursor.error(self.cursor.at, format!("`,` or `)` is expected in the list, but {found}"));
            }
        }
    }
}
