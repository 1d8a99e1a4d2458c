//! Training that can be stopped at any time, and resumed with bit-identical results.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use prediction_depth::nets::Net;
use prediction_depth::study::Study;
use prediction_depth::train::{Checkpoint, Trainer, early_steps};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::cli::CheckpointsArg;
use crate::divergence::forget_if_diverged;
use crate::interrupt;
use crate::progress::Bar;
use crate::run_folder::RunFolder;

/// Time between saves: at least this long, and at least `SAVE_SELDOM` times the duration of a save.
const SAVE_AFTER: Duration = Duration::from_secs(1);
const SAVE_SELDOM: u32 = 20;

/// The lines of `metrics.jsonl` so far, and the sums of the current epoch.
#[derive(Default, Serialize, Deserialize)]
struct Metrics {
    text: String,
    epoch: Sums,
    /// Duration of the training until the last save, in seconds.
    seconds: f64,
}

/// Sums over the steps of an epoch, stored as bits, since decimal text would round them.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Sums {
    loss: u64,
    accuracy: u64,
    steps: usize,
}

/// Trains to the end, and returns the duration in seconds, including earlier parts. Writes weights to the folder, and
/// regularly saves the state for resuming. A training that fails leaves no state, which would fail again.
pub fn train(
    trainer: &mut Trainer<Net>,
    network: &Net,
    folder: &RunFolder,
    keep: CheckpointsArg,
    quiet: bool,
) -> anyhow::Result<f64> {
    forget_if_diverged(folder, take_steps(trainer, network, folder, keep, quiet))
}

fn take_steps(
    trainer: &mut Trainer<Net>,
    network: &Net,
    folder: &RunFolder,
    keep: CheckpointsArg,
    quiet: bool,
) -> anyhow::Result<f64> {
    let mut metrics = Metrics::default();
    if let Some(saved) = folder.state()? {
        trainer.resume(&saved).context("the saved state of the stopped run")?;
        metrics = serde_json::from_str(&saved.notes).context("the saved state of the stopped run")?;
    }
    let (steps, an_epoch) = (trainer.steps(), trainer.steps_an_epoch());
    let looks = if keep == CheckpointsArg::Early { early_steps(steps) } else { Vec::new() };
    let (bar, began, first) = (Bar::new("training", "steps", quiet), Instant::now(), trainer.taken());
    let earlier = metrics.seconds;
    let mut saving = Saving { last: began, took: Duration::ZERO };
    loop {
        let step = trainer.taken();
        if looks.contains(&step) {
            trainer.check()?;
            folder.write(&format!("checkpoints/step-{step:08}.safetensors"), &weights(network)?)?;
        }
        metrics.seconds = earlier + began.elapsed().as_secs_f64();
        let stopped = interrupt::asked();
        if step == steps || stopped || saving.is_due() {
            saving.save(folder, &trainer.checkpoint(serde_json::to_string(&metrics)?)?)?;
        }
        if stopped {
            bail!(
                "stopped after step {step} of {steps}; the training is saved, and this command continues: {}",
                interrupt::command(&["--resume"])
            );
        }
        if step == steps {
            break;
        }
        let taken = trainer.step()?;
        let speed = (taken.step - first) as f64 / began.elapsed().as_secs_f64();
        bar.show(taken.step, steps, &metrics.note(taken, an_epoch, steps, speed));
    }
    folder.write("metrics.jsonl", metrics.text.as_bytes())?;
    folder.write("checkpoints/final.safetensors", &weights(network)?)?;
    Ok(metrics.seconds)
}

fn weights(network: &Net) -> anyhow::Result<Vec<u8>> {
    Ok(Study::weights_to_bytes(&Study::weights_of(network)?)?)
}

/// Time and duration of the last save.
struct Saving {
    last: Instant,
    took: Duration,
}

impl Saving {
    fn is_due(&self) -> bool {
        self.last.elapsed() > SAVE_AFTER.max(SAVE_SELDOM * self.took)
    }

    fn save(&mut self, folder: &RunFolder, checkpoint: &Checkpoint) -> anyhow::Result<()> {
        let start = Instant::now();
        folder.save_state(&checkpoint.to_bytes()?)?;
        (self.last, self.took) = (Instant::now(), start.elapsed());
        Ok(())
    }
}

impl Metrics {
    /// Adds a step to the sums, and describes the progress. Each epoch writes a line, and so does an incomplete last
    /// epoch.
    fn note(&mut self, step: prediction_depth::train::Step, an_epoch: usize, steps: usize, speed: f64) -> String {
        let add = |sum: u64, value: f64| (f64::from_bits(sum) + value).to_bits();
        self.epoch.loss = add(self.epoch.loss, f64::from(step.loss));
        self.epoch.accuracy = add(self.epoch.accuracy, step.accuracy);
        self.epoch.steps += 1;
        let mean = |sum: u64| f64::from_bits(sum) / self.epoch.steps as f64;
        let (loss, accuracy) = (mean(self.epoch.loss), mean(self.epoch.accuracy));
        if step.step.is_multiple_of(an_epoch) || step.step == steps {
            let epoch = step.step.div_ceil(an_epoch);
            self.text += &json!({"epoch": epoch, "step": step.step, "loss": loss, "accuracy": accuracy}).to_string();
            self.text += "\n";
            self.epoch = Sums::default();
        }
        format!("({speed:.1} steps/s, loss {loss:.3}, accuracy {:.1} %)", 100.0 * accuracy)
    }
}
