//! Shell scripts for Python.

use pyo3::prelude::*;
use vigie_core::shell;

#[pyfunction]
fn shell_commands(py: Python<'_>, text: &str) -> Option<Vec<Vec<String>>> {
    py.detach(|| shell::commands(text))
}

/// Adds this file's names to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(shell_commands, module)?)
}
