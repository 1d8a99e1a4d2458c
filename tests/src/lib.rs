//! Shared parts of the tests: a reference search, comparators that can fail, synthetic data, and the available devices.

mod activations;
mod assets;
mod cnn;
mod compare;
mod course;
mod cpus;
mod data;
mod devices;
mod ensemble;
mod generated;
mod layer_predictions;
mod lesson;
mod module_graph;
mod oracle;
mod program;
mod recorded;
mod sheet;
mod some_network;
mod wrong_files;

pub use activations::{Shown, activations};
pub use assets::embedded_data;
pub use cnn::Cnn;
pub use compare::{same_neighbors, within_band};
pub use course::Course;
pub use cpus::cpus;
pub use data::{integers, matrix, normals};
pub use devices::{Named, devices, processors};
pub use ensemble::SmallEnsemble;
pub use generated::Generated;
pub use layer_predictions::{NamedFile, PREDICTED, SomePredictions, class_array, plain_distance, settled, typed};
pub use lesson::{Lesson, course_folder};
pub use module_graph::{Circle, ModuleGraph};
pub use oracle::{distance, manhattan_distance, neighbors, neighbors_by, unit};
pub use program::{copy_folder, entries, flip, pdepth, refused, run_small, text, without_checksum};
pub use recorded::{TypedArray, npz, safetensors, write_files};
pub use some_network::{
    InMemory, NEIGHBORS, NamedFiles, SomeNetwork, TEST_EXAMPLES, TRAIN_EXAMPLES, file_of, folder_of, measured,
};
pub use wrong_files::{WrongCase, add, halves, refuses, remove, replace};
