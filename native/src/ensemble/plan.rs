//! The plan of an ensemble: a JSON file that describes all of its models.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use prediction_depth::data::{Dataset, Split};
use prediction_depth::experiment::MeasureOptions;
use prediction_depth::metrics::InputMargin;
use serde::{Deserialize, Serialize};

use crate::cli::{PlanArgs, Shard};
use crate::data::{self, DataSource};
use crate::files::hash_of;
use crate::settings::{DataSettings, Settings};
use crate::table::warnings;
use crate::what_was_read;

const FORMAT: &str = "prediction-depth-plan";
const VERSION: u32 = 1;
/// Most models of an ensemble (our choice): each has a file.
const MOST_RUNS: u64 = 1_000_000;
/// What a validation split of the data set's own means for an ensemble.
pub const SAME_EXAMPLES: &str = "the validation split is the data set's own, so every model trains on the same examples: \
                                 no example has both a training and a validation depth, nor a kind of difficulty";

/// The models and the data of an ensemble.
#[derive(Serialize, Deserialize)]
pub struct Plan {
    format: String,
    version: u32,
    /// Name of the data on the machine that made the plan. Only their content matters.
    source: DataSource,
    #[serde(flatten)]
    pub models: Models,
}

/// Everything that determines the results.
#[derive(Serialize, Deserialize)]
pub struct Models {
    /// Number of models. Model i has the settings of the first one, with its seed plus i.
    pub runs: u64,
    pub first: Settings,
    pub margin_examples: usize,
    pub margin: InputMargin,
    pub probe_checkpoints: bool,
}

impl Plan {
    /// Makes a plan, and says on stderr what was read.
    pub fn new(arguments: &PlanArgs) -> anyhow::Result<Self> {
        let dataset = data::chosen(&arguments.model.data)?;
        let first = Settings::new(&arguments.model, Some(MeasureOptions::from(&arguments.measuring)), &dataset)?;
        first.experiment(&dataset)?; // refuses now what each model would refuse
        let read = dataset.summary(None)?;
        eprint!("{}{}", what_was_read::lines(&read), warnings(&read.warnings()));
        if read.examples(Split::Validation) > 0 {
            eprintln!("Note: {SAME_EXAMPLES}");
        }
        let source = DataSource::from(&arguments.model.data);
        let models = Models {
            runs: arguments.runs as u64,
            first,
            margin_examples: arguments.margin_examples,
            margin: arguments.margin.into(),
            probe_checkpoints: arguments.probe_checkpoints,
        };
        models.check()?;
        Ok(Self { format: FORMAT.into(), version: VERSION, source, models })
    }

    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let plan: Self = serde_json::from_str(&text)
            .with_context(|| format!("{}: not a plan; `pdepth ensemble plan` prints one", path.display()))?;
        if (plan.format.as_str(), plan.version) != (FORMAT, VERSION) {
            let found = (&plan.format, plan.version);
            bail!("{}: a {} of version {}; this program reads version {VERSION}", path.display(), found.0, found.1);
        }
        plan.models.check().with_context(|| path.display().to_string())?;
        Ok(plan)
    }

    pub fn to_json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// Opens the data set, and checks that it is the one of the plan.
    pub fn dataset(&self) -> anyhow::Result<Dataset> {
        let (source, expected) = (&self.source, &self.models.first.data);
        let dataset = expected.sample(source.open()?)?;
        if DataSettings::from_dataset(&dataset).sha256 != expected.sha256 {
            bail!("--data {}: these are not the data of the plan (their sha256 differs)", source.data);
        }
        Ok(dataset)
    }
}

impl Models {
    /// Refuses more models than [`MOST_RUNS`], and seeds that are too large to count on.
    fn check(&self) -> anyhow::Result<()> {
        let (runs, seed) = (self.runs, self.first.seed);
        if runs == 0 || runs > MOST_RUNS {
            bail!("--runs {runs}: an ensemble has 1 to {MOST_RUNS} models");
        }
        if seed.checked_add(runs - 1).is_none() {
            bail!("--seed {seed}: the seeds of {runs} models would end above {}; choose a smaller one", u64::MAX);
        }
        Ok(())
    }

    /// Returns a hash that is equal for plans with equal models, wherever the data are stored.
    pub fn hash(&self) -> anyhow::Result<String> {
        Ok(hash_of(serde_json::to_string(self)?.as_bytes()))
    }

    /// Returns the seeds of a shard, in the order of the plan.
    pub fn seeds(&self, shard: Shard) -> Vec<u64> {
        (shard.index as u64..self.runs).step_by(shard.of).map(|model| self.first.seed + model).collect()
    }

    /// Returns all seeds.
    pub fn all(&self) -> Vec<u64> {
        self.seeds(Shard { index: 0, of: 1 })
    }

    /// Returns the settings of one model.
    pub fn settings(&self, seed: u64) -> Settings {
        let mut settings = self.first.clone();
        settings.seed = seed;
        settings.training.seed = seed;
        settings
    }

    /// Returns the examples whose input margin is computed, evenly spread.
    pub fn margin_ids(&self, examples: usize) -> Vec<usize> {
        let count = self.margin_examples.min(examples);
        (0..count).map(|place| place * examples / count).collect()
    }
}
