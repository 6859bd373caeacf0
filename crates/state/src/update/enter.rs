//! What enter events said, kept until the exit of the same call: a program may change its arguments in between.

use vigie_events::{Event, id};

use super::change::Change;
use crate::host::Host;

/// The most enter events kept; one for each thread.
pub const MAX_ENTERS: usize = 16_384;

/// The longest string of an enter event that is kept.
const MAX_TEXT: usize = 4096;

/// One enter event.
#[derive(Clone, Debug)]
pub struct Enter {
    id: u16,
    /// The directory, or the descriptor of `connect`.
    pub dirfd: Option<i64>,
    /// The path. `None` when it was absent.
    pub name: Option<Vec<u8>>,
    pub flags: u32,
    /// The address of `connect`.
    pub address: Vec<u8>,
}

pub(super) fn keep(change: &mut Change<'_, '_>) {
    let params = &change.event.params;
    let text = |index: usize| params.text(index).map(|text| text[..text.len().min(MAX_TEXT)].to_vec());
    let mut enter = Enter { id: change.event.id, dirfd: None, name: None, flags: 0, address: Vec::new() };
    match change.event.id {
        id::OPEN_E => (enter.name, enter.flags) = (text(0), params.u32(1).unwrap_or(0)),
        id::CREAT_E | id::EXECVE_E => enter.name = text(0),
        id::OPENAT_E | id::OPENAT2_E | id::EXECVEAT_E => {
            (enter.dirfd, enter.name, enter.flags) = (params.i64(0), text(1), params.u32(2).unwrap_or(0));
        }
        _ => {
            let address = params.bytes(1).unwrap_or(b"");
            (enter.dirfd, enter.address) = (params.i64(0), address[..address.len().min(MAX_TEXT)].to_vec());
        }
    }
    let enters = &mut change.host.pending.enters;
    if enters.len() < MAX_ENTERS || enters.contains_key(&change.event.tid) {
        enters.insert(change.event.tid, enter);
    } else {
        change.host.counters.enters_refused += 1;
    }
}

/// The enter event of the exit at hand.
pub(super) fn of<'h>(host: &'h Host, event: &Event<'_>) -> Option<&'h Enter> {
    if host.pending.enters.is_empty() {
        return None;
    }
    host.pending.enters.get(&event.tid).filter(|enter| enter.id + 1 == event.id)
}

/// The thread has ended a call: what was kept is of no use any more.
#[inline]
pub(super) fn forget(host: &mut Host, event: &Event<'_>) {
    if !host.pending.enters.is_empty() && event.id % 2 == 1 {
        host.pending.enters.remove(&event.tid);
    }
}
