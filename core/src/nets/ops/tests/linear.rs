//! The linear layer against candle's, to the bit.

use candle_core::{Device, Module, Tensor, Var};
use candle_nn::Linear;

use super::super::linear;
use super::{flat, random, var};

/// Returns the outputs of a layer, and the gradients of inputs, weight and bias, of a loss in which every value counts.
fn found(inputs: &Var, layer: &Linear, outputs: &Tensor) -> Vec<Vec<f32>> {
    let weights: Vec<f32> = random(4, outputs.elem_count());
    let weights = Tensor::from_vec(weights, outputs.shape(), &Device::Cpu).expect("weights");
    let loss = outputs.mul(&weights).and_then(|product| product.sum_all()).expect("a loss");
    let gradients = loss.backward().expect("gradients");
    let bias = layer.bias().expect("a bias");
    let of = [inputs.as_tensor(), layer.weight(), bias].map(|of| flat(gradients.get(of).expect("a gradient")));
    [vec![flat(outputs)], of.to_vec()].concat()
}

#[test]
fn a_linear_layer_and_its_gradients_are_candles() {
    for [rows, length, units] in [[1, 1, 1], [5, 3, 2], [128, 784, 64], [100, 64, 10], [33, 17, 129]] {
        let inputs = var(&random(1, rows * length), &[rows, length]);
        let (weight, bias) = (var(&random(2, units * length), &[units, length]), var(&random(3, units), &[units]));
        let layer = Linear::new(weight.as_tensor().clone(), Some(bias.as_tensor().clone()));
        let expected = found(&inputs, &layer, &layer.forward(&inputs).expect("outputs"));
        let ours = found(&inputs, &layer, &linear(&layer, &inputs).expect("outputs"));
        for (ours, expected) in ours.iter().zip(&expected) {
            let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(ours), bits(expected), "{rows} x {length} x {units}");
        }
    }
}

#[test]
fn inputs_that_are_no_variables_have_no_gradient() {
    let inputs = Tensor::from_vec(random(1, 6), (2, 3), &Device::Cpu).expect("inputs");
    let (weight, bias) = (var(&random(2, 12), &[4, 3]), var(&random(3, 4), &[4]));
    let layer = Linear::new(weight.as_tensor().clone(), Some(bias.as_tensor().clone()));
    let loss = linear(&layer, &inputs).and_then(|outputs| outputs.sum_all()).expect("a loss");
    let gradients = loss.backward().expect("gradients");
    assert!(gradients.get(&inputs).is_none() && gradients.get(&bias).is_some());
}

#[test]
fn inputs_of_another_length_are_refused() {
    let inputs = var(&random(1, 6), &[2, 3]);
    let layer =
        Linear::new(var(&random(2, 8), &[2, 4]).as_tensor().clone(), Some(var(&[0.0; 2], &[2]).as_tensor().clone()));
    assert!(linear(&layer, &inputs).is_err());
}
