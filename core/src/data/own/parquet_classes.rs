//! The names of classes in the metadata of Parquet files of the Hugging Face hub.

use parquet::file::metadata::FileMetaData;

/// Metadata key of the description of columns.
const METADATA: &str = "huggingface";

/// Returns the names in a column's `ClassLabel`.
pub(super) fn class_names(metadata: &FileMetaData, column: &str) -> Option<Vec<String>> {
    let entry = metadata.key_value_metadata()?.iter().find(|entry| entry.key == METADATA)?;
    let meaning: serde_json::Value = serde_json::from_str(entry.value.as_ref()?).ok()?;
    serde_json::from_value(meaning["info"]["features"][column]["names"].clone()).ok()
}
