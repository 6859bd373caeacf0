//! What is allowed but probably not meant.

use crate::Catalog;
use crate::operators::has_metacharacters;
use crate::syntax::ast::{Operand, Operator};

/// The most hints one condition gives.
const MOST: usize = 20;

/// Looks at one literal.
pub(super) fn of_literal(literal: &[u8], operator: Operator, catalog: &dyn Catalog, hints: &mut Vec<String>) {
    let Ok(text) = std::str::from_utf8(literal) else { return };
    let hint = if operator == Operator::Regex && !has_metacharacters(literal) {
        format!("the regular expression '{text}' has no special character: '=' says the same and is faster")
    } else if let Some(what) = names_something(text, catalog) {
        format!("'{text}' is compared as text, though it is the name of {what}: val({text}) reads the value")
    } else {
        return;
    };
    if hints.len() < MOST && !hints.contains(&hint) {
        hints.push(hint);
    }
}

fn names_something(text: &str, catalog: &dyn Catalog) -> Option<&'static str> {
    if !text.contains(['.', '(']) {
        return None;
    }
    match crate::syntax::operand_prefix(text) {
        Ok((Operand::Field { name, argument, .. }, length)) if length == text.len() => {
            catalog.field(&name, argument.as_deref()).is_ok().then_some("a field")
        }
        Ok((Operand::Transformer { .. }, length)) if length == text.len() => Some("a transformer"),
        _ => None,
    }
}
