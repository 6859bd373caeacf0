//! Conditions as text: read (`parse`), held (`ast`), printed (`print`), macros put in place (`expand`), summed up
//! (`describe`).

pub mod ast;
mod describe;
mod expand;
mod lex;
mod operand;
mod parse;
mod print;

pub use describe::{Description, describe};
pub use expand::{ExpandError, expand};
pub use operand::MOST_TRANSFORMERS;
pub(crate) use parse::operand_prefix;
pub use parse::{MOST_LEVELS, parse};
pub use print::{TooLong, print, print_field, print_operand, print_value};
