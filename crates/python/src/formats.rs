//! Executables, archives and rpm databases as Python objects.

use std::fs::File;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use vigie_core::read_at::FileSource;
use vigie_core::{archive, executable, rpm};

/// `_core.Executable`.
#[pyclass(frozen, get_all, module = "vigie._core")]
pub struct Executable {
    format: &'static str,
    go_version: String,
    go_modinfo: String,
    go_symbols: Vec<(String, String)>,
    rust_audit: Py<PyBytes>,
}

impl Executable {
    /// Hands an executable to Python.
    pub fn wrap(py: Python<'_>, value: executable::Executable) -> PyResult<Py<Self>> {
        let executable::Executable { format, go_version, go_modinfo, go_symbols, rust_audit } = value;
        let rust_audit = PyBytes::new(py, &rust_audit).unbind();
        Py::new(py, Self { format, go_version, go_modinfo, go_symbols, rust_audit })
    }
}

/// `_core.Archive`.
#[pyclass(frozen, get_all, module = "vigie._core")]
pub struct Archive {
    path: String,
    sha1: String,
    files: Vec<(String, Py<PyBytes>)>,
    nested: Vec<Py<Archive>>,
    problems: Vec<(String, String)>,
}

impl Archive {
    /// Hands an archive, with those inside it, to Python.
    pub fn wrap(py: Python<'_>, value: archive::Archive) -> PyResult<Py<Self>> {
        let archive::Archive { path, sha1, files, nested, problems } = value;
        let files = files.into_iter().map(|(name, bytes)| (name, PyBytes::new(py, &bytes).unbind())).collect();
        let nested = nested.into_iter().map(|inner| Self::wrap(py, inner)).collect::<PyResult<_>>()?;
        Py::new(py, Self { path, sha1, files, nested, problems })
    }
}

/// `_core.RpmPackage`.
#[pyclass(frozen, get_all, module = "vigie._core")]
pub struct RpmPackage {
    name: String,
    version: String,
    release: String,
    epoch: Option<u32>,
    arch: String,
    source_rpm: String,
    vendor: String,
    license: String,
    modularity: String,
    md5: String,
    files: Vec<String>,
    provides: Vec<String>,
    requires: Vec<String>,
}

impl RpmPackage {
    /// Hands a package to Python.
    pub fn wrap(py: Python<'_>, value: rpm::RpmPackage) -> PyResult<Py<Self>> {
        let rpm::RpmPackage {
            name,
            version,
            release,
            epoch,
            arch,
            source_rpm,
            vendor,
            license,
            modularity,
            md5,
            files,
            provides,
            requires,
        } = value;
        Py::new(
            py,
            Self {
                name,
                version,
                release,
                epoch,
                arch,
                source_rpm,
                vendor,
                license,
                modularity,
                md5,
                files,
                provides,
                requires,
            },
        )
    }
}

fn open(path: &str) -> PyResult<FileSource> {
    Ok(FileSource::new(File::open(path)?)?)
}

#[pyfunction]
fn read_executable(py: Python<'_>, path: &str) -> PyResult<Option<Py<Executable>>> {
    let source = open(path)?;
    let found = py.detach(|| executable::read(&source)).map_err(PyValueError::new_err)?;
    found.map(|value| Executable::wrap(py, value)).transpose()
}

#[pyfunction]
fn read_archive(py: Python<'_>, path: &str) -> PyResult<Py<Archive>> {
    let source = open(path)?;
    let value = py.detach(|| archive::read(&source, path, archive::Limits::default()));
    Archive::wrap(py, value)
}

#[pyfunction]
fn read_rpm_database(py: Python<'_>, path: &str) -> PyResult<(Vec<Py<RpmPackage>>, Vec<String>)> {
    let source = open(path)?;
    let found = py.detach(|| rpm::read(&source)).map_err(PyValueError::new_err)?;
    let packages = found.packages.into_iter().map(|value| RpmPackage::wrap(py, value)).collect::<PyResult<_>>()?;
    Ok((packages, found.problems))
}

/// Adds this file's names to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Executable>()?;
    module.add_class::<Archive>()?;
    module.add_class::<RpmPackage>()?;
    module.add_function(wrap_pyfunction!(read_executable, module)?)?;
    module.add_function(wrap_pyfunction!(read_archive, module)?)?;
    module.add_function(wrap_pyfunction!(read_rpm_database, module)?)?;
    Ok(())
}
