//! `--memory` and `--scratch`: layers that do not fit in memory are written to a file once and read in blocks.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use bytesize::ByteSize;
use prediction_depth::experiment::{Experiment, MeasureOptions, Measurement};
use prediction_depth::nets::Network;
use prediction_depth::representations::{BATCH, Forward, Representations};
use prediction_depth::search::SearchDevice;
use prediction_depth::{Class, Error, Matrix, Progress, Result, Rows, Stored};

/// The memory budget: half for the layers, half for the search.
pub struct Memory {
    bytes: u64,
    scratch: PathBuf,
}

impl Memory {
    /// Creates a budget. Checks `scratch` immediately, not after a long training.
    pub fn new(size: ByteSize, scratch: Option<&Path>) -> anyhow::Result<Self> {
        let memory = Self { bytes: size.as_u64(), scratch: scratch.map_or_else(std::env::temp_dir, Path::to_owned) };
        if scratch.is_some() {
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
        for (index, name) in forward.layers().iter().enumerate() {
            let dims = forward.dims(index)?;
            let least = 2 * 2 * bytes(BATCH, dims);
            if self.bytes < least {
                let memory = self.bytes;
                bail!(
                    "--memory {memory}: layer {name} has {dims} values for each example; it needs at least {least} bytes"
                );
            }
            if !self.holds(examples, dims) {
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
        let source = |examples: &[usize]| {
            let forward = experiment.forward(network, examples)?;
            Ok(Bounded { forward, memory: self, examples: experiment.len() })
        };
        let measurement = experiment.measure(source, options, None, device, progress).await;
        measurement.with_context(|| format!("--data {}", experiment.dataset.name))
    }

    /// Creates a scratch file. It has no name, so the system removes it however the program ends.
    fn file(&self) -> Result<File> {
        tempfile::tempfile_in(&self.scratch).map_err(|error| self.located(&error))
    }

    fn located(&self, error: &io::Error) -> Error {
        let folder = self.scratch.display();
        let remedy = "choose another folder with --scratch, or more --memory";
        Error::Storage(io::Error::new(error.kind(), format!("{folder}: {error}; {remedy}")))
    }

    /// Returns whether a layer of all splits takes at most half of the memory. This counts all splits, since the
    /// training split and a held-out split are in memory at the same time.
    fn holds(&self, examples: usize, dims: usize) -> bool {
        bytes(examples, dims) <= self.bytes / 2
    }
}

fn bytes(rows: usize, dims: usize) -> u64 {
    (rows as u64).saturating_mul(dims as u64).saturating_mul(size_of::<f32>() as u64)
}

/// The representations of a split, within the memory budget.
struct Bounded<'a, N> {
    forward: Forward<'a, N>,
    memory: &'a Memory,
    /// Number of examples in all splits.
    examples: usize,
}

impl<N: Network> Bounded<'_, N> {
    fn spill(&self, index: usize, dims: usize) -> Result<StoredLayer> {
        let mut stored = Stored::new(self.memory.file()?, dims);
        for batch in self.forward.batches(index) {
            stored.append(&batch?).map_err(|error| self.memory.located(&error))?;
        }
        Ok(StoredLayer::Spilled(stored))
    }
}

impl<N: Network> Representations for Bounded<'_, N> {
    fn layers(&self) -> &[String] {
        self.forward.layers()
    }

    fn layer(&self, index: usize) -> Result<impl Rows> {
        let dims = self.forward.dims(index)?;
        if self.memory.holds(self.examples, dims) {
            return Ok(StoredLayer::Held(self.forward.held(index)?));
        }
        self.spill(index, dims)
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
