//! A capture behind gates.

#![allow(dead_code, clippy::unwrap_used)]

use std::collections::BTreeMap;

use vigie_capture::Reader;
use vigie_events::event::STATE_ONLY;
use vigie_events::interest::Interest;
use vigie_events::schema::Origin;
use vigie_events::{Delivered, Event, Source, SourceError};
use vigie_state::Host;

/// What happens to events that do not pass.
#[derive(Clone, Copy, PartialEq)]
pub enum Closed {
    /// They update the state and are shown to no rule.
    StateOnly,
    /// They never come.
    Dropped,
}

/// A source behind gates. It keeps a state of its own, to know whose events are.
pub struct Gated {
    source: Reader,
    interest: Interest,
    closed: Closed,
    host: Host,
}

impl Gated {
    pub fn new(capture: Vec<u8>, interest: Interest, closed: Closed) -> Gated {
        Gated { source: Reader::from_bytes(capture), interest, closed, host: Host::default() }
    }
}

fn passes(interest: &Interest, host: &mut Host, event: &Event<'_>) -> bool {
    let applied = host.apply(event);
    let uid = host.thread(&applied).map(|thread| thread.uid);
    interest.passes(event, uid)
}

impl Source for Gated {
    fn next(&mut self) -> Result<Delivered<'_>, SourceError> {
        Ok(match self.source.next()? {
            Delivered::Host(facts) => {
                self.host.begin((*facts).clone());
                Delivered::Host(facts)
            }
            Delivered::Event(mut event) => {
                if !passes(&self.interest, &mut self.host, &event) {
                    if self.closed == Closed::Dropped {
                        return Ok(Delivered::Idle);
                    }
                    event.flags |= STATE_ONLY;
                }
                Delivered::Event(event)
            }
            other => other,
        })
    }
}

/// By name of the kernel's events: how many there are, and how many pass.
pub fn count(capture: Vec<u8>, interest: &Interest) -> BTreeMap<&'static str, (u32, u32)> {
    let (mut source, mut host, mut counts) = (Reader::from_bytes(capture), Host::default(), BTreeMap::new());
    loop {
        match source.next().unwrap() {
            Delivered::Host(facts) => host.begin(*facts),
            Delivered::Event(event) => {
                let passed = passes(interest, &mut host, &event);
                let origin = event.event_type().origin;
                if origin == Origin::Tracepoint || (origin == Origin::Syscall && event.id % 2 == 1) {
                    let count: &mut (u32, u32) = counts.entry(event.event_type().name).or_default();
                    count.0 += 1;
                    count.1 += u32::from(passed);
                }
            }
            Delivered::End => return counts,
            Delivered::Idle => {}
        }
    }
}
