//! Depths from what each layer predicts already.

use prediction_depth::activations::{Field, LayerPredictions, PredictionFiles, Source};
use pyo3::prelude::*;

use crate::examples::file;
use crate::study::Study;
use crate::work::compute;

/// Returns the study of predictions of layers and of the final prediction, each as the bytes of a `.npy` file.
#[pyfunction]
#[pyo3(signature = (layers, last, labels, ids, classes, until_distance, title, progress=None))]
#[expect(clippy::too_many_arguments, reason = "each is an argument of the user's")]
pub fn settle(
    py: Python<'_>,
    layers: Vec<u8>,
    last: Vec<u8>,
    labels: Option<Vec<u8>>,
    ids: Option<Vec<u8>>,
    classes: Option<Vec<u8>>,
    until_distance: Option<f64>,
    title: String,
    progress: Option<Py<PyAny>>,
) -> PyResult<Study> {
    let study = compute(py, progress.as_ref(), async |watched| {
        let named = [(Field::Labels, "y", labels), (Field::Ids, "ids", ids), (Field::Classes, "classes", classes)];
        let given =
            named.into_iter().filter_map(|(field, name, bytes)| Some((field, file(format!("{name}.npy"), bytes?))));
        let files = PredictionFiles {
            layers: Source::File(file("layer_predictions.npy".into(), layers)),
            last: file("final.npy".into(), last),
            fields: given.collect(),
        };
        let read = LayerPredictions::read(&files, until_distance)?;
        let depth = read.settle(&watched).await?;
        read.into_study(title, depth)
    });
    let study = study.map_err(|error| named_arguments(py, error))?;
    Ok(Study { study, device: None })
}

/// Calls the arguments by their names, not as files.
fn named_arguments(py: Python<'_>, error: PyErr) -> PyErr {
    if !error.is_instance_of::<pyo3::exceptions::PyValueError>(py) {
        return error;
    }
    pyo3::exceptions::PyValueError::new_err(error.value(py).to_string().replace(".npy", ""))
}
