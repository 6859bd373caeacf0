//! From rules to what has to leave the kernel: for every event type that a rule can match, tests that an event must pass
//! for any of them to match (`leaf`), and which calls are wanted as generic events (`generic`); what the state needs
//! besides (`state`, `base_syscalls`).
//!
//! Sound means: with the same state, an event that does not pass is matched by no rule.

mod base_syscalls;
mod family;
mod generic;
mod leaf;
mod opening;
mod path;
mod result;
mod state;

use vigie_events::id;
use vigie_events::interest::{Gate, Interest};
use vigie_events::schema::{self, EventType, Origin};
use vigie_fields::EventSource;
use vigie_filter::bind::{BoundCheck, BoundExpr};
use vigie_filter::prefilter::{Necessary, necessary};

use crate::ruleset::Ruleset;
use crate::run::Engine;

pub use base_syscalls::{Asked, BaseSyscalls, UnknownName, asked_for};
pub use state::{FdNames, state_interest};

/// What the kernel can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tests(Gate);

impl Necessary for Tests {
    fn always() -> Tests {
        Tests(Gate::All)
    }

    fn never() -> Tests {
        Tests(Gate::NEVER)
    }

    fn and(&self, other: &Tests) -> Tests {
        Tests(self.0.and(&other.0))
    }

    fn or(&self, other: &Tests) -> Tests {
        Tests(self.0.or(&other.0))
    }
}

impl Ruleset {
    /// What the kernel has to deliver for these rules to match all that they match. Nothing for rules of another source.
    /// The state needs more: `state_interest`.
    pub fn interest(&self) -> Interest {
        let mut interest = Interest::default();
        if self.catalog.source != EventSource::Syscall {
            return interest;
        }
        for rule in self.rules.iter().filter(|rule| rule.run) {
            for id in rule.events.iter() {
                if id == id::GENERIC_X {
                    interest.add_generic(generic::wanted(&rule.condition, &self.catalog));
                } else if schema::event_type(id).is_some_and(|kind| is_asked_for(kind, &rule.condition)) {
                    let of_check = |check: &BoundCheck| leaf::leaf(check, id);
                    interest.add(id, necessary(&rule.condition, id, &self.catalog, of_check).0);
                }
            }
        }
        interest
    }
}

impl Engine {
    /// What the kernel has to deliver for the engine's rules and its state.
    ///
    /// # Errors
    /// A name in `base.custom_set` is no system call's.
    pub fn interest(&self, base: &BaseSyscalls, fd_names: FdNames) -> Result<Asked, UnknownName> {
        let sets: Vec<&Ruleset> = self.sets.iter().map(|(rules, _)| rules).collect();
        asked_for(&sets, base, fd_names)
    }
}

/// Whether the kernel makes events of a type, and the rule wants them: of the two types that are more frequent than all
/// others together (switches of the scheduler, page faults), only a rule that names them does.
fn is_asked_for(kind: &EventType, condition: &BoundExpr) -> bool {
    match kind.origin {
        Origin::Syscall => kind.is_exit(),
        Origin::Tracepoint if matches!(kind.id, id::SCHEDSWITCH_E | id::PAGE_FAULT_E) => {
            condition.checks().iter().any(|check| check.event_names().iter().any(|name| name == kind.name))
        }
        Origin::Tracepoint => true,
        Origin::Metaevent | Origin::Plugin | Origin::Iterator | Origin::None => false,
    }
}
