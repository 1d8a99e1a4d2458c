//! Labelled images: reading from bytes, label noise, and the split into training and validation.

mod by_name;
#[cfg(feature = "formats")]
mod cifar;
mod dataset;
#[cfg(feature = "formats")]
mod embedded;
#[cfg(feature = "formats")]
mod idx;
mod images;
mod inputs;
#[cfg(feature = "formats")]
mod mat;
mod noise;
#[cfg(feature = "formats")]
pub(crate) mod own;
mod report;
mod sample;
mod split;
mod summary;
#[cfg(feature = "formats")]
mod svhn;
mod warnings;

#[cfg(feature = "formats")]
pub use cifar::read_cifar;
pub use dataset::{Dataset, Parts};
#[cfg(feature = "formats")]
pub use embedded::{embedded, embedded_files, fashion_mnist_classes};
#[cfg(feature = "formats")]
pub use idx::{read_images, read_labels, write_images, write_labels};
pub(crate) use images::check_labels;
pub use images::{Images, Labeled, Preprocessing};
pub use inputs::{Inputs, Table};
pub use noise::{Noise, NoiseSettings, flip_labels};
#[cfg(feature = "formats")]
pub use own::{
    Background, CIFAR10_FILES, CIFAR100_FILES, InputFile, Layout, NpyHeader, ReadOptions, SVHN_FILES, read_own,
};
pub use report::{ReadReport, Skipped};
pub use sample::stratified;
pub use split::{Split, split};
pub use summary::{DataSummary, Duplicates, Equals, Named, ReadSplit, SkippedGroup};
#[cfg(feature = "formats")]
pub use svhn::read_svhn;
