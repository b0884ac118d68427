//! The Python face of the core: bytes in, bytes out, the interpreter lock released while it computes.
//!
//! It decides nothing: every rule is in `bandai_coin_core`. A malformed batch is a ValueError.

use bandai_coin_core as core;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

fn value_error(malformed: core::Malformed) -> PyErr {
    PyValueError::new_err(malformed.to_string())
}

fn word(name: &'static str, bytes: &[u8]) -> PyResult<[u8; 32]> {
    bytes.try_into().map_err(|_| PyValueError::new_err(format!("{name}: {} bytes, not 32", bytes.len())))
}

#[pyfunction]
fn verify(py: Python<'_>, digests: &[u8], signatures: &[u8], signers: &[u8]) -> PyResult<Vec<bool>> {
    py.detach(|| core::verify::verify(digests, signatures, signers)).map_err(value_error)
}

#[pyfunction]
fn recover<'py>(
    py: Python<'py>,
    digests: &[u8],
    signatures: &[u8],
) -> PyResult<Vec<Option<Bound<'py, PyBytes>>>> {
    let addresses = py.detach(|| core::verify::recover(digests, signatures)).map_err(value_error)?;
    Ok(addresses.iter().map(|found| found.map(|address| PyBytes::new(py, &address))).collect())
}

#[pyfunction]
fn sign<'py>(py: Python<'py>, keys: &[u8], digests: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let signatures = py.detach(|| core::sign::sign(keys, digests)).map_err(value_error)?;
    Ok(PyBytes::new(py, &signatures))
}

#[pyfunction]
fn public_keys<'py>(py: Python<'py>, keys: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let made = py.detach(|| core::sign::public_keys(keys)).map_err(value_error)?;
    Ok(PyBytes::new(py, &made))
}

#[pyfunction]
fn addresses<'py>(py: Python<'py>, keys: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let made = py.detach(|| core::sign::addresses(keys)).map_err(value_error)?;
    Ok(PyBytes::new(py, &made))
}

#[pyfunction]
fn keccak256<'py>(py: Python<'py>, data: &[u8]) -> Bound<'py, PyBytes> {
    PyBytes::new(py, &py.detach(|| core::keccak::keccak256(data)))
}

#[pyfunction]
fn keccak256_many<'py>(py: Python<'py>, rows: Vec<Vec<u8>>) -> Bound<'py, PyBytes> {
    let hashes: Vec<[u8; 32]> = py.detach(|| rows.iter().map(|row| core::keccak::keccak256(row)).collect());
    PyBytes::new(py, hashes.as_flattened())
}

#[pyfunction]
fn digests<'py>(
    py: Python<'py>,
    domain_separator: &[u8],
    type_hash: &[u8],
    columns: Vec<Bound<'py, PyBytes>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let domain = word("domain_separator", domain_separator)?;
    let type_hash = word("type_hash", type_hash)?;
    let columns: Vec<&[u8]> = columns.iter().map(|column| column.as_bytes()).collect();
    let made = py.detach(|| core::digests::digests(&domain, &type_hash, &columns)).map_err(value_error)?;
    Ok(PyBytes::new(py, &made))
}

#[pyfunction]
#[pyo3(signature = (public_keys, often=false))]
fn register<'py>(py: Python<'py>, public_keys: &[u8], often: bool) -> PyResult<Bound<'py, PyBytes>> {
    let made = py
        .detach(|| {
            core::verify::register(core::registry::shared(), core::dispatch::path(), public_keys, often)
        })
        .map_err(value_error)?;
    Ok(PyBytes::new(py, &made))
}

#[pyfunction]
fn set_memory(py: Python<'_>, bytes: usize) {
    py.detach(|| core::registry::shared().set_cap(bytes));
}

#[pyfunction]
fn forget(py: Python<'_>) {
    py.detach(|| core::registry::shared().clear());
}

#[pyfunction]
#[pyo3(signature = (name=None))]
fn set_path(name: Option<&str>) -> PyResult<()> {
    let unknown = || PyValueError::new_err("path: this machine has no path of this name");
    let path = match name {
        Some(name) => {
            Some(core::dispatch::paths().into_iter().find(|p| p.name() == name).ok_or_else(unknown)?)
        }
        None => None,
    };
    if core::dispatch::force(path) { Ok(()) } else { Err(unknown()) }
}

#[pyfunction]
fn set_threads(threads: usize) {
    core::threads::set_limit(threads);
}

#[pyfunction]
fn explain(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let facts = PyDict::new(py);
    let held = core::registry::shared().figures();
    let paths: Vec<&str> = core::dispatch::paths().into_iter().map(|path| path.name()).collect();
    facts.set_item("path", core::dispatch::path().name())?;
    facts.set_item("paths", paths.join(" "))?;
    facts.set_item("threads", core::threads::limit())?;
    facts.set_item("tables_narrow", held.narrow)?;
    facts.set_item("tables_wide", held.wide)?;
    facts.set_item("table_bytes", held.bytes)?;
    facts.set_item("memory_bytes", held.cap_bytes)?;
    facts.set_item(
        "bytes_narrow",
        core::registry::table_bytes(core::dispatch::narrow(core::dispatch::path())),
    )?;
    facts.set_item("bytes_wide", core::registry::table_bytes(core::table::WIDE))?;
    facts.set_item("bytes_generator", core::dispatch::base().bytes())?;
    facts.set_item("keys_without_table", held.candidates)?;
    Ok(facts)
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(verify, module)?)?;
    module.add_function(wrap_pyfunction!(recover, module)?)?;
    module.add_function(wrap_pyfunction!(sign, module)?)?;
    module.add_function(wrap_pyfunction!(public_keys, module)?)?;
    module.add_function(wrap_pyfunction!(addresses, module)?)?;
    module.add_function(wrap_pyfunction!(keccak256, module)?)?;
    module.add_function(wrap_pyfunction!(keccak256_many, module)?)?;
    module.add_function(wrap_pyfunction!(digests, module)?)?;
    module.add_function(wrap_pyfunction!(set_threads, module)?)?;
    module.add_function(wrap_pyfunction!(register, module)?)?;
    module.add_function(wrap_pyfunction!(set_memory, module)?)?;
    module.add_function(wrap_pyfunction!(forget, module)?)?;
    module.add_function(wrap_pyfunction!(set_path, module)?)?;
    module.add_function(wrap_pyfunction!(explain, module)?)?;
    Ok(())
}
