//! A condition as written, macros still names.

use std::sync::Arc;

/// Where something stands in the text of a condition, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

/// A condition. Chains of one operator are flat; `not` never stands before `not`.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    And(Vec<Arc<Expr>>),
    Or(Vec<Arc<Expr>>),
    Not(Arc<Expr>),
    Check(Check),
    /// A macro's name. `expand` replaces it by the macro's own tree, which all its users share.
    Name(String, Span),
}

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    pub left: Operand,
    pub operator: Operator,
    /// `oneof`, `anyof`, `allof` after the operator.
    pub modifier: Option<Modifier>,
    pub right: Right,
    pub span: Span,
}

/// What stands on the left, or, wrapped in `val(...)` or a transformer, on the right.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    Field {
        name: String,
        argument: Option<String>,
        span: Span,
    },
    /// `tolower(...)` and its like; `argument` as in `getopt(...)[x]`.
    Transformer {
        name: TransformerName,
        operands: Vec<TransformerOperand>,
        argument: Option<String>,
        span: Span,
    },
}

/// What stands between a transformer's parentheses.
#[derive(Clone, Debug, PartialEq)]
pub enum TransformerOperand {
    Operand(Operand),
    Literal(String),
    List(Vec<TransformerOperand>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransformerName {
    Tolower,
    Toupper,
    /// Decodes.
    B64,
    Basename,
    Len,
    Join,
    Concat,
    Getopt,
    /// A field on the right side.
    Val,
}

/// The right side.
#[derive(Clone, Debug, PartialEq)]
pub enum Right {
    /// Of `exists`.
    Nothing,
    Value(Literal),
    List(Vec<Literal>),
    /// A field (`val(...)`) or a transformer.
    Operand(Operand),
}

/// A value as written, escapes resolved. Lists' names are replaced in the text before it is parsed; a bare identifier
/// that is left where a list is expected is an error of the loader.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Literal {
    /// Bytes, since `\xHH` may write any.
    pub bytes: Vec<u8>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    Exists,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// `=` and `==`.
    Equal,
    NotEqual,
    Contains,
    Icontains,
    Bcontains,
    Startswith,
    Bstartswith,
    Endswith,
    Glob,
    Iglob,
    Regex,
    In,
    Intersects,
    Pmatch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Modifier {
    Oneof,
    Anyof,
    Allof,
}

/// Why a text is no condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub message: String,
    /// In bytes, from 0.
    pub offset: usize,
    /// From 1.
    pub line: usize,
    /// From 1, in bytes.
    pub column: usize,
}
