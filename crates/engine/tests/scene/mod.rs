//! Rules over captures that are made event by event.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::cell::Cell;
use std::collections::VecDeque;
use std::time::Duration;

use vigie_capture::{Reader, Writer};
use vigie_engine::{Engine, Match, Ruleset, Settings};
use vigie_events::facts::{ListedThread, Machine};
use vigie_events::{Delivered, EventBuilder, HostFacts, Source, SourceError, id};
use vigie_fields::EventSource;
use vigie_filter::syntax::parse;

pub const SECOND: u64 = 1_000_000_000;
pub const START: u64 = 1_700_000_000 * SECOND;
/// The process of most events.
pub const CAT: i64 = 30;

pub fn facts() -> HostFacts {
    let thread = |tid: i64, ptid: i64, comm: &str| ListedThread {
        tid,
        pid: tid,
        ptid,
        vtid: tid,
        vpid: tid,
        comm: comm.into(),
        exe: comm.into(),
        cwd: b"/home/u".to_vec(),
        uid: 0,
        gid: 0,
        ..ListedThread::default()
    };
    HostFacts {
        machine: Machine { hostname: b"recorded".to_vec(), ..Machine::default() },
        threads: vec![thread(1, 0, "init"), thread(CAT, 1, "cat")],
        ..HostFacts::default()
    }
}

/// A section of a capture.
pub fn section(facts: &HostFacts, events: &[EventBuilder]) -> Vec<u8> {
    let mut writer = Writer::plain(Vec::new(), facts).unwrap();
    for event in events {
        writer.event(&event.event()).unwrap();
    }
    writer.finish().unwrap()
}

pub fn open(name: &[u8]) -> EventBuilder {
    EventBuilder::new(id::OPENAT_X).tid(CAT).ts(START).i64(3).i64(-100).text(name).u32(1).u32(0).u32(5).u64(77)
}

pub fn close(fd: i64) -> EventBuilder {
    EventBuilder::new(id::CLOSE_X).tid(CAT).ts(START).i64(0).i64(fd)
}

pub fn asynchronous(plugin: u32, name: &[u8], data: &[u8]) -> EventBuilder {
    EventBuilder::new(id::ASYNCEVENT_E).ts(START).u32(plugin).text(name).bytes(data)
}

pub fn audit(plugin: u32, json: &str) -> EventBuilder {
    EventBuilder::new(id::PLUGINEVENT_E).ts(START).u32(plugin).bytes(json.as_bytes())
}

/// Rules by condition, named `0`, `1`, …, whose output is the event's number.
pub fn rules(source: EventSource, conditions: &[&str]) -> Ruleset {
    let mut set = Ruleset::new(source, Vec::new());
    for (index, condition) in conditions.iter().enumerate() {
        set.add(&index.to_string(), &parse(condition).unwrap(), "%evt.num", &[], true).unwrap();
    }
    set
}

pub fn syscalls(conditions: &[&str]) -> Ruleset {
    rules(EventSource::Syscall, conditions)
}

/// One rule with an output.
pub fn printing(condition: &str, output: &str) -> Ruleset {
    let mut set = Ruleset::new(EventSource::Syscall, Vec::new());
    set.add("0", &parse(condition).unwrap(), output, &[], true).unwrap();
    set
}

pub fn engine(sets: Vec<Ruleset>, first: bool, capture: Vec<u8>) -> Engine {
    let mut engine = Engine::new(sets, Settings { first, ..Settings::default() });
    engine.open(Box::new(Reader::from_bytes(capture)));
    engine
}

pub fn all(engine: &mut Engine) -> Vec<Match> {
    let (mut all, mut matches) = (Vec::new(), Vec::new());
    while engine.next(7, 100_000, &mut matches) {
        all.append(&mut matches);
    }
    all.append(&mut matches);
    all
}

/// (number of the event, rule) of every match.
pub fn hits(matches: &[Match]) -> Vec<(u64, usize)> {
    matches.iter().map(|found| (found.num, found.rule)).collect()
}

/// The same of every match of all rules, in a capture of one section.
pub fn tried(conditions: &[&str], events: &[EventBuilder]) -> Vec<(u64, usize)> {
    let mut engine = engine(vec![syscalls(conditions)], false, section(&facts(), events));
    let matches = all(&mut engine);
    assert_eq!(engine.damage, None);
    hits(&matches)
}

/// Of a container: its id, by which events know it, and the whole of it, as cgroups have it.
pub const WEB: &str = "3ad7b26ded6d";
pub const WEB_CGROUP: &str = "3ad7b26ded6d8e7b23da7d48fe889434573036c27ae5a74837233de441c3601e";
/// A process in that container.
pub const NGINX: i64 = 40;

/// The host of `facts`, with a process in a container of docker.
pub fn facts_with_container() -> HostFacts {
    let mut facts = facts();
    let mut nginx = facts.threads[1].clone();
    (nginx.tid, nginx.pid, nginx.vtid, nginx.vpid) = (NGINX, NGINX, 1, 1);
    (nginx.comm, nginx.exe, nginx.args) = (b"nginx".to_vec(), b"nginx".to_vec(), b"-g\0daemon off;\0".to_vec());
    nginx.cgroups = format!("cpuset=/docker/{WEB_CGROUP}\0").into_bytes();
    nginx.pidns_init_start_ts = START - 60 * SECOND;
    facts.threads.push(nginx);
    facts
}

/// What happens on a live source, one after the other.
#[derive(Clone, Debug)]
pub enum Step {
    Host(Box<HostFacts>),
    Event(EventBuilder),
    /// Nothing more in this turn of the engine.
    Idle,
}

thread_local! {
    /// Which turn of an engine this is.
    static TURN: Cell<u64> = const { Cell::new(0) };
}

/// A live source of steps that are known before; idle when they are over.
pub struct Steps {
    steps: VecDeque<Step>,
    now: Option<EventBuilder>,
    idle_in: u64,
}

impl Steps {
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Steps {
        Steps { steps: steps.into_iter().collect(), now: None, idle_in: 0 }
    }
}

impl Source for Steps {
    fn next(&mut self) -> Result<Delivered<'_>, SourceError> {
        let turn = TURN.get();
        if self.idle_in == turn && turn > 0 {
            return Ok(Delivered::Idle);
        }
        Ok(match self.steps.pop_front() {
            Some(Step::Host(facts)) => Delivered::Host(facts),
            Some(Step::Event(event)) => Delivered::Event(self.now.insert(event).event()),
            Some(Step::Idle) | None => {
                self.idle_in = turn;
                Delivered::Idle
            }
        })
    }

    fn live(&self) -> bool {
        true
    }
}

/// An engine on the host with a container, over live steps.
pub fn live(sets: Vec<Ruleset>, wait: Duration, steps: impl IntoIterator<Item = Step>) -> Engine {
    let mut engine = Engine::new(sets, Settings { wait, ..Settings::default() });
    let begin = std::iter::once(Step::Host(Box::new(facts_with_container())));
    engine.open(Box::new(Steps::new(begin.chain(steps))));
    engine
}

/// The matches of one turn of a live engine.
pub fn turn(engine: &mut Engine) -> Vec<Match> {
    TURN.set(TURN.get() + 1);
    let mut matches = Vec::new();
    assert!(engine.next(100_000, u64::MAX, &mut matches), "{:?}", engine.damage);
    matches
}
