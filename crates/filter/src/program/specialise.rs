//! Conditions pruned for one type of events.

use rustc_hash::FxHashMap;

use super::graph::{Edge, Graph, Node};
use super::{ConditionId, Program, RootId};
use crate::bind::BoundCheck;
use crate::{Catalog, events};

/// What was found out about nodes.
#[derive(Debug)]
pub(super) struct Specialised {
    /// Of each node of the conditions as written: the event's type changes it.
    affected: Vec<bool>,
    /// The event type that `done` is about.
    event: Option<u16>,
    done: FxHashMap<usize, Edge>,
}

impl Specialised {
    pub fn new(graph: &Graph, checks: &[BoundCheck]) -> Specialised {
        let mut affected: Vec<bool> = Vec::with_capacity(graph.nodes.len());
        for node in &graph.nodes {
            affected.push(match *node {
                Node::True => false,
                Node::Check(check) => checks[check as usize].event.is_some(),
                Node::And(first, second) => affected[first.node()] || affected[second.node()],
            });
        }
        Specialised { affected, event: None, done: FxHashMap::default() }
    }
}

impl Program {
    /// A condition in events of one type: comparisons of the event's type are decided where that is certain, and what
    /// that decides is left out. Equal results are the same root. Cheapest when called type by type.
    pub fn specialise(&mut self, condition: ConditionId, event: u16, catalog: &dyn Catalog) -> RootId {
        if self.specialised.event != Some(event) {
            self.specialised.done.clear();
            self.specialised.event = Some(event);
        }
        let root = self.roots[condition.0 as usize];
        let mut open = vec![root.node()];
        while let Some(&node) = open.last() {
            if self.known(node).is_some() {
                open.pop();
                continue;
            }
            match self.graph.nodes[node] {
                Node::True => {
                    self.specialised.done.insert(node, Edge::TRUE);
                }
                Node::Check(check) => {
                    let edge = match events::decided(&self.checks[check as usize], event, catalog) {
                        Some(true) => Edge::TRUE,
                        Some(false) => Edge::FALSE,
                        None => self.graph.check(check),
                    };
                    self.specialised.done.insert(node, edge);
                }
                Node::And(first, second) => {
                    let before = open.len();
                    open.extend(
                        [second, first].into_iter().map(Edge::node).filter(|&child| self.known(child).is_none()),
                    );
                    if open.len() == before {
                        let (first, second) = (self.pruned(first), self.pruned(second));
                        let edge = self.graph.pair(first, second);
                        self.specialised.done.insert(node, edge);
                    }
                }
            }
        }
        let pruned = self.pruned(root);
        self.asked.push(pruned);
        RootId(pruned)
    }

    fn known(&self, node: usize) -> Option<Edge> {
        match self.specialised.affected.get(node) {
            Some(true) => self.specialised.done.get(&node).copied(),
            // Nodes that came with specialising are not looked up.
            Some(false) | None => Some(Edge::to(node)),
        }
    }

    fn pruned(&self, edge: Edge) -> Edge {
        self.known(edge.node()).unwrap_or(Edge::FALSE).flipped(edge.negated())
    }
}
