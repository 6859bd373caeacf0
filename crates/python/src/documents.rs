//! Documents as Python objects.

use std::borrow::Cow;

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};
use vigie_core::documents::marked::{self, Content, Node, Place};
use vigie_core::documents::nodes;
use vigie_core::documents::{Error, Value, json, toml, yaml};

/// Keys up to this length are kept and reused: documents repeat theirs.
const SHORT_KEY: usize = 64;
const KEPT_KEYS: usize = 2048;

/// A text that was met, and the object made of it.
type KeptKey<'v, 'py> = Option<(Cow<'v, str>, Bound<'py, PyString>)>;

/// Objects of keys, by hash: a later key takes the place of an earlier one.
struct Keys<'py, 'v> {
    py: Python<'py>,
    kept: Vec<KeptKey<'v, 'py>>,
}

impl<'py, 'v> Keys<'py, 'v> {
    fn new(py: Python<'py>) -> Self {
        Self { py, kept: vec![None; KEPT_KEYS] }
    }

    fn get(&mut self, text: Cow<'v, str>) -> Bound<'py, PyString> {
        let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        match self.kept.get_mut((hash ^ (hash >> 15)) as usize % KEPT_KEYS) {
            Some(Some((kept, object))) if *kept == text => object.clone(),
            Some(slot) if text.len() <= SHORT_KEY => {
                let object = PyString::new(self.py, &text);
                *slot = Some((text, object.clone()));
                object
            }
            _ => PyString::new(self.py, &text),
        }
    }
}

fn scalar<'py>(py: Python<'py>, value: &Value<'_>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Bool(truth) => PyBool::new(py, *truth).to_owned().into_any(),
        Value::Int(number) => number.into_pyobject(py)?.into_any(),
        Value::BigInt(digits) => py.get_type::<PyInt>().call1((digits.as_ref(),))?,
        Value::Float(number) => PyFloat::new(py, *number).into_any(),
        Value::Text(text) => PyString::new(py, text).into_any(),
        Value::Null | Value::List(_) | Value::Dict(_) => py.None().into_bound(py),
    })
}

/// The objects of a tree.
fn objects<'py, 'v>(keys: &mut Keys<'py, 'v>, value: &'v Value<'_>) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::List(items) => {
            let items = items.iter().map(|item| objects(keys, item)).collect::<PyResult<Vec<_>>>()?;
            Ok(PyList::new(keys.py, items)?.into_any())
        }
        Value::Dict(dict) => {
            let object = PyDict::new(keys.py);
            for (key, item) in &dict.entries {
                let key = match key {
                    Value::Text(text) => keys.get(Cow::Borrowed(text)).into_any(),
                    other => objects(keys, other)?,
                };
                object.set_item(key, objects(keys, item)?)?;
            }
            Ok(object.into_any())
        }
        other => scalar(keys.py, other),
    }
}

/// Builds objects while a JSON document is parsed, and notes the lines of its dicts.
struct JsonBuilder<'py, 'v> {
    keys: Keys<'py, 'v>,
    lines: Bound<'py, PyDict>,
}

