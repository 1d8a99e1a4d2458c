//! Errors of Parquet files of images.

use std::fmt::Display;

use parquet::errors::ParquetError;

use crate::error::Error;

const FORMAT: &str = "Parquet file of images";

/// Returns the error for content that is wrong.
pub(super) fn wrong(problem: impl Display) -> Error {
    Error::format(FORMAT, problem)
}

/// Returns the error for a file that cannot be read.
pub(super) fn unreadable(error: ParquetError) -> Error {
    Error::unreadable(FORMAT, error)
}
