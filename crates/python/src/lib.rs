//! The Python face of `vigie-core`: conversion only.

mod formats;

use pyo3::prelude::*;

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    formats::register(module)?;
    Ok(())
}
