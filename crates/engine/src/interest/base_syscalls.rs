//! The settings' `base_syscalls`: which system calls are delivered beside those that rules want.

use std::collections::BTreeSet;

use vigie_events::interest::{Gate, Generic, Interest};
use vigie_events::schema::{self, Origin};
use vigie_events::{id, values};
use vigie_fields::event_names;

use super::generic::codes;
use super::state::{FdNames, state_interest};
use crate::ruleset::Ruleset;

/// The settings as they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseSyscalls {
    /// Names of calls, delivered instead of what the state needs; `!name`: not delivered at all, rules or not.
    pub custom_set: Vec<String>,
    /// What the state needs for the rules, beside the `custom_set` too. It is what is delivered anyway when there is no
    /// `custom_set`.
    pub repair: bool,
    /// Also the calls that move data (`read`, `write`, `sendto`, …), which are too many by default.
    pub all: bool,
}

/// A name in `custom_set` that is no system call's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName(pub String);

/// What the kernel is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub interest: Interest,
    /// Names of calls that rules want and that are not asked for because they move data; sorted.
    pub ignored: Vec<String>,
}

/// What the kernel has to deliver for all these rules and the state.
///
/// # Errors
/// A name in `custom_set` is no system call's.
pub fn asked_for(sets: &[&Ruleset], base: &BaseSyscalls, fd_names: FdNames) -> Result<Asked, UnknownName> {
    let mut asked = Asked::default();
    for set in sets {
        asked.interest.merge(set.interest());
    }
    if !base.all {
        asked.ignored = leave_out_data(&mut asked.interest);
    }
    let (excluded, added): (Vec<_>, Vec<_>) = base.custom_set.iter().partition(|name| name.starts_with('!'));
    if added.is_empty() || base.repair {
        asked.interest.merge(state_interest(sets, fd_names));
    }
    for name in added {
        let (ids, codes) = named(name)?;
        ids.into_iter().for_each(|id| asked.interest.add(id, Gate::All));
        asked.interest.add_generic(if codes.is_empty() { Generic::None } else { Generic::Some(codes) });
    }
    for name in excluded {
        let (ids, codes) = named(name.trim_start_matches('!'))?;
        ids.iter().for_each(|id| drop(asked.interest.gates.remove(id)));
        leave_out_calls(&mut asked.interest.generic, &codes);
    }
    // Without exits no thread would ever be forgotten.
    asked.interest.add(id::PROCEXIT_E, Gate::All);
    Ok(asked)
}

/// The event types of a call, and its codes when it is a generic one.
fn named(name: &str) -> Result<(Vec<u16>, Vec<u16>), UnknownName> {
    let known = event_names::named(name).ok_or_else(|| UnknownName(name.to_owned()))?;
    let of_kernel = |id: &u16| {
        let origin = schema::event_type(*id).map(|kind| kind.origin);
        matches!(origin, Some(Origin::Syscall | Origin::Tracepoint)) && *id != id::GENERIC_X
    };
    Ok((known.iter().filter(of_kernel).collect(), codes(name)))
}

/// Takes the calls out that move data; answers their names.
fn leave_out_data(interest: &mut Interest) -> Vec<String> {
    let moves_data = |id: &u16| {
        schema::event_type(*id).filter(|kind| matches!(kind.category, "io_read" | "io_write")).map(|kind| kind.name)
    };
    let names: BTreeSet<&str> = interest.gates.keys().filter_map(moves_data).collect();
    interest.gates.retain(|id, _| moves_data(id).is_none());
    names.into_iter().map(str::to_owned).collect()
}

fn leave_out_calls(generic: &mut Generic, excluded: &[u16]) {
    if excluded.is_empty() {
        return;
    }
    let left: Vec<u16> = match generic {
        Generic::None => return,
        Generic::Some(codes) => std::mem::take(codes),
        Generic::All => {
            let entries = values::table("syscall").map_or(&[][..], |table| &table.entries);
            entries.iter().filter_map(|&(_, code)| u16::try_from(code).ok()).collect()
        }
    };
    let mut left: Vec<u16> = left.into_iter().filter(|code| !excluded.contains(code)).collect();
    left.sort_unstable();
    left.dedup();
    *generic = if left.is_empty() { Generic::None } else { Generic::Some(left) };
}
