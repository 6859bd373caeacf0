//! The Python face of `vigie-core`: conversion only.

mod audit;
mod bolt;
mod content;
mod documents;
mod engine;
mod formats;
mod git;
mod hashing;
mod hcl;
mod live;
mod matches;
mod reading;
mod rules;
mod shell;
mod tables;

use pyo3::prelude::*;

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    audit::register(module)?;
    bolt::register(module)?;
    content::register(module)?;
    documents::register(module)?;
    engine::register(module)?;
    formats::register(module)?;
    git::register(module)?;
    hashing::register(module)?;
    hcl::register(module)?;
    reading::register(module)?;
    rules::register(module)?;
    shell::register(module)?;
    tables::register(module)?;
    Ok(())
}
