//! Trees of HCL as tuples, texts and numbers.

use std::collections::HashMap;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString, PyTuple};
use vigie_core::documents::Error;
use vigie_core::documents::hcl::{self, Attribute, Block, Body, Expression, For, Step};

/// Names up to this length are kept: files repeat theirs.
const SHORT: usize = 40;

struct Builder<'py, 'v> {
    py: Python<'py>,
    names: HashMap<&'v str, Bound<'py, PyAny>>,
    /// Bytes in front of the text that was parsed.
    offset: usize,
}

type Object<'py> = PyResult<Bound<'py, PyAny>>;

impl<'py, 'v> Builder<'py, 'v> {
    fn new(py: Python<'py>, offset: usize) -> Self {
        Self { py, names: HashMap::new(), offset }
    }

    fn text(&mut self, text: &'v str) -> Bound<'py, PyAny> {
        if text.len() > SHORT {
            return PyString::new(self.py, text).into_any();
        }
        if let Some(object) = self.names.get(text) {
            return object.clone();
        }
        let object = PyString::new(self.py, text).into_any();
        self.names.insert(text, object.clone());
        object
    }

    fn optional(&mut self, name: Option<&'v str>) -> Bound<'py, PyAny> {
        match name {
            Some(name) => self.text(name),
            None => self.py.None().into_bound(self.py),
        }
    }

    fn tuple<T>(
        &mut self,
        items: &'v [T],
        make: impl Fn(&mut Self, &'v T) -> Object<'py>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let items = items.iter().map(|item| make(self, item)).collect::<PyResult<Vec<_>>>()?;
        PyTuple::new(self.py, items)
    }

    /// `(tag, items…)`
    fn node<const N: usize>(&mut self, tag: &'v str, items: [Bound<'py, PyAny>; N]) -> Object<'py> {
        let mut all = Vec::with_capacity(N + 1);
        all.push(self.text(tag));
        all.extend(items);
        Ok(PyTuple::new(self.py, all)?.into_any())
    }

    /// `(attributes, blocks)`
    fn body(&mut self, body: &'v Body<'v>) -> PyResult<[Bound<'py, PyTuple>; 2]> {
        Ok([self.tuple(&body.attributes, Self::attribute)?, self.tuple(&body.blocks, Self::block)?])
    }

    fn attribute(&mut self, attribute: &'v Attribute<'v>) -> Object<'py> {
        let value = self.expression(&attribute.value)?;
        let lines = (attribute.first_line, attribute.last_line);
        let bytes = (attribute.start + self.offset, attribute.end + self.offset);
        Ok((self.text(attribute.name), lines.0, lines.1, bytes.0, bytes.1, value).into_pyobject(self.py)?.into_any())
    }