enum Failure {
    Document(Error),
    Python(PyErr),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Document(error)
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl<'py, 'v> json::Build<'v> for JsonBuilder<'py, 'v> {
    type Value = Bound<'py, PyAny>;
    type Dict = (Bound<'py, PyDict>, usize);
    type Failure = Failure;

    fn scalar(&mut self, value: Value<'v>, _: Place) -> Result<Self::Value, Failure> {
        Ok(scalar(self.keys.py, &value)?)
    }

    fn list(&mut self, items: Vec<Self::Value>, _: Place, _: u32) -> Result<Self::Value, Failure> {
        Ok(PyList::new(self.keys.py, items)?.into_any())
    }

    fn open(&mut self) -> Result<Self::Dict, Failure> {
        Ok((PyDict::new(self.keys.py), 0))
    }

    fn entry(
        &mut self,
        (dict, count): &mut Self::Dict,
        key: Cow<'v, str>,
        _: Place,
        value: Self::Value,
    ) -> Result<bool, Failure> {
        dict.set_item(self.keys.get(key), value)?;
        *count += 1;
        Ok(dict.len() == *count)
    }

    fn close(&mut self, (dict, _): Self::Dict, place: Place, last_line: u32) -> Result<Self::Value, Failure> {
        // `id()` of an object is its address.
        self.lines.set_item(dict.as_ptr() as usize, (place.line, last_line))?;
        Ok(dict.into_any())
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
    let lines = PyDict::new(py);
    let mut builder = JsonBuilder { keys: Keys::new(py), lines: lines.clone() };
    let object = without_collector(py, || {
        json::build(data, max_depth, &mut builder).map_err(|failure| match failure {
            Failure::Document(error) => refused(error),
            Failure::Python(error) => error,
        })
    })?;
    Ok((object, lines))
}

#[pyfunction]
fn parse_toml<'py>(py: Python<'py>, data: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    let value = py.detach(|| toml::parse(data)).map_err(refused)?;
    without_collector(py, || objects(&mut Keys::new(py), &value))
}

#[pyfunction]
#[pyo3(signature = (data, max_nodes = 2_000_000, *, text = false))]
fn parse_yaml<'py>(py: Python<'py>, data: &[u8], max_nodes: usize, text: bool) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let scalars = if text { yaml::Scalars::Text } else { yaml::Scalars::Core };
    let documents = py.detach(|| yaml::parse(data, max_nodes, scalars)).map_err(refused)?;
    without_collector(py, || {
        let mut keys = Keys::new(py);
        documents.iter().map(|document| objects(&mut keys, document)).collect()
    })
}

/// A node as `(content, line, column)`.
fn marked_objects<'py, 'v>(keys: &mut Keys<'py, 'v>, node: &'v Node<'_>) -> PyResult<Bound<'py, PyTuple>> {
    let content = match &node.content {
        Content::Null => keys.py.None().into_bound(keys.py),
        Content::Text(text) => keys.get(Cow::Borrowed(text)).into_any(),
        Content::List(items) => {
            let items = items.iter().map(|item| marked_objects(keys, item)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(keys.py, items)?.into_any()
        }
        Content::Dict(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| Ok((marked_objects(keys, key)?, marked_objects(keys, value)?)))
                .collect::<PyResult<Vec<_>>>()?;
            PyTuple::new(keys.py, entries)?.into_any()
        }
    };
    (content, node.place.line, node.place.column).into_pyobject(keys.py)
}

#[pyfunction]
#[pyo3(signature = (data, max_nodes = 2_000_000))]
fn parse_yaml_marked<'py>(py: Python<'py>, data: &[u8], max_nodes: usize) -> PyResult<Vec<Bound<'py, PyTuple>>> {
    let documents = py
        .detach(|| marked::parse(data, max_nodes))
        .map_err(|error| PyValueError::new_err((error.what, error.place.line, error.place.column)))?;
    without_collector(py, || {
        let mut keys = Keys::new(py);
        documents.iter().map(|document| marked_objects(&mut keys, document)).collect()
    })
}

/// What the objects of nodes are made of.
struct NodeTypes<'py> {
    mapping: Bound<'py, PyType>,
    sequence: Bound<'py, PyType>,
    tagged: Bound<'py, PyType>,
}

