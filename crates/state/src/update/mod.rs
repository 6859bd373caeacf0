//! What each event changes. The order of steps is that of the peer's inspector.

use vigie_events::{Event, HostFacts};

use crate::host::{Applied, Host};

/// What the next event has to do first, and what enter events left for their exits.
#[derive(Debug, Default)]
pub struct Pending {}

pub fn begin(host: &mut Host, facts: HostFacts) {
    let _ = (host, facts);
}

pub fn apply(host: &mut Host, event: &Event<'_>) -> Applied {
    Applied { thread: host.threads.find(event.tid), ..Applied::default() }
}
