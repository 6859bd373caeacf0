//! The loop: one event after the other through the state and past the rules.

use std::time::Instant;

use vigie_events::event::STATE_ONLY;
use vigie_events::schema::{self, Origin};
use vigie_events::{Delivered, Event, Source, SourceError, id};
use vigie_fields::{Current, EventSource, Memory};
use vigie_filter::Bump;
use vigie_state::Host;

use crate::output::OwnedValue;
use crate::profile::{Cost, Profile};
use crate::record::Recorder;
use crate::ruleset::{Compiled, Ruleset};

/// How the engine works.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The first rule that matches an event is the only one.
    pub first: bool,
    pub fields: vigie_fields::Settings,
}

/// A rule met an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Which set of rules, and which rule of it.
    pub set: usize,
    pub rule: usize,
    /// Of the event: nanoseconds since the epoch, and its number.
    pub time: u64,
    pub num: u64,
    pub message: String,
    pub fields: Vec<(String, OwnedValue)>,
}

/// What was done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Events that came, hidden ones too.
    pub events: u64,
    /// Events that at least one rule looked at.
    pub judged: u64,
    pub matches: u64,
}

/// Sets of rules, a source of events, and the state in between.
pub struct Engine {
    pub(crate) sets: Vec<(Ruleset, Compiled)>,
    pub(crate) settings: Settings,
    pub(crate) source: Option<Box<dyn Source>>,
    pub host: Host,
    pub(crate) memory: Memory,
    arena: Bump,
    pub counters: Counters,
    pub damage: Option<SourceError>,
    profile: Option<Profile>,
    recorder: Option<Recorder>,
    /// Why recording ended early.
    pub unrecorded: Option<std::io::Error>,
    /// No event has come yet but those that a capture begins with to tell of containers and users.
    pub(crate) head: bool,
}

impl Engine {
    pub fn new(sets: Vec<Ruleset>, settings: Settings) -> Engine {
        let sets = sets
            .into_iter()
            .map(|mut rules| {
                let compiled = rules.compile();
                (rules, compiled)
            })
            .collect();
        Engine {
            sets,
            settings,
            source: None,
            host: Host::default(),
            memory: Memory::default(),
            arena: Bump::new(),
            counters: Counters::default(),
            damage: None,
            profile: None,
            recorder: None,
            unrecorded: None,
            head: true,
        }
    }

    /// Takes events from this source from now on.
    pub fn open(&mut self, source: Box<dyn Source>) {
        self.source = Some(source);
        self.damage = None;
    }

    pub fn skipped(&self) -> u64 {
        self.source.as_ref().map_or(0, |source| source.skipped())
    }

    /// Writes what the source delivers from now on to a capture.
    pub fn record(&mut self, recorder: Recorder) {
        self.recorder = Some(recorder);
    }

    /// Ends the recording.
    pub fn stop_recording(&mut self) {
        if let Some(Err(error)) = self.recorder.take().map(Recorder::finish) {
            self.unrecorded.get_or_insert(error);
        }
    }

    /// Measures every rule from now on.
    pub fn profile(&mut self) {
        let costs = self.sets.iter().map(|(rules, _)| vec![Cost::default(); rules.rules.len()]).collect();
        self.profile = Some(Profile { costs });
    }

    pub fn costs(&self) -> &[Vec<Cost>] {
        self.profile.as_ref().map_or(&[], |profile| &profile.costs)
    }

