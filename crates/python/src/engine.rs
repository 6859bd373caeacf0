//! The engine as a Python object.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use pyo3::exceptions::{PyBlockingIOError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use vigie_engine as engine;
use vigie_engine::interest::BaseSyscalls;

use crate::audit;
use crate::live::{Live, Wanted};
use crate::matches::Match;
use crate::rules::{Condition, Rules};

/// Adds this file's names to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Engine>()?;
    module.add_class::<Match>()
}

type Part = (usize, String, Option<bool>, String);
type Explanation = (u64, u64, Option<usize>, bool, Vec<String>, Vec<(usize, bool, Vec<Part>)>);

/// What happened to a capture: what, path, source, rule, generation, time, number, events, bytes, left out, why.
type CaptureNews = (&'static str, String, usize, usize, u64, u64, u64, u64, u64, u64, String);

/// `_core.Engine`. The lock serves one caller at a time; what is told of containers does not need it.
#[pyclass(frozen, module = "vigie._core")]
struct Engine {
    engine: Mutex<engine::Engine>,
    /// Callers who wait while `next` runs: it lets them go first.
    others: AtomicUsize,
    inbox: engine::Inbox,
    live: Live,
}

#[pymethods]
impl Engine {
    #[new]
    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (rules, *, first = true, static_fields = HashMap::new(), buffer_base64 = false, utc_offset = 0, host_names = Vec::new(), wait_ms = 0))]
    fn new(
        py: Python<'_>,
        rules: Vec<Py<Rules>>,
        first: bool,
        static_fields: HashMap<String, String>,
        buffer_base64: bool,
        utc_offset: i32,
        host_names: Vec<(IpAddr, String)>,
        wait_ms: u64,
    ) -> PyResult<Self> {
        let sets = taken(py, &rules)?;
        let fields = vigie_fields::Settings {
            static_fields: static_fields.into_iter().collect(),
            buffer_base64,
            utc_offset,
            host_names,
            ..vigie_fields::Settings::default()
        };
        let wait = Duration::from_millis(wait_ms);
        let engine = py.detach(|| engine::Engine::new(sets, engine::Settings { first, fields, wait }));
        Ok(Engine {
            inbox: engine.inbox(),
            engine: Mutex::new(engine),
            others: AtomicUsize::new(0),
            live: Live::default(),
        })
    }

    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (rules, *, first = None, static_fields = None, buffer_base64 = None, utc_offset = None, host_names = None, wait_ms = None))]
    fn replace(
        &self,
        py: Python<'_>,
        rules: Vec<Py<Rules>>,
        first: Option<bool>,
        static_fields: Option<HashMap<String, String>>,
        buffer_base64: Option<bool>,
        utc_offset: Option<i32>,
        host_names: Option<Vec<(IpAddr, String)>>,
        wait_ms: Option<u64>,
    ) -> PyResult<u64> {
        let sets = taken(py, &rules)?;
        py.detach(|| {
            let swap = engine::Swap::compile(sets);
            let mut engine = self.engine()?;
            // Both are asked for until the new rules judge: nothing falls in between.
            self.live.want(&[engine.rulesets(), swap.rulesets()].concat())?;
            let mut settings = engine.settings().clone();
            settings.first = first.unwrap_or(settings.first);
            settings.wait = wait_ms.map_or(settings.wait, Duration::from_millis);
            let fields = &mut settings.fields;
            fields.buffer_base64 = buffer_base64.unwrap_or(fields.buffer_base64);
            fields.utc_offset = utc_offset.unwrap_or(fields.utc_offset);
            if let Some(static_fields) = static_fields {
                fields.static_fields = static_fields.into_iter().collect();
            }
            if let Some(host_names) = host_names {
                fields.host_names = host_names;
            }
            engine.change(settings);
            let old = engine.replace(swap);
            self.live.want(&engine.rulesets())?;
            let generation = engine.generation();
            drop(engine);
            drop(old);
            Ok(generation)
        })
    }

    #[pyo3(signature = (json, removed = false))]
    fn container(&self, json: Vec<u8>, removed: bool) -> PyResult<()> {
        self.inbox.container(json, removed).map_err(refused)
    }

    /// Containers met of which nobody has told, each once: id, path of the cgroup, thread.
    fn new_containers(&self, py: Python<'_>) -> PyResult<Vec<(String, String, i64)>> {
        let new = py.detach(|| Ok::<_, PyErr>(self.engine()?.host.new_containers()))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(new.iter().map(|new| (text(&new.id), text(&new.cgroup), new.tid)).collect())
    }

    fn no_container(&self, id: &str, why: &str) -> PyResult<()> {
        self.inbox.nobody(id.as_bytes(), why).map_err(refused)
    }

    #[pyo3(signature = (path_prefix, *, all_rules = false, duration_ms = 5000, max_bytes = 0))]
    fn capture(
        &self,
        py: Python<'_>,
        path_prefix: Option<PathBuf>,
        all_rules: bool,
        duration_ms: u64,
        max_bytes: u64,
    ) -> PyResult<()> {
        let duration = Duration::from_millis(duration_ms);
        let settings = path_prefix.map(|prefix| engine::CaptureSettings { prefix, all_rules, duration, max_bytes });
        py.detach(|| {
            self.engine()?.captures(settings);
            Ok(())
        })
    }

    fn capture_news(&self, py: Python<'_>) -> PyResult<Vec<CaptureNews>> {
        let news = py.detach(|| Ok::<_, PyErr>(self.engine()?.capture_news()))?;
        Ok(news
            .into_iter()
            .map(|news| {
                let (what, why) = match news.outcome {
                    engine::Outcome::Started => ("started", String::new()),
                    engine::Outcome::Finished => ("finished", String::new()),
                    engine::Outcome::Limited => ("limited", String::new()),
                    engine::Outcome::Failed(why) => ("failed", why),
                };
                let engine::CaptureNews { path, set, rule, generation, time, num, events, bytes, left_out, .. } = news;
                let path = path.to_string_lossy().into_owned();
                (what, path, set, rule, generation, time, num, events, bytes, left_out, why)
            })
            .collect())
    }

    fn finish(&self, py: Python<'_>) -> PyResult<Vec<Match>> {
        let found = py.detach(|| {
            let mut found = Vec::new();
            self.engine()?.finish(&mut found);
            Ok::<_, PyErr>(found)
        })?;
        found.into_iter().map(|found| Match::new(py, found)).collect()
    }

    fn matches_by_rule(&self, py: Python<'_>) -> PyResult<Vec<Vec<u64>>> {
        py.detach(|| Ok(self.engine()?.matches_by_rule().to_vec()))
    }

    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (*, buffer_bytes = 8 << 20, host_root = PathBuf::new(), snaplen = 80, everything = false, custom_syscalls = Vec::new(), repair = false, prefilter = true, iterators = true))]
    fn kernel(
        &self,
        py: Python<'_>,
        buffer_bytes: u32,
        host_root: PathBuf,
        snaplen: u32,
        everything: bool,
        custom_syscalls: Vec<String>,
        repair: bool,
        prefilter: bool,
        iterators: bool,
    ) -> PyResult<String> {
        let base = BaseSyscalls { custom_set: custom_syscalls, repair, all: everything };
        let wanted = Wanted { buffer_bytes, host_root, snaplen, base, prefilter, iterators };
        py.detach(|| self.live.open(&mut *self.engine()?, wanted))
    }

    fn kernel_counters(&self) -> HashMap<String, u64> {
        self.live.counters().into_iter().collect()
    }

    fn shed(&self, py: Python<'_>, levels: Vec<(String, u8)>) -> PyResult<()> {
        self.live.shed(&levels);
        py.detach(|| self.live.want(&self.engine()?.rulesets()))
    }

    fn replay(&self, path: PathBuf) -> PyResult<()> {
        let reader = vigie_capture::Reader::open(&path)?;
        self.engine()?.open(Box::new(reader));
        Ok(())
    }

    #[pyo3(signature = (path, follow = false, max_event = vigie_k8s_audit::MAX_EVENT))]
    fn audit_file(&self, path: PathBuf, follow: bool, max_event: usize) -> PyResult<audit::AuditFile> {
        let (source, handle) = audit::file(&path, follow, max_event)?;
        self.engine()?.open(Box::new(source));
        Ok(handle)
    }

    #[pyo3(signature = (limit_bytes, max_event = vigie_k8s_audit::MAX_EVENT))]
    fn audit_queue(&self, limit_bytes: usize, max_event: usize) -> PyResult<audit::AuditQueue> {
        let (source, handle) = audit::queue(limit_bytes, max_event);
        self.engine()?.open(Box::new(source));
        Ok(handle)
    }

    fn record(&self, path: PathBuf) -> PyResult<()> {
        let recorder = engine::Recorder::create(&path)?;
        self.engine()?.record(recorder);
        Ok(())
    }

    fn stop_recording(&self) -> PyResult<()> {
        let mut engine = self.engine()?;
        engine.stop_recording();
        engine.unrecorded.take().map_or(Ok(()), |error| Err(error.into()))
    }

    #[pyo3(signature = (limit = 256, events = u64::MAX))]
    fn next(&self, py: Python<'_>, limit: usize, events: u64) -> PyResult<Option<Vec<Match>>> {
        let (found, more) = py.detach(|| {
            let mut found = Vec::new();
            self.give_way();
            let mut engine = self.engine.lock().map_err(|_| broken())?;
            let more = engine.next(limit, events, &mut found);
            Ok::<_, PyErr>((found, more))
        })?;
        if found.is_empty() && !more {
            return Ok(None);
        }
        found.into_iter().map(|found| Match::new(py, found)).collect::<PyResult<Vec<_>>>().map(Some)
    }

    fn damage(&self) -> PyResult<Option<(String, Option<u64>)>> {
        Ok(self.engine()?.damage.as_ref().map(|error| (error.what.clone(), error.offset)))
    }

    /// Measures every rule from now on.
    fn profile(&self) -> PyResult<()> {
        self.engine()?.profile();
        Ok(())
    }

    /// Per set and rule: times tried, times matched, seconds.
    fn costs(&self) -> PyResult<Vec<Vec<(u64, u64, f64)>>> {
        let engine = self.engine()?;
        let of_rules = |rules: &Vec<engine::profile::Cost>| {
            rules.iter().map(|cost| (cost.tried, cost.matched, cost.time.as_secs_f64())).collect()
        };
        Ok(engine.costs().iter().map(of_rules).collect())
    }

    #[pyo3(signature = (wanted, conditions, macros, fields = Vec::new(), *, by_time = false))]
    fn explain(
        &self,
        py: Python<'_>,
        wanted: u64,
        conditions: Vec<Vec<(usize, Py<Condition>)>>,
        macros: HashMap<String, Py<Condition>>,
        fields: Vec<String>,
        by_time: bool,
    ) -> PyResult<Option<Explanation>> {
        let questions = engine::Questions {
            wanted: if by_time { engine::Wanted::Time(wanted) } else { engine::Wanted::Number(wanted) },
            conditions: conditions
                .iter()
                .map(|rules| rules.iter().map(|(index, condition)| (*index, condition.get().tree())).collect())
                .collect(),
            macros: macros.iter().map(|(name, condition)| (name.clone(), condition.get().tree())).collect(),
            fields,
        };
        let explained = py.detach(|| {
            let mut engine = self.engine()?;
            Ok::<_, PyErr>(engine.explain(&questions))
        })?;
        Ok(explained.map(|engine::Explained { num, time, set, judged, fields, rules }| {
            let parts = |parts: Vec<engine::explain::Part>| {
                parts.into_iter().map(|part| (part.depth, part.text, part.result, part.value)).collect()
            };
            let rules = rules.into_iter().map(|one| (one.rule, one.tried, parts(one.parts))).collect();
            (num, time, set, judged, fields, rules)
        }))
    }

    fn counters(&self, py: Python<'_>) -> PyResult<HashMap<&'static str, u64>> {
        py.detach(|| {
            let engine = self.engine()?;
            let state = engine.host.counters;
            let (waiting, now) = engine.waiting();
            Ok(HashMap::from([
                ("events", engine.counters.events),
                ("events_skipped", engine.skipped()),
                ("events_judged", engine.counters.judged),
                ("matches", engine.counters.matches),
                ("threads", engine.host.threads.len() as u64),
                ("threads_added", state.threads_added),
                ("threads_removed", state.threads_removed),
                ("threads_refused", engine.host.threads.refused),
                ("threads_unknown", state.unknown_threads),
                ("fds_added", state.fds_added),
                ("fds_removed", state.fds_removed),
                ("fds_refused", state.fds_refused),
                ("fds_unknown", state.unknown_fds),
                ("thread_finds_cached", state.threads_cached),
                ("thread_finds", state.threads_noncached),
                ("thread_finds_failed", state.threads_failed),
                ("fd_finds_cached", state.fds_cached),
                ("fd_finds", state.fds_noncached),
                ("fd_finds_failed", state.fds_failed),
                ("thread_lookups", state.thread_lookups),
                ("thread_lookups_failed", state.thread_lookups_failed),
                ("fd_lookups", state.fd_lookups),
                ("fd_lookups_failed", state.fd_lookups_failed),
                ("lookups_refused", state.lookups_refused),
                ("threads_purged", state.threads_purged),
                ("containers_unannounced", state.containers_unannounced),
                ("containers", engine.host.containers.len() as u64),
                ("containers_refused", engine.host.containers.refused),
                ("containers_told", engine.counters.containers_told),
                ("containers_unread", engine.counters.containers_unread),
                ("events_unknown_plugin", engine.counters.unknown_plugins),
                ("matches_waiting", now as u64),
                ("matches_waited", waiting.held),
                ("matches_waited_in_vain", waiting.late),
                ("matches_not_waited", waiting.not_held),
                ("accounts_refused", engine.host.accounts.refused),
            ]))
        })
    }
}

impl Engine {
    fn engine(&self) -> PyResult<MutexGuard<'_, engine::Engine>> {
        self.others.fetch_add(1, Ordering::SeqCst);
        let engine = self.engine.lock().map_err(|_| broken());
        self.others.fetch_sub(1, Ordering::SeqCst);
        engine
    }

    /// Lets others who wait for the engine have it first, for 10 ms at most: a lock alone is not fair to them.
    fn give_way(&self) {
        for _ in 0..100 {
            if self.others.load(Ordering::SeqCst) == 0 {
                return;
            }
            std::thread::sleep(Duration::from_micros(100));
        }
    }
}

/// The rules themselves, which can be taken once.
fn taken(py: Python<'_>, rules: &[Py<Rules>]) -> PyResult<Vec<engine::Ruleset>> {
    rules.iter().map(|rules| rules.borrow_mut(py).take()).collect()
}

fn refused(error: engine::Refused) -> PyErr {
    match error {
        engine::Refused::Full => PyBlockingIOError::new_err(error.to_string()),
        engine::Refused::TooLong => PyValueError::new_err(error.to_string()),
    }
}

fn broken() -> PyErr {
    PyRuntimeError::new_err("the engine failed before and cannot go on")
}
