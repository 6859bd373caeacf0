//! What the engine found, as Python objects.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use vigie_engine::{self as engine, OwnedValue};

/// `_core.Match`.
#[pyclass(frozen, get_all, module = "vigie._core")]
pub struct Match {
    source: usize,
    rule: usize,
    generation: u64,
    time: u64,
    num: u64,
    message: String,
    fields: Py<PyDict>,
    missing: String,
}

impl Match {
    pub fn new(py: Python<'_>, found: engine::Match) -> PyResult<Self> {
        let fields = PyDict::new(py);
        for (name, value) in &found.fields {
            fields.set_item(name, to_python(py, value)?)?;
        }
        let engine::Match { set, rule, generation, time, num, message, missing, .. } = found;
        Ok(Match { source: set, rule, generation, time, num, message, fields: fields.unbind(), missing })
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
