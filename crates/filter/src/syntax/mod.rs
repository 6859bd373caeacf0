//! Conditions as text: read (`parse`), held (`ast`), printed (`print`).

pub mod ast;
mod lex;
mod parse;

pub(crate) use parse::operand_prefix;
pub use parse::{MOST_LEVELS, parse};
