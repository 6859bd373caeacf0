//! The loop: one event after the other through the state and past the rules.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use vigie_events::schema::{self, Origin};
use vigie_events::{Delivered, Event, Source, SourceError, id};
use vigie_fields::{EventSource, Memory};
use vigie_filter::Bump;
use vigie_state::Host;

use crate::around::{CaptureNews, CaptureSettings, Captures};
use crate::container_event;
use crate::inbox::Inbox;
use crate::judge::Run;
use crate::output::OwnedValue;
use crate::profile::{Cost, Profile};
use crate::record::Recorder;
use crate::ruleset::{Compiled, Ruleset};
use crate::waiting::{self, Waiting};

/// `Engine::next` comes back after about so long, whatever happens.
const TURN: Duration = Duration::from_millis(50);

/// How many events are between two looks at the clock.
const BETWEEN_LOOKS: u64 = 512;

/// How the engine works.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The first rule that matches an event is the only one.
    pub first: bool,
    pub fields: vigie_fields::Settings,
    /// How long a match may wait for the metadata of its container; zero for not at all.
    pub wait: Duration,
}

/// A rule met an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Match {
    /// Which set of rules, and which rule of it; and how often the rules had been replaced before.
    pub set: usize,
    pub rule: usize,
    pub generation: u64,
    /// Of the event: nanoseconds since the epoch, and its number.
    pub time: u64,
    pub num: u64,
    pub message: String,
    pub fields: Vec<(String, OwnedValue)>,
    /// Why the container's metadata is missing in them. Empty when it is not.
    pub missing: String,
}

/// What was done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Events that came, hidden ones too.
    pub events: u64,
    /// Events that at least one rule looked at.
    pub judged: u64,
    pub matches: u64,
    /// Events of plugins that are not known, of a live source; nobody judged them.
    pub unknown_plugins: u64,
    /// Events that told of a container, injected ones too.
    pub containers_told: u64,
    /// Injected descriptions of containers that could not be read.
    pub containers_unread: u64,
}

/// Rules that are compiled and wait to take the place of others.
pub struct Swap(Vec<(Ruleset, Compiled)>);

impl Swap {
    /// Compiles sets of rules; takes its time, and needs no engine.
    pub fn compile(sets: Vec<Ruleset>) -> Swap {
        let compile = |mut rules: Ruleset| {
            let compiled = rules.compile();
            (rules, compiled)
        };
        Swap(sets.into_iter().map(compile).collect())
    }

    pub fn rulesets(&self) -> Vec<&Ruleset> {
        self.0.iter().map(|(rules, _)| rules).collect()
    }
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
    /// How often the rules were replaced.
    generation: u64,
    /// Per set and rule.
    matched: Vec<Vec<u64>>,
    profile: Option<Profile>,
    recorder: Option<Recorder>,
    flushed: Instant,
    /// Why recording ended early.
    pub unrecorded: Option<std::io::Error>,
    captures: Option<Captures>,
    waiting: Waiting,
    inbox: Inbox,
    /// No event has come yet but those that a capture begins with to tell of containers and users.
    pub(crate) head: bool,
}

impl Engine {
    pub fn new(sets: Vec<Ruleset>, settings: Settings) -> Engine {
        let Swap(sets) = Swap::compile(sets);
        Engine {
            matched: unmatched(&sets),
            sets,
            source: None,
            host: Host::default(),
            memory: Memory::default(),
            arena: Bump::new(),
            counters: Counters::default(),
            damage: None,
            generation: 0,
            profile: None,
            recorder: None,
            flushed: Instant::now(),
            unrecorded: None,
            captures: None,
            waiting: Waiting::new(settings.wait),
            inbox: Inbox::default(),
            head: true,
            settings,
        }
    }

    /// Takes events from this source from now on.
    pub fn open(&mut self, source: Box<dyn Source>) {
        self.source = Some(source);
        self.damage = None;
    }

    /// Puts other rules in the place of those that run, between two events; all else stays, but that a profile and
    /// the counters of rules begin anew. Matches say by their generation whose they are. Returns the old rules, to be
    /// dropped where it does not matter how long that takes.
    pub fn replace(&mut self, rules: Swap) -> Swap {
        self.generation = self.generation.wrapping_add(1);
        let old = std::mem::replace(&mut self.sets, rules.0);
        self.matched = unmatched(&self.sets);
        if self.profile.is_some() {
            self.profile();
        }
        Swap(old)
    }

    pub fn rulesets(&self) -> Vec<&Ruleset> {
        self.sets.iter().map(|(rules, _)| rules).collect()
    }

