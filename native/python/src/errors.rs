//! Errors of core as exceptions of Python.

use prediction_depth::Error;
use pyo3::PyErr;
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};

/// Where the arguments of a call are called as files of `core`, in messages.
const WORDS: [(&str, &str); 9] = [
    ("/labels.npy", ".y"),
    ("/predictions.npy", ".predictions"),
    ("/logits.npy", ".predictions"),
    ("/ids.npy", ".ids"),
    ("/mask.npy", ".mask"),
    ("/images.npy", ".images"),
    ("/texts.npy", ".texts"),
    ("classes.txt", "the argument `classes`"),
    ("(--channels)", "(the argument `channels`)"),
];

/// Returns the exception of an error.
pub fn exception(error: Error) -> PyErr {
    match error {
        Error::Storage(error) => PyOSError::new_err(error.to_string()),
        Error::Gpu(_) | Error::Network(_) | Error::Cancelled => PyRuntimeError::new_err(error.to_string()),
        other => PyValueError::new_err(in_python(other.to_string())),
    }
}

/// Says in a message what the arguments are called, not the files that core takes them from.
fn in_python(message: String) -> String {
    let message = WORDS.iter().fold(message, |message, (file, argument)| message.replace(file, argument));
    message.replace("train.", "")
}
