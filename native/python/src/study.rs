//! A study, as Python sees it.

use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2};
use prediction_depth::Class;
use prediction_depth::data::Split;
use prediction_depth::study::Study as CoreStudy;
use pyo3::exceptions::{PyKeyError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::exception;

/// Example, score, given label, suggested class, agreement.
type Issue = (usize, f64, i64, i64, f64);

/// The result of a measurement.
#[pyclass(frozen)]
pub struct Study {
    pub study: CoreStudy,
    /// What searched, in words.
    pub device: Option<String>,
}

/// A class number; -1 where there is none: a label that is not known, or a layer that was not probed.
fn number(class: Class) -> i64 {
    if class == Class::MAX { -1 } else { i64::from(class) }
}

impl Study {
    fn split(&self, name: &str) -> PyResult<Split> {
        let names = || self.splits().join(", ");
        let missing = || PyKeyError::new_err(format!("there is no split {name:?}; there are {}", names()));
        self.study.split_named(name).ok_or_else(missing)
    }

    fn rows(&self, name: &str) -> PyResult<Vec<usize>> {
        Ok(self.study.examples(self.split(name)?))
    }

    fn per_layer<'py, T: numpy::Element, V: Copy>(
        &self,
        py: Python<'py>,
        layers: &[Vec<V>],
        name: &str,
        value: impl Fn(V) -> T,
    ) -> PyResult<Bound<'py, PyArray2<T>>> {
        let rows = self.rows(name)?;
        let values = layers.iter().flat_map(|layer| rows.iter().map(|&row| value(layer[row]))).collect();
        let array = Array2::from_shape_vec((layers.len(), rows.len()), values);
        Ok(array.map_err(|error| PyRuntimeError::new_err(error.to_string()))?.into_pyarray(py))
    }

    fn per_example<'py, T: numpy::Element>(
        &self,
        py: Python<'py>,
        name: &str,
        value: impl Fn(usize) -> T,
    ) -> PyResult<Bound<'py, PyArray1<T>>> {
        Ok(self.rows(name)?.into_iter().map(value).collect::<Vec<_>>().into_pyarray(py))
    }
}

#[pymethods]
impl Study {
    /// Reads the bytes of a study file.
    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> PyResult<Self> {
        let study = CoreStudy::from_bytes(bytes).map_err(exception)?;
        Ok(Self { study, device: None })
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.study.to_bytes().map_err(exception)?))
    }

    #[getter]
    fn title(&self) -> &str {
        &self.study.title
    }

    #[getter]
    fn layers(&self) -> Vec<String> {
        self.study.layers.clone()
    }

    #[getter]
    fn classes(&self) -> Vec<String> {
        self.study.classes.clone()
    }

    /// Names of the splits.
    #[getter]
    fn splits(&self) -> Vec<String> {
        self.study.splits().into_iter().map(|split| self.study.split_name(split).to_owned()).collect()
    }

    fn depth<'py>(&self, py: Python<'py>, split: &str) -> PyResult<Bound<'py, PyArray1<i64>>> {
        self.per_example(py, split, |row| self.study.measured.depth(row) as i64)
    }

    fn undetermined<'py>(&self, py: Python<'py>, split: &str) -> PyResult<Bound<'py, PyArray1<bool>>> {
        self.per_example(py, split, |row| self.study.measured.depth(row) == self.study.layers.len())
    }

    fn probes<'py>(&self, py: Python<'py>, split: &str) -> PyResult<Bound<'py, PyArray2<i64>>> {
        self.per_layer(py, &self.study.measured.probes, split, number)
    }

    fn tied<'py>(&self, py: Python<'py>, split: &str) -> PyResult<Bound<'py, PyArray2<bool>>> {
        self.per_layer(py, &self.study.measured.tied, split, |tied| tied)
    }

    fn output_margin<'py>(&self, py: Python<'py>, split: &str) -> PyResult<Bound<'py, PyArray1<f32>>> {
        self.per_example(py, split, |row| self.study.output_margins[row])
    }

    fn predictions<'py>(&self, py: Python<'py>, split: &str) -> PyResult<Bound<'py, PyArray1<i64>>> {
        self.per_example(py, split, |row| number(self.study.measured.predictions[row]))
    }

    fn labels<'py>(&self, py: Python<'py>, split: &str) -> PyResult<Bound<'py, PyArray1<i64>>> {
        self.per_example(py, split, |row| number(self.study.given_labels[row]))
    }

    /// Numbers of a split's examples among all of the study.
    fn examples<'py>(&self, py: Python<'py>, split: &str) -> PyResult<Bound<'py, PyArray1<i64>>> {
        self.per_example(py, split, |row| row as i64)
    }

    /// The user's names of the examples; empty if there are none.
    fn ids(&self, split: &str) -> PyResult<Vec<String>> {
        let rows = self.rows(split)?;
        Ok(rows.into_iter().filter_map(|row| self.study.names.get(row).cloned()).collect())
    }

    /// The statistics of a split, as JSON.
    fn statistics(&self, split: &str) -> PyResult<String> {
        let (split, summary) = (self.split(split)?, self.study.summary());
        let found = summary.splits().find(|(other, _)| *other == split).map(|(_, numbers)| numbers);
        serde_json::to_string(&found).map_err(|error| PyRuntimeError::new_err(error.to_string()))
    }

    /// The result as the program prints it.
    fn summary(&self) -> String {
        prediction_depth_cli::summary(&self.study, self.device.as_deref())
    }

    /// `depth.csv`.
    fn csv<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let all: Vec<usize> = (0..self.study.labels.len()).collect();
        Ok(PyBytes::new(py, &self.study.depth_csv(&all).map_err(exception)?))
    }

    /// A figure as SVG.
    fn figure(&self, name: &str) -> PyResult<String> {
        prediction_depth_cli::figure(&self.study, name).ok_or_else(|| {
            PyValueError::new_err(format!(
                "figure {name:?}: choose \"strip\", \"histogram\", \"probe_accuracy\" or \"accuracy_by_depth\""
            ))
        })
    }

    /// The report as HTML.
    fn report(&self) -> PyResult<String> {
        let report = prediction_depth_cli::report(&self.study, self.device.as_deref());
        report.map_err(|error| PyValueError::new_err(format!("{error:#}")))
    }

    /// The page in one file (`page`) with this study inside, as the text of a frame.
    fn page(&self, py: Python<'_>, page: &str) -> PyResult<String> {
        py.detach(|| prediction_depth_cli::page(&self.study, page))
            .map_err(|error| PyValueError::new_err(format!("{error:#}")))
    }

    /// All examples, most suspicious label first: example, score, given label, suggested class, agreement.
    fn label_issues(&self) -> PyResult<Vec<Issue>> {
        if !self.study.has_labels() {
            return Err(PyValueError::new_err("there are no labels, so none can be wrong: give the argument `y`"));
        }
        let issues = self.study.label_issues().map_err(exception)?.into_iter();
        Ok(issues.map(|it| (it.example, it.score, number(it.given), number(it.suggested), it.agreement)).collect())
    }
}
