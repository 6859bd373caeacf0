//! Expressions.

use std::borrow::Cow;

use crate::documents::Error;

use super::scan::Scanner;
use super::{Expression, For, Step};

/// Operators, the loosest first.
const OPERATORS: [&[&str]; 6] =
    [&["||"], &["&&"], &["==", "!="], &["<=", ">=", "<", ">"], &["+", "-"], &["*", "/", "%"]];

/// Longest number that is read: more digits only cost time.
const LONGEST_NUMBER: usize = 300;

impl<'a> Scanner<'a> {
    pub fn expression(&mut self) -> Result<Expression<'a>, Error> {
        self.nested(1, Self::conditional)
    }

    fn conditional(&mut self) -> Result<Expression<'a>, Error> {
        let condition = self.operation()?;
        self.space();
        if self.peek() != Some(b'?') {
            return Ok(condition);
        }
        self.at += 1;
        let yes = self.expression()?;
        self.expect(b':', "the : of a conditional")?;
        let no = self.expression()?;
        Ok(Expression::Conditional(Box::new([condition, yes, no])))
    }

    fn operation(&mut self) -> Result<Expression<'a>, Error> {
        let first = self.unary()?;
        let Some(operator) = self.operator() else { return Ok(first) };
        let mut operands = vec![first];
        let mut operators = vec![operator];
        operands.push(self.unary()?);
        while let Some(operator) = self.operator() {
            operators.push(operator);
            operands.push(self.unary()?);
        }
        Ok(chains(operands, operators))
    }

    fn operator(&mut self) -> Option<(usize, &'static str)> {
        self.space();
        let rest = self.rest();
        if !matches!(rest.first()?, b'|' | b'&' | b'=' | b'!' | b'<' | b'>' | b'+' | b'-' | b'*' | b'/' | b'%') {
            return None;
        }
        // `=>` of an object's `for`, `=` of its entries.
        for (level, operators) in OPERATORS.iter().enumerate() {
            for operator in *operators {
                if rest.starts_with(operator.as_bytes()) {
                    self.at += operator.len();
                    return Some((level, operator));
                }
            }
        }
        None
    }

    fn unary(&mut self) -> Result<Expression<'a>, Error> {
        self.space();
        match self.peek() {
            Some(b'!') => {
                self.at += 1;
                Ok(Expression::Not(Box::new(self.nested(1, Self::unary)?)))
            }
            Some(b'-') => {
                self.at += 1;
                Ok(match self.nested(1, Self::unary)? {
                    Expression::Int(number) => number.checked_neg().map_or(Expression::Null, Expression::Int),
                    Expression::Float(number) => Expression::Float(-number),
                    other => Expression::Negative(Box::new(other)),
                })
            }
            _ => self.with_steps(),
        }
    }

    fn with_steps(&mut self) -> Result<Expression<'a>, Error> {
        let term = self.term()?;
        let steps = self.steps(true)?;
        Ok(match term {
            Expression::Reference(name, none) if none.is_empty() => Expression::Reference(name, steps),
            term if steps.is_empty() => term,
            term => Expression::Path(Box::new(term), steps),
        })
    }

    /// Attributes, indices and splats behind a term; without indices within `.*`.
    fn steps(&mut self, indices: bool) -> Result<Vec<Step<'a>>, Error> {
        let mut steps = Vec::new();
        loop {
            self.space();
            match self.peek() {
                Some(b'.') if self.peek_at(1) != Some(b'.') => {
                    self.at += 1;
                    self.space();
                    self.count()?;
                    match self.peek() {
                        Some(b'0'..=b'9') => steps.push(Step::Index(self.digits()?)),
                        Some(b'*') if indices => {
                            self.at += 1;
                            self.last = self.at;
                            let inner = self.nested(1, |scanner| scanner.steps(false))?;
                            steps.push(Step::Splat { full: false, steps: inner });
                        }
                        _ => match self.identifier() {
                            Some(name) => steps.push(Step::Attribute(name)),
                            None => return Err(self.unexpected("a name after the .")),
                        },
                    }
                }
                Some(b'[') if indices => {
                    self.at += 1;
                    self.count()?;
                    if self.splat_mark() {
                        let inner = self.nested(1, |scanner| scanner.steps(true))?;
                        steps.push(Step::Splat { full: true, steps: inner });
                    } else {
                        let key = self.nested(0, |scanner| {
                            scanner.newlines = false;
                            let key = scanner.expression()?;
                            scanner.expect(b']', "]")?;
                            Ok(key)
                        })?;
                        steps.push(Step::Index(key));
                    }
                }
                _ => return Ok(steps),
            }
        }
    }

    /// `*]`
    fn splat_mark(&mut self) -> bool {
        let before = self.at;
        self.blank();
        if self.take(b'*') {
            self.blank();
            if self.take(b']') {
                return true;
            }
        }
        self.at = before;
        false
    }

    fn term(&mut self) -> Result<Expression<'a>, Error> {
        self.count()?;
        match self.peek() {
            Some(b'"') => self.quoted_template(),
            Some(b'0'..=b'9') => self.number(),
            Some(b'(') => self.nested(0, |scanner| {
                scanner.at += 1;
                scanner.newlines = false;
                let inner = scanner.expression()?;
                scanner.expect(b')', ")")?;
                // A name in parentheses is no name any more: `(a) = 1` is a key by value.
                Ok(match inner {
                    Expression::Reference(name, steps) => {
                        Expression::Path(Box::new(Expression::Reference(name, steps)), Vec::new())
                    }
                    other => other,
                })
            }),
            Some(b'[') => self.nested(0, Self::tuple),
            Some(b'{') => self.nested(0, Self::object),
            Some(b'<') if self.rest().starts_with(b"<<") => self.heredoc(),
            _ => match self.identifier() {
                Some(name) => self.named(name),
                None => Err(self.unexpected("an expression")),
            },
        }
    }

    fn named(&mut self, name: &'a str) -> Result<Expression<'a>, Error> {
        let start = self.last - name.len();
        let end = self.last;
        while self.rest().starts_with(b"::") {
            self.at += 2;
            if self.identifier().is_none() {
                return Err(self.unexpected("a function's name"));
            }
        }
        let full = self.slice(start, self.last);
        self.space();
        if self.peek() == Some(b'(') {
            self.at += 1;
            return self.nested(0, |scanner| scanner.arguments(full));
        }
        if full.len() > name.len() {
            return Err(self.unexpected("the ( of a function call"));
        }
        self.last = end;
        Ok(match full {
            "true" => Expression::Bool(true),
            "false" => Expression::Bool(false),
            "null" => Expression::Null,
            _ => Expression::Reference(full, Vec::new()),
        })
    }

    fn arguments(&mut self, name: &'a str) -> Result<Expression<'a>, Error> {
        self.newlines = false;
        let mut arguments = Vec::new();
        let mut expand = false;
        loop {
            self.space();
            if self.take(b')') {
                return Ok(Expression::Call { name, arguments, expand });
            }
            if expand {
                return Err(self.unexpected(")"));
            }
            arguments.push(self.expression()?);
            self.space();
            if self.rest().starts_with(b"...") {
                self.at += 3;
                expand = true;
            } else if !self.take(b',') && self.peek() != Some(b')') {
                return Err(self.unexpected(", or )"));
            }
        }
    }

    fn tuple(&mut self) -> Result<Expression<'a>, Error> {
        self.at += 1;
        self.newlines = false;
        if self.begins_for() {
            return self.for_expression(b']');
        }
        let mut items = Vec::new();
        loop {
            self.space();
            if self.take(b']') {
                return Ok(Expression::Tuple(items));
            }
            items.push(self.expression()?);
            self.space();
            if !self.take(b',') && self.peek() != Some(b']') {
                return Err(self.unexpected(", or ]"));
            }
        }
    }

    fn object(&mut self) -> Result<Expression<'a>, Error> {
        self.at += 1;
        if self.begins_for() {
            self.newlines = false;
            return self.for_expression(b'}');
        }
        self.newlines = true;
        let mut entries = Vec::new();
        loop {
            self.blank();
            if self.take(b'}') {
                return Ok(Expression::Object(entries));
            }
            self.count()?;
            let key = match self.expression()? {
                Expression::Reference(name, steps) if steps.is_empty() => Expression::Text(Cow::Borrowed(name)),
                Expression::Null => Expression::Text(Cow::Borrowed("null")),
                Expression::Bool(truth) => Expression::Text(Cow::Borrowed(if truth { "true" } else { "false" })),
                other => other,
            };
            self.space();
            if !self.take(b'=') && !self.take(b':') {
                return Err(self.unexpected("= or : after the key"));
            }
            entries.push((key, self.expression()?));
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'\n' | b'\r' | b'}') => {}
                _ => return Err(self.unexpected(", or the end of the line")),
            }
        }
    }

    /// Whether `for` and a name follow; takes the `for`.
    fn begins_for(&mut self) -> bool {
        let before = self.at;
        self.blank();
        if self.identifier() == Some("for") {
            self.blank();
            let after = self.at;
            if self.identifier().is_some() {
                self.at = after;
                return true;
            }
        }
        self.at = before;
        false
    }

    pub fn for_names(&mut self) -> Result<(Option<&'a str>, &'a str), Error> {
        self.space();
        let Some(first) = self.identifier() else { return Err(self.unexpected("a name after for")) };
        self.space();
        if !self.take(b',') {
            return Ok((None, first));
        }
        self.space();
        match self.identifier() {
            Some(second) => Ok((Some(first), second)),
            None => Err(self.unexpected("a second name after for")),
        }
    }

    pub fn keyword(&mut self, word: &str) -> bool {
        self.space();
        let before = self.at;
        if self.identifier() == Some(word) {
            return true;
        }
        self.at = before;
        false
    }

    fn for_expression(&mut self, close: u8) -> Result<Expression<'a>, Error> {
        let (key, value) = self.for_names()?;
        if !self.keyword("in") {
            return Err(self.unexpected("in"));
        }
        let collection = self.expression()?;
        self.expect(b':', "the : of a for")?;
        let mut result = self.expression()?;
        let mut result_key = None;
        let mut group = false;
        if close == b'}' {
            self.space();
            if !self.rest().starts_with(b"=>") {
                return Err(self.unexpected("=>"));
            }
            self.at += 2;
            result_key = Some(std::mem::replace(&mut result, Expression::Null));
            result = self.expression()?;
            self.space();
            if self.rest().starts_with(b"...") {
                self.at += 3;
                group = true;
            }
        }
        let condition = if self.keyword("if") { Some(self.expression()?) } else { None };
        self.expect(close, "the end of the for")?;
        Ok(Expression::For(Box::new(For { key, value, collection, result_key, result, group, condition })))
    }

    fn digits(&mut self) -> Result<Expression<'a>, Error> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.last = self.at;
        let text = self.slice(start, self.at);
        match text.parse() {
            Ok(number) => Ok(Expression::Int(number)),
            Err(_) if text.len() <= LONGEST_NUMBER => Ok(Expression::BigInt(text)),
            Err(_) => Err(self.error("a number is too long")),
        }
    }

    fn number(&mut self) -> Result<Expression<'a>, Error> {
        let start = self.at;
        let whole = self.digits()?;
        let mut fraction = false;
        if self.peek() == Some(b'.') && matches!(self.peek_at(1), Some(b'0'..=b'9')) {
            fraction = true;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.peek_at(1), Some(b'+' | b'-')));
            if matches!(self.peek_at(1 + sign), Some(b'0'..=b'9')) {
                fraction = true;
                self.at += 1 + sign;
                self.digits()?;
            }
        }
        if !fraction {
            return Ok(whole);
        }
        match self.slice(start, self.at).parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Expression::Float(number)),
            _ => Err(self.error("a number is too large")),
        }
    }
}

/// Operands and the operators between them as a tree, the tightest first.
fn chains<'a>(mut operands: Vec<Expression<'a>>, mut operators: Vec<(usize, &'static str)>) -> Expression<'a> {
    for level in (0..OPERATORS.len()).rev() {
        if !operators.iter().any(|operator| operator.0 == level) {
            continue;
        }
        let mut left = Vec::with_capacity(operands.len());
        let mut between = Vec::with_capacity(operators.len());
        let mut rest = operands.into_iter();
        let mut first = rest.next().unwrap_or(Expression::Null);
        let mut chain = Vec::new();
        for (operator, operand) in operators.into_iter().zip(rest) {
            if operator.0 == level {
                chain.push((operator.1, operand));
            } else {
                left.push(chained(first, std::mem::take(&mut chain)));
                between.push(operator);
                first = operand;
            }
        }
        left.push(chained(first, chain));
        operands = left;
        operators = between;
    }
    operands.into_iter().next().unwrap_or(Expression::Null)
}

fn chained<'a>(first: Expression<'a>, rest: Vec<(&'static str, Expression<'a>)>) -> Expression<'a> {
    if rest.is_empty() { first } else { Expression::Chain(Box::new(first), rest) }
}
