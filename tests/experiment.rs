//! Tests that the program and the library make the same study of a data set.

use std::fs;
use std::path::Path;

use pollster::block_on;
use prediction_depth::data::{Noise, NoiseSettings, Split, embedded};
use prediction_depth::experiment::{Experiment, MeasureOptions};
use prediction_depth::measurement::Probing;
use prediction_depth::nets::{Architecture, Device};
use prediction_depth::search::{Cpu, Neighbors};
use prediction_depth::study::Study;
use prediction_depth::train::Recipe;
use prediction_depth::{Error, Result};
use prediction_depth_tests::{run_small, text};

const NOISE: NoiseSettings = NoiseSettings { label_noise: 0.1, noise: Noise::Other, noise_seed: 3 };
const SEED: u64 = 2;

fn experiment(noise: &NoiseSettings, seed: u64) -> Experiment {
    let dataset = embedded().and_then(|dataset| dataset.sample(300, 0)).expect("embedded data");
    Experiment::new(dataset, noise, seed).expect("noise and a split")
}

/// Returns the program's study for [`NOISE`] and [`SEED`], and its recipe.
fn of_program(folder: &Path) -> (Study, Recipe) {
    let seeds = ["--label-noise", "0.1", "--noise-seed", "3", "--seed", "2", "--representations", "--out", "out"];
    let output = run_small(folder, &seeds);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let read = |name: &str| fs::read(folder.join("out").join(name)).expect(name);
    let config: toml::Table = toml::from_str(&text(&read("config.toml"))).expect("settings");
    let recipe = config["training"].clone().try_into().expect("a recipe");
    (Study::from_bytes(&read("study.safetensors")).expect("a study"), recipe)
}

/// Returns the study made by the library.
fn of_library(noise: &NoiseSettings, seed: u64, recipe: Recipe) -> Result<Study> {
    let experiment = experiment(noise, seed);
    let architecture = Architecture::mlp(vec![16, 8]);
    let network = experiment.network(&architecture, seed, &Device::Cpu)?;
    let mut trainer = experiment.trainer(&network, Recipe { seed, ..recipe })?;
    for _ in 0..trainer.steps() {
        trainer.step()?;
    }
    let source = |examples: &[usize]| experiment.forward(&network, examples);
    let options = MeasureOptions { representations: true, ..MeasureOptions::default() };
    let measurement = block_on(experiment.measure(source, options, None, &Cpu::default(), &()))?;
    let study = experiment.into_study("a title".into(), architecture, Study::weights_of(&network)?, measurement)?;
    Study::from_bytes(&study.to_bytes()?)
}

/// Returns the bytes of the study's file, with a fixed title.
fn bytes(study: Study) -> Vec<u8> {
    let mut study = study;
    study.title = "a title".into();
    study.to_bytes().expect("a study")
}

#[test]
fn the_library_comes_to_the_study_of_the_program() {
    let folder = tempfile::tempdir().expect("a folder");
    let (program, recipe) = of_program(folder.path());
    let library = of_library(&NOISE, SEED, recipe.clone()).expect("a study");
    assert_eq!((&program.splits, &program.given_labels), (&library.splits, &library.given_labels));
    assert!(program.weights == library.weights);
    assert!(bytes(program.clone()) == bytes(library));
    // Each seed has an effect of its own.
    let other_noise = of_library(&NoiseSettings { noise_seed: 4, ..NOISE }, SEED, recipe.clone()).expect("a study");
    assert_eq!(program.splits, other_noise.splits);
    assert_ne!(program.given_labels, other_noise.given_labels);
    let other_split = of_library(&NOISE, 3, recipe).expect("a study");
    assert_eq!(program.given_labels, other_split.given_labels);
    assert_ne!(program.splits, other_split.splits);
    assert!(bytes(program.clone()) != bytes(other_noise) && bytes(program) != bytes(other_split));
}

