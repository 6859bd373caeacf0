//! The engine as a Python object.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use vigie_engine::{self as engine, OwnedValue};

use crate::audit;
use crate::rules::{Condition, Rules};

/// Adds this file's names to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Engine>()?;
    module.add_class::<Match>()
}

/// `_core.Match`.
#[pyclass(frozen, get_all, module = "vigie._core")]
struct Match {
    source: usize,
    rule: usize,
    time: u64,
    num: u64,
    message: String,
    fields: Py<PyDict>,
}

impl Match {
    fn new(py: Python<'_>, found: engine::Match) -> PyResult<Self> {
        let fields = PyDict::new(py);
        for (name, value) in &found.fields {
            fields.set_item(name, to_python(py, value)?)?;
        }
        let engine::Match { set, rule, time, num, message, .. } = found;
        Ok(Match { source: set, rule, time, num, message, fields: fields.unbind() })
    }
}

fn to_python<'py>(py: Python<'py>, value: &OwnedValue) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        OwnedValue::Null => py.None().into_bound(py),
        OwnedValue::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
        OwnedValue::Int(value) => value.into_pyobject(py)?.into_any(),
        OwnedValue::Uint(value) => value.into_pyobject(py)?.into_any(),
        OwnedValue::Double(value) => value.into_pyobject(py)?.into_any(),
        OwnedValue::Text(text) => text.into_pyobject(py)?.into_any(),
        OwnedValue::List(values) => {
            let values: Vec<_> = values.iter().map(|value| to_python(py, value)).collect::<PyResult<_>>()?;
            PyList::new(py, values)?.into_any()
        }
    })
}

type Part = (usize, String, Option<bool>, String);
type Explanation = (u64, u64, Option<usize>, bool, Vec<String>, Vec<(usize, bool, Vec<Part>)>);

/// `_core.Engine`. The lock serves one caller at a time.
#[pyclass(frozen, module = "vigie._core")]
struct Engine(Mutex<engine::Engine>);

#[pymethods]
impl Engine {
    #[new]
    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (rules, *, first = true, static_fields = HashMap::new(), buffer_base64 = false, utc_offset = 0, host_names = Vec::new()))]
    fn new(
        py: Python<'_>,
        rules: Vec<Py<Rules>>,
        first: bool,
        static_fields: HashMap<String, String>,
        buffer_base64: bool,
        utc_offset: i32,
        host_names: Vec<(IpAddr, String)>,
    ) -> PyResult<Self> {
        let sets = rules.iter().map(|rules| rules.borrow_mut(py).take()).collect::<PyResult<Vec<_>>>()?;
        let fields = vigie_fields::Settings {
            static_fields: static_fields.into_iter().collect(),
            buffer_base64,
            utc_offset,
            host_names,
            ..vigie_fields::Settings::default()
        };
        Ok(Engine(Mutex::new(engine::Engine::new(sets, engine::Settings { first, fields }))))
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
            let mut engine = self.0.lock().map_err(|_| broken())?;
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
            let mut engine = self.0.lock().map_err(|_| broken())?;
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

    fn counters(&self) -> PyResult<HashMap<&'static str, u64>> {
        let engine = self.engine()?;
        let state = engine.host.counters;
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
            ("containers", engine.host.containers.len() as u64),
            ("containers_refused", engine.host.containers.refused),
            ("accounts_refused", engine.host.accounts.refused),
        ]))
    }
}

impl Engine {
    fn engine(&self) -> PyResult<MutexGuard<'_, engine::Engine>> {
        self.0.lock().map_err(|_| broken())
    }
}

fn broken() -> PyErr {
    PyRuntimeError::new_err("the engine failed before and cannot go on")
}
