//! The data set built into the program: the first 2,000 training and 500 test images of Fashion-MNIST (Zalando, MIT
//! licence). `core/assets/README.md` describes how to rebuild the files.

use super::{Dataset, Labeled, Parts, read_images, read_labels};
use crate::error::Result;

const CLASSES: [&str; 10] =
    ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

const SOURCE: &str = "Fashion-MNIST (Zalando Research, MIT licence), the first 2,000 training and 500 test images";

/// Returns the names of Fashion-MNIST's classes, `[classes]`.
pub fn fashion_mnist_classes() -> Vec<String> {
    CLASSES.map(String::from).to_vec()
}

/// Returns names and bytes of the four files: training images and labels, test images and labels.
pub fn embedded_files() -> [(&'static str, &'static [u8]); 4] {
    macro_rules! asset {
        ($name:literal) => {
            ($name, include_bytes!(concat!("../../assets/fashion-mnist/", $name)).as_slice())
        };
    }
    [
        asset!("train-images-idx3-ubyte.gz"),
        asset!("train-labels-idx1-ubyte.gz"),
        asset!("t10k-images-idx3-ubyte.gz"),
        asset!("t10k-labels-idx1-ubyte.gz"),
    ]
}

/// Returns the embedded data set.
///
/// # Errors
/// Only if the program was built from damaged assets.
pub fn embedded() -> Result<Dataset> {
    let [images, labels, test_images, test_labels] = embedded_files().map(|(_, bytes)| bytes);
    let training = Labeled::new(read_images(images)?, read_labels(labels)?, CLASSES.len())?;
    let test = Labeled::new(read_images(test_images)?, read_labels(test_labels)?, CLASSES.len())?;
    let parts = Parts { training, validation: None, test: Some(test) };
    Dataset::new("embedded", SOURCE, parts, fashion_mnist_classes())
}
