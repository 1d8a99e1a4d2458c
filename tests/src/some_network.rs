//! A network of somebody else: its layers are small integers, which every type of numbers holds exactly.

use std::io::Write;
use std::rc::Rc;

use prediction_depth::activations::{PartFile, Recording, Recordings, Scratch, Wanted};
use prediction_depth::depth::PredictionDepth;
use prediction_depth::experiment::MeasureOptions;
use prediction_depth::measurement::Probing;
use prediction_depth::representations::Recorded;
use prediction_depth::search::Cpu;
use prediction_depth::{Class, Matrix, Result};

use crate::{TypedArray, integers};

/// Number of training examples.
pub const TRAIN_EXAMPLES: usize = 40;
/// Number of test examples.
pub const TEST_EXAMPLES: usize = 12;
/// The dimensions of an example in each layer.
const SHAPES: [&[usize]; 3] = [&[5], &[2, 3], &[]];
/// Number of neighbours.
pub const NEIGHBORS: usize = 3;

/// Files of a folder by name.
pub type NamedFiles = Vec<(String, Vec<u8>)>;

/// Scratch files in memory.
pub struct InMemory;

impl Scratch for InMemory {
    fn keep(&self, write: &mut dyn FnMut(&mut dyn Write) -> Result<()>) -> Result<Rc<dyn PartFile>> {
        let mut bytes = Vec::new();
        write(&mut bytes)?;
        Ok(Rc::new(("scratch".to_owned(), bytes)))
    }
}

/// A network of somebody else: small integers, which every type of numbers holds.
pub struct SomeNetwork {
    /// The layers, [examples, dims] each.
    pub layers: Vec<Matrix>,
    /// Labels, `[examples]`.
    pub labels: Vec<Class>,
    /// The network's own classes, `[examples]`.
    pub predictions: Vec<Class>,
}

impl SomeNetwork {
    /// Returns the network of a split.
    pub fn new(examples: usize, seed: u64) -> Self {
        let dims = |shape: &[usize]| shape.iter().product();
        let class =
            |seed| integers(examples, 1, seed).values().iter().map(|value| (value + 3.0) as Class % 3).collect();
        Self {
            layers: SHAPES.iter().zip(seed..).map(|(shape, seed)| integers(examples, dims(shape), seed)).collect(),
            labels: class(seed + 10),
            predictions: class(seed + 11),
        }
    }

    /// Returns a layer as an array of this type; also `bf16`, which NumPy does not have.
    pub fn layer(&self, layer: usize, descr: &str, fortran: bool) -> TypedArray {
        let values: Vec<f64> = self.layers[layer].values().iter().map(|&value| value.into()).collect();
        let shape = [&[self.labels.len()], SHAPES[layer]].concat();
        if descr == "bf16" {
            let bytes = values.iter().flat_map(|&value| ((value as f32).to_bits() >> 16).to_le_bytes()[..2].to_vec());
            return TypedArray { descr: descr.into(), fortran: false, shape, bytes: bytes.collect() };
        }
        TypedArray::new(&values, &shape, descr, fortran)
    }

    /// Returns all arrays by name.
    pub fn arrays(&self, descr: &str, fortran: bool) -> Vec<(&'static str, TypedArray)> {
        let layers = ["layer0", "layer1", "layer2"].into_iter().zip(0..);
        let layers = layers.map(|(name, layer)| (name, self.layer(layer, descr, fortran)));
        let classes = [("labels", &self.labels), ("predictions", &self.predictions)];
        layers.chain(classes.map(|(name, classes)| (name, TypedArray::numbers(classes)))).collect()
    }

    /// Returns the files of a folder of `.npy` files.
    pub fn folder(&self, descr: &str, fortran: bool) -> NamedFiles {
        self.arrays(descr, fortran).iter().map(|(name, array)| (format!("{name}.npy"), array.npy())).collect()
    }

    /// Returns the layers in memory.
    ///
    /// # Panics
    /// Never.
    pub fn recorded(&self) -> Recorded {
        let names = ["layer0", "layer1", "layer2"].map(String::from).to_vec();
        Recorded::new(names, self.layers.clone(), self.predictions.clone()).expect("layers")
    }
}

/// Reads a folder of these files.
///
/// # Errors
/// Those of the reader.
pub fn folder_of(place: &str, files: &NamedFiles) -> Result<Recording> {
    let files =
        files.iter().map(|(name, bytes)| Rc::new((format!("{place}/{name}"), bytes.clone())) as Rc<dyn PartFile>);
    Recording::from_folder(place, files.collect(), Wanted::All)
}

/// Reads one file of arrays.
///
/// # Errors
/// Those of the reader.
pub fn file_of(name: &str, bytes: Vec<u8>) -> Result<Recording> {
    Recording::from_file(&(Rc::new((name.to_owned(), bytes)) as Rc<dyn PartFile>), Wanted::All)
}

/// Measures within this many bytes for layers, with [`NEIGHBORS`] neighbours.
///
/// # Errors
/// Those of the measurement.
pub fn measured(recordings: &Recordings, bytes: u64) -> Result<PredictionDepth> {
    let options =
        MeasureOptions { probing: Probing { k: NEIGHBORS, ..Probing::default() }, ..MeasureOptions::default() };
    let search = Cpu::default();
    let found = recordings.measure(options, bytes, &InMemory, &search, &());
    pollster::block_on(found).map(|found| found.depth)
}
