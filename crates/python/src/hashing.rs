//! The hash of the peer's package identities.

use pyo3::prelude::*;
use vigie_core::fnv;

#[pyfunction]
#[pyo3(name = "fnv", signature = (data, value = fnv::OFFSET))]
fn fnv_(data: &[u8], value: u64) -> u64 {
    fnv::fnv(data, value)
}

#[pyfunction]
fn fnv_pair(one: u64, other: u64) -> u64 {
    fnv::pair(one, other)
}

#[pyfunction]
fn fnv_finish(value: u64) -> u64 {
    fnv::finish(value)
}

/// Adds the functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(fnv_, module)?)?;
    module.add_function(wrap_pyfunction!(fnv_pair, module)?)?;
    module.add_function(wrap_pyfunction!(fnv_finish, module)?)
}
