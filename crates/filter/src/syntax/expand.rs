//! Puts macros in the place of their names.

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::ast::{Expr, Span};
use super::parse::MOST_LEVELS;

/// Why macros cannot be put in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpandError {
    /// No macro of that name, or one that uses itself.
    Unknown { name: String, span: Span },
    /// The whole is nested deeper than `MOST_LEVELS`: whoever walks an expanded tree may recur.
    TooDeep,
}

impl std::fmt::Display for ExpandError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ExpandError::Unknown { name, .. } => write!(out, "`{name}` is no known macro"),
            ExpandError::TooDeep => write!(out, "nested deeper than {MOST_LEVELS} levels, macros in place"),
        }
    }
}

impl std::error::Error for ExpandError {}

enum Step {
    Visit(Arc<Expr>),
    Build(Arc<Expr>),
}

struct Expanded {
    /// Kept, so that its address stays its own.
    _original: Arc<Expr>,
    expr: Arc<Expr>,
    levels: usize,
}

/// A condition with all macros in place, each one tree that all its uses share: time and memory go by the size of what
/// was written, not by what it would be if written out. The trees that `macros` gives may hold names themselves.
///
/// # Errors
/// A name is unknown, uses itself, or the whole is too deep.
pub fn expand(expr: &Arc<Expr>, macros: &dyn Fn(&str) -> Option<Arc<Expr>>) -> Result<Arc<Expr>, ExpandError> {
    let mut expanded: FxHashMap<*const Expr, Expanded> = FxHashMap::default();
    // The tree of each macro, and whether it is being expanded.
    let mut named: HashMap<String, (Arc<Expr>, bool)> = HashMap::new();
    let mut steps = vec![Step::Visit(Arc::clone(expr))];
    while let Some(step) = steps.pop() {
        let (original, result) = match step {
            Step::Visit(expr) if expanded.contains_key(&Arc::as_ptr(&expr)) => continue,
            Step::Visit(expr) => {
                let children: Vec<Arc<Expr>> = match &*expr {
                    Expr::And(parts) | Expr::Or(parts) => parts.clone(),
                    Expr::Not(inner) => vec![Arc::clone(inner)],
                    Expr::Check(_) => Vec::new(),
                    Expr::Name(name, span) => {
                        let unknown = || ExpandError::Unknown { name: name.clone(), span: *span };
                        if let Some((tree, open)) = named.get_mut(name) {
                            if std::mem::replace(open, true) {
                                return Err(unknown());
                            }
                            vec![Arc::clone(tree)]
                        } else {
                            let tree = macros(name).ok_or_else(unknown)?;
                            named.insert(name.clone(), (Arc::clone(&tree), true));
                            vec![tree]
                        }
                    }
                };
                steps.push(Step::Build(expr));
                steps.extend(children.into_iter().map(Step::Visit));
                continue;
            }
            Step::Build(expr) => {
                let result = build(&expr, &expanded, &mut named);
                (expr, result)
            }
        };
        let Some((result, levels)) = result else { return Err(ExpandError::TooDeep) };
        if levels > MOST_LEVELS {
            return Err(ExpandError::TooDeep);
        }
        let key = Arc::as_ptr(&original);
        expanded.insert(key, Expanded { _original: original, expr: result, levels });
    }
    expanded.get(&Arc::as_ptr(expr)).map(|whole| Arc::clone(&whole.expr)).ok_or(ExpandError::TooDeep)
}

/// A node whose children are expanded, and its levels.
fn build(
    expr: &Arc<Expr>,
    expanded: &FxHashMap<*const Expr, Expanded>,
    named: &mut HashMap<String, (Arc<Expr>, bool)>,
) -> Option<(Arc<Expr>, usize)> {
    let find = |child: &Arc<Expr>| expanded.get(&Arc::as_ptr(child));
    match &**expr {
        Expr::Check(_) => Some((Arc::clone(expr), 1)),
        Expr::Name(name, _) => {
            let (tree, open) = named.get_mut(name)?;
            *open = false;
            find(tree).map(|inner| (Arc::clone(&inner.expr), inner.levels))
        }
        Expr::Not(inner) => {
            let found = find(inner)?;
            let same = Arc::ptr_eq(inner, &found.expr);
            let result = if same { Arc::clone(expr) } else { Expr::negated(Arc::clone(&found.expr)) };
            Some((result, found.levels + 1))
        }
        Expr::And(parts) | Expr::Or(parts) => {
            let found: Vec<&Expanded> = parts.iter().map(find).collect::<Option<_>>()?;
            let levels = 1 + found.iter().map(|part| part.levels).max().unwrap_or(0);
            if parts.iter().zip(&found).all(|(part, found)| Arc::ptr_eq(part, &found.expr)) {
                return Some((Arc::clone(expr), levels));
            }
            let parts = found.iter().map(|part| Arc::clone(&part.expr)).collect();
            let operator = if matches!(**expr, Expr::And(_)) { Expr::And } else { Expr::Or };
            Some((Arc::new(operator(parts)), levels))
        }
    }
}