#[test]
fn noise_is_on_training_images_and_preprocessing_from_the_training_split() {
    let experiment = experiment(&NOISE, SEED);
    let changed: Vec<usize> = (0..experiment.len())
        .filter(|&example| experiment.given_labels[example] != experiment.dataset.labels[example])
        .collect();
    assert_eq!(changed.len(), 30);
    assert!(changed.iter().all(|&example| experiment.splits[example] != Split::Test));
    assert!(changed.iter().any(|&example| experiment.splits[example] == Split::Validation));
    let one = |splits: &[Split]| -> f64 {
        let of = |&example: &usize| splits.contains(&experiment.splits[example]);
        let pixels: Vec<u8> = (0..experiment.len())
            .filter(of)
            .flat_map(|example| experiment.dataset.images.image(example).to_vec())
            .collect();
        pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / pixels.len() as f64 / 255.0
    };
    let mean = f64::from(experiment.preprocessing.mean[0]);
    assert!((one(&[Split::Train]) - mean).abs() < 1e-6, "{mean}");
    assert!((one(&[Split::Train, Split::Validation]) - mean).abs() > 1e-6, "the comparison sees ten more in a hundred");
}

#[test]
fn a_study_is_measured_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (study, _) = of_program(folder.path());
    let again =
        |study: &Study| block_on(Experiment::measure_again(study, None, &Cpu::default(), &())).expect("a measurement");
    let recorded = again(&study);
    assert_eq!((&recorded.depth, &recorded.output_margins), (&study.measured, &study.output_margins));
    let of_network = again(&Study { representations: Vec::new(), ..study.clone() });
    assert_eq!((&of_network.depth, &of_network.output_margins), (&study.measured, &study.output_margins));
    let mut spoilt = study.clone();
    spoilt.given_labels.iter_mut().for_each(|label| *label = (*label + 1) % 10);
    assert_ne!(again(&spoilt).depth, study.measured);
}

#[test]
fn neighbours_are_told_split_by_split() {
    let folder = tempfile::tempdir().expect("a folder");
    let (study, _) = of_program(folder.path());
    let mut told: Vec<(Split, usize, Neighbors)> = Vec::new();
    let mut on_neighbors = |split, layer, neighbors| told.push((split, layer, neighbors));
    let measured =
        block_on(Experiment::measure_again(&study, Some(&mut on_neighbors), &Cpu::default(), &())).expect("neighbours");
    assert_eq!(measured.depth, study.measured);
    assert_eq!(told.len(), study.splits().len() * study.layers.len());
    let training = study.examples(Split::Train);
    for (split, _, neighbors) in &told {
        assert_eq!(neighbors.indices.len(), study.examples(*split).len() * study.probing.k);
        assert!(neighbors.indices.iter().all(|&row| (row as usize) < training.len()));
    }
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let experiment = experiment(&NOISE, SEED);
    let network = experiment.network(&Architecture::mlp(vec![8]), SEED, &Device::Cpu).expect("a network");
    let measure = |experiment: &Experiment, options| {
        let source = |examples: &[usize]| experiment.forward(&network, examples);
        block_on(experiment.measure(source, options, None, &Cpu::default(), &()))
    };
    let options = MeasureOptions::default();
    let k = Probing { k: 270, ..Probing::default() };
    let refused = measure(&experiment, MeasureOptions { probing: k, ..options });
    assert!(matches!(refused, Err(Error::BadK { k: 270, candidates: 269 })), "{refused:?}");
    let source = |examples: &[usize]| experiment.forward(&network, examples);
    let depths = MeasureOptions { depth_only: true, ..options };
    let mut hear = |_, _, _| {};
    let refused = block_on(experiment.measure(source, depths, Some(&mut hear), &Cpu::default(), &()));
    assert!(matches!(refused, Err(Error::Setting { .. })), "{refused:?}");
    let found = measure(&experiment, options).expect("a measurement");
    assert_eq!(measure(&experiment, depths).expect("depths").depth.depths(), found.depth.depths());
    let fewer = block_on(experiment.measure(
        |examples: &[usize]| experiment.forward(&network, &examples[1..]),
        options,
        None,
        &Cpu::default(),
        &(),
    ));
    assert!(matches!(fewer, Err(Error::Mismatch { .. })), "{fewer:?}");
    let held_out = Experiment { splits: vec![Split::Test; experiment.len()], ..experiment.clone() };
    assert!(matches!(measure(&held_out, options), Err(Error::Empty { .. })));
    let smaller = Experiment::new(experiment.dataset.clone().sample(200, 0).expect("examples"), &NOISE, SEED);
    let architecture = Architecture::mlp(vec![8]);
    let other = smaller.and_then(|smaller| smaller.into_study("other".into(), architecture, Vec::new(), found));
    assert!(matches!(other, Err(Error::Mismatch { .. })), "{other:?}");
}
