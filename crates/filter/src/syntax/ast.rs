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
    Literal(Literal),
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

impl Expr {
    /// The opposite of a condition: the inner one of a `not`.
    pub fn negated(expr: Arc<Expr>) -> Arc<Expr> {
        match &*expr {
            Expr::Not(inner) => Arc::clone(inner),
            _ => Arc::new(Expr::Not(expr)),
        }
    }
}

impl Operator {
    /// The operators that are not words, longer ones before their beginnings.
    pub(super) const SYMBOLS: [(&'static str, Operator); 7] = [
        ("<=", Operator::LessOrEqual),
        ("<", Operator::Less),
        (">=", Operator::GreaterOrEqual),
        (">", Operator::Greater),
        ("==", Operator::Equal),
        ("=", Operator::Equal),
        ("!=", Operator::NotEqual),
    ];

    const WORDS: [Operator; 13] = [
        Operator::Exists,
        Operator::Contains,
        Operator::Icontains,
        Operator::Bcontains,
        Operator::Startswith,
        Operator::Bstartswith,
        Operator::Endswith,
        Operator::Glob,
        Operator::Iglob,
        Operator::Regex,
        Operator::In,
        Operator::Intersects,
        Operator::Pmatch,
    ];

    /// The operator that is a word.
    pub(super) fn of(word: &str) -> Option<Operator> {
        Self::WORDS.into_iter().find(|operator| operator.text() == word)
    }

    /// As written in conditions.
    pub fn text(self) -> &'static str {
        match self {
            Operator::Exists => "exists",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Contains => "contains",
            Operator::Icontains => "icontains",
            Operator::Bcontains => "bcontains",
            Operator::Startswith => "startswith",
            Operator::Bstartswith => "bstartswith",
            Operator::Endswith => "endswith",
            Operator::Glob => "glob",
            Operator::Iglob => "iglob",
            Operator::Regex => "regex",
            Operator::In => "in",
            Operator::Intersects => "intersects",
            Operator::Pmatch => "pmatch",
        }
    }
}

impl Modifier {
    /// As written in conditions.
    pub fn text(self) -> &'static str {
        match self {
            Modifier::Oneof => "oneof",
            Modifier::Anyof => "anyof",
            Modifier::Allof => "allof",
        }
    }
}

impl TransformerName {
    const ALL: [TransformerName; 9] = [
        TransformerName::Tolower,
        TransformerName::Toupper,
        TransformerName::B64,
        TransformerName::Basename,
        TransformerName::Len,
        TransformerName::Join,
        TransformerName::Concat,
        TransformerName::Getopt,
        TransformerName::Val,
    ];

    pub(crate) fn of(word: &str) -> Option<TransformerName> {
        Self::ALL.into_iter().find(|name| name.text() == word)
    }

    /// As written in conditions.
    pub fn text(self) -> &'static str {
        match self {
            TransformerName::Tolower => "tolower",
            TransformerName::Toupper => "toupper",
            TransformerName::B64 => "b64",
            TransformerName::Basename => "basename",
            TransformerName::Len => "len",
            TransformerName::Join => "join",
            TransformerName::Concat => "concat",
            TransformerName::Getopt => "getopt",
            TransformerName::Val => "val",
        }
    }
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for SyntaxError {}
