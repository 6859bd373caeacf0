//! Conditions as one graph of comparisons and `and` of two, each there once.

use rustc_hash::FxHashMap;

/// A node, or its opposite: `not` is a mark on the way to a node, and `or` is the opposite of an `and` of opposites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Edge(u32);

impl Edge {
    pub const TRUE: Edge = Edge(0);
    pub const FALSE: Edge = Edge(1);

    pub fn to(node: usize) -> Edge {
        // Half of the numbers are far more than fit into memory.
        Edge((node as u32) << 1)
    }

    #[inline]
    pub fn node(self) -> usize {
        (self.0 >> 1) as usize
    }

    #[inline]
    pub fn negated(self) -> bool {
        self.0 & 1 != 0
    }

    #[must_use]
    #[inline]
    pub fn not(self) -> Edge {
        Edge(self.0 ^ 1)
    }

    /// Opposite when asked.
    #[must_use]
    #[inline]
    pub fn flipped(self, flip: bool) -> Edge {
        Edge(self.0 ^ u32::from(flip))
    }
}

/// What a node says. Its children have smaller numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Node {
    /// The first node.
    True,
    /// An index of a comparison.
    Check(u32),
    /// The first is tried first. Long chains lean to the left, so that conditions that begin alike share their beginning.
    And(Edge, Edge),
}

/// All nodes.
#[derive(Debug)]
pub(crate) struct Graph {
    pub nodes: Vec<Node>,
    ands: FxHashMap<(Edge, Edge), Edge>,
    checks: Vec<Option<Edge>>,
}

impl Default for Graph {
    fn default() -> Graph {
        Graph { nodes: vec![Node::True], ands: FxHashMap::default(), checks: Vec::new() }
    }
}

impl Graph {
    /// The node of a comparison.
    pub fn check(&mut self, check: u32) -> Edge {
        let index = check as usize;
        if self.checks.len() <= index {
            self.checks.resize(index + 1, None);
        }
        if let Some(edge) = self.checks[index] {
            return edge;
        }
        let edge = Edge::to(self.nodes.len());
        self.nodes.push(Node::Check(check));
        self.checks[index] = Some(edge);
        edge
    }

    /// All of these, tried in this order. What is certain or said twice is left out.
    pub fn and(&mut self, parts: impl IntoIterator<Item = Edge>) -> Edge {
        let mut seen: FxHashMap<usize, bool> = FxHashMap::default();
        let mut all = Edge::TRUE;
        for part in parts {
            match seen.insert(part.node(), part.negated()) {
                None => all = self.pair(all, part),
                Some(negated) if negated != part.negated() => return Edge::FALSE,
                Some(_) => {}
            }
        }
        all
    }

    /// Any of these, tried in this order.
    pub fn or(&mut self, parts: impl IntoIterator<Item = Edge>) -> Edge {
        self.and(parts.into_iter().map(Edge::not)).not()
    }

    /// Both of these.
    pub fn pair(&mut self, first: Edge, second: Edge) -> Edge {
        match (first, second) {
            (Edge::FALSE, _) | (_, Edge::FALSE) => return Edge::FALSE,
            (Edge::TRUE, other) | (other, Edge::TRUE) => return other,
            _ if first == second => return first,
            _ if first == second.not() => return Edge::FALSE,
            _ => {}
        }
        let edge = Edge::to(self.nodes.len());
        let known = *self.ands.entry((first, second)).or_insert(edge);
        if known == edge {
            self.nodes.push(Node::And(first, second));
        }
        known
    }
}
