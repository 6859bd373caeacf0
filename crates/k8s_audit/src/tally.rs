//! What was taken and what was dropped.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of one source, shared by those who fill it, those who empty it and those who report.
#[derive(Debug, Default)]
pub struct Tally {
    events: AtomicU64,
    bad_time: AtomicU64,
    too_large: AtomicU64,
    unreadable: AtomicU64,
    bad_payloads: AtomicU64,
    refused: AtomicU64,
    problem: Mutex<Option<String>>,
}

/// A look at the counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events taken.
    pub events: u64,
    /// Events dropped because their time was absent or no time.
    pub bad_time: u64,
    /// Events dropped because they were longer than asked for.
    pub too_large: u64,
    /// Events dropped because they were nested too deep to be read by fields, or to be read at all.
    pub unreadable: u64,
    /// Bodies and lines dropped because they were no audit JSON.
    pub bad_payloads: u64,
    /// Bodies refused because the queue was full; whoever sent them was told.
    pub refused: u64,
}

impl Counts {
    /// Events that were dropped, and payloads, whose number of events nobody knows.
    pub fn dropped(&self) -> u64 {
        self.bad_time + self.too_large + self.unreadable + self.bad_payloads
    }
}

impl Tally {
    pub fn counts(&self) -> Counts {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            events: of(&self.events),
            bad_time: of(&self.bad_time),
            too_large: of(&self.too_large),
            unreadable: of(&self.unreadable),
            bad_payloads: of(&self.bad_payloads),
            refused: of(&self.refused),
        }
    }

    /// Adds to the counters.
    pub fn add(&self, counts: Counts) {
        let pairs = [
            (&self.events, counts.events),
            (&self.bad_time, counts.bad_time),
            (&self.too_large, counts.too_large),
            (&self.unreadable, counts.unreadable),
            (&self.bad_payloads, counts.bad_payloads),
            (&self.refused, counts.refused),
        ];
        for (counter, more) in pairs {
            if more > 0 {
                counter.fetch_add(more, Ordering::Relaxed);
            }
        }
    }

    /// Keeps what is wrong until somebody asks; the first of several.
    pub fn note(&self, problem: impl FnOnce() -> String) {
        if let Ok(mut kept) = self.problem.lock() {
            kept.get_or_insert_with(problem);
        }
    }

    /// What was wrong since the last call, in words for a person.
    pub fn problem(&self) -> Option<String> {
        self.problem.lock().ok().and_then(|mut kept| kept.take())
    }
}
