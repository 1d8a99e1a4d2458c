//! Defaults of options, chosen by `--preset`. The paper's values are from memory, not checked against the paper; others
//! are marked as our choice.

use anyhow::bail;
use clap::ValueEnum;
use prediction_depth::data::Noise;
use prediction_depth::nets::Architecture;
use prediction_depth::train::{Augmentation, Length, Recipe, Schedule};

use crate::cli::{ModelArgs, NetArg, NetArgs, PresetArg, ScheduleArg, TapsArg};

/// A quick training takes 100 epochs, or fewer if they exceed this number of steps (our choice: minutes on two cores).
const QUICK_EPOCHS: usize = 100;
const QUICK_STEPS: usize = 4000;

/// The paper's perceptron has 7 hidden layers of 2048 units (from memory).
const PAPER_HIDDEN: [usize; 7] = [2048; 7];
/// Factor of the learning rate at each drop.
const DROP_FACTOR: f64 = 0.2;

const QUICK_HIDDEN: [usize; 5] = [64; 5];

/// Returns the architecture that the options select.
pub fn network(arguments: &NetArgs, preset: PresetArg) -> anyhow::Result<Architecture> {
    let width = arguments.width;
    if arguments.hidden.is_some() && arguments.net != NetArg::Mlp {
        bail!(
            "--hidden sets the layers of an mlp; leave it out, or choose --net mlp (--width makes every network wider)"
        );
    }
    let mut network = match arguments.net {
        NetArg::Mlp => {
            let hidden = match (&arguments.hidden, preset) {
                (Some(hidden), _) => hidden,
                (None, PresetArg::Quick) => &QUICK_HIDDEN.to_vec(),
                (None, PresetArg::Paper) => &PAPER_HIDDEN.to_vec(),
            };
            let scaled = hidden.iter().map(|&units| match (units as f64 * width).round() as usize {
                0 if units > 0 => {
                    bail!("--width {width}: a hidden layer of {units} units would have none; choose more")
                }
                units => Ok(units),
            });
            Architecture::mlp(scaled.collect::<anyhow::Result<_>>()?)
        }
        NetArg::VggSmall => Architecture::vgg_small(width)?,
        NetArg::ResnetSmall => Architecture::resnet_small(width)?,
        NetArg::Resnet18 => Architecture::resnet18(width)?,
        NetArg::Vgg16 => Architecture::vgg16(width)?,
    };
    if let Some(norm) = arguments.norm {
        network = network.with_norm(norm.into())?;
    }
    match &arguments.taps {
        Some(text) => match TapsArg::from_str(text, false) {
            Ok(taps) => Ok(network.with_taps(taps.into())),
            Err(_) => bail!(
                "--taps {text}: must be before-relu or after-relu; names of values are those of an ONNX file (--model)"
            ),
        },
        None => Ok(network),
    }
}

/// Returns how wrong labels are drawn.
pub fn noise(model: &ModelArgs) -> Noise {
    match (model.data.noise, model.training.preset) {
        (Some(noise), _) => noise.into(),
        (None, PresetArg::Quick) => Noise::Other,
        (None, PresetArg::Paper) => Noise::Any,
    }
}

/// Returns the training recipe for this number of training examples.
pub fn recipe(model: &ModelArgs, examples: usize) -> anyhow::Result<Recipe> {
    let arguments = &model.training;
    if (arguments.drops.is_some() || arguments.drop_factor.is_some()) && arguments.schedule != ScheduleArg::Step {
        bail!("--drops and --drop-factor belong to --schedule step; leave them out, or choose it");
    }
    let begin = match arguments.preset {
        PresetArg::Quick => quick(examples, arguments.batch),
        PresetArg::Paper => paper(model.net.net),
    };
    let length = match (arguments.epochs, arguments.steps) {
        (Some(epochs), _) => Length::Epochs(epochs),
        (_, Some(steps)) => Length::Steps(steps),
        _ => begin.length,
    };
    let schedule = match (arguments.schedule, begin.schedule) {
        (ScheduleArg::Constant, _) => Schedule::Constant,
        (ScheduleArg::Cosine, _) => Schedule::Cosine,
        (ScheduleArg::Step, Schedule::Step { at, .. }) => Schedule::Step {
            at: arguments.drops.clone().unwrap_or(at),
            factor: arguments.drop_factor.unwrap_or(DROP_FACTOR),
        },
        (ScheduleArg::Step, other) => other,
    };
    Ok(Recipe {
        length,
        schedule,
        batch: arguments.batch,
        learning_rate: arguments.learning_rate.unwrap_or(begin.learning_rate),
        momentum: arguments.momentum.unwrap_or(begin.momentum),
        weight_decay: arguments.weight_decay,
        augmentation: Augmentation { crop: arguments.crop, flip: arguments.flip },
        seed: model.seed,
    })
}

fn quick(examples: usize, batch: usize) -> Recipe {
    let epochs = (QUICK_STEPS / examples.div_ceil(batch).max(1)).clamp(1, QUICK_EPOCHS);
    Recipe { length: Length::Epochs(epochs), ..Recipe::default() }
}

/// Returns the paper's rates, drops and lengths (from memory). That a perceptron trains as long as a VGG is our choice.
fn paper(net: NetArg) -> Recipe {
    let (steps, momentum, drops) = match net {
        NetArg::Mlp => (15_000, 0.9, vec![1250.0, 4000.0, 12_000.0]),
        NetArg::VggSmall | NetArg::Vgg16 => (15_000, 0.9, vec![1000.0, 5000.0]),
        NetArg::ResnetSmall | NetArg::Resnet18 => (30_000, 0.95, vec![7000.0]),
    };
    let schedule = Schedule::Step { at: drops, factor: DROP_FACTOR };
    Recipe { length: Length::Steps(steps), learning_rate: 0.04, momentum, schedule, ..Recipe::default() }
}
