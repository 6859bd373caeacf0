//! The Python face of `vigie-core`: conversion only.

mod documents;
mod formats;
mod reading;

use pyo3::prelude::*;

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    documents::register(module)?;
    formats::register(module)?;
    reading::register(module)?;
    Ok(())
}
