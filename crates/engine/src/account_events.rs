//! Events that tell of the accounts of containers: on a host that lives somebody was asked for them, and no event told.

use std::collections::HashSet;

use vigie_events::event::STATE_ONLY;
use vigie_events::{EventBuilder, id};
use vigie_state::user::Accounts;
use vigie_state::{Bytes, Host};

/// What a capture has told of accounts so far.
#[derive(Debug, Default)]
pub(crate) struct AccountsTold {
    /// How many accounts there were when this was looked at last.
    known: usize,
    containers: HashSet<Bytes>,
}

impl AccountsTold {
    /// The events that are still missing; for the state alone, no rule sees them.
    #[inline]
    pub fn missing(&mut self, host: &Host, time: u64) -> Vec<EventBuilder> {
        if !host.lives() || host.accounts.len() == self.known {
            return Vec::new();
        }
        self.look(&host.accounts, time)
    }

    #[cold]
    fn look(&mut self, accounts: &Accounts, time: u64) -> Vec<EventBuilder> {
        self.known = accounts.len();
        self.containers.retain(|told| accounts.containers().any(|known| known == told));
        let new: Vec<Bytes> = accounts.containers().filter(|id| !self.containers.contains(*id)).cloned().collect();
        let mut events = Vec::new();
        for container in new {
            let event = |id: u16| EventBuilder::new(id).ts(time).tid(1).flags(STATE_ONLY);
            for user in accounts.users_of(&container) {
                let names = [&user.name, &user.home, &user.shell, &container];
                let numbers = event(id::USER_ADDED_E).u32(user.uid).u32(user.gid);
                events.push(names.into_iter().fold(numbers, |event, name| event.text(name)));
            }
            for (gid, name) in accounts.groups_of(&container) {
                events.push(event(id::GROUP_ADDED_E).u32(gid).text(name).text(&container));
            }
            self.containers.insert(container);
        }
        events
    }
}
