//! `--memory` and `--scratch`: as many layers as fit are computed in one pass and held; others are written to files.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, bail};
use bytesize::ByteSize;
use prediction_depth::activations::{PartFile, Scratch};
use prediction_depth::depth::PredictionDepth;
use prediction_depth::experiment::{Experiment, MeasureOptions, Measurement, Sample};
use prediction_depth::measurement::Probing;
use prediction_depth::nets::Network;
use prediction_depth::representations::{Forward, Passes, Representations, fitting};
use prediction_depth::search::SearchDevice;
use prediction_depth::{Class, Error, Matrix, Progress, Result, Rows, Stored};

use crate::part_files::DiskFile;

/// The memory budget: half for the layers, half for the search.
pub struct Memory {
    bytes: u64,
    scratch: PathBuf,
    /// Whether `--scratch` names a folder, so that there is space for all layers of a pass. The system's folder for temporary files may
    /// itself be in memory: it takes a layer that does not fit, and no other.
    named: bool,
}

impl Memory {
    /// Creates a budget. Checks `scratch` immediately, not after a long training.
    pub fn new(size: ByteSize, scratch: Option<&Path>) -> anyhow::Result<Self> {
        let (bytes, named) = (size.as_u64(), scratch.is_some());
        let memory = Self { bytes, scratch: scratch.map_or_else(std::env::temp_dir, Path::to_owned), named };
        if named {
            memory.file().context("--scratch")?;
        }
        Ok(memory)
    }

    /// Returns the number of bytes for a search.
    pub fn of_search(&self) -> usize {
        usize::try_from(self.bytes / 2).unwrap_or(usize::MAX)
    }

    /// Checks, before a long computation, that the memory can hold a batch of the widest layer (as the network's tensor
    /// and as values), and that scratch files can be written if they will be needed.
    pub fn check(&self, experiment: &Experiment, network: &impl Network) -> anyhow::Result<()> {
        let (forward, examples) = (experiment.forward(network, &[0])?, experiment.len());
        let classes = experiment.dataset.classes.len();
        let logits = bytes(examples, classes);
        if logits > self.bytes / 2 {
            let memory = self.bytes;
            bail!(
                "--memory {memory}: the logits of {examples} examples and {classes} classes take {logits} bytes; it needs \
                 at least twice as many"
            );
        }
        for (name, dims) in forward.layers().iter().zip(forward.dims()?) {
            let least = 2 * 2 * bytes(network.batch(), dims);
            if self.bytes < least {
                let memory = self.bytes;
                bail!(
                    "--memory {memory}: layer {name} has {dims} values for each example; it needs at least {least} bytes"
                );
            }
            if bytes(examples, dims) > self.of_layers() {
                self.file().with_context(|| format!("layer {name} does not fit into --memory {}", self.bytes))?;
            }
        }
        Ok(())
    }

    /// Measures the network within this memory.
    pub async fn measure(
        &self,
        experiment: &Experiment,
        network: &impl Network,
        options: MeasureOptions,
        device: &SearchDevice,
        progress: &impl Progress,
    ) -> anyhow::Result<Measurement> {
        let source = |examples: &[usize]| self.bounded(experiment, network, examples);
        let measurement = experiment.measure(source, options, None, device, progress).await;
        measurement.with_context(|| format!("--data {}", experiment.dataset.name))
    }

    /// Measures samples of the experiment within this memory; see [`Experiment::measure_some`].
    #[expect(clippy::too_many_arguments, reason = "what `measure` takes, and the samples")]
    pub async fn measure_some(
        &self,
        experiment: &Experiment,
        network: &impl Network,
        samples: &[Sample],
        probing: Probing,
        earlier: Option<&[PredictionDepth]>,
        device: &SearchDevice,
        progress: &impl Progress,
    ) -> anyhow::Result<Vec<PredictionDepth>> {
        let source = |examples: &[usize]| self.bounded(experiment, network, examples);
        let measured = experiment.measure_some(source, samples, probing, earlier, device, progress).await;
        measured.with_context(|| format!("--data {}", experiment.dataset.name))
    }

    fn bounded<'a, N: Network>(
        &'a self,
        experiment: &Experiment,
        network: &'a N,
        examples: &[usize],
    ) -> Result<Bounded<'a, N>> {
        let forward = experiment.forward(network, examples)?;
        let layers = forward.dims()?.into_iter().map(|dims| bytes(experiment.len(), dims)).collect();
        Ok(Bounded { forward, memory: self, layers, passes: Passes::default() })
    }

    /// Creates a scratch file. It has no name, so the system removes it however the program ends.
    fn file(&self) -> Result<File> {
        tempfile::tempfile_in(&self.scratch).map_err(|error| self.located(error))
    }

    fn located(&self, error: io::Error) -> Error {
        Error::Storage(io::Error::new(error.kind(), ScratchError { folder: self.scratch.clone(), source: error }))
    }

    /// Returns the bytes for the layers of one pass, of all splits: the splits are measured in turns, layer by layer.
    pub fn of_layers(&self) -> u64 {
        self.bytes / 2
    }
}

