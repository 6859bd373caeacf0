//! The live kernel behind an engine: opened, asked for other events when the rules change, counted.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use vigie_engine::interest::{BaseSyscalls, FdNames};
use vigie_engine::{self as engine};
use vigie_events::{Interest, schema};
use vigie_probe::{Control, Kernel, Options, Shedding, StartError, Way};
use vigie_procfs::{Looker, ProcFs};

/// The number of the first process namespace, the same in every kernel.
const FIRST_PID_NAMESPACE: &str = "pid:[4026531836]";

/// How the kernel is watched, beside the rules.
pub struct Wanted {
    pub buffer_bytes: u32,
    pub host_root: PathBuf,
    pub snaplen: u32,
    pub base: BaseSyscalls,
    /// False: every event of the wanted types is delivered.
    pub prefilter: bool,
    /// False: what is there already is read from /proc alone.
    pub iterators: bool,
}

/// A kernel that is watched, or will be.
#[derive(Default)]
pub struct Live(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    control: Option<Control>,
    base: BaseSyscalls,
    prefilter: bool,
    shedding: Shedding,
    by_iterators: bool,
}

impl Live {
    /// Makes the kernel the engine's source. Says how what is there already was found.
    ///
    /// # Errors
    /// OSError: ENOENT without type information, EPERM, ENOSYS for a kernel that is too old, EIO for all else;
    /// ValueError for a name that is no system call's.
    pub fn open(&self, engine: &mut engine::Engine, wanted: Wanted) -> PyResult<String> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (inner.base, inner.prefilter) = (wanted.base, wanted.prefilter);
        let interest = inner.interest(&engine.rulesets())?;
        let procfs = ProcFs::new(&wanted.host_root);
        let options = Options {
            ring_bytes: wanted.buffer_bytes,
            snap_length: wanted.snaplen,
            own_pid: own_pid(&wanted.host_root),
        };
        let mut way = Way::Proc(None);
        let facts = || {
            procfs.host_facts_with(|boot_ts| {
                let (listed, taken) = vigie_probe::processes(&procfs, boot_ts, wanted.iterators && sees_all());
                way = taken;
                listed
            })
        };
        let kernel = Kernel::open(&options, &interest, &inner.shedding, facts).map_err(|error| refused(&error))?;
        inner.control = Some(kernel.control());
        engine.host.look_up_with(Box::new(Looker::new(procfs.clone())));
        engine.open(Box::new(kernel));
        inner.by_iterators = matches!(way, Way::Iterators { .. });
        Ok(told(&way))
    }

    /// Asks for what these rules want; nothing when no kernel is watched.
    ///
    /// # Errors
    /// As `open`.
    pub fn want(&self, rules: &[&engine::Ruleset]) -> PyResult<()> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(control) = &inner.control else { return Ok(()) };
        control.want(&inner.interest(rules)?, &inner.shedding).map_err(|error| refused(&error))
    }

    /// Names of event types, and the level at which they are given up.
    pub fn shed(&self, levels: &[(String, u8)]) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.shedding = schema::event_types()
            .iter()
            .filter(|event| event.is_current())
            .filter_map(|event| Some((event.id, levels.iter().find(|(name, _)| name == event.name)?.1)))
            .collect();
    }

    /// By the names that the daemon knows them by; empty when no kernel is watched.
    pub fn counters(&self) -> Vec<(String, u64)> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(counters) = inner.control.as_ref().map(Control::counters) else { return Vec::new() };
        let mut named = vec![
            ("events".to_owned(), counters.events),
            ("drops".to_owned(), counters.dropped()),
            ("drops_page_faults".to_owned(), counters.page_fault_drops),
            ("drops_scratch".to_owned(), counters.scratch_drops),
            ("shed".to_owned(), counters.shed.iter().sum()),
            ("unread".to_owned(), counters.unread),
            ("truncated".to_owned(), counters.truncated),
        ];
        named.push(("first_state_by_iterators".to_owned(), inner.by_iterators.into()));
        named.extend(counters.classes().map(|(class, count)| (format!("drops_buffer_{class}"), count)));
        named.extend((1..).zip(counters.shed).map(|(level, count)| (format!("shed_{level}"), count)));
        named
    }
}

impl Inner {
    fn interest(&self, rules: &[&engine::Ruleset]) -> PyResult<Interest> {
        let asked = engine::interest::asked_for(rules, &self.base, FdNames::Lazy)
            .map_err(|unknown| PyValueError::new_err(format!("{} is no system call", unknown.0)))?;
        Ok(if self.prefilter { asked.interest } else { asked.interest.without_gates() })
    }
}

/// The iterators list the processes of the reader's own namespace, which must be the first.
fn sees_all() -> bool {
    let link = std::fs::read_link("/proc/self/ns/pid");
    link.is_ok_and(|link| link.as_os_str() == FIRST_PID_NAMESPACE)
}

fn told(way: &Way) -> String {
    match way {
        Way::Iterators { completed: 0 } => "processes were listed by the kernel's iterators".to_owned(),
        Way::Iterators { completed } => {
            format!("processes were listed by the kernel's iterators, {completed} of them by /proc")
        }
        Way::Proc(None) => "processes were listed by /proc".to_owned(),
        Way::Proc(Some(error)) => {
            let why = match error {
                StartError::NoBtf => "no type information",
                StartError::NotAllowed(what) | StartError::TooOld(what) | StartError::Failed(what) => what,
            };
            format!("processes were listed by /proc, not by the kernel's iterators: {why}")
        }
    }
}

/// This process as the kernel numbers it. 0 when that cannot be told: then it is watched like all others.
fn own_pid(host_root: &Path) -> u32 {
    let named = |path: PathBuf| std::fs::read_link(path).ok().and_then(|link| link.to_str().map(str::to_owned));
    if !host_root.as_os_str().is_empty() {
        return named(host_root.join("proc/self")).and_then(|pid| pid.parse().ok()).unwrap_or(0);
    }
    match named("/proc/self/ns/pid".into()).as_deref() {
        Some(FIRST_PID_NAMESPACE) => std::process::id(),
        _ => 0,
    }
}

fn refused(error: &StartError) -> PyErr {
    let number = match error {
        StartError::NoBtf => 2,
        StartError::NotAllowed(_) => 1,
        StartError::TooOld(_) => 38,
        StartError::Failed(_) => 5,
    };
    PyOSError::new_err((number, error.to_string()))
}