    /// How often the rules were replaced.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Works by other settings from now on.
    pub fn change(&mut self, settings: Settings) {
        self.waiting.change(settings.wait);
        self.settings = settings;
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where others tell of containers while the engine runs.
    pub fn inbox(&self) -> Inbox {
        self.inbox.clone()
    }

    /// What became of alerts that waited, and how many wait now.
    pub fn waiting(&self) -> (waiting::Counters, usize) {
        (self.waiting.counters, self.waiting.len())
    }

    pub fn skipped(&self) -> u64 {
        self.source.as_ref().map_or(0, |source| source.skipped())
    }

    /// How often each rule matched, per set, since these rules run.
    pub fn matches_by_rule(&self) -> &[Vec<u64>] {
        &self.matched
    }

    /// Writes what the source delivers from now on to a capture; amid a watch it begins with what is known by now.
    pub fn record(&mut self, mut recorder: Recorder) {
        if !self.host.threads.is_empty() {
            let begun = recorder.host(&self.host.facts()).and_then(|()| {
                container_event::all(&self.host, nanoseconds())
                    .try_for_each(|container| recorder.event(&container.event()))
            });
            if let Err(error) = begun {
                self.unrecorded.get_or_insert(error);
            }
        }
        self.recorder = Some(recorder);
    }

    /// Ends the recording.
    pub fn stop_recording(&mut self) {
        if let Some(Err(error)) = self.recorder.take().map(Recorder::finish) {
            self.unrecorded.get_or_insert(error);
        }
    }

    /// Captures events around matches from now on; `None` ends that.
    pub fn captures(&mut self, settings: Option<CaptureSettings>) {
        match &mut self.captures {
            Some(captures) => captures.change(settings),
            None => self.captures = settings.map(Captures::new),
        }
    }

    /// What happened to captures since the last call.
    pub fn capture_news(&mut self) -> Vec<CaptureNews> {
        self.captures.as_mut().map_or_else(Vec::new, Captures::news)
    }

    /// Measures every rule from now on.
    pub fn profile(&mut self) {
        let costs = self.sets.iter().map(|(rules, _)| vec![Cost::default(); rules.rules.len()]).collect();
        self.profile = Some(Profile { costs });
    }

    pub fn costs(&self) -> &[Vec<Cost>] {
        self.profile.as_ref().map_or(&[], |profile| &profile.costs)
    }

    /// Up to about `limit` matches out of up to `events` more events, or of about 50 ms of them, or of what came before
    /// the source was idle; false at the end of the source, be it for damage (`damage`).
    pub fn next(&mut self, limit: usize, events: u64, matches: &mut Vec<Match>) -> bool {
        if self.damage.is_some() {
            return false;
        }
        let Some(mut source) = self.source.take() else { return false };
        let more = self.turn(source.as_mut(), limit, events, matches);
        self.source = Some(source);
        more
    }

    fn turn(&mut self, source: &mut dyn Source, limit: usize, events: u64, matches: &mut Vec<Match>) -> bool {
        let begun = Instant::now();
        let inbox = self.inbox.clone();
        let damage = {
            let mut run = self.run(matches);
            run.look_around(begun, None);
            let until = run.counters.events.saturating_add(events);
            let mut look = run.counters.events.saturating_add(BETWEEN_LOOKS);
            let mut happened = false;
            loop {
                if run.matches.len() >= limit || run.counters.events >= until {
                    return true;
                }
                if inbox.any() {
                    run.read(&inbox);
                }
                match source.next() {
                    Ok(Delivered::Event(event)) => {
                        happened = true;
                        if let Err(error) = run.event(event) {
                            if !source.live() {
                                break Some(error);
                            }
                            run.counters.unknown_plugins += 1;
                        }
                        if run.counters.events >= look {
                            look = run.counters.events.saturating_add(BETWEEN_LOOKS);
                            let now = Instant::now();
                            run.look_around(now, None);
                            if now.duration_since(begun) >= TURN {
                                return true;
                            }
                        }
                    }
                    Ok(Delivered::Host(facts)) => run.begin(*facts),
                    Ok(Delivered::Idle) => {
                        if inbox.any() {
                            run.read(&inbox);
                        }
                        let now = Instant::now();
                        run.look_around(now, (!happened).then(nanoseconds));
                        // Between two events a source is idle for a moment: only when it is so twice, nothing happens.
                        if !happened || !run.matches.is_empty() || now.duration_since(begun) >= TURN {
                            return true;
                        }
                        happened = false;
                    }
                    Ok(Delivered::End) => break None,
                    Err(error) => break Some(error),
                }
            }
        };
        self.damage = damage;
        self.end("the events ended before the container runtime answered", matches);
        false
    }

    /// Everything that waits goes out, and captures end: nothing more will be asked of the engine.
    pub fn finish(&mut self, matches: &mut Vec<Match>) {
        self.end("the watch ended before the container runtime answered", matches);
    }

    fn end(&mut self, why: &str, matches: &mut Vec<Match>) {
        let inbox = self.inbox.clone();
        let mut run = self.run(matches);
        run.read(&inbox);
        run.waiting.all(why, &run.host.containers, run.matches);
        if let Some(captures) = run.captures {
            captures.finish();
        }
    }

    fn run<'r>(&'r mut self, matches: &'r mut Vec<Match>) -> Run<'r> {
        Run {
            sets: &mut self.sets,
            generation: self.generation,
            matched: &mut self.matched,
            settings: &self.settings,
            host: &mut self.host,
            memory: &mut self.memory,
            arena: &mut self.arena,
            counters: &mut self.counters,
            profile: &mut self.profile,
            recorder: &mut self.recorder,
            unrecorded: &mut self.unrecorded,
            flushed: &mut self.flushed,
            captures: &mut self.captures,
            waiting: &mut self.waiting,
            head: &mut self.head,
            matches,
        }
    }
}

/// Now, in nanoseconds since the epoch.
pub(crate) fn nanoseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

fn unmatched(sets: &[(Ruleset, Compiled)]) -> Vec<Vec<u64>> {
    sets.iter().map(|(rules, _)| vec![0; rules.rules.len()]).collect()
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
