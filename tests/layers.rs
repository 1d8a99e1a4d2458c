//! The searches on real representations: the input and every layer of trained networks.

use pollster::block_on;
use prediction_depth::data::{Dataset, Preprocessing, embedded};
use prediction_depth::nets::{Mlp, Network};
use prediction_depth::representations::{Forward, Representations, inputs};
use prediction_depth::search::{Exclude, NeighborSearch, Query};
use prediction_depth::train::{Length, Recipe, Trainer};
use prediction_depth::{Class, Matrix, Rows};
use prediction_depth_tests::{Cnn, devices, neighbors, same_neighbors};

const SUPPORT: usize = 700;
const QUERIES: usize = 100;

fn data() -> (Dataset, Vec<usize>, Vec<usize>) {
    let data = embedded().expect("the embedded data");
    (data, (0..SUPPORT).collect(), (SUPPORT..SUPPORT + QUERIES).collect())
}

/// Trains until nearly all examples are fitted, as the method requires.
fn trained<N: Network>(network: N, recipe: Recipe) -> (N, f64) {
    let (data, support, _) = data();
    let images = data.images.select(&support).expect("that many");
    let labels: Vec<Class> = support.iter().map(|&id| data.labels[id]).collect();
    let inputs = inputs(&Preprocessing::from_images(&images), &images).expect("images");
    let mut trainer = Trainer::new(&network, inputs, &labels, recipe).expect("labels");
    let mut accuracy = 0.0;
    for _ in 0..trainer.steps() {
        accuracy = 0.9 * accuracy + 0.1 * trainer.step().expect("a finite loss").accuracy;
    }
    (network, accuracy)
}

/// Returns every layer of a network, as support and as held-out queries.
fn layers(network: &impl Network) -> Vec<(String, Matrix, Matrix)> {
    let (data, support, queries) = data();
    let images = data.images.select(&support).expect("that many");
    let preprocessing = Preprocessing::from_images(&images);
    let support = Forward::new(network, &preprocessing, images).expect("a forward pass");
    let held_out = data.images.select(&queries).expect("that many");
    let queries = Forward::new(network, &preprocessing, held_out).expect("a forward pass");
    let read = |rows: &Forward<'_, _>, layer| {
        let rows = rows.layer(layer).expect("a layer");
        let [count, dims] = rows.shape();
        let values = block_on(rows.block(0..count)).expect("in memory").into_owned();
        Matrix::new(values, count, dims).expect("as many")
    };
    let named = network.taps().iter().enumerate();
    named.map(|(layer, name)| (name.clone(), read(&support, layer), read(&queries, layer))).collect()
}

fn agree_on_every_layer(what: &str, network: &impl Network) {
    let devices = devices();
    for (name, support, queries) in layers(network) {
        for (rows, exclude) in [(&queries, Exclude::Nothing), (&support, Exclude::Itself)] {
            let expected = neighbors(&support, rows, 30, exclude);
            for tested in &devices {
                let found =
                    block_on(tested.device.search(Query { support: &support, queries: rows, k: 30, exclude }, &()))
                        .expect("finite rows");
                same_neighbors(&expected, &found)
                    .unwrap_or_else(|error| panic!("{what}, {name}, on {}: {error}", tested.name));
            }
        }
    }
}

#[test]
fn a_perceptron() {
    let (network, accuracy) = trained(
        Mlp::new(784, &[128, 64, 32], 10, 1).expect("a network"),
        Recipe { length: Length::Epochs(60), ..Recipe::default() },
    );
    assert!(accuracy > 0.97, "fitted to {accuracy} only: late layers are not clustered yet");
    agree_on_every_layer("MLP", &network);
}

#[test]
fn a_convolutional_network() {
    let recipe = Recipe { length: Length::Epochs(15), batch: 32, ..Recipe::default() };
    let (network, accuracy) = trained(Cnn::new(10, 2).expect("a network"), recipe);
    assert!(accuracy > 0.85, "fitted to {accuracy} only");
    agree_on_every_layer("CNN", &network);
}

/// However many layers a pass computes, and in whichever order they are asked for, their bits are the same.
#[test]
fn layers_of_one_pass_are_those_of_a_pass_each() {
    let data = embedded().expect("the embedded data");
    let images = data.images.select(&(0..600).collect::<Vec<_>>()).expect("that many");
    let preprocessing = Preprocessing::from_images(&images);
    let network = Cnn::new(10, 3).expect("a network");
    let forward = || Forward::new(&network, &preprocessing, images.clone()).expect("a forward pass");
    let read = |forward: &Forward<'_, Cnn>, layer| -> Vec<u32> {
        let rows = forward.layer(layer).expect("a layer");
        let values = block_on(rows.block(0..600)).expect("in memory").into_owned();
        values.into_iter().map(f32::to_bits).collect()
    };
    let count = network.taps().len();
    let alone: Vec<_> = (0..count).map(|layer| read(&forward(), layer)).collect();
    let two = forward().dims().expect("dims")[..2].iter().sum::<usize>() * 600 * size_of::<f32>();
    for bytes in [0, two as u64, u64::MAX] {
        let kept = forward().keeping(bytes);
        for layer in (0..count).chain((0..count).rev()) {
            assert!(read(&kept, layer) == alone[layer], "layer {layer}, {bytes} bytes");
        }
    }
}
