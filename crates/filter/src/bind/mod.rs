//! Binds a condition to the fields and event types of a `Catalog`: what may be compared with what, and what the literals
//! mean.

mod allowed;
mod check;
mod hint;
mod literal;
mod source;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use rustc_hash::FxHashMap;

use crate::Catalog;
use crate::syntax::ast::{Expr, Span};

pub use check::{BoundCheck, EventName, Side};
pub use literal::Constant;
pub use source::Source;
pub use source::next_instance;

/// A condition whose fields are known. A graph rather than a tree: what a macro says is there once.
#[derive(Clone, Debug)]
pub struct BoundExpr {
    /// Children stand before their parents, the whole condition is last.
    pub(crate) nodes: Vec<Node>,
    pub(crate) checks: Vec<BoundCheck>,
    hints: Vec<String>,
}

/// One step of a condition; the numbers are indices into `nodes` or `checks`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    And(Vec<u32>),
    Or(Vec<u32>),
    Not(u32),
    Check(u32),
}

impl BoundExpr {
    /// What a careful reader would ask the author about, in the order of the text.
    pub fn hints(&self) -> Vec<String> {
        self.hints.clone()
    }

    /// All comparisons, each once.
    pub fn checks(&self) -> &[BoundCheck] {
        &self.checks
    }
}

/// What kind of mistake a condition has: `skip-if-unknown-filter` forgives the first alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindErrorKind {
    UnknownField,
    Other,
}

/// Why a condition means nothing here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindError {
    pub kind: BindErrorKind,
    pub message: String,
    /// In the text of the condition or of the macro that holds it.
    pub span: Span,
}

impl std::fmt::Display for BindError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for BindError {}

impl BindError {
    pub(crate) fn other(message: impl Into<String>, span: Span) -> BindError {
        BindError { kind: BindErrorKind::Other, message: message.into(), span }
    }
}

/// Binds a condition whose macros are expanded. Takes time in proportion to its distinct parts, however often macros are
/// used, and no call depth.
///
/// # Errors
/// The first comparison that is wrong: a field that does not exist, an operator the field's type has not, a literal that
/// is no value of that type.
pub fn bind(expr: &Expr, catalog: &dyn Catalog) -> Result<BoundExpr, BindError> {
    let mut binder = Binder {
        catalog,
        bound: BoundExpr { nodes: Vec::new(), checks: Vec::new(), hints: Vec::new() },
        done: FxHashMap::default(),
        instances: HashMap::new(),
    };
    binder.run(expr)?;
    Ok(binder.bound)
}

struct Binder<'c> {
    catalog: &'c dyn Catalog,
    bound: BoundExpr,
    /// The node of each part, by where the part lies in memory: a macro's users share it.
    done: FxHashMap<*const Expr, u32>,
    /// The instance of each field that counts, by its text.
    instances: HashMap<String, u32>,
}

enum Step<'e> {
    Enter(&'e Expr),
    Leave(&'e Expr),
}

impl Binder<'_> {
    fn run(&mut self, expr: &Expr) -> Result<(), BindError> {
        let mut steps = vec![Step::Enter(expr)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Enter(part) if self.done.contains_key(&std::ptr::from_ref(part)) => {}
                Step::Enter(part) => match part {
                    Expr::Check(check) => {
                        let bound = check::bind(check, self.catalog, &mut self.instances, &mut self.bound.hints)?;
                        let index = number(self.bound.checks.len(), check.span)?;
                        self.bound.checks.push(bound);
                        self.push(part, Node::Check(index), check.span)?;
                    }
                    Expr::Name(name, span) => {
                        return Err(BindError::other(format!("there is no macro '{name}'"), *span));
                    }
                    Expr::And(parts) | Expr::Or(parts) => {
                        steps.push(Step::Leave(part));
                        steps.extend(parts.iter().rev().map(|child| Step::Enter(child)));
                    }
                    Expr::Not(inner) => {
                        steps.push(Step::Leave(part));
                        steps.push(Step::Enter(inner));
                    }
                },
                Step::Leave(part) => {
                    let node = match part {
                        Expr::And(parts) => Node::And(parts.iter().map(|child| self.node_of(child)).collect()),
                        Expr::Or(parts) => Node::Or(parts.iter().map(|child| self.node_of(child)).collect()),
                        Expr::Not(inner) => Node::Not(self.node_of(inner)),
                        Expr::Check(_) | Expr::Name(..) => continue,
                    };
                    self.push(part, node, Span::default())?;
                }
            }
        }
        Ok(())
    }

    fn node_of(&self, part: &Expr) -> u32 {
        self.done.get(&std::ptr::from_ref(part)).copied().unwrap_or_default()
    }

    fn push(&mut self, part: &Expr, node: Node, span: Span) -> Result<(), BindError> {
        let index = number(self.bound.nodes.len(), span)?;
        self.bound.nodes.push(node);
        self.done.insert(std::ptr::from_ref(part), index);
        Ok(())
    }
}

fn number(index: usize, span: Span) -> Result<u32, BindError> {
    u32::try_from(index).map_err(|_| BindError::other("the condition has too many parts", span))
}
