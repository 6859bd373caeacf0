//! Evaluates conditions, remembering within an event what was found out.

use super::graph::Edge;
use super::layout::{Layout, Step};
use super::plan::{Read, Test};
use super::{Program, RootId};
use crate::{Bump, Fields, Value};

/// What is known about the event at hand. Nothing is cleared between events: what was found out in an earlier one bears
/// an earlier number.
#[derive(Debug)]
pub struct Evaluator {
    now: u32,
    /// Of each node: the event's number, doubled, plus the result.
    nodes: Vec<u32>,
    layout: Layout,
    known: Known,
    stack: Vec<Frame>,
}

/// An `and` whose parts before `next` hold.
#[derive(Clone, Copy, Debug)]
struct Frame {
    node: u32,
    next: u32,
    end: u32,
    /// The opposite is wanted.
    negated: bool,
}

/// What indices and fields said.
#[derive(Debug)]
struct Known {
    now: u32,
    /// Of each comparison: the number of the last event in which an index found it.
    hits: Vec<u32>,
    /// Of each group: the event's number, doubled, plus whether there was a value.
    groups: Vec<u32>,
    scratch: Vec<u8>,
    kept: Kept,
}

/// Values that are kept for the event.
#[derive(Debug)]
struct Kept {
    /// By source.
    values: Vec<(u32, Slot)>,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum Slot {
    Plain(Value<'static>),
    Text { start: usize, end: usize },
}

impl Evaluator {
    /// For a program whose roots have all been asked for: those that come later are not known and never met.
    pub fn new(program: &Program) -> Evaluator {
        Evaluator {
            now: 1,
            nodes: vec![0; program.graph.nodes.len()],
            layout: Layout::new(&program.graph, &program.plan, &program.asked),
            known: Known {
                now: 1,
                hits: vec![0; program.plan.tests.len()],
                groups: vec![0; program.plan.groups.len()],
                scratch: Vec::new(),
                kept: Kept {
                    values: vec![(0, Slot::Plain(Value::Missing)); program.plan.reads.len()],
                    bytes: Vec::new(),
                },
            },
            stack: Vec::new(),
        }
    }

    /// Begins an event: forgets what was found out about the one before.
    #[inline]
    pub fn begin(&mut self) {
        self.now += 1;
        if self.now == 1 << 31 {
            self.now = 1;
            self.nodes.fill(0);
            self.known.hits.fill(0);
            self.known.groups.fill(0);
            self.known.kept.values.fill((0, Slot::Plain(Value::Missing)));
        }
        self.known.now = self.now;
        self.known.kept.bytes.clear();
    }

    /// Goes to where the events' numbers begin anew.
    #[cfg(test)]
    pub(super) fn exhaust(&mut self) {
        self.now = (1 << 31) - 1;
    }

    /// Whether the event at hand meets a condition.
    #[inline]
    pub fn test(&mut self, program: &Program, root: RootId, fields: &impl Fields, arena: &Bump) -> bool {
        if self.layout.steps[root.0.node()].is_nowhere() {
            return root.0 == Edge::TRUE;
        }
        let mut frame = match self.look(program, root.0.node(), fields, arena) {
            Look::Known(result) => return result != root.0.negated(),
            Look::Parts(next, end) => Frame { node: root.0.node() as u32, next, end, negated: root.0.negated() },
        };
        loop {
            let mut result = true;
            while frame.next < frame.end {
                let part = self.layout.parts[frame.next as usize];
                frame.next += 1;
                match self.look(program, part.node(), fields, arena) {
                    Look::Known(holds) => {
                        if holds == part.negated() {
                            result = false;
                            break;
                        }
                    }
                    Look::Parts(next, end) => {
                        self.stack.push(frame);
                        frame = Frame { node: part.node() as u32, next, end, negated: part.negated() };
                    }
                }
            }
            // Up to the first `and` that is not decided yet.
            loop {
                self.nodes[frame.node as usize] = self.now << 1 | u32::from(result);
                result ^= frame.negated;
                let Some(outer) = self.stack.pop() else { return result };
                frame = outer;
                if result {
                    break;
                }
            }
        }
    }

    /// What is known about a node, after evaluating it when it is a comparison.
    #[inline(always)]
    fn look(&mut self, program: &Program, node: usize, fields: &impl Fields, arena: &Bump) -> Look {
        let known = self.nodes[node];
        if known >> 1 == self.now {
            return Look::Known(known & 1 != 0);
        }
        let step = self.layout.steps[node];
        if step.end == Step::INDEXED {
            return Look::Known(self.known.indexed(program, step, fields, arena));
        }
        if step.end != Step::CHECK {
            return Look::Parts(step.start, step.end);
        }
        let result = self.known.check(program, step.start, fields, arena);
        self.nodes[node] = self.now << 1 | u32::from(result);
        Look::Known(result)
    }
}

/// A node's result, or where its parts are.
enum Look {
    Known(bool),
    Parts(u32, u32),
}

impl Known {
    /// A comparison that an index answers.
    #[inline(always)]
    fn indexed(&mut self, program: &Program, step: Step, fields: &impl Fields, arena: &Bump) -> bool {
        let group = (step.group >> 1) as usize;
        let mut state = self.groups[group];
        if state >> 1 != self.now {
            let present = self.look_up(program, group, fields, arena);
            state = self.now << 1 | u32::from(present);
            self.groups[group] = state;
        }
        let found = self.hits[step.start as usize] == self.now;
        state & 1 != 0 && found != (step.group & 1 != 0)
    }

    #[inline(never)]
    fn check(&mut self, program: &Program, check: u32, fields: &impl Fields, arena: &Bump) -> bool {
        let Test::Alone { source, right, many, operator, matcher } = &program.plan.tests[check as usize] else {
            return false;
        };
        let reads = &program.plan.reads;
        let Some(right) = right else {
            let value = self.kept.read(*source, reads, self.now, fields, arena);
            return matcher.test(value, Value::Missing, *many, *operator);
        };
        let (left, right) = self.kept.both(*source, *right, reads, self.now, fields, arena);
        matcher.test(left, right, *many, *operator)
    }

    /// Asks an index, and whether there was a value at all.
    #[inline(never)]
    fn look_up(&mut self, program: &Program, group: usize, fields: &impl Fields, arena: &Bump) -> bool {
        let (now, hits) = (self.now, &mut self.hits);
        let group = &program.plan.groups[group];
        let mut found = |check: u32| hits[check as usize] = now;
        match self.kept.read(group.source, &program.plan.reads, now, fields, arena) {
            Value::Text(text) => {
                group.index.find(text, &mut self.scratch, found);
                true
            }
            Value::List(items) => {
                for item in items {
                    if let Value::Text(text) = item {
                        group.index.find(text, &mut self.scratch, &mut found);
                    }
                }
                !items.is_empty()
            }
            _ => false,
        }
    }
}

impl Kept {
    /// A source's value, kept or fresh.
    #[inline]
    fn read<'v>(
        &'v mut self,
        source: u32,
        reads: &'v [Read],
        now: u32,
        fields: &'v impl Fields,
        arena: &'v Bump,
    ) -> Value<'v> {
        let read = &reads[source as usize];
        if !read.kept {
            return read.source.value(fields, arena);
        }
        self.keep(source, read, now, fields, arena);
        self.get(source)
    }

