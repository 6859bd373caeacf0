//! Secrets in texts.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use vigie_core::content::{Lines, MOST_MATCHES, Matcher, Refused};

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
    module.add_function(wrap_pyfunction!(text_positions, module)?)
}
