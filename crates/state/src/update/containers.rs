//! Containers: which one a thread is in, and what events tell of them.

use vigie_events::Event;

use crate::host::{Applied, Host};
use crate::{ThreadSlot, cgroup};

/// Finds out anew in which container a thread is.
pub(super) fn identify(host: &mut Host, slot: ThreadSlot) {
    let Some(thread) = host.threads.get_mut(slot) else { return };
    thread.container_id = cgroup::container_id(&thread.cgroups);
}

pub(super) fn container(_host: &mut Host, _event: &Event<'_>, _applied: &mut Applied) {}
