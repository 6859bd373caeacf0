//! What has to leave the kernel: which event types, and of each only those events that some rule could match or that
//! the state needs. A live source may deliver more, never less.

mod clause;
mod describe;
mod looks;
mod simplify;

use std::collections::BTreeMap;

pub use clause::Clause;
pub use describe::describe;
pub use looks::{ARGUMENT_FLAGS, family_param, open_flags_param, path_param};

/// The wanted events of each type. A type that is not in it is not wanted at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// By event id of the schema (exit ids of system calls, and tracepoints). Types that no kernel makes (containers,
    /// accounts, plugins) are never in it.
    pub gates: BTreeMap<u16, Gate>,
    /// Which calls arrive as the generic event: codes of the schema's `syscall` table.
    pub generic: Generic,
}

/// Which calls are wanted as generic events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Generic {
    #[default]
    None,
    /// Sorted; a call without a code of its own is wanted too.
    Some(Vec<u16>),
    All,
}

/// Which events of one type are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gate {
    All,
    /// Those that meet at least one clause; at most `MAX_CLAUSES`, with at most `MAX_PATHS` beginnings of paths in all.
    Any(Vec<Clause>),
}

/// The most clauses of a gate; a gate that needs more is widened.
pub const MAX_CLAUSES: usize = 16;

/// The most beginnings of paths in the clauses of a gate, counted by their first `PATH_BYTES` bytes.
pub const MAX_PATHS: usize = 32;

/// How much of a path's beginning a source has to compare.
pub const PATH_BYTES: usize = 16;

/// The most users of a clause.
pub const MAX_UIDS: usize = 5;

impl Gate {
    /// No event passes.
    pub const NEVER: Gate = Gate::Any(Vec::new());

    /// Events that meet a clause.
    pub fn of(clause: Clause) -> Gate {
        if clause.is_open() { Gate::All } else { Gate::Any(vec![clause]) }
    }

    pub fn is_never(&self) -> bool {
        matches!(self, Gate::Any(clauses) if clauses.is_empty())
    }

    /// Events that pass either. May let more pass when there is no room for all clauses.
    #[must_use]
    pub fn or(&self, other: &Gate) -> Gate {
        match (self, other) {
            (Gate::All, _) | (_, Gate::All) => Gate::All,
            (Gate::Any(one), Gate::Any(two)) if one.is_empty() || one == two => Gate::Any(two.clone()),
            (Gate::Any(one), Gate::Any(two)) if two.is_empty() => Gate::Any(one.clone()),
            (Gate::Any(one), Gate::Any(two)) => simplify::simplified(one.iter().chain(two).cloned().collect()),
        }
    }

    /// Events that pass both. May let more pass: clauses cannot say everything.
    #[must_use]
    pub fn and(&self, other: &Gate) -> Gate {
        match (self, other) {
            (Gate::All, gate) | (gate, Gate::All) => gate.clone(),
            (Gate::Any(one), Gate::Any(two)) if one == two => self.clone(),
            (Gate::Any(one), Gate::Any(two)) => {
                simplify::simplified(one.iter().flat_map(|first| two.iter().filter_map(|two| first.and(two))).collect())
            }
        }
    }
}

impl Interest {
    /// Wants events of that type too.
    pub fn add(&mut self, id: u16, gate: Gate) {
        if gate.is_never() {
            return;
        }
        let merged = match self.gates.remove(&id) {
            Some(known) => known.or(&gate),
            None => Gate::NEVER.or(&gate),
        };
        self.gates.insert(id, merged);
    }

    /// Wants these calls as generic events too.
    pub fn add_generic(&mut self, more: Generic) {
        self.generic = match (std::mem::take(&mut self.generic), more) {
            (Generic::All, _) | (_, Generic::All) => Generic::All,
            (Generic::None, more) => more,
            (some, Generic::None) => some,
            (Generic::Some(mut codes), Generic::Some(more)) => {
                codes.extend(more);
                codes.sort_unstable();
                codes.dedup();
                Generic::Some(codes)
            }
        };
    }

    /// The same types of events, each as a whole.
    pub fn without_gates(mut self) -> Interest {
        self.gates.values_mut().for_each(|gate| *gate = Gate::All);
        self
    }

    /// Wants everything that the other wants.
    pub fn merge(&mut self, other: Interest) {
        for (id, gate) in other.gates {
            self.add(id, gate);
        }
        self.add_generic(other.generic);
    }
}

#[cfg(test)]
mod tests;
