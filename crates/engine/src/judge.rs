//! One event: recorded, taken into the state, tried by rules.

use std::sync::Arc;
use std::time::{Duration, Instant};

use vigie_events::event::STATE_ONLY;
use vigie_events::{Event, HostFacts, SourceError};
use vigie_fields::{Current, Memory, Moment};
use vigie_filter::Bump;
use vigie_state::{Applied, Host};

use crate::around::{Captures, Wish};
use crate::container_event;
use crate::inbox::{Inbox, Message};
use crate::kept::KeptValues;
use crate::profile::Profile;
use crate::record::Recorder;
use crate::ruleset::{Compiled, CompiledRule, Ruleset};
use crate::run::{Counters, Match, Settings, is_hidden, nanoseconds, opens_a_capture, set_of};
use crate::waiting::Waiting;

/// What a recording or a capture holds back is no older.
const UNFLUSHED: Duration = Duration::from_secs(1);

/// The parts of an engine that an event meets.
pub(crate) struct Run<'r> {
    pub sets: &'r mut Vec<(Ruleset, Compiled)>,
    pub generation: u64,
    pub matched: &'r mut Vec<Vec<u64>>,
    pub settings: &'r Settings,
    pub host: &'r mut Host,
    pub memory: &'r mut Memory,
    pub arena: &'r mut Bump,
    pub counters: &'r mut Counters,
    pub profile: &'r mut Option<Profile>,
    pub recorder: &'r mut Option<Recorder>,
    pub unrecorded: &'r mut Option<std::io::Error>,
    pub flushed: &'r mut Instant,
    pub captures: &'r mut Option<Captures>,
    pub waiting: &'r mut Waiting,
    pub head: &'r mut bool,
    pub matches: &'r mut Vec<Match>,
}

impl Run<'_> {
    #[inline]
    pub fn event(&mut self, mut event: Event<'_>) -> Result<(), SourceError> {
        self.counters.events += 1;
        event.num = self.counters.events;
        let applied = self.host.apply(&event);
        if self.recorder.is_some() {
            self.record(&event);
        }
        if let Some(container) = &applied.container_id {
            self.counters.containers_told += 1;
            let removed = container_event::is_removal(&event);
            self.waiting.told(container, removed, &self.host.containers, self.matches);
        }
        let wish = self.judge(&event, &applied);
        if let Some(captures) = self.captures.as_mut() {
            captures.event(&event, self.host, wish.as_ref().ok().and_then(Option::as_deref));
        }
        wish.map(|_| ())
    }

    fn record(&mut self, event: &Event<'_>) {
        if let Some(Err(error)) = self.recorder.as_mut().map(|recorder| recorder.event_of(event, self.host)) {
            self.unrecorded.get_or_insert(error);
        }
    }

    /// The source tells of a host anew.
    pub fn begin(&mut self, facts: HostFacts) {
        if let Some(Err(error)) = self.recorder.as_mut().map(|recorder| recorder.host(&facts)) {
            self.unrecorded.get_or_insert(error);
        }
        *self.head = true;
        self.host.begin(facts);
    }

    /// What is due by the clock. `idle`: nothing happens on a live source, whose time is this.
    pub fn look_around(&mut self, now: Instant, idle: Option<u64>) {
        if !self.waiting.is_empty() {
            self.waiting.late(now, &self.host.containers, self.matches);
        }
        let flush = idle.is_some() || now.duration_since(*self.flushed) >= UNFLUSHED;
        if let Some(captures) = self.captures.as_mut() {
            captures.look_around(idle, flush);
        }
        if flush {
            *self.flushed = now;
            if let Some(Err(error)) = self.recorder.as_mut().map(Recorder::flush) {
                self.unrecorded.get_or_insert(error);
            }
        }
    }

    /// Reads what others told.
    #[cold]
    pub fn read(&mut self, inbox: &Inbox) {
        while let Some(message) = inbox.take() {
            self.message(&message);
        }
    }

    /// Tries the rules. Returns what the matches ask to be captured.
    #[inline]
    fn judge(&mut self, event: &Event<'_>, applied: &Applied) -> Result<Option<Box<Wish>>, SourceError> {
        if *self.head {
            if opens_a_capture(event.id) {
                return Ok(None);
            }
            *self.head = false;
        }
        if event.flags & STATE_ONLY != 0 || is_hidden(event.id) {
            return Ok(None);
        }
        let Some(set) = set_of(event, self.sets)? else { return Ok(None) };
        let (rules, compiled) = &mut self.sets[set];
        let tried = &compiled.by_event[usize::from(event.id)];
        if tried.is_empty() {
            return Ok(None);
        }
        self.counters.judged += 1;
        self.arena.reset();
        self.memory.next_event();
        let current = Current::new(event, self.host, applied, &self.settings.fields, self.memory);
        compiled.evaluator.begin();
        let mut wish = None;
        for &(index, root) in tried {
            let rule = index as usize;
            let started = self.profile.is_some().then(Instant::now);
            let matched = compiled.evaluator.test(&compiled.program, root, &current, self.arena);
            if let (Some(profile), Some(started)) = (self.profile.as_mut(), started) {
                profile.count(set, rule, started, matched);
            }
            if matched {
                self.counters.matches += 1;
                if let Some(count) = self.matched.get_mut(set).and_then(|rules| rules.get_mut(rule)) {
                    *count += 1;
                }
                let (generation, time, num) = (self.generation, event.ts, event.num);
                let found = Match { set, rule, generation, time, num, ..Match::default() };
                let matched = &rules.rules[rule];
                if let Some(captures) = self.captures.as_ref() {
                    captures.wish(&found, matched.capture, &mut wish);
                }
                tell(found, matched, &current, self.arena, self.waiting, self.matches);
                if self.settings.first {
                    break;
                }
            }
        }
        Ok(wish)
    }

    /// Something that others told: of a container as an event, so that state, recording and rules know.
    fn message(&mut self, message: &Message) {
        match message {
            Message::Container { json, removed } => {
                let event = container_event::asynchronous(nanoseconds(), 0, json, *removed);
                let told = self.counters.containers_told;
                // Only events of unknown plugins are refused.
                let _ = self.event(event.event());
                self.counters.containers_unread += u64::from(told == self.counters.containers_told);
            }
            Message::Nobody { id, why } => self.waiting.nobody(id, why, &self.host.containers, self.matches),
        }
    }
}

/// Fills the output in, or keeps the match until its container is known.
fn tell(
    mut found: Match,
    rule: &CompiledRule,
    current: &Current<'_>,
    arena: &Bump,
    waiting: &mut Waiting,
    matches: &mut Vec<Match>,
) {
    if let Some(moment) = rule.output.waits().then(|| Moment::of_unknown(current)).flatten() {
        match waiting.why_not(moment.id()) {
            Some(why) => found.missing = why,
            None => {
                let values = KeptValues::of(&rule.output, current, arena);
                waiting.hold(found, Arc::clone(&rule.output), values, moment);
                return;
            }
        }
    }
    (found.message, found.fields) = rule.output.fill(current, arena);
    matches.push(found);
}
