//! What has to leave the kernel: which event types, and of each only those events that some rule could match or that
//! the state needs. A live source may deliver more, never less.

use std::collections::BTreeMap;

/// The wanted events of each type. A type that is not in it is not wanted at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// By event id of the schema (exit ids of system calls).
    pub gates: BTreeMap<u16, Gate>,
    /// Which calls arrive as the generic event: codes of the schema's `syscall` table.
    pub generic: Generic,
}

/// Which calls are wanted as generic events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Generic {
    #[default]
    None,
    Some(Vec<u16>),
    All,
}

/// Which events of one type are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gate {
    All,
    /// Those that meet at least one clause; at most `MAX_CLAUSES`.
    Any(Vec<Clause>),
}

/// The most clauses of a gate; a gate that needs more is `All`.
pub const MAX_CLAUSES: usize = 16;

/// Tests that an event has to meet all of. What is `None` is not tested.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clause {
    /// The call succeeded (its result is not negative), or failed.
    pub success: Option<bool>,
    /// The opening calls: at least one of these bits of the schema's `file_flags` is set.
    pub open_flags: Option<u32>,
    /// Calls with a path: its text as passed begins with one of these literals, or it is not certain which file is meant:
    /// the path is relative, or has an empty, `.` or `..` component.
    pub paths: Option<Vec<Vec<u8>>>,
    /// Socket calls: the address family is one of these (`AF_*`).
    pub families: Option<Vec<u16>>,
    /// The effective user is one of these.
    pub uids: Option<Vec<u32>>,
}

impl Clause {
    /// Whether it is met by every event.
    pub fn is_open(&self) -> bool {
        *self == Clause::default()
    }
}

impl Interest {
    /// Wants events of that type too.
    pub fn add(&mut self, id: u16, gate: Gate) {
        let merged = match (self.gates.remove(&id), gate) {
            (Some(Gate::Any(mut clauses)), Gate::Any(more)) => {
                for clause in more {
                    if !clauses.contains(&clause) {
                        clauses.push(clause);
                    }
                }
                if clauses.len() > MAX_CLAUSES || clauses.iter().any(Clause::is_open) {
                    Gate::All
                } else {
                    Gate::Any(clauses)
                }
            }
            (None, Gate::Any(clauses)) if clauses.len() > MAX_CLAUSES || clauses.iter().any(Clause::is_open) => {
                Gate::All
            }
            (None, gate) => gate,
            _ => Gate::All,
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

    /// Wants everything that the other wants.
    pub fn merge(&mut self, other: Interest) {
        for (id, gate) in other.gates {
            self.add(id, gate);
        }
        self.add_generic(other.generic);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id;

    #[test]
    fn gates_only_widen() {
        let writes = Clause { open_flags: Some(2), ..Clause::default() };
        let secrets = Clause { paths: Some(vec![b"/etc/shadow".to_vec()]), ..Clause::default() };
        let mut interest = Interest::default();
        interest.add(id::OPENAT_X, Gate::Any(vec![writes.clone()]));
        interest.add(id::OPENAT_X, Gate::Any(vec![secrets.clone(), writes.clone()]));
        assert_eq!(interest.gates[&id::OPENAT_X], Gate::Any(vec![writes.clone(), secrets]));
        interest.add(id::OPENAT_X, Gate::Any(vec![Clause::default()]));
        assert_eq!(interest.gates[&id::OPENAT_X], Gate::All);
        interest.add(id::OPENAT_X, Gate::Any(vec![writes]));
        assert_eq!(interest.gates[&id::OPENAT_X], Gate::All);
    }

    #[test]
    fn generic_calls_add_up() {
        let mut interest = Interest::default();
        interest.add_generic(Generic::Some(vec![7, 3]));
        interest.add_generic(Generic::Some(vec![3, 9]));
        assert_eq!(interest.generic, Generic::Some(vec![3, 7, 9]));
        interest.add_generic(Generic::All);
        interest.add_generic(Generic::None);
        assert_eq!(interest.generic, Generic::All);
    }
}
