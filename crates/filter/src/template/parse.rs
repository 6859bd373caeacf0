//! Reads outputs.

use super::{Piece, Template};
use crate::bind::next_instance;
use crate::syntax::ast::{Operand, Span, TransformerName};
use crate::syntax::operand_prefix;
use crate::transform::{BindError, BoundOperand, Place, bind};
use crate::{Catalog, FieldError};

/// Why a text is no output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    pub message: String,
    /// In bytes, from 0.
    pub offset: usize,
}

impl std::fmt::Display for TemplateError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for TemplateError {}

/// The longest width of a value, in bytes.
const WIDEST: usize = 65_535;

/// The longest name that is looked for, in bytes.
const LONGEST_NAME: usize = 255;

impl Template {
    /// Reads an output. After `%` and optional digits (a width) the longest name of a field counts, with its argument,
    /// or a transformer; what follows is text. `%%` is no escape. A leading `*` (missing values do not end the text) is
    /// taken as given, with or without it.
    ///
    /// # Errors
    /// A `%` is not followed by a field or transformer, or by one that may not stand in outputs.
    pub fn parse(text: &str, catalog: &dyn Catalog) -> Result<Template, TemplateError> {
        let mut template = Template { pieces: Vec::new(), fields: Vec::new() };
        let mut at = usize::from(text.starts_with('*'));
        while let Some(length) = text[at..].find('%') {
            template.literal(&text[at..at + length]);
            let percent = at + length;
            at = percent + 1;
            let digits = text[at..].bytes().take_while(u8::is_ascii_digit).count();
            let width = if digits == 0 { 0 } else { text[at..at + digits].parse().unwrap_or(usize::MAX) };
            if width > WIDEST {
                return Err(TemplateError { message: format!("wider than {WIDEST}"), offset: at });
            }
            at += digits;
            let (mut operand, length) = value(&text[at..], catalog).map_err(|(message, offset)| TemplateError {
                message,
                offset: offset.map_or(percent, |offset| at + offset),
            })?;
            operand.fields_mut(&mut |field| {
                if field.counts() {
                    field.instance = next_instance();
                }
            });
            at += length;
            template.pieces.push(Piece::Value(operand, width));
        }
        template.literal(&text[at..]);
        template.collect_fields();
        Ok(template)
    }

    fn literal(&mut self, text: &str) {
        if !text.is_empty() {
            self.pieces.push(Piece::Literal(text.to_owned()));
        }
    }

    fn collect_fields(&mut self) {
        let mut seen = std::collections::HashSet::new();
        for piece in &self.pieces {
            if let Piece::Value(operand, _) = piece {
                operand.fields(&mut |field| {
                    if seen.insert(field.name.clone()) {
                        self.fields.push(field.clone());
                    }
                });
            }
        }
    }
}

/// A message, and where the trouble is if not at the `%`.
type Trouble = (String, Option<usize>);

/// The field or transformer at the beginning of a text, and its length.
fn value(text: &str, catalog: &dyn Catalog) -> Result<(BoundOperand, usize), Trouble> {
    let bound = |operand: &Operand| bind(operand, Place::Output, catalog);
    let trouble = |error: BindError| (error.to_string(), Some(error.span().start as usize));
    let word = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    if TransformerName::of(&text[..word]).is_some() && text[word..].starts_with('(') {
        let (operand, length) = operand_prefix(text).map_err(|error| (error.message, Some(error.offset)))?;
        return Ok((bound(&operand).map_err(trouble)?, length));
    }
    let run = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')).count();
    let run = run.min(LONGEST_NAME);
    let Some(length) = (1..=run).rev().find(|&length| catalog.is_field(&text[..length])) else {
        let name = text[..run].trim_end_matches('.');
        return Err(match name {
            "" => ("`%` stands before a field or a transformer".to_owned(), None),
            name => match catalog.field(name, None) {
                Err(FieldError::Unknown(message) | FieldError::Argument(message)) => (message, None),
                Ok(_) => (format!("`{name}` is no field"), None),
            },
        });
    };
    let plain = |argument: Option<String>, length: usize| Operand::Field {
        name: text[..length].to_owned(),
        argument,
        span: Span::default(),
    };
    let mut with_argument = None;
    if text[length..].starts_with('[') {
        // `a.b` stands for the name, whose length is known.
        let probe = format!("a.b{}", bracketed(&text[length..]));
        match operand_prefix(&probe) {
            Ok((Operand::Field { argument, .. }, end)) => {
                let length_with = length + end - 3;
                match bound(&Operand::Field { name: text[..length].to_owned(), argument, span: Span::default() }) {
                    Ok(operand) => return Ok((operand, length_with)),
                    Err(error) => with_argument = Some((error.to_string(), None)),
                }
            }
            Ok(_) => {}
            Err(error) => with_argument = Some((error.message, None)),
        }
    }
    // What looks like an argument is text when the field takes none.
    bound(&plain(None, length)).map(|operand| (operand, length)).map_err(|error| match with_argument {
        Some(trouble) => trouble,
        None => (error.to_string(), None),
    })
}

/// As much of a text as an argument may take.
fn bracketed(text: &str) -> &str {
    const LONGEST: usize = 4096;
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
