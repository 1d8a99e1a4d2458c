//! What becomes of a run whose network diverged.

use prediction_depth::Error;

use crate::run_folder::RunFolder;

/// Returns the error that says that a network diverged, if this is one.
pub fn divergence(error: &anyhow::Error) -> Option<&Error> {
    error.chain().filter_map(|cause| cause.downcast_ref::<Error>()).find(|error| error.is_divergence())
}

/// Removes the saved state of a run whose network diverged: it would fail again, and be in the way of another run.
pub fn forget_if_diverged<T>(folder: &RunFolder, result: anyhow::Result<T>) -> anyhow::Result<T> {
    result.inspect_err(|error| {
        if divergence(error).is_some() {
            folder.forget();
        }
    })
}
