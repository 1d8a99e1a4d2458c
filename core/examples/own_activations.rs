//! Depths from activations that were recorded elsewhere: one matrix per layer, the labels of the training split, and
//! the network's own class of each example.
//!
//!     cargo run -p prediction-depth --no-default-features --example own_activations

use prediction_depth::measurement::{Probing, measure_blocking};
use prediction_depth::representations::Recorded;
use prediction_depth::search::Cpu;
use prediction_depth::{Matrix, Result};

fn main() -> Result<()> {
    print!("{}", depths_of_test_examples()?);
    Ok(())
}

fn depths_of_test_examples() -> Result<String> {
    // Layers in the order in which the network computes them.
    let names = ["pixels", "hidden", "softmax"].map(String::from);

    // Six training examples, [examples, dims] in each layer.
    let training = Recorded::new(
        names.to_vec(),
        vec![
            Matrix::new(vec![1.0, 2.0, 3.0, 11.0, 12.0, 13.0], 6, 1)?,
            Matrix::new(vec![0.1, 0.2, 0.3, 0.8, 0.9, 1.0], 6, 1)?,
            Matrix::new(vec![0.9, 0.1, 0.9, 0.1, 0.8, 0.2, 0.2, 0.8, 0.1, 0.9, 0.1, 0.9], 6, 2)?,
        ],
        vec![0, 0, 0, 1, 1, 1],
    )?;
    let labels = [0, 0, 0, 1, 1, 1];

    // Three test examples, for which the network predicts 0, 1 and 1.
    let test = Recorded::new(
        names.to_vec(),
        vec![
            Matrix::new(vec![2.5, 4.0, 3.5], 3, 1)?,
            Matrix::new(vec![0.2, 0.85, 0.25], 3, 1)?,
            Matrix::new(vec![0.9, 0.1, 0.1, 0.9, 0.3, 0.7], 3, 2)?,
        ],
        vec![0, 1, 1],
    )?;

    let probing = Probing { k: 3, ..Probing::default() };
    let measured = measure_blocking(&training, &labels, &[&test], probing, &Cpu::default())?;

    // The training split comes first, then the held-out splits in the given order.
    let line = |(example, depth): (usize, usize)| {
        let layer = names.get(depth).map_or("no layer", String::as_str);
        format!("test example {example}: depth {depth}, settled at {layer}\n")
    };
    Ok(measured[1].depths().into_iter().enumerate().map(line).collect())
}

#[test]
fn each_settles_a_layer_later() -> Result<()> {
    let expected = "test example 0: depth 0, settled at pixels\n\
                    test example 1: depth 1, settled at hidden\n\
                    test example 2: depth 2, settled at softmax\n";
    assert_eq!(depths_of_test_examples()?, expected);
    Ok(())
}
