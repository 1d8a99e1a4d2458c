//! Tests that a resumed training equals an uninterrupted one.

use candle_core::{Device, Tensor};

use super::*;
use crate::nets::Mlp;

const EXAMPLES: usize = 50;

fn network() -> Mlp {
    Mlp::new(12, &[7, 5], 3, 4).expect("a network")
}

fn trainer(network: &Mlp, recipe: Recipe) -> Trainer<'_, Mlp> {
    let values: Vec<f32> = (0..EXAMPLES * 12).map(|place| ((place * 37) % 101) as f32 / 50.0 - 1.0).collect();
    let inputs = Tensor::from_vec(values, (EXAMPLES, 1, 3, 4), &Device::Cpu).expect("inputs");
    let labels: Vec<Class> = (0..EXAMPLES as Class).map(|example| example % 3).collect();
    Trainer::new(network, inputs, &labels, recipe).expect("a trainer")
}

fn recipe() -> Recipe {
    Recipe {
        length: Length::Steps(11),
        batch: 16,
        weight_decay: 1e-3,
        augmentation: Augmentation { crop: 1, flip: true },
        ..Recipe::default()
    }
}

fn after(steps: usize, stop: Option<usize>) -> Checkpoint {
    let first = network();
    let mut trained = trainer(&first, recipe());
    for _ in 0..stop.unwrap_or(steps) {
        trained.step().expect("a step");
    }
    let checkpoint = trained.checkpoint(String::new()).expect("a checkpoint");
    if stop.is_none() {
        return checkpoint;
    }
    let bytes = checkpoint.to_bytes().expect("a file");
    let second = Mlp::new(12, &[7, 5], 3, 99).expect("another network");
    let mut resumed = trainer(&second, recipe());
    resumed.resume(&Checkpoint::from_bytes(&bytes).expect("sound")).expect("the same network");
    for _ in resumed.step..steps {
        resumed.step().expect("a step");
    }
    resumed.checkpoint(String::new()).expect("a checkpoint")
}

#[test]
fn a_resumed_training_ends_with_the_same_bits() {
    let whole = after(11, None);
    // In the middle of an epoch, at its end, and at the end of the training.
    for stop in [0, 1, 3, 4, 5, 8, 11] {
        assert_eq!(after(11, Some(stop)), whole, "stopped after {stop}");
    }
    assert_ne!(after(10, None), whole);
}

#[test]
fn another_networks_checkpoint_is_refused() {
    let other = Mlp::new(12, &[7, 6], 3, 4).expect("a network");
    let of_other = trainer(&other, recipe()).checkpoint(String::new()).expect("a checkpoint");
    let network = network();
    assert!(trainer(&network, recipe()).resume(&of_other).is_err());
}

#[test]
fn the_recipe_shows_in_the_weights() {
    let trained = |recipe: Recipe| {
        let network = network();
        let mut trainer = trainer(&network, recipe);
        for _ in 0..trainer.steps() {
            trainer.step().expect("a step");
        }
        trainer.checkpoint(String::new()).expect("a checkpoint").weights
    };
    let base = trained(recipe());
    assert_eq!(base, trained(recipe()));
    for other in [
        Recipe { weight_decay: 0.0, ..recipe() },
        Recipe { schedule: Schedule::Cosine, ..recipe() },
        Recipe { augmentation: Augmentation::default(), ..recipe() },
        Recipe { momentum: 0.5, ..recipe() },
        Recipe { seed: 1, ..recipe() },
    ] {
        assert_ne!(base, trained(other.clone()), "{other:?}");
    }
}
