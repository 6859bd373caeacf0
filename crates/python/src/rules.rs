//! Conditions and sets of rules as Python objects.

use std::sync::Arc;
use std::time::Duration;

use pyo3::exceptions::{PyKeyError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use vigie_engine::{AddError, Ruleset};
use vigie_fields::EventSource;
use vigie_filter::bind::BindErrorKind;
use vigie_filter::syntax::ast::{Expr, Span};
use vigie_filter::syntax::{self, ExpandError};

/// The longest text of a condition that is printed; macros can make it grow without bound.
const LONGEST: usize = 16 << 20;

/// Adds this file's names to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Condition>()?;
    module.add_class::<Rules>()
}

/// `_core.Condition`.
#[pyclass(frozen, module = "vigie._core")]
pub struct Condition {
    tree: Arc<Expr>,
    /// The text it was read from; places in it are told by line and column.
    text: Arc<str>,
}

#[pymethods]
impl Condition {
    #[new]
    fn new(text: &str) -> PyResult<Self> {
        let tree = syntax::parse(text)
            .map_err(|error| PyValueError::new_err((error.message, error.offset, error.line, error.column)))?;
        Ok(Condition { tree, text: text.into() })
    }

    fn names(&self) -> Vec<String> {
        syntax::describe(&self.tree).names.into_iter().collect()
    }

    fn expand(&self, macros: &Bound<'_, PyDict>) -> PyResult<Condition> {
        let find = |name: &str| {
            let found = macros.get_item(name).ok()??;
            Some(Arc::clone(&found.cast::<Condition>().ok()?.get().tree))
        };
        let tree = syntax::expand(&self.tree, &find).map_err(|error| match error {
            ExpandError::Unknown { name, .. } => PyKeyError::new_err(name),
            ExpandError::TooDeep => PyValueError::new_err((error.to_string(), 0, 1, 1)),
        })?;
        Ok(Condition { tree, text: Arc::clone(&self.text) })
    }

    fn text(&self) -> PyResult<String> {
        syntax::print(&self.tree, LONGEST)
            .map_err(|_| PyValueError::new_err("the condition is too long to print once its macros are expanded"))
    }

    fn fields(&self) -> Vec<String> {
        syntax::describe(&self.tree).fields.into_iter().collect()
    }

    fn operators(&self) -> Vec<&'static str> {
        syntax::describe(&self.tree).operators.into_iter().collect()
    }
}

/// `_core.Rules`.
#[pyclass(module = "vigie._core")]
pub struct Rules(Option<Ruleset>);

type Compiled = (usize, Vec<String>, usize, Vec<String>, Vec<String>);

#[pymethods]
impl Rules {
    #[new]
    #[pyo3(signature = (source = "syscall", static_fields = Vec::new()))]
    fn new(source: &str, static_fields: Vec<String>) -> PyResult<Self> {
        let source = match source {
            "syscall" => EventSource::Syscall,
            "k8s_audit" => EventSource::K8sAudit,
            _ => return Err(PyValueError::new_err(format!("no source of events is called {source}"))),
        };
        Ok(Rules(Some(Ruleset::new(source, static_fields))))
    }

    #[pyo3(signature = (name, condition, output, extra = Vec::new(), run = true))]
    fn add(
        &mut self,
        name: &str,
        condition: &Condition,
        output: &str,
        extra: Vec<(String, String)>,
        run: bool,
    ) -> PyResult<Compiled> {
        let rules = self.0.as_mut().ok_or_else(taken)?;
        let added = rules.add(name, &condition.tree, output, &extra, run).map_err(|error| match error {
            AddError::Condition(error) => {
                let place = if error.kind == BindErrorKind::UnknownField { "field" } else { "condition" };
                refused(place, error.message, place_of(&condition.text, error.span))
            }
            AddError::Output(field, error) => {
                let place = if field.is_empty() { "output" } else { &field };
                refused(place, error.message, (error.offset, 1, error.offset + 1))
            }
        })?;
        Ok((added.index, added.event_names, added.event_ids, added.hints, added.output_fields))
    }

    fn capture(&mut self, index: usize, milliseconds: u64) -> PyResult<()> {
        self.0.as_mut().ok_or_else(taken)?.capture(index, Duration::from_millis(milliseconds));
        Ok(())
    }

    fn never(&self, index: usize) -> PyResult<bool> {
        Ok(self.0.as_ref().ok_or_else(taken)?.never(index))
    }

    fn implies(&self, narrow: usize, broad: usize) -> PyResult<bool> {
        Ok(self.0.as_ref().ok_or_else(taken)?.implies(narrow, broad))
    }

    fn host_names(&self) -> PyResult<Vec<String>> {
        Ok(self.0.as_ref().ok_or_else(taken)?.host_names())
    }
}

impl Condition {
    /// What was parsed.
    pub fn tree(&self) -> Arc<Expr> {
        Arc::clone(&self.tree)
    }
}

impl Rules {
    /// The rules themselves, once.
    pub fn take(&mut self) -> PyResult<Ruleset> {
        self.0.take().ok_or_else(taken)
    }
}

fn taken() -> PyErr {
    PyRuntimeError::new_err("these rules already run in an engine")
}

fn refused(place: &str, message: String, (offset, line, column): (usize, usize, usize)) -> PyErr {
    PyValueError::new_err((place.to_owned(), message, offset, line, column))
}

/// Offset, line and column of a span. A span inside a macro is of the macro's text: its offset alone means something.
fn place_of(text: &str, span: Span) -> (usize, usize, usize) {
    let offset = span.start as usize;
    let Some(before) = text.as_bytes().get(..offset) else { return (offset, 1, 1) };
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count() + 1;
    (offset, line, column)
}