/// Compressed layers of activations are inflated to scratch files if they do not fit.
impl Scratch for Memory {
    fn keep(&self, write: &mut dyn FnMut(&mut dyn Write) -> Result<()>) -> Result<Rc<dyn PartFile>> {
        let mut file = self.file()?;
        write(&mut file).map_err(|error| match error {
            Error::Storage(error) => self.located(error),
            other => other,
        })?;
        let name = self.scratch.display().to_string();
        Ok(Rc::new(DiskFile::new(name, file).map_err(|error| self.located(error))?))
    }
}

/// A scratch file that could not be created, written or read.
#[derive(Debug)]
struct ScratchError {
    folder: PathBuf,
    source: io::Error,
}

impl fmt::Display for ScratchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (folder, error) = (self.folder.display(), &self.source);
        write!(f, "{folder}: {error}; choose another folder with --scratch, or more --memory")
    }
}

impl std::error::Error for ScratchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

fn bytes(rows: usize, dims: usize) -> u64 {
    (rows as u64).saturating_mul(dims as u64).saturating_mul(size_of::<f32>() as u64)
}

/// The representations of a split, within the memory budget.
struct Bounded<'a, N> {
    forward: Forward<'a, N>,
    memory: &'a Memory,
    /// Bytes of each layer over all splits, `[layers]`.
    layers: Vec<u64>,
    passes: Passes<StoredLayer>,
}

/// Returns whether a disk, a quota or the largest size of a file is used up.
fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

impl<N: Network> Bounded<'_, N> {
    /// Computes a layer in one pass with as many of those that are asked for after it as there is space for. Returns the first of
    /// them, and all of them.
    fn pass(&self, index: usize, backwards: bool) -> Result<(usize, Vec<StoredLayer>)> {
        let fitting = |budget| fitting(&self.layers, index, backwards, budget);
        let (held, all) = (fitting(self.memory.of_layers()), fitting(u64::MAX));
        if self.memory.named && held != all {
            match self.spill(all.clone()) {
                // Without space for all there may be some for one.
                Err(Error::Storage(error)) if is_full(&error) => {}
                spilled => return Ok((all.start, spilled?)),
            }
        }
        let fits = self.layers[index] <= self.memory.of_layers();
        let layers = if fits { self.hold(held.clone())? } else { self.spill(held.clone())? };
        Ok((held.start, layers))
    }

    fn hold(&self, layers: Range<usize>) -> Result<Vec<StoredLayer>> {
        Ok(self.forward.held(layers)?.into_iter().map(StoredLayer::Held).collect())
    }

    fn spill(&self, layers: Range<usize>) -> Result<Vec<StoredLayer>> {
        let dims = &self.forward.dims()?[layers.clone()];
        let files = dims.iter().map(|&dims| Ok(Stored::new(self.memory.file()?, dims)));
        let (mut files, start) = (files.collect::<Result<Vec<_>>>()?, layers.start);
        self.forward.pass(layers, |layer, batch| {
            files[layer - start].append(&batch).map_err(|error| self.memory.located(error))
        })?;
        Ok(files.into_iter().map(StoredLayer::Spilled).collect())
    }
}

impl<N: Network> Representations for Bounded<'_, N> {
    fn layers(&self) -> &[String] {
        self.forward.layers()
    }

    fn layer(&self, index: usize) -> Result<impl Rows> {
        match self.passes.layer(index, |backwards| self.pass(index, backwards))? {
            StoredLayer::Spilled(file) if self.layers[index] <= self.memory.of_layers() => {
                file.to_matrix().map(StoredLayer::Held)
            }
            layer => Ok(layer),
        }
    }

    fn finish(&self) {
        self.passes.clear();
    }

    fn predictions(&self) -> &[Class] {
        self.forward.predictions()
    }

    fn output_margins(&self) -> Vec<f32> {
        self.forward.output_margins()
    }
}

/// A layer of a split, in memory or in a file.
enum StoredLayer {
    Held(Matrix),
    Spilled(Stored<File>),
}

impl Rows for StoredLayer {
    fn shape(&self) -> [usize; 2] {
        match self {
            Self::Held(matrix) => matrix.shape(),
            Self::Spilled(stored) => stored.shape(),
        }
    }

    async fn block(&self, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        match self {
            Self::Held(matrix) => matrix.block(rows).await,
            Self::Spilled(stored) => stored.block(rows).await,
        }
    }

    fn whole(&self) -> Option<&[f32]> {
        match self {
            Self::Held(matrix) => matrix.whole(),
            Self::Spilled(_) => None,
        }
    }
}
