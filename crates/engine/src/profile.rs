//! How often each rule was tried, how often it matched, and how long that took.

use std::time::{Duration, Instant};

/// Of one rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    pub tried: u64,
    pub matched: u64,
    pub time: Duration,
}

/// Per set of rules, per rule. Off, it costs nothing; on, two looks at the clock per try.
#[derive(Debug, Default)]
pub struct Profile {
    pub costs: Vec<Vec<Cost>>,
}

impl Profile {
    pub fn count(&mut self, set: usize, rule: usize, started: Instant, matched: bool) {
        if let Some(cost) = self.costs.get_mut(set).and_then(|rules| rules.get_mut(rule)) {
            cost.tried += 1;
            cost.matched += u64::from(matched);
            cost.time += started.elapsed();
        }
    }
}
