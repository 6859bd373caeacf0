//! Many conditions as one program: what they have in common is there once and evaluated once per event.
//!
//! `Builder` takes bound conditions into a graph of `and` nodes and comparisons (`graph`). Comparisons of one text with
//! constants share indices (`index`), the others are tried one by one (`matcher`). `Program::specialise` prunes a
//! condition for one type of events; `Evaluator` walks what is left (`evaluate`).

mod evaluate;
mod graph;
mod index;
mod layout;
pub(crate) mod matcher;
mod plan;
mod prove;
mod specialise;
#[cfg(test)]
mod tests;

use rustc_hash::FxHashMap;

use crate::bind::{BoundCheck, BoundExpr, Constant, Node, Side, Source};
use crate::syntax::ast::{Modifier, Operator};

pub use evaluate::Evaluator;
use graph::{Edge, Graph};
use plan::Plan;
use specialise::Specialised;

/// A condition of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConditionId(u32);

/// A condition as it stands for one type of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RootId(Edge);

/// Collects conditions.
#[derive(Debug, Default)]
pub struct Builder {
    graph: Graph,
    checks: Vec<BoundCheck>,
    known: FxHashMap<Key, u32>,
    roots: Vec<Edge>,
}

/// What makes two comparisons the same.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    left: Source,
    operator: Operator,
    modifier: Option<Modifier>,
    constants: Vec<Constant>,
    right: Option<Source>,
}

impl Builder {
    pub fn new() -> Builder {
        Builder::default()
    }

    /// Takes a condition in.
    pub fn add(&mut self, condition: &BoundExpr) -> ConditionId {
        let leaves: Vec<Edge> = condition.checks.iter().map(|check| self.check(check)).collect();
        let mut edges: Vec<Edge> = Vec::with_capacity(condition.nodes.len());
        for node in &condition.nodes {
            let edge = match node {
                Node::Check(check) => leaves[*check as usize],
                Node::Not(child) => edges[*child as usize].not(),
                Node::And(children) => self.graph.and(children.iter().map(|&child| edges[child as usize])),
                Node::Or(children) => self.graph.or(children.iter().map(|&child| edges[child as usize])),
            };
            edges.push(edge);
        }
        self.roots.push(edges.last().copied().unwrap_or(Edge::TRUE));
        ConditionId((self.roots.len() - 1) as u32)
    }

    fn check(&mut self, check: &BoundCheck) -> Edge {
        match check.outcome {
            Some(true) => return Edge::TRUE,
            Some(false) => return Edge::FALSE,
            None => {}
        }
        let (constants, right) = match &check.right {
            Side::Nothing => (Vec::new(), None),
            Side::Constants(constants) => (constants.clone(), None),
            Side::Source(source) => (Vec::new(), Some(source.clone())),
        };
        let key =
            Key { left: check.left.clone(), operator: check.operator, modifier: check.modifier, constants, right };
        let next = self.checks.len() as u32;
        let index = *self.known.entry(key).or_insert(next);
        if index == next {
            self.checks.push(check.clone());
        }
        self.graph.check(index)
    }

    /// Arranges what was added for evaluation.
    pub fn finish(self) -> Program {
        let plan = Plan::new(&self.checks);
        let specialised = Specialised::new(&self.graph, &self.checks);
        Program { graph: self.graph, checks: self.checks, roots: self.roots, plan, specialised, asked: Vec::new() }
    }
}

/// All conditions, ready to be evaluated.
#[derive(Debug)]
pub struct Program {
    graph: Graph,
    checks: Vec<BoundCheck>,
    roots: Vec<Edge>,
    plan: Plan,
    specialised: Specialised,
    /// The roots that were given out.
    asked: Vec<Edge>,
}

impl Program {
    /// The condition as it stands for events of any type.
    pub fn root(&mut self, condition: ConditionId) -> RootId {
        let root = self.roots[condition.0 as usize];
        self.asked.push(root);
        RootId(root)
    }

    /// No event meets it.
    pub fn is_never(&self, root: RootId) -> bool {
        root.0 == Edge::FALSE
    }

    /// Every event meets it.
    pub fn is_always(&self, root: RootId) -> bool {
        root.0 == Edge::TRUE
    }
}