/// The object of a node: a plain scalar, a `tagged(text, tag)`, a `mapping` or a `sequence`.
fn node_object<'py, 'v>(
    types: &NodeTypes<'py>,
    keys: &mut Keys<'py, 'v>,
    node: &'v nodes::Node<'_>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = keys.py;
    let (branch, inner, raw) = match &node.content {
        nodes::Content::Scalar(value, _) => {
            let object = match value {
                Value::Text(text) => keys.get(Cow::Borrowed(text)).into_any(),
                value => scalar(py, value)?,
            };
            return match &node.tag {
                Some(tag) => types.tagged.call1((object, tag)),
                None => Ok(object),
            };
        }
        nodes::Content::List(inner, items) => {
            let branch = types.sequence.call0()?;
            let list = branch.cast::<PyList>()?;
            let raw = PyDict::new(py);
            let mut places = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                list.append(node_object(types, keys, item)?)?;
                places.push((item.place.line, item.place.column, item.last));
                if let nodes::Content::Scalar(_, Some(text)) = &item.content {
                    raw.set_item(index, text.as_ref())?;
                }
            }
            branch.setattr(intern!(py, "places"), places)?;
            (branch, inner, raw)
        }
        nodes::Content::Dict(inner, entries) => {
            let branch = types.mapping.call0()?;
            let dict = branch.cast::<PyDict>()?;
            let (raw, places) = (PyDict::new(py), PyDict::new(py));
            for nodes::Entry { key, place, value } in entries {
                let key = keys.get(Cow::Borrowed(key));
                dict.set_item(&key, node_object(types, keys, value)?)?;
                places.set_item(&key, (place.line, place.column, value.place.line, value.place.column, value.last))?;
                match &value.content {
                    nodes::Content::Scalar(_, Some(text)) => raw.set_item(key, text.as_ref())?,
                    _ if raw.contains(&key)? => raw.del_item(key)?,
                    _ => {}
                }
            }
            branch.setattr(intern!(py, "places"), places)?;
            (branch, inner, raw)
        }
    };
    branch.setattr(intern!(py, "start"), inner.line)?;
    branch.setattr(intern!(py, "column"), inner.column)?;
    branch.setattr(intern!(py, "end"), node.end.max(inner.line))?;
    branch.setattr(intern!(py, "raw"), raw)?;
    branch.setattr(intern!(py, "tag"), node.tag.as_deref().unwrap_or_default())?;
    Ok(branch)
}

#[pyfunction]
#[pyo3(signature = (data, mapping, sequence, tagged, max_nodes = 500_000))]
fn parse_yaml_nodes<'py>(
    py: Python<'py>,
    data: &[u8],
    mapping: Bound<'py, PyType>,
    sequence: Bound<'py, PyType>,
    tagged: Bound<'py, PyType>,
    max_nodes: usize,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let documents = py
        .detach(|| nodes::yaml(data, max_nodes))
        .map_err(|error| PyValueError::new_err((error.what, error.place.line, error.place.column)))?;
    without_collector(py, || {
        let (types, mut keys) = (NodeTypes { mapping, sequence, tagged }, Keys::new(py));
        documents.iter().map(|document| node_object(&types, &mut keys, document)).collect()
    })
}

#[pyfunction]
#[pyo3(signature = (data, mapping, sequence, max_nodes = 500_000))]
fn parse_json_nodes<'py>(
    py: Python<'py>,
    data: &[u8],
    mapping: Bound<'py, PyType>,
    sequence: Bound<'py, PyType>,
    max_nodes: usize,
) -> PyResult<Bound<'py, PyAny>> {
    let document = py.detach(|| nodes::json(data, max_nodes)).map_err(refused)?;
    without_collector(py, || {
        let types = NodeTypes { mapping, sequence, tagged: py.get_type::<PyString>() };
        node_object(&types, &mut Keys::new(py), &document)
    })
}

/// Adds this file's names to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(parse_json, module)?)?;
    module.add_function(wrap_pyfunction!(parse_toml, module)?)?;
    module.add_function(wrap_pyfunction!(parse_yaml, module)?)?;
    module.add_function(wrap_pyfunction!(parse_yaml_marked, module)?)?;
    module.add_function(wrap_pyfunction!(parse_yaml_nodes, module)?)?;
    module.add_function(wrap_pyfunction!(parse_json_nodes, module)?)?;
    Ok(())
}
