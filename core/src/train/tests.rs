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

/// Sets all values of a variable of the network.
fn fill(network: &Mlp, name: &str, value: f32) {
    let (_, variable) = network.variables().iter().find(|(found, _)| found == name).expect("a variable");
    let values = Tensor::full(value, variable.dims(), &Device::Cpu).expect("values");
    variable.set(&values).expect("a variable of this shape");
}

#[test]
fn weights_that_relu_hides_from_the_loss_end_the_training() {
    let network = network();
    let mut trainer = trainer(&network, recipe());
    trainer.step().expect("a step");
    fill(&network, "hidden2.bias", f32::NAN);
    for error in [trainer.check().expect_err("NaN"), trainer.checkpoint(String::new()).expect_err("NaN")] {
        let known = matches!(&error, Error::Unusable { tensor, step: Some(1), .. } if tensor == "hidden2.bias");
        assert!(known && error.is_divergence(), "{error}");
        let words = error.to_string();
        assert!(words.contains("NaN after step 1") && words.contains("--learning-rate"), "{words}");
    }
    // The loss is finite as before; the end of the epoch shows the weights.
    let errors: Vec<Error> = (0..3).filter_map(|_| trainer.step().err()).collect();
    assert!(matches!(&errors[..], [Error::Unusable { step: Some(4), .. }]), "{errors:?}");
}

#[test]
fn a_network_without_finite_weights_is_not_resumed_nor_read() {
    let mut checkpoint = after(3, None);
    checkpoint.velocities[1].values[0] = f32::INFINITY;
    let error = Checkpoint::from_bytes(&checkpoint.to_bytes().expect("a file")).expect_err("infinite");
    assert!(matches!(error, Error::Unusable { step: None, .. }), "{error}");
    checkpoint.weights[0].values[2] = f32::NEG_INFINITY;
    let network = network();
    let error = trainer(&network, recipe()).resume(&checkpoint).expect_err("infinite");
    assert!(matches!(error, Error::Unusable { place: 2, .. }), "{error}");
}

#[test]
fn a_loss_of_another_world_is_no_end() {
    let huge = Recipe { learning_rate: 1e6, length: Length::Steps(1), ..recipe() };
    let network = network();
    let error = trainer(&network, huge).step().expect_err("a step of that length");
    assert!(matches!(error, Error::Diverged { step: 1, .. } | Error::Unusable { step: Some(1), .. }), "{error}");
}
