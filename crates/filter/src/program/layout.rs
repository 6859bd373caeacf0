//! The graph as it is walked: chains that nobody shares are one list.

use super::graph::{Edge, Graph, Node};
use super::plan::{Plan, Test};

/// What to do at a node: the parts that must hold, or a comparison. Two numbers rather than an enum, since this is looked
/// at more often than anything else.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// The first part, or the comparison.
    pub start: u32,
    /// Behind the last part, or one of the marks.
    pub end: u32,
    /// Of a comparison that an index answers: the group's number, doubled, plus whether it must not be found.
    pub group: u32,
}

impl Step {
    /// In `end`: a comparison.
    pub const CHECK: u32 = u32::MAX;

    /// In `end`: a comparison that an index answers.
    pub const INDEXED: u32 = u32::MAX - 1;

    /// Not part of any condition that was asked for. True nodes are never parts.
    const NOWHERE: Step = Step { start: 0, end: 0, group: 0 };

    pub fn is_nowhere(self) -> bool {
        self.end == 0
    }
}

/// Of all nodes that the roots lead to.
#[derive(Debug)]
pub(super) struct Layout {
    /// By node.
    pub steps: Vec<Step>,
    pub parts: Vec<Edge>,
}

impl Layout {
    pub fn new(graph: &Graph, plan: &Plan, roots: &[Edge]) -> Layout {
        let uses = uses(graph, roots);
        let mut layout = Layout { steps: vec![Step::NOWHERE; graph.nodes.len()], parts: Vec::new() };
        let mut open: Vec<usize> = roots.iter().map(|root| root.node()).collect();
        let mut chain: Vec<Edge> = Vec::new();
        while let Some(node) = open.pop() {
            if !layout.steps[node].is_nowhere() {
                continue;
            }
            layout.steps[node] = match graph.nodes[node] {
                Node::True => Step::NOWHERE,
                Node::Check(check) => match plan.tests[check as usize] {
                    Test::Indexed { group, differs } => {
                        Step { start: check, end: Step::INDEXED, group: group << 1 | u32::from(differs) }
                    }
                    Test::Alone { .. } => Step { start: check, end: Step::CHECK, group: 0 },
                },
                Node::And(first, second) => {
                    let start = layout.parts.len();
                    chain.extend([second, first]);
                    while let Some(part) = chain.pop() {
                        match graph.nodes[part.node()] {
                            Node::And(first, second) if !part.negated() && uses[part.node()] == 1 => {
                                chain.extend([second, first]);
                            }
                            _ => layout.parts.push(part),
                        }
                    }
                    open.extend(layout.parts[start..].iter().map(|part| part.node()));
                    Step { start: start as u32, end: layout.parts.len() as u32, group: 0 }
                }
            };
        }
        layout
    }
}

/// How often each node is used by those that the roots lead to, the roots themselves once more than they are.
fn uses(graph: &Graph, roots: &[Edge]) -> Vec<u32> {
    let mut uses = vec![0u32; graph.nodes.len()];
    for root in roots {
        uses[root.node()] = 2;
    }
    // Parents have greater numbers than their children.
    for (node, kind) in graph.nodes.iter().enumerate().rev() {
        if let (Node::And(first, second), true) = (kind, uses[node] > 0) {
            uses[first.node()] = uses[first.node()].saturating_add(1);
            uses[second.node()] = uses[second.node()].saturating_add(1);
        }
    }
    uses
}