    fn both<'v>(
        &'v mut self,
        left: u32,
        right: u32,
        reads: &'v [Read],
        now: u32,
        fields: &'v impl Fields,
        arena: &'v Bump,
    ) -> (Value<'v>, Value<'v>) {
        for source in [left, right] {
            let read = &reads[source as usize];
            if read.kept {
                self.keep(source, read, now, fields, arena);
            }
        }
        let kept = &*self;
        let get = |source: u32| {
            let read = &reads[source as usize];
            if read.kept { kept.get(source) } else { read.source.value(fields, arena) }
        };
        (get(left), get(right))
    }

    fn keep(&mut self, source: u32, read: &Read, now: u32, fields: &impl Fields, arena: &Bump) {
        let slot = &mut self.values[source as usize];
        if slot.0 == now {
            return;
        }
        slot.0 = now;
        slot.1 = match read.source.value(fields, arena) {
            Value::Text(text) | Value::Buffer(text) => {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(text);
                Slot::Text { start, end: self.bytes.len() }
            }
            Value::Int(number) => Slot::Plain(Value::Int(number)),
            Value::Uint(number) => Slot::Plain(Value::Uint(number)),
            Value::Bool(value) => Slot::Plain(Value::Bool(value)),
            Value::Double(number) => Slot::Plain(Value::Double(number)),
            Value::Ip(address) => Slot::Plain(Value::Ip(address)),
            Value::Missing | Value::List(_) => Slot::Plain(Value::Missing),
        };
    }

    fn get(&self, source: u32) -> Value<'_> {
        match self.values[source as usize].1 {
            Slot::Plain(value) => value,
            Slot::Text { start, end } => Value::Text(&self.bytes[start..end]),
        }
    }
}
