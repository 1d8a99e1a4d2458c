//! Builds the embedded files from the published data set.

use std::path::Path;

use prediction_depth::data::{read_images, read_labels, write_images, write_labels};

const TRAINING: usize = 2000;
const TEST: usize = 500;

/// A file's name and bytes.
pub type File = (String, Vec<u8>);

/// Returns the four embedded files, made from the folder of the complete Fashion-MNIST.
///
/// # Errors
/// If a file is missing or damaged.
pub fn embedded_data(source: &Path) -> Result<Vec<File>, Box<dyn std::error::Error>> {
    let mut files = Vec::new();
    for (part, count) in [("train", TRAINING), ("t10k", TEST)] {
        let (images, labels) = (format!("{part}-images-idx3-ubyte.gz"), format!("{part}-labels-idx1-ubyte.gz"));
        let first: Vec<usize> = (0..count).collect();
        let read = |name: &str| std::fs::read(source.join(name));
        files.push((images.clone(), write_images(&read_images(&read(&images)?)?.select(&first)?)?));
        files.push((labels.clone(), write_labels(&read_labels(&read(&labels)?)?[..count])?));
    }
    Ok(files)
}
