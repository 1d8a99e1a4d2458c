//! Images with labels, from bytes; and what happens to them before training: noise, then a split.

mod cifar;
mod dataset;
mod embedded;
mod idx;
mod images;
mod noise;
mod own;
mod split;
mod svhn;

pub use cifar::read_cifar;
pub use dataset::Dataset;
pub use embedded::{embedded, embedded_files, fashion_mnist_classes};
pub(crate) use idx::{gunzip, gzip};
pub use idx::{read_images, read_labels, write_images, write_labels};
pub(crate) use images::check_labels;
pub use images::{Images, Labeled, Preprocessing};
pub use noise::{Noise, NoiseSettings, flip_labels};
pub use own::read_own;
pub use split::{Split, split};
pub use svhn::read_svhn;
