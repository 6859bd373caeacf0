//! bbolt files as a Python object.

use std::path::PathBuf;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;
use vigie_core::bolt;

/// `_core.Bolt`.
#[pyclass(frozen, module = "vigie._core")]
struct Bolt(bolt::Bolt);

type Item<'py> = (Bound<'py, PyBytes>, Bound<'py, PyBytes>);

#[pymethods]
impl Bolt {
    #[new]
    fn new(path: PathBuf) -> PyResult<Self> {
        bolt::Bolt::open(&path).map(Self).map_err(refused)
    }

    fn get<'py>(
        &self,
        py: Python<'py>,
        buckets: Vec<PyBackedBytes>,
        key: &[u8],
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let found = self.0.tree().get(&buckets, key).map_err(refused)?;
        Ok(found.map(|value| PyBytes::new(py, value)))
    }

    fn items<'py>(&self, py: Python<'py>, buckets: Vec<PyBackedBytes>) -> PyResult<Vec<Item<'py>>> {
        let items = self.0.tree().items(&buckets).map_err(refused)?;
        Ok(items.into_iter().map(|(key, value)| (PyBytes::new(py, key), PyBytes::new(py, value))).collect())
    }

    #[pyo3(signature = (buckets = Vec::new(), prefix = &b""[..]))]
    fn buckets<'py>(
        &self,
        py: Python<'py>,
        buckets: Vec<PyBackedBytes>,
        prefix: &[u8],
    ) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let names = self.0.tree().buckets(&buckets, prefix).map_err(refused)?;
        Ok(names.into_iter().map(|name| PyBytes::new(py, name)).collect())
    }
}

fn refused(error: bolt::Error) -> PyErr {
    match error {
        bolt::Error::Io(error) => error.into(),
        bolt::Error::Damaged(what) => PyValueError::new_err(what),
    }
}

/// Adds this file's names to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Bolt>()
}
