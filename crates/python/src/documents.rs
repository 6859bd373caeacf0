//! Documents as Python objects.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};
use vigie_core::documents::{Error, Value, json, toml, yaml};

/// Keys up to this length are kept and reused: documents repeat theirs.
const SHORT_KEY: usize = 64;
const KEPT_KEYS: usize = 2048;

/// Builds Python objects from values.
struct Converter<'py, 'v> {
    py: Python<'py>,
    keys: Vec<Option<(&'v str, Bound<'py, PyString>)>>,
    lines: Option<Bound<'py, PyDict>>,
}

impl<'py, 'v> Converter<'py, 'v> {
    fn new(py: Python<'py>, lines: Option<Bound<'py, PyDict>>) -> Self {
        Self { py, keys: vec![None; KEPT_KEYS], lines }
    }

    fn value(&mut self, value: &'v Value<'_>) -> PyResult<Bound<'py, PyAny>> {
        let py = self.py;
        Ok(match value {
            Value::Null => py.None().into_bound(py),
            Value::Bool(truth) => PyBool::new(py, *truth).to_owned().into_any(),
            Value::Int(number) => number.into_pyobject(py)?.into_any(),
            Value::BigInt(digits) => py.get_type::<PyInt>().call1((digits.as_ref(),))?,
            Value::Float(number) => PyFloat::new(py, *number).into_any(),
            Value::Text(text) => PyString::new(py, text).into_any(),
            Value::List(items) => {
                let items = items.iter().map(|item| self.value(item)).collect::<PyResult<Vec<_>>>()?;
                PyList::new(py, items)?.into_any()
            }
            Value::Dict(dict) => {
                let object = PyDict::new(py);
                for (key, item) in &dict.entries {
                    let key = match key {
                        Value::Text(text) => self.key(text).into_any(),
                        other => self.value(other)?,
                    };
                    object.set_item(key, self.value(item)?)?;
                }
                if let Some(lines) = &self.lines {
                    // `id()` of an object is its address.
                    lines.set_item(object.as_ptr() as usize, (dict.first_line, dict.last_line))?;
                }
                object.into_any()
            }
        })
    }

    fn key(&mut self, text: &'v str) -> Bound<'py, PyString> {
        if text.len() > SHORT_KEY {
            return PyString::new(self.py, text);
        }
        let hash = text.bytes().fold(0xcbf2_9ce4_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let Some(slot) = self.keys.get_mut((hash ^ (hash >> 15)) as usize % KEPT_KEYS) else {
            return PyString::new(self.py, text);
        };
        match slot {
            Some((kept, object)) if *kept == text => object.clone(),
            _ => {
                let object = PyString::new(self.py, text);
                *slot = Some((text, object.clone()));
                object
            }
        }
    }
}

/// Runs `build` with the cyclic garbage collector at rest: it would walk the growing tree again and again.
fn without_collector<T>(py: Python<'_>, build: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    let collector = py.import("gc")?;
    let running = collector.call_method0("isenabled")?.is_truthy()?;
    if running {
        collector.call_method0("disable")?;
    }
    let built = build();
    if running {
        collector.call_method0("enable")?;
    }
    built
}

fn refused(error: Error) -> PyErr {
    PyValueError::new_err((error.what, error.line))
}

#[pyfunction]
#[pyo3(signature = (data, max_depth = 500))]
fn parse_json<'py>(
    py: Python<'py>,
    data: &[u8],
    max_depth: usize,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyDict>)> {
    let value = py.detach(|| json::parse(data, max_depth)).map_err(refused)?;
    let lines = PyDict::new(py);
    let object = without_collector(py, || Converter::new(py, Some(lines.clone())).value(&value))?;
    Ok((object, lines))
}

#[pyfunction]
fn parse_toml<'py>(py: Python<'py>, data: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    let value = py.detach(|| toml::parse(data)).map_err(refused)?;
    without_collector(py, || Converter::new(py, None).value(&value))
}

#[pyfunction]
#[pyo3(signature = (data, max_nodes = 2_000_000, *, text = false))]
fn parse_yaml<'py>(py: Python<'py>, data: &[u8], max_nodes: usize, text: bool) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let scalars = if text { yaml::Scalars::Text } else { yaml::Scalars::Core };
    let documents = py.detach(|| yaml::parse(data, max_nodes, scalars)).map_err(refused)?;
    without_collector(py, || {
        let mut converter = Converter::new(py, None);
        documents.iter().map(|document| converter.value(document)).collect()
    })
}

/// Adds this file's names to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(parse_json, module)?)?;
    module.add_function(wrap_pyfunction!(parse_toml, module)?)?;
    module.add_function(wrap_pyfunction!(parse_yaml, module)?)?;
    Ok(())
}
