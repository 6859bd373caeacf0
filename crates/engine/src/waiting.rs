//! Alerts that wait until it is known which container they are about.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use vigie_fields::Moment;
use vigie_filter::Bump;
use vigie_state::Bytes;
use vigie_state::container::Containers;

use crate::kept::{KeptValues, Past};
use crate::output::Output;
use crate::run::Match;

/// The most alerts that wait.
pub const MOST: usize = 4096;

/// About how many bytes waiting alerts may take.
pub const MOST_BYTES: usize = 32 << 20;

/// The most containers of which is remembered that nobody knows them.
const MOST_UNANSWERED: usize = 16_384;

/// For so long a container that is gone is known to be; another may be given its name.
const GONE: Duration = Duration::from_secs(60);

/// An alert that waits. `found` has neither message nor fields.
#[derive(Debug)]
struct Held {
    until: Instant,
    found: Match,
    output: Arc<Output>,
    values: KeptValues,
    moment: Moment,
    weight: usize,
}

/// What became of alerts whose container was not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Alerts that waited.
    pub held: u64,
    /// Of these: those that went out without metadata because nobody told in time.
    pub late: u64,
    /// Alerts that could not wait because too many did.
    pub not_held: u64,
}

/// Alerts by the order of their events, which is that of their deadlines.
#[derive(Debug)]
pub struct Waiting {
    wait: Duration,
    held: VecDeque<Held>,
    bytes: usize,
    /// Why there will be no metadata of a container, and for how long that is believed.
    unanswered: HashMap<Bytes, (Arc<str>, Option<Instant>)>,
    pub counters: Counters,
}

impl Waiting {
    /// Alerts wait so long at most; not at all for zero.
    pub fn new(wait: Duration) -> Waiting {
        Waiting { wait, held: VecDeque::new(), bytes: 0, unanswered: HashMap::new(), counters: Counters::default() }
    }

    /// Alerts wait so long from now on; those that wait already keep their time.
    pub fn change(&mut self, wait: Duration) {
        self.wait = wait;
    }

    /// How many alerts wait.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Why an alert need not, or cannot, wait for the metadata of this container. `None` when it can.
    pub fn why_not(&mut self, id: &Bytes) -> Option<String> {
        match self.unanswered.get(id) {
            Some((_, Some(until))) if *until <= Instant::now() => {
                self.unanswered.remove(id);
            }
            Some((why, _)) => return Some(why.to_string()),
            None => {}
        }
        if self.wait.is_zero() {
            return Some("nothing is known of the container but its id".to_owned());
        }
        if self.held.len() >= MOST || self.bytes >= MOST_BYTES {
            self.counters.not_held += 1;
            return Some(format!("{} alerts are already waiting for metadata of containers", self.held.len()));
        }
        None
    }

    /// Keeps an alert until its container is told of.
    pub fn hold(&mut self, found: Match, output: Arc<Output>, values: KeptValues, moment: Moment) {
        let weight = size_of::<Held>() + values.weight();
        self.bytes = self.bytes.saturating_add(weight);
        self.counters.held += 1;
        let until = Instant::now() + self.wait;
        // Deadlines are in order, even when the time to wait got shorter.
        let until = self.held.back().map_or(until, |last| until.max(last.until));
        self.held.push_back(Held { until, found, output, values, moment, weight });
    }

    /// The container is told of: what waited for it goes out. `removed`: it is gone by now, and will not be told of
    /// again.
    pub fn told(&mut self, id: &Bytes, removed: bool, containers: &Containers, out: &mut Vec<Match>) {
        self.unanswered.remove(id);
        let known = containers.get(id).is_some();
        let why = if known { "" } else { "there was no room for the metadata of one more container" };
        self.release_of(id, why, containers, out);
        if removed {
            let until = Some(Instant::now() + GONE);
            self.remember(id, "the container is gone, and its metadata with it", until);
        }
    }

    /// Nobody knows the container: what waited for it goes out and says why.
    pub fn nobody(&mut self, id: &[u8], why: &str, containers: &Containers, out: &mut Vec<Match>) {
        let id = Bytes::from(id);
        if containers.get(&id).is_none() {
            self.release_of(&id, why, containers, out);
            self.remember(&id, why, None);
        }
    }

    /// What has waited too long by now goes out.
    pub fn late(&mut self, now: Instant, containers: &Containers, out: &mut Vec<Match>) {
        let late = self.held.iter().take_while(|held| held.until <= now).count();
        if late > 0 {
            let why = format!("no answer from the container runtime within {} ms", self.wait.as_millis());
            self.counters.late += late as u64;
            let late: Vec<Held> = self.held.drain(..late).collect();
            self.emit(late, &why, containers, out);
        }
    }

    /// Everything goes out.
    pub fn all(&mut self, why: &str, containers: &Containers, out: &mut Vec<Match>) {
        let all = std::mem::take(&mut self.held);
        self.emit(all, why, containers, out);
    }

    fn remember(&mut self, id: &Bytes, why: &str, until: Option<Instant>) {
        if self.unanswered.len() >= MOST_UNANSWERED {
            self.unanswered.clear();
        }
        self.unanswered.insert(id.clone(), (why.into(), until));
    }

    fn release_of(&mut self, id: &Bytes, why: &str, containers: &Containers, out: &mut Vec<Match>) {
        if self.held.iter().any(|held| held.moment.id() == id) {
            let (of_it, others): (Vec<Held>, Vec<Held>) = self.held.drain(..).partition(|held| held.moment.id() == id);
            self.held = others.into();
            self.emit(of_it, why, containers, out);
        }
    }

    fn emit(&mut self, all: impl IntoIterator<Item = Held>, why: &str, containers: &Containers, out: &mut Vec<Match>) {
        let mut arena = Bump::new();
        for held in all {
            self.bytes = self.bytes.saturating_sub(held.weight);
            let Held { mut found, output, values, moment, .. } = held;
            let past = Past { output: &output, values: &values, moment: &moment, containers };
            (found.message, found.fields) = output.fill(&past, &arena);
            why.clone_into(&mut found.missing);
            out.push(found);
            arena.reset();
        }
    }
}
