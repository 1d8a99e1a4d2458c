//! Exact nearest neighbours of arrays.

use std::borrow::Cow;
use std::ops::Range;

use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2, PyUntypedArrayMethods};
use prediction_depth::search::{NeighborSearch, Query};
use prediction_depth::{Error, Result, Rows};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::options::Device;
use crate::work::compute;

/// Rows of an array, borrowed.
struct ArrayRows<'a> {
    values: &'a [f32],
    shape: [usize; 2],
}

impl Rows for ArrayRows<'_> {
    fn shape(&self) -> [usize; 2] {
        self.shape
    }

    async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        Ok(Cow::Borrowed(&self.values[rows.start * self.shape[1]..rows.end * self.shape[1]]))
    }

    fn whole(&self) -> Option<&[f32]> {
        Some(self.values)
    }
}

fn rows<'a>(array: &'a PyReadonlyArray2<'_, f32>) -> PyResult<ArrayRows<'a>> {
    Ok(ArrayRows { values: array.as_slice()?, shape: [array.shape()[0], array.shape()[1]] })
}

type Found<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<i64>>);

/// Returns distances and indices of the k nearest rows of `x`, [queries, k] each: those of `queries`, or of each row of `x`
/// itself, leave-one-out by index. The arrays are C-contiguous float32.
#[pyfunction]
#[pyo3(signature = (x, queries, k, device, memory, progress=None))]
pub fn kneighbors<'py>(
    py: Python<'py>,
    x: PyReadonlyArray2<'py, f32>,
    queries: Option<PyReadonlyArray2<'py, f32>>,
    k: usize,
    device: &str,
    memory: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<Found<'py>> {
    let (support, asked) = (rows(&x)?, queries.as_ref().map(rows).transpose()?);
    let device = Device::new(device, memory)?;
    let count = asked.as_ref().unwrap_or(&support).shape[0];
    let found = compute(py, progress.as_ref(), async |watched| {
        let (device, _) = device.open().await?;
        let found = match &asked {
            Some(asked) => device.search(Query::new(&support, asked, k), &watched).await,
            None => device.search(Query::leave_one_out(&support, k), &watched).await,
        };
        found.map_err(|error| as_argument(error, asked.is_none()))
    })?;
    let distances = found.distances.into_iter().map(f64::sqrt).collect();
    let indices = found.indices.into_iter().map(i64::from).collect();
    let wrong = |error: numpy::ndarray::ShapeError| PyValueError::new_err(error.to_string());
    let distances = Array2::from_shape_vec((count, k), distances).map_err(wrong)?;
    let indices = Array2::from_shape_vec((count, k), indices).map_err(wrong)?;
    Ok((distances.into_pyarray(py), indices.into_pyarray(py)))
}

/// Says in which argument a value is that no distance can be computed from.
fn as_argument(error: Error, only_x: bool) -> Error {
    let Error::NotFinite { what, row, col, value } = error else { return error };
    let argument = if only_x || what.contains("support") { "x" } else { "queries" };
    Error::Activations {
        place: format!("{argument}[{row}, {col}]"),
        problem: format!("it is {value}: distances need finite numbers; repair it, or leave the row out"),
    }
}
