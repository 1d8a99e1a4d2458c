//! What the layers of a made-up network predict, as files, and the depths by plain loops.

use std::rc::Rc;

use prediction_depth::activations::{Field, LayerPredictions, PartFile, PredictionFiles, Source};
use prediction_depth::depth::PredictionDepth;
use prediction_depth::{Class, Result};

use crate::TypedArray;

/// Number of layers, examples and classes.
pub const PREDICTED: [usize; 3] = [4, 30, 5];
/// Probabilities are multiples of 1 / PARTS, which every type of floats holds exactly.
const PARTS: usize = 64;

/// Distributions of each layer and of the network: the later the layer, the nearer.
pub struct SomePredictions {
    /// Probabilities, [layers, examples, classes].
    pub layers: Vec<f64>,
    /// Probabilities, [examples, classes].
    pub last: Vec<f64>,
}

impl SomePredictions {
    /// Makes the distributions of a seed.
    pub fn new(seed: u64) -> Self {
        let [layers, examples, classes] = PREDICTED;
        let mut state = seed;
        let mut class = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let mut parts = |fixed: Option<&[usize]>, kept: usize| -> Vec<usize> {
            let favorite = class(classes);
            let mut part = |at: usize| match fixed {
                Some(fixed) if at < kept => fixed[at],
                _ if at.is_multiple_of(3) => class(classes),
                _ => favorite,
            };
            (0..PARTS).map(&mut part).collect()
        };
        let last: Vec<Vec<usize>> = (0..examples).map(|_| parts(None, 0)).collect();
        let of_layer = |layer: usize| (layer + 1) * PARTS / layers;
        let mut all = Vec::new();
        for layer in 0..layers {
            for (example, fixed) in last.iter().enumerate() {
                let kept = if example.is_multiple_of(4) { PARTS - layer } else { of_layer(layer) - example % 3 * 4 };
                all.push(parts(Some(fixed), kept.min(PARTS)));
            }
        }
        let shares = |parts: &Vec<usize>| {
            (0..classes)
                .map(|class| parts.iter().filter(|&&part| part == class).count() as f64 / PARTS as f64)
                .collect::<Vec<_>>()
        };
        Self { layers: all.iter().flat_map(shares).collect(), last: last.iter().flat_map(shares).collect() }
    }

    /// Returns the distribution of an example at a layer.
    pub fn at(&self, layer: usize, example: usize) -> &[f64] {
        let [_, examples, classes] = PREDICTED;
        &self.layers[(layer * examples + example) * classes..][..classes]
    }

    /// Returns the final distribution of an example.
    pub fn last_of(&self, example: usize) -> &[f64] {
        &self.last[example * PREDICTED[2]..][..PREDICTED[2]]
    }

    /// Returns the classes of the layers, `[layers * examples]`, and of the network, `[examples]`.
    pub fn classes(&self) -> [Vec<u32>; 2] {
        [&self.layers, &self.last].map(|values| values.chunks(PREDICTED[2]).map(largest).collect())
    }

    /// Returns the depth of each example by classes, or by distances up to `until`.
    pub fn depths(&self, until: Option<f64>) -> Vec<usize> {
        let [layers, examples, _] = PREDICTED;
        let agrees = |layer: usize, example: usize| {
            let (one, other) = (self.at(layer, example), self.last_of(example));
            match until {
                Some(until) => plain_distance(one, other) <= until,
                None => largest(one) == largest(other),
            }
        };
        let mut depths = vec![0; examples];
        for (example, depth) in depths.iter_mut().enumerate() {
            for layer in 0..layers {
                if !agrees(layer, example) {
                    *depth = layer + 1;
                }
            }
        }
        depths
    }

    /// Returns the distributions of the layers and of the network as arrays of this type; also `bf16`.
    pub fn arrays(&self, descr: &str, fortran: bool) -> [TypedArray; 2] {
        let [_, examples, classes] = PREDICTED;
        [(&self.layers, &PREDICTED[..]), (&self.last, &[examples, classes])]
            .map(|(values, shape)| typed(values, shape, descr, fortran))
    }
}

/// Returns values as an array of this type; also `bf16`, which NumPy does not have.
pub fn typed(values: &[f64], shape: &[usize], descr: &str, fortran: bool) -> TypedArray {
    if descr != "bf16" {
        return TypedArray::new(values, shape, descr, fortran);
    }
    let bytes = values.iter().flat_map(|&value| ((value as f32).to_bits() >> 16).to_le_bytes()[..2].to_vec());
    TypedArray { descr: descr.into(), fortran: false, shape: shape.to_vec(), bytes: bytes.collect() }
}

fn largest(row: &[f64]) -> u32 {
    let mut best = 0;
    for (class, value) in row.iter().enumerate() {
        if *value > row[best] {
            best = class;
        }
    }
    best as u32
}

/// Returns the Jensen-Shannon distance, base 2, as the entropy of the mean minus the mean of the entropies.
pub fn plain_distance(one: &[f64], other: &[f64]) -> f64 {
    if one == other {
        return 0.0;
    }
    let entropy = |values: &[f64]| values.iter().map(|&p| if p > 0.0 { -p * p.log2() } else { 0.0 }).sum::<f64>();
    let mean: Vec<f64> = one.iter().zip(other).map(|(p, q)| (p + q) / 2.0).collect();
    (entropy(&mean) - (entropy(one) + entropy(other)) / 2.0).max(0.0).sqrt()
}

/// A file in memory: its name and bytes.
pub type NamedFile<'a> = (&'a str, Vec<u8>);

fn part_file((name, bytes): &NamedFile) -> Rc<dyn PartFile> {
    Rc::new(((*name).to_owned(), bytes.clone()))
}

/// Reads a file of layers, or a folder if there are several, and the files beside it, and settles them.
///
/// # Errors
/// Those of the reader.
pub fn settled(
    layers: &[NamedFile],
    last: &NamedFile,
    fields: &[(Field, NamedFile)],
    until: Option<f64>,
) -> Result<(LayerPredictions, PredictionDepth)> {
    let source = match layers {
        [one] => Source::File(part_file(one)),
        files => Source::Folder("lens".into(), files.iter().map(part_file).collect()),
    };
    let fields = fields.iter().map(|(field, file)| (*field, part_file(file))).collect();
    let read = LayerPredictions::read(&PredictionFiles { layers: source, last: part_file(last), fields }, until)?;
    let depth = pollster::block_on(read.settle(&()))?;
    Ok((read, depth))
}

/// Returns class numbers as an array of int64.
pub fn class_array(classes: &[Class], shape: &[usize]) -> TypedArray {
    TypedArray::new(&classes.iter().map(|&class| f64::from(class)).collect::<Vec<_>>(), shape, "<i8", false)
}
