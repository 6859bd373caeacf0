//! Secrets in texts.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use vigie_core::content::{
    CodeLine, Expressions, Lines, MOST_MATCHES, Matcher, Refused, SearchOptions, Searcher, Seen, Sighting, Sightings,
};

fn refused(refused: Refused) -> PyErr {
    PyValueError::new_err((refused.reason, refused.rule))
}

/// `_core.SecretMatcher`.
#[pyclass(frozen, module = "vigie._core")]
struct SecretMatcher(Matcher);

type Found = (usize, usize, usize, usize, usize);

#[pymethods]
impl SecretMatcher {
    #[classattr]
    const MOST_MATCHES: usize = MOST_MATCHES;

    #[new]
    fn new(py: Python<'_>, rules: Vec<(String, Vec<String>)>) -> PyResult<Self> {
        py.detach(|| Matcher::new(&rules)).map(Self).map_err(refused)
    }

    fn find(&self, py: Python<'_>, data: &[u8]) -> PyResult<Vec<Found>> {
        let found = py.detach(|| self.0.find(data)).map_err(refused)?;
        Ok(found.iter().map(|one| (one.rule, one.start, one.end, one.secret.0, one.secret.1)).collect())
    }
}

/// `_core.SecretExpressions`.
#[pyclass(frozen, module = "vigie._core")]
struct SecretExpressions(Expressions);

#[pymethods]
impl SecretExpressions {
    #[new]
    fn new(patterns: Vec<String>) -> PyResult<Self> {
        Expressions::new(&patterns).map(Self).map_err(refused)
    }

    fn first(&self, text: &[u8]) -> PyResult<Option<usize>> {
        self.0.first(text).map_err(refused)
    }
}

/// `_core.SecretSearcher`.
#[pyclass(frozen, module = "vigie._core")]
pub struct SecretSearcher(pub Arc<Searcher>);

#[pymethods]
impl SecretSearcher {
    #[new]
    #[pyo3(signature = (rules, *, archives = 0, binaries = false, lines = false))]
    fn new(
        py: Python<'_>,
        rules: Vec<(String, Vec<String>)>,
        archives: u32,
        binaries: bool,
        lines: bool,
    ) -> PyResult<Self> {
        let searcher = py.detach(|| Searcher::new(&rules, SearchOptions { archives, binaries, lines }));
        Ok(Self(Arc::new(searcher.map_err(refused)?)))
    }

    fn search(&self, py: Python<'_>, name: &str, content: &[u8]) -> PyResult<Told> {
        told(py, py.detach(|| self.0.search(name, content)))
    }

    fn search_stream(&self, py: Python<'_>, name: &str, path: PathBuf) -> PyResult<Told> {
        let sightings = py.detach(|| {
            let mut source = std::fs::File::open(path)?;
            Ok::<_, std::io::Error>(self.0.search_read(name, u64::MAX, &mut source))
        });
        told(py, sightings?)
    }
}

/// Sightings and problems.
type Told = (Vec<Py<SecretSighting>>, Vec<String>);

fn told(py: Python<'_>, sightings: Sightings) -> PyResult<Told> {
    Ok((SecretSighting::wrap_all(py, sightings.list)?, sightings.problems))
}

/// Number, content, whether it is a cause, whether it stands for lines left out.
type Line = (usize, String, bool, bool);
/// Commit, author, e-mail, date, subject, last commit, its date, whether it is still there.
type History = (String, String, String, i64, String, String, i64, bool);

/// `_core.SecretSighting`.
#[pyclass(frozen, get_all, module = "vigie._core")]
pub struct SecretSighting {
    rule: usize,
    inner: String,
    decoded: &'static str,
    offset: u64,
    start: (usize, usize),
    end: (usize, usize),
    secret: Py<PyBytes>,
    key_id: Py<PyBytes>,
    before: Py<PyBytes>,
    lines: (Py<PyBytes>, usize, usize),
    matched: String,
    code: Vec<Line>,
    allow: String,
    seen: Option<History>,
}

impl SecretSighting {
    fn wrap(py: Python<'_>, value: Sighting) -> PyResult<Py<Self>> {
        let bytes = |bytes: &[u8]| PyBytes::new(py, bytes).unbind();
        let line = |CodeLine { number, content, is_cause, truncated }| (number, content, is_cause, truncated);
        let history = |seen: Box<Seen>| {
            let Seen { commit, author, email, date, subject, last, last_date, present } = *seen;
            (commit, author, email, date, subject, last, last_date, present)
        };
        let sighting = Self {
            rule: value.rule,
            inner: value.inner,
            decoded: value.decoded,
            offset: value.offset,
            start: (value.start.line, value.start.column),
            end: (value.end.line, value.end.column),
            secret: bytes(&value.secret),
            key_id: bytes(&value.key_id),
            before: bytes(&value.before),
            lines: (bytes(&value.lines.0), value.lines.1, value.lines.2),
            matched: value.matched,
            code: value.code.into_iter().map(line).collect(),
            allow: value.allow,
            seen: value.seen.map(history),
        };
        Py::new(py, sighting)
    }

    pub fn wrap_all(py: Python<'_>, list: Vec<Sighting>) -> PyResult<Vec<Py<Self>>> {
        list.into_iter().map(|one| Self::wrap(py, one)).collect()
    }
}

#[pymethods]
impl SecretSighting {
    fn __repr__(&self) -> String {
        format!("SecretSighting(rule={}, line={}, matched={:?})", self.rule, self.start.0, self.matched)
    }
}

#[pyfunction]
fn text_positions(py: Python<'_>, data: &[u8], offsets: Vec<usize>) -> Vec<(usize, usize)> {
    py.detach(|| {
        let mut lines = Lines::new(data);
        let places = offsets.into_iter().map(|offset| lines.position(offset));
        places.map(|place| (place.line, place.column)).collect()
    })
}

/// Adds the class and the function to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<SecretMatcher>()?;
    module.add_class::<SecretExpressions>()?;
    module.add_class::<SecretSearcher>()?;
    module.add_class::<SecretSighting>()?;
    module.add_function(wrap_pyfunction!(text_positions, module)?)
}
