//! The laws of gates. With the same state, an event that does not pass is matched by no rule; and what the state is not
//! told of changes no alert.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod gated;
mod library;
mod scene;

use std::collections::BTreeMap;

use gated::{Closed, Gated};
use scene::all;
use vigie_capture::Reader;
use vigie_engine::interest::{BaseSyscalls, FdNames, asked_for};
use vigie_engine::{Engine, Match, Ruleset, Settings};
use vigie_events::Source;
use vigie_events::interest::Interest;

fn capture() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/captures/activity_small.scap");
    std::fs::read(path).unwrap()
}

fn alerts(rules: Ruleset, source: impl Source + 'static) -> Vec<Match> {
    let mut engine = Engine::new(vec![rules], Settings::default());
    engine.open(Box::new(source));
    let alerts = all(&mut engine);
    assert_eq!(engine.damage, None);
    alerts
}

fn whole(rules: &Ruleset, fd_names: FdNames) -> Interest {
    let base = BaseSyscalls { all: true, ..BaseSyscalls::default() };
    asked_for(&[rules], &base, fd_names).unwrap().interest
}

/// What an alert says, events counted differently apart.
fn said(alerts: &[Match]) -> Vec<(u64, usize, &str)> {
    alerts.iter().map(|alert| (alert.time, alert.rule, alert.message.as_str())).collect()
}

#[test]
fn no_alert_of_the_recorded_activity_is_lost_behind_the_gates() {
    for (only_stable, least) in [(true, 40), (false, 100)] {
        let without = alerts(library::rules(only_stable), Reader::from_bytes(capture()));
        let gated = Gated::new(capture(), library::rules(only_stable).interest(), Closed::StateOnly);
        assert_eq!(alerts(library::rules(only_stable), gated), without);
        assert!(without.len() >= least, "{}", without.len());
    }
}

#[test]
fn no_alert_changes_when_the_state_is_told_only_what_it_needs() {
    for only_stable in [true, false] {
        let without = alerts(library::rules(only_stable), Reader::from_bytes(capture()));
        // A capture has nobody who looks up files whose opening was not delivered; in this one no alert needs that.
        for fd_names in [FdNames::Always, FdNames::Lazy] {
            let interest = whole(&library::rules(only_stable), fd_names);
            let with = alerts(library::rules(only_stable), Gated::new(capture(), interest, Closed::Dropped));
            assert_eq!(said(&with), said(&without), "{fd_names:?}");
        }
    }
}

/// How many events of each type pass. Run with `--nocapture` to see the table.
#[test]
fn most_events_stay_behind() {
    let mut table: BTreeMap<&'static str, [u32; 7]> = BTreeMap::new();
    let mut column = 1;
    for only_stable in [true, false] {
        let rules = library::rules(only_stable);
        for interest in [rules.interest(), whole(&rules, FdNames::Lazy), whole(&rules, FdNames::Always)] {
            for (name, (events, passed)) in gated::count(capture(), &interest) {
                let row = table.entry(name).or_default();
                row[0] = events;
                row[column] = passed;
            }
            column += 1;
        }
    }
    let mut rows: Vec<_> = table.into_iter().collect();
    rows.sort_by_key(|(_, row)| std::cmp::Reverse(row[0]));
    println!("{:20} {:>8} {:>24} {:>24}", "type", "events", "stable/+state/+opens", "all/+state/+opens");
    let mut sums = [0; 7];
    for (name, row) in &rows {
        let [events, a, b, c, d, e, f] = row;
        println!("{name:20} {events:8} {:>24} {:>24}", format!("{a} {b} {c}"), format!("{d} {e} {f}"));
        sums.iter_mut().zip(row).for_each(|(sum, count)| *sum += count);
    }
    println!("{sums:?}");
    assert!(sums[0] > 50_000 && sums[1] * 10 < sums[0] && sums[3] * 2 < sums[0], "{sums:?}");
}
