//! `prediction_depth._core`: what the Python package computes. Python converts arguments to plain arrays and shows results;
//! every rule is in `core`.

mod errors;
mod examples;
mod measuring;
mod options;
mod search;
mod settle;
mod study;
mod work;

use std::ffi::OsString;

use pyo3::prelude::*;

/// The compiled part of `prediction_depth`.
#[pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use super::measuring::Measuring;
    #[pymodule_export]
    use super::search::kneighbors;
    #[pymodule_export]
    use super::settle::settle;
    #[pymodule_export]
    use super::study::Study;
    #[pymodule_export]
    use super::{panic, run};
}

/// Runs `pdepth` with these words, the first of which is its name, and returns its exit code.
#[pyfunction]
fn run(py: Python<'_>, words: Vec<OsString>) -> u8 {
    // SAFETY: the console script has started no thread that reads the environment.
    py.detach(|| unsafe { prediction_depth_cli::run(words) })
}

/// Panics in a thread that computes: for the test that a panic is an exception.
#[pyfunction]
fn panic(py: Python<'_>) -> PyResult<()> {
    work::compute(py, None, async |_| panic!("asked to panic"))
}
