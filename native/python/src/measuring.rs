//! A measurement, layer by layer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use numpy::{PyReadonlyArrayDyn, PyUntypedArrayMethods};
use prediction_depth::activations::{GivenLayer, LayersInTurn};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::errors::exception;
use crate::examples::{File, recordings};
use crate::options::{Device, pooling, probing};
use crate::study::Study;
use crate::work::compute;

/// A measurement that takes the layers in turn.
#[pyclass(frozen)]
pub struct Measuring {
    layers: Mutex<Option<LayersInTurn>>,
    device: Device,
    opened: Mutex<Option<String>>,
}

#[pymethods]
impl Measuring {
    #[new]
    #[pyo3(signature = (splits, *, title, k, ties, include_self, metric, pool, channels, representations, device, memory))]
    #[expect(clippy::too_many_arguments, reason = "each is an option of the user's")]
    fn new(
        splits: Vec<(String, Vec<File>)>,
        title: String,
        k: usize,
        ties: &str,
        include_self: bool,
        metric: &str,
        pool: Option<&str>,
        channels: Option<&str>,
        representations: bool,
        device: &str,
        memory: usize,
    ) -> PyResult<Self> {
        if splits.is_empty() {
            return Err(PyValueError::new_err("there is no training split"));
        }
        let (probing, device) = (probing(k, ties, include_self, metric)?, Device::new(device, memory)?);
        let read = recordings(splits, pooling(pool, channels)?).map_err(exception)?;
        let layers = LayersInTurn::new(read, title, probing, representations).map_err(exception)?;
        Ok(Self { layers: Mutex::new(Some(layers)), device, opened: Mutex::new(None) })
    }

    /// Returns the number of examples of all splits.
    fn examples(&self) -> PyResult<usize> {
        self.with(|layers| Ok(layers.examples()))
    }

    /// Measures the next layer: C-contiguous float32 arrays of each split, the training split first.
    #[pyo3(signature = (name, arrays, progress=None))]
    fn layer(
        &self,
        py: Python<'_>,
        name: &str,
        arrays: Vec<PyReadonlyArrayDyn<'_, f32>>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let given = arrays.iter().map(|array| Ok(GivenLayer { shape: array.shape(), values: array.as_slice()? }));
        let given = given.collect::<PyResult<Vec<_>>>()?;
        let mut layers = self.take(py)?;
        let (layers_of, device) = (&mut layers, self.device);
        let measured = compute(py, progress.as_ref(), async |watched| {
            let (device, line) = device.open().await?;
            layers_of.measure(name, &given, &device, &watched).await?;
            Ok(line)
        });
        *lock(&self.layers) = Some(layers);
        *lock(&self.opened) = Some(measured?);
        Ok(())
    }

    /// Returns the study of all layers; there can be no further layer.
    fn study(&self) -> PyResult<Study> {
        let layers = lock(&self.layers).take().ok_or_else(ended)?;
        let study = layers.into_study().map_err(exception)?;
        Ok(Study { study, device: lock(&self.opened).clone() })
    }
}

impl Measuring {
    fn with<T>(&self, look: impl FnOnce(&LayersInTurn) -> PyResult<T>) -> PyResult<T> {
        look(lock(&self.layers).as_ref().ok_or_else(ended)?)
    }

    fn take(&self, _: Python<'_>) -> PyResult<LayersInTurn> {
        lock(&self.layers).take().ok_or_else(ended)
    }
}

fn ended() -> PyErr {
    PyRuntimeError::new_err("this measurement has ended, or another thread is at it")
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