    /// Up to about `limit` matches out of up to `events` more events; false at the end of the source, be it for
    /// damage (`damage`).
    pub fn next(&mut self, limit: usize, events: u64, matches: &mut Vec<Match>) -> bool {
        let Some(source) = self.source.as_mut().filter(|_| self.damage.is_none()) else { return false };
        let mut run = Run {
            sets: &mut self.sets,
            settings: &self.settings,
            host: &mut self.host,
            memory: &mut self.memory,
            arena: &mut self.arena,
            counters: &mut self.counters,
            profile: &mut self.profile,
            head: &mut self.head,
            matches,
        };
        let until = run.counters.events.saturating_add(events);
        while run.matches.len() < limit && run.counters.events < until {
            match source.next() {
                Ok(Delivered::Event(event)) => {
                    if let Some(Err(error)) = self.recorder.as_mut().map(|recorder| recorder.event(&event)) {
                        self.unrecorded.get_or_insert(error);
                    }
                    if let Err(error) = run.event(event) {
                        self.damage = Some(error);
                        return false;
                    }
                }
                Ok(Delivered::Host(facts)) => {
                    if let Some(Err(error)) = self.recorder.as_mut().map(|recorder| recorder.host(&facts)) {
                        self.unrecorded.get_or_insert(error);
                    }
                    *run.head = true;
                    run.host.begin(*facts);
                }
                Ok(Delivered::Idle) => return true,
                Ok(Delivered::End) => return false,
                Err(error) => {
                    self.damage = Some(error);
                    return false;
                }
            }
        }
        true
    }
}

struct Run<'r> {
    sets: &'r mut Vec<(Ruleset, Compiled)>,
    settings: &'r Settings,
    host: &'r mut Host,
    memory: &'r mut Memory,
    arena: &'r mut Bump,
    counters: &'r mut Counters,
    profile: &'r mut Option<Profile>,
    head: &'r mut bool,
    matches: &'r mut Vec<Match>,
}

impl Run<'_> {
    #[inline]
    fn event(&mut self, mut event: Event<'_>) -> Result<(), SourceError> {
        self.counters.events += 1;
        event.num = self.counters.events;
        let applied = self.host.apply(&event);
        if *self.head {
            if opens_a_capture(event.id) {
                return Ok(());
            }
            *self.head = false;
        }
        if event.flags & STATE_ONLY != 0 || is_hidden(event.id) {
            return Ok(());
        }
        let Some(set) = set_of(&event, self.sets)? else { return Ok(()) };
        let (rules, compiled) = &mut self.sets[set];
        let tried = &compiled.by_event[usize::from(event.id)];
        if tried.is_empty() {
            return Ok(());
        }
        self.counters.judged += 1;
        self.arena.reset();
        self.memory.next_event();
        let current = Current::new(&event, self.host, &applied, &self.settings.fields, self.memory);
        compiled.evaluator.begin();
        for &(rule, root) in tried {
            let started = self.profile.is_some().then(Instant::now);
            let matched = compiled.evaluator.test(&compiled.program, root, &current, self.arena);
            if let (Some(profile), Some(started)) = (self.profile.as_mut(), started) {
                profile.count(set, rule as usize, started, matched);
            }
            if matched {
                self.counters.matches += 1;
                let (message, fields) = rules.rules[rule as usize].output.fill(&current, self.arena);
                self.matches.push(Match { set, rule: rule as usize, time: event.ts, num: event.num, message, fields });
                if self.settings.first {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Events that writers put before the first system call, to tell of containers and accounts.
pub(crate) fn opens_a_capture(event: u16) -> bool {
    matches!(
        event,
        id::ASYNCEVENT_E
            | id::CONTAINER_JSON_2_E
            | id::USER_ADDED_E
            | id::USER_DELETED_E
            | id::GROUP_ADDED_E
            | id::GROUP_DELETED_E
    )
}

/// The enter halves of calls, which only update the state.
pub(crate) fn is_hidden(event: u16) -> bool {
    event % 2 == 0 && schema::event_types()[usize::from(event)].origin == Origin::Syscall
}

/// The set of rules for the event's source. `None` when no rules are loaded for it.
///
/// # Errors
/// The event is of a plugin that is not known, so nobody can judge it.
#[inline]
pub(crate) fn set_of(event: &Event<'_>, sets: &[(Ruleset, Compiled)]) -> Result<Option<usize>, SourceError> {
    let Some(source) = EventSource::of(event) else { return Err(unknown_plugin(event)) };
    Ok(sets.iter().position(|(rules, _)| rules.catalog.source == source))
}

#[cold]
fn unknown_plugin(event: &Event<'_>) -> SourceError {
    let plugin = EventSource::plugin(event);
    SourceError::new(format!("event {} is of plugin {plugin}, which is not available", event.num), None)
}
