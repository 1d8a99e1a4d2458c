//! `--memory` and `--scratch`: layers are held where they fit, else written to a file once and read in blocks.

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

/// How the memory is shared out: half of it to the layers, half to the search.
pub struct Memory {
    bytes: u64,
    scratch: PathBuf,
}

impl Memory {
    /// `scratch` is tried at once, not after a long training.
    pub fn new(size: ByteSize, scratch: Option<&Path>) -> anyhow::Result<Self> {
        let memory = Self { bytes: size.as_u64(), scratch: scratch.map_or_else(std::env::temp_dir, Path::to_owned) };
        if scratch.is_some() {
            memory.file().context("--scratch")?;
        }
        Ok(memory)
    }

    /// Bytes for a search.
    pub fn of_search(&self) -> usize {
        usize::try_from(self.bytes / 2).unwrap_or(usize::MAX)
    }

    /// Refuses, before anything long begins, what cannot hold a batch of the widest layer, as the network makes it and as
    /// values; and a scratch folder that will be needed and cannot be written to.
    pub fn check(&self, experiment: &Experiment, network: &impl Network) -> anyhow::Result<()> {
        let (forward, examples) = (experiment.forward(network, &[0])?, experiment.len());
        for (index, name) in forward.layers().iter().enumerate() {
            let dims = forward.dims(index)?;
            let least = 2 * 2 * bytes(BATCH, dims);
            if self.bytes < least {
                let memory = self.bytes;
                bail!("--memory {memory}: layer {name} has {dims} values an example, and needs at least {least} bytes");
            }
            if !self.holds(examples, dims) {
                self.file().with_context(|| format!("layer {name} does not fit into --memory {}", self.bytes))?;
            }
        }
        Ok(())
    }

    /// What probes and network say of every example, within this memory.
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

    /// A scratch file: it has no name, so the system removes it, however the program ends.
    fn file(&self) -> Result<File> {
        tempfile::tempfile_in(&self.scratch).map_err(|error| self.located(&error))
    }

    fn located(&self, error: &io::Error) -> Error {
        let folder = self.scratch.display();
        let remedy = "choose another folder with --scratch, or more --memory";
        Error::Storage(io::Error::new(error.kind(), format!("{folder}: {error}; {remedy}")))
    }

    /// A layer of all splits fits where its values take no more than half of the memory. The splits are looked at
    /// together, so that the training split and one that is held out from it fit at the same time.
    fn holds(&self, examples: usize, dims: usize) -> bool {
        bytes(examples, dims) <= self.bytes / 2
    }
}

fn bytes(rows: usize, dims: usize) -> u64 {
    (rows as u64).saturating_mul(dims as u64).saturating_mul(size_of::<f32>() as u64)
}

/// A split on its way through a network, within the memory.
struct Bounded<'a, N> {
    forward: Forward<'a, N>,
    memory: &'a Memory,
    /// Examples of all splits.
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

/// A layer of a split.
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
