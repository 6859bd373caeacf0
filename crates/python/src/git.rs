//! Git history and staged changes as Python objects.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use vigie_core::git::{self, Id, Question, StagedFile};

use crate::reading::{Found, Limits, Selection, Walked, raised};

/// Path, mode, id, id of the version before (or nothing).
type Staged = (String, u32, String, String);

fn staged(files: Vec<Staged>) -> PyResult<Vec<StagedFile>> {
    let id = |text: &str| {
        Id::from_hex(text.as_bytes()).ok_or_else(|| PyValueError::new_err(format!("{text:?} is no object's id")))
    };
    let file = |(path, mode, new, old): Staged| {
        let before = if old.is_empty() { None } else { Some(id(&old)?) };
        Ok(StagedFile { path, mode, id: id(&new)?, old: before })
    };
    files.into_iter().map(file).collect()
}

#[pyclass(frozen, module = "vigie._core")]
struct HistoryReader(Mutex<git::HistoryReader>, Mutex<Vec<(String, String)>>);

#[pymethods]
impl HistoryReader {
    #[new]
    #[pyo3(signature = (path, selection, limits, *, tip = String::new(), since = None, staged = None, threads = 0))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        selection: &Selection,
        limits: &Limits,
        tip: String,
        since: Option<i64>,
        staged: Option<Vec<Staged>>,
        threads: usize,
    ) -> PyResult<Self> {
        let files = staged.map(self::staged).transpose()?;
        let (selection, limits) = (selection.0.clone(), &limits.0);
        let reader = py.detach(|| match files {
            Some(files) => git::HistoryReader::staged(&path, selection, limits, threads, files),
            None => git::HistoryReader::history(&path, selection, limits, threads, Question { tip, since }),
        });
        Ok(Self(Mutex::new(reader.map_err(raised)?), Mutex::default()))
    }

    fn next_batch(&self, py: Python<'_>) -> PyResult<Vec<Py<Found>>> {
        let batch = py.detach(|| self.0.lock().unwrap_or_else(PoisonError::into_inner).next_batch());
        Found::wrap_all(py, batch.map_err(raised)?)
    }

    fn finish(&self, py: Python<'_>) -> PyResult<Walked> {
        let walked = py.detach(|| self.0.lock().unwrap_or_else(PoisonError::into_inner).finish());
        let mut walked = walked.map_err(raised)?;
        *self.1.lock().unwrap_or_else(PoisonError::into_inner) = std::mem::take(&mut walked.problems);
        Ok(walked.into())
    }

    fn problems(&self) -> Vec<(String, String)> {
        self.1.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// `_core.GitObjects`.
#[pyclass(frozen, module = "vigie._core")]
struct GitObjects(git::Repository);

#[pymethods]
impl GitObjects {
    #[new]
    fn new(py: Python<'_>, path: PathBuf, limits: &Limits) -> PyResult<Self> {
        py.detach(|| git::Repository::open(&path, &limits.0)).map(Self).map_err(PyValueError::new_err)
    }

    fn read(&self, py: Python<'_>, id: &str) -> PyResult<(&'static str, Vec<u8>)> {
        let id = Id::from_hex(id.as_bytes()).ok_or_else(|| PyValueError::new_err("no object's id"))?;
        let object = py.detach(|| self.0.store.read(&id, &mut git::Cursor::default()));
        let object = object.map_err(|fault| PyValueError::new_err(format!("the object {id} {fault}")))?;
        Ok((object.kind.name(), object.data.to_vec()))
    }
}

/// Adds the classes to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<GitObjects>()?;
    module.add_class::<HistoryReader>()
}
