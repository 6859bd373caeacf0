//! Sources of Kubernetes audit events as Python objects.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use pyo3::exceptions::{PyBlockingIOError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use vigie_k8s_audit::{File, PushError, Queue, Receiver, Tally};

/// Adds this file's names to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<AuditFile>()?;
    module.add_class::<AuditQueue>()
}

/// `_core.AuditQueue`.
#[pyclass(frozen, module = "vigie._core")]
pub struct AuditQueue(Queue);

#[pymethods]
impl AuditQueue {
    fn push(&self, py: Python<'_>, body: &[u8]) -> PyResult<usize> {
        py.detach(|| self.0.push(body)).map_err(|error| match error {
            PushError::NotAudit(_) => PyValueError::new_err(error.to_string()),
            PushError::Full => PyBlockingIOError::new_err(error.to_string()),
            PushError::Closed => PyRuntimeError::new_err(error.to_string()),
        })
    }

    fn close(&self) {
        self.0.close();
    }

    fn counters(&self) -> HashMap<&'static str, u64> {
        let mut counters = counters(self.0.tally());
        counters.insert("waiting_bytes", self.0.bytes() as u64);
        counters
    }
}

/// `_core.AuditFile`.
#[pyclass(frozen, module = "vigie._core")]
pub struct AuditFile(Arc<Tally>);

#[pymethods]
impl AuditFile {
    fn counters(&self) -> HashMap<&'static str, u64> {
        counters(&self.0)
    }

    fn problem(&self) -> Option<String> {
        self.0.problem()
    }
}

fn counters(tally: &Tally) -> HashMap<&'static str, u64> {
    let counts = tally.counts();
    HashMap::from([
        ("events", counts.events),
        ("bad_time", counts.bad_time),
        ("too_large", counts.too_large),
        ("unreadable", counts.unreadable),
        ("bad_payloads", counts.bad_payloads),
        ("refused", counts.refused),
    ])
}

/// A file, or a folder of files, as a source, and its counters.
pub fn file(path: &Path, follow: bool, max_event: usize) -> PyResult<(File, AuditFile)> {
    let file = if follow { File::follow(path, max_event) } else { File::open(path, max_event) }?;
    let tally = file.tally();
    Ok((file, AuditFile(tally)))
}

/// A queue as a source, and the side that fills it.
pub fn queue(limit: usize, max_event: usize) -> (Receiver, AuditQueue) {
    let (queue, receiver) = vigie_k8s_audit::queue(limit, max_event);
    (receiver, AuditQueue(queue))
}
