//! Layers and folders as Python objects.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::{PyTimeoutError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};
use vigie_core::found::{self, Content};
use vigie_core::limits::ReadError;
use vigie_core::selection::{self, Kind, Rule, Secrets};
use vigie_core::{beneath, folder, inflate, layer, limits, tar_index as index};

use crate::content::{SecretSearcher, SecretSighting};
use crate::formats::{Archive, Executable, RpmPackage};

/// As Python raises it.
pub fn raised(error: ReadError) -> PyErr {
    match error {
        ReadError::Damaged(what) => PyValueError::new_err(what),
        ReadError::Timeout => PyTimeoutError::new_err(error.to_string()),
        ReadError::Io(error) => error.into(),
    }
}

/// Names the file in errors of the system, as Python's own do.
fn raised_for(path: &Path) -> impl Fn(ReadError) -> PyErr + '_ {
    move |error| match error {
        ReadError::Io(error) => match error.raw_os_error() {
            Some(code) => {
                let text = error.to_string();
                let text = text.split(" (os error").next().unwrap_or_default().to_owned();
                pyo3::exceptions::PyOSError::new_err((code, text, path.as_os_str().to_owned()))
            }
            None => error.into(),
        },
        other => raised(other),
    }
}

#[pyclass(frozen, module = "vigie._core")]
pub struct Limits(pub limits::Limits);

#[pymethods]
impl Limits {
    #[new]
    #[pyo3(signature = (*, max_file = limits::Limits::MAX_FILE, max_bytes = limits::Limits::MAX_BYTES,
                        max_entries = limits::Limits::MAX_ENTRIES, seconds = 0.0))]
    fn new(max_file: u64, max_bytes: u64, max_entries: u64, seconds: f64) -> Self {
        Self(limits::Limits::new(max_file, max_bytes, max_entries, seconds))
    }
}

#[pyclass(frozen, module = "vigie._core")]
pub struct Selection(pub Arc<selection::Selection>);

#[pymethods]
impl Selection {
    #[new]
    #[pyo3(signature = (rules, skip_files = Vec::new(), skip_dirs = Vec::new(), searcher = None,
                        passed_over = (Vec::new(), Vec::new())))]
    fn new(
        rules: Vec<(Vec<String>, Vec<String>, String)>,
        skip_files: Vec<String>,
        skip_dirs: Vec<String>,
        searcher: Option<&SecretSearcher>,
        passed_over: (Vec<String>, Vec<String>),
    ) -> PyResult<Self> {
        let rules = rules.into_iter().map(|(globs, expressions, name)| {
            let kind = Kind::named(&name).ok_or_else(|| PyValueError::new_err(format!("unknown reader {name:?}")))?;
            Ok(Rule { globs, expressions, kind })
        });
        let rules = rules.collect::<PyResult<Vec<_>>>()?;
        let mut compiled = selection::Selection::new(&rules, &skip_files, &skip_dirs).map_err(PyValueError::new_err)?;
        if let Some(searcher) = searcher {
            let secrets = Secrets::new(searcher.0.clone(), &passed_over.0, &passed_over.1);
            compiled = compiled.with_secrets(secrets.map_err(PyValueError::new_err)?);
        }
        Ok(Self(Arc::new(compiled)))
    }

    /// The rules that want a file of this path and mode; none in a skipped folder.
    fn matches(&self, path: &str, mode: u32) -> Vec<usize> {
        let mut wanted = Vec::new();
        if !self.0.skips_above(path) {
            self.0.matches(path, mode, &mut wanted);
        }
        wanted
    }
}

#[pyclass(frozen, get_all, module = "vigie._core")]
pub struct Found {
    path: String,
    size: u64,
    mode: u32,
    rules: Vec<usize>,
    content: Option<Py<PyAny>>,
    problem: Option<String>,
}

impl Found {
    fn wrap(py: Python<'_>, value: found::Found) -> PyResult<Py<Self>> {
        let found::Found { path, size, mode, rules, content, problem } = value;
        let content = match content {
            None => None,
            Some(Content::Bytes(bytes)) => Some(PyBytes::new(py, &bytes).into_any().unbind()),
            Some(Content::Executable(value)) => Some(Executable::wrap(py, value)?.into_any()),
            Some(Content::Archive(value)) => Some(Archive::wrap(py, value)?.into_any()),
            Some(Content::Secrets(sightings)) => {
                Some(PyTuple::new(py, SecretSighting::wrap_all(py, sightings)?)?.into_any().unbind())
            }
            Some(Content::Rpm(packages)) => {
                let packages =
                    packages.into_iter().map(|value| RpmPackage::wrap(py, value)).collect::<PyResult<Vec<_>>>()?;
                Some(PyList::new(py, packages)?.into_any().unbind())
            }
        };
        Py::new(py, Self { path, size, mode, rules, content, problem })
    }

    pub fn wrap_all(py: Python<'_>, batch: Vec<found::Found>) -> PyResult<Vec<Py<Self>>> {
        batch.into_iter().map(|value| Self::wrap(py, value)).collect()
    }
}