    fn block(&mut self, block: &'v Block<'v>) -> Object<'py> {
        let labels = self.tuple(&block.labels, |builder, label| Ok(builder.text(label)))?;
        let [attributes, blocks] = self.body(&block.body)?;
        let kind = self.text(block.kind);
        Ok((kind, labels, block.first_line, block.last_line, attributes, blocks).into_pyobject(self.py)?.into_any())
    }

    fn expression(&mut self, expression: &'v Expression<'v>) -> Object<'py> {
        let py = self.py;
        Ok(match expression {
            Expression::Null => py.None().into_bound(py),
            Expression::Bool(truth) => PyBool::new(py, *truth).to_owned().into_any(),
            Expression::Int(number) => number.into_pyobject(py)?.into_any(),
            Expression::BigInt(digits) => py.get_type::<PyInt>().call1((*digits,))?,
            // Numbers have one form: whole ones are integers.
            Expression::Float(number) if number.fract() == 0.0 => py.get_type::<PyInt>().call1((*number,))?,
            Expression::Float(number) => PyFloat::new(py, *number).into_any(),
            Expression::Text(text) => self.text(text),
            Expression::Template(parts) => {
                let parts = self.tuple(parts, Self::expression)?;
                self.node("template", [parts.into_any()])?
            }
            Expression::TextIf(parts) => self.three("text_if", parts)?,
            Expression::TextFor { key, value, parts } => {
                let [collection, text] = parts.as_ref();
                let items =
                    [self.optional(*key), self.text(value), self.expression(collection)?, self.expression(text)?];
                self.node("text_for", items)?
            }
            Expression::Reference(name, steps) => {
                let items = [self.text(name), self.tuple(steps, Self::step)?.into_any()];
                self.node("ref", items)?
            }
            Expression::Path(inner, steps) if steps.is_empty() => self.expression(inner)?,
            Expression::Path(inner, steps) => {
                let items = [self.expression(inner)?, self.tuple(steps, Self::step)?.into_any()];
                self.node("path", items)?
            }
            Expression::Call { name, arguments, expand } => {
                let items = [
                    self.text(name),
                    self.tuple(arguments, Self::expression)?.into_any(),
                    PyBool::new(py, *expand).to_owned().into_any(),
                ];
                self.node("call", items)?
            }
            Expression::Not(inner) => {
                let inner = self.expression(inner)?;
                self.node("not", [inner])?
            }
            Expression::Negative(inner) => {
                let inner = self.expression(inner)?;
                self.node("negative", [inner])?
            }
            Expression::Chain(first, rest) => {
                let first = self.expression(first)?;
                let rest = self.tuple(rest, |builder, (operator, operand)| {
                    let pair = (builder.text(operator), builder.expression(operand)?);
                    Ok(pair.into_pyobject(builder.py)?.into_any())
                })?;
                self.node("chain", [first, rest.into_any()])?
            }
            Expression::Conditional(parts) => self.three("if", parts)?,
            Expression::Tuple(items) => {
                let items = self.tuple(items, Self::expression)?;
                self.node("tuple", [items.into_any()])?
            }
            Expression::Object(entries) => {
                let entries = self.tuple(entries, |builder, (key, value)| {
                    let pair = (builder.expression(key)?, builder.expression(value)?);
                    Ok(pair.into_pyobject(builder.py)?.into_any())
                })?;
                self.node("object", [entries.into_any()])?
            }
            Expression::For(inner) => self.for_node(inner)?,
        })
    }

    fn three(&mut self, tag: &'v str, parts: &'v [Expression<'v>; 3]) -> Object<'py> {
        let [first, second, third] = parts;
        let items = [self.expression(first)?, self.expression(second)?, self.expression(third)?];
        self.node(tag, items)
    }

    fn for_node(&mut self, node: &'v For<'v>) -> Object<'py> {
        let none = self.py.None().into_bound(self.py);
        let mut items = vec![
            self.text(if node.result_key.is_some() { "for_object" } else { "for_tuple" }),
            self.optional(node.key),
            self.text(node.value),
            self.expression(&node.collection)?,
        ];
        if let Some(key) = &node.result_key {
            items.push(self.expression(key)?);
        }
        items.push(self.expression(&node.result)?);
        items.push(match &node.condition {
            Some(condition) => PyTuple::new(self.py, [self.expression(condition)?])?.into_any(),
            None => none,
        });
        if node.result_key.is_some() {
            items.push(PyBool::new(self.py, node.group).to_owned().into_any());
        }
        Ok(PyTuple::new(self.py, items)?.into_any())
    }

    fn step(&mut self, step: &'v Step<'v>) -> Object<'py> {
        match step {
            Step::Attribute(name) => Ok(self.text(name)),
            Step::Index(key) => {
                let key = self.expression(key)?;
                self.node("index", [key])
            }
            Step::Splat { full, steps } => {
                let full = PyBool::new(self.py, *full).to_owned().into_any();
                let steps = self.tuple(steps, Self::step)?.into_any();
                self.node("splat", [full, steps])
            }
        }
    }
}

fn refused(error: Error) -> PyErr {
    PyValueError::new_err((error.what, error.line))
}

/// Attributes, blocks, and errors.
type Parsed<'py> = (Bound<'py, PyTuple>, Bound<'py, PyTuple>, Vec<(usize, String)>);

#[pyfunction]
fn parse_hcl<'py>(py: Python<'py>, data: &[u8]) -> PyResult<Parsed<'py>> {
    let (text, offset, invalid) = hcl::text_of(data);
    let (body, errors) = py.detach(|| hcl::parse(&text));
    let errors = invalid.into_iter().chain(errors).map(|error| (error.line, error.what)).collect();
    let [attributes, blocks] = Builder::new(py, offset).body(&body)?;
    Ok((attributes, blocks, errors))
}

#[pyfunction]
fn parse_hcl_expression<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    let expression = hcl::parse_expression(text).map_err(refused)?;
    Builder::new(py, 0).expression(&expression)
}

#[pyfunction]
fn parse_hcl_template<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    let expression = hcl::parse_template(text).map_err(refused)?;
    Builder::new(py, 0).expression(&expression)
}

/// Adds this file's names to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(parse_hcl, module)?)?;
    module.add_function(wrap_pyfunction!(parse_hcl_expression, module)?)?;
    module.add_function(wrap_pyfunction!(parse_hcl_template, module)?)?;
    Ok(())
}
