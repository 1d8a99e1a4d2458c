//! A small convolutional network. Its representations serve as test data for the searches.

use std::ops::Range;

use candle_core::{Device, Tensor, Var};
use prediction_depth::Result;
use prediction_depth::nets::{Network, OnTap};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Two 3 x 3 convolutions with stride 2 on 28 x 28 pixels, and one linear layer. Taps are after the ReLU.
pub struct Cnn {
    taps: Vec<String>,
    variables: Vec<(String, Var)>,
}

impl Cnn {
    /// Creates a network with random weights.
    ///
    /// # Errors
    /// Any error of candle.
    pub fn new(classes: usize, seed: u64) -> Result<Self> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let shapes: [(&str, Vec<usize>); 3] =
            [("conv1", vec![8, 1, 3, 3]), ("conv2", vec![16, 8, 3, 3]), ("head", vec![classes, 16 * 7 * 7])];
        let variables = shapes.map(|(name, shape)| Ok((name.to_owned(), weights(&shape, &mut rng)?)));
        let taps = ["input", "conv1", "conv2", "softmax"].map(String::from).to_vec();
        Ok(Self { taps, variables: variables.into_iter().collect::<Result<_>>()? })
    }
}

/// Draws uniform weights that keep a layer's outputs at about the scale of its inputs.
fn weights(shape: &[usize], rng: &mut impl Rng) -> Result<Var> {
    let inputs: usize = shape[1..].iter().product();
    let reach = (6.0 / inputs as f32).sqrt();
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| rng.random_range(-reach..reach)).collect();
    Ok(Var::from_vec(values, shape, &Device::Cpu)?)
}

impl Network for Cnn {
    fn taps(&self) -> &[String] {
        &self.taps
    }

    fn hidden(&self, inputs: &Tensor, taps: Range<usize>, on_tap: &mut OnTap<'_>) -> Result<Tensor> {
        let mut maps = inputs.reshape(((), 1, 28, 28))?;
        for (index, (_, kernel)) in (1..taps.end).zip(&self.variables) {
            maps = maps.conv2d(kernel, 1, 2, 1, 1)?.relu()?;
            if taps.contains(&index) {
                on_tap(index, maps.flatten_from(1)?)?;
            }
        }
        Ok(maps.flatten_from(1)?)
    }

    fn head(&self, hidden: &Tensor) -> Result<Tensor> {
        Ok(hidden.matmul(&self.variables[2].1.t()?)?)
    }

    fn variables(&self) -> &[(String, Var)] {
        &self.variables
    }
}