#[pyclass(frozen, get_all, module = "vigie._core")]
pub struct Walked {
    digest: String,
    diff_id: String,
    size: u64,
    files: u64,
    whiteouts: Vec<String>,
    opaque: Vec<String>,
    problems: Vec<(String, String)>,
}

impl From<layer::Walked> for Walked {
    fn from(value: layer::Walked) -> Self {
        let layer::Walked { digest, diff_id, size, files, whiteouts, opaque, problems } = value;
        Self { digest, diff_id, size, files, whiteouts, opaque, problems }
    }
}

#[pyclass(frozen, module = "vigie._core")]
struct LayerReader(Mutex<layer::LayerReader>);

#[pymethods]
impl LayerReader {
    #[new]
    #[pyo3(signature = (path, selection, limits, *, offset = 0, length = None))]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        selection: &Selection,
        limits: &Limits,
        offset: u64,
        length: Option<u64>,
    ) -> PyResult<Self> {
        let open = || layer::LayerReader::open(&path, selection.0.clone(), &limits.0, offset, length);
        let reader = py.detach(open).map_err(raised_for(&path))?;
        Ok(Self(Mutex::new(reader)))
    }

    fn next_batch(&self, py: Python<'_>) -> PyResult<Vec<Py<Found>>> {
        let batch = py.detach(|| self.0.lock().unwrap_or_else(PoisonError::into_inner).next_batch());
        Found::wrap_all(py, batch.map_err(raised)?)
    }

    fn finish(&self, py: Python<'_>) -> PyResult<Walked> {
        let walked = py.detach(|| self.0.lock().unwrap_or_else(PoisonError::into_inner).finish());
        Ok(walked.map_err(raised)?.into())
    }
}

#[pyclass(frozen, module = "vigie._core")]
struct FolderReader(Mutex<folder::FolderReader>);

#[pymethods]
impl FolderReader {
    #[new]
    #[pyo3(signature = (root, selection, limits, *, threads = 0))]
    fn new(py: Python<'_>, root: PathBuf, selection: &Selection, limits: &Limits, threads: usize) -> PyResult<Self> {
        let open = || folder::FolderReader::open(&root, selection.0.clone(), &limits.0, threads);
        let reader = py.detach(open).map_err(raised_for(&root))?;
        Ok(Self(Mutex::new(reader)))
    }

    fn next_batch(&self, py: Python<'_>) -> PyResult<Vec<Py<Found>>> {
        let batch = py.detach(|| self.0.lock().unwrap_or_else(PoisonError::into_inner).next_batch());
        Found::wrap_all(py, batch.map_err(raised)?)
    }

    fn finish(&self, py: Python<'_>) -> PyResult<Walked> {
        let walked = py.detach(|| self.0.lock().unwrap_or_else(PoisonError::into_inner).finish());
        Ok(walked.map_err(raised)?.into())
    }
}

#[pyfunction]
fn read_beneath(py: Python<'_>, root: PathBuf, path: &str, max_bytes: u64) -> PyResult<Option<Py<PyBytes>>> {
    let bytes = py.detach(|| beneath::read_beneath(&root, path, max_bytes));
    let bytes = bytes.map_err(|error| raised_for(&root.join(path))(error.into()))?;
    Ok(bytes.map(|bytes| PyBytes::new(py, &bytes).unbind()))
}

/// (name, offset, size, kind, link target)
type Member = (String, u64, u64, &'static str, String);

#[pyfunction]
fn tar_index(py: Python<'_>, path: PathBuf) -> PyResult<Vec<Member>> {
    // Headers alone are read, so that a bound on their number bounds the work.
    let limits = limits::Limits { max_entries: 1_000_000, ..limits::Limits::default() };
    let members = py.detach(|| index::tar_index(&path, &limits)).map_err(raised_for(&path))?;
    Ok(members.into_iter().map(|member| (member.name, member.offset, member.size, member.kind, member.link)).collect())
}

#[pyfunction]
fn inflate_file(py: Python<'_>, source: PathBuf, target: PathBuf, max_bytes: u64) -> PyResult<u64> {
    let limits = limits::Limits { max_bytes, ..limits::Limits::default() };
    py.detach(|| inflate::inflate_file(&source, &target, &limits)).map_err(raised_for(&source))
}

#[pyfunction]
fn floor(py: Python<'_>, path: PathBuf) -> PyResult<(u64, u64)> {
    let sums = py.detach(|| inflate::Raw::open(&path, &limits::Limits::default(), 0, None)?.finish());
    let sums = sums.map_err(raised_for(&path))?;
    Ok((sums.size, sums.stored))
}

/// Adds this file's names to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Limits>()?;
    module.add_class::<Selection>()?;
    module.add_class::<Found>()?;
    module.add_class::<Walked>()?;
    module.add_class::<LayerReader>()?;
    module.add_class::<FolderReader>()?;
    module.add_function(wrap_pyfunction!(read_beneath, module)?)?;
    module.add_function(wrap_pyfunction!(tar_index, module)?)?;
    module.add_function(wrap_pyfunction!(inflate_file, module)?)?;
    module.add_function(wrap_pyfunction!(floor, module)?)?;
    Ok(())
}
