//! Adversarial input margin (paper, section 3): the smallest change of an input that changes its class, as L2 distance
//! in the network's input space, after preprocessing.

use candle_core::{D, Device, Tensor, Var};

use crate::class::Class;
use crate::data::{Images, Preprocessing};
use crate::error::Result;
use crate::logits::argmax;
use crate::nets::Network;
use crate::representations::{BATCH, inputs};
use crate::search::Progress;

/// Overshoot of DeepFool beyond the boundary (Moosavi-Dezfooli et al., 2016, section 2.3).
const OVERSHOOT: f64 = 0.02;
/// Maximum number of DeepFool's steps, as in the authors' program.
const STEPS: usize = 50;

/// Algorithm for the input margin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputMargin {
    /// The first-order estimate: min over classes j of (z_i - z_j) / |grad (z_i - z_j)|, where i is the predicted class
    /// (method, "The other measures").
    #[default]
    Linear,
    /// DeepFool (Moosavi-Dezfooli et al., 2016, algorithm 2): repeats first-order steps until the class changes. The
    /// margin is the length of their sum.
    DeepFool,
}

/// Computes the margin of each image, `[images]`; NaN if no boundary is found, because no gradient leads to another
/// class or DeepFool needs too many steps.
///
/// Needs one backward pass per class for each batch of 512 images; DeepFool needs as many per step, for the images that
/// still have their class.
///
/// # Errors
/// [`Error::Mismatch`](crate::Error::Mismatch) or [`Error::Network`](crate::Error::Network) if the images do not fit
/// the network, and any error of `progress`.
pub async fn input_margins(
    network: &impl Network,
    preprocessing: &Preprocessing,
    images: &Images,
    kind: InputMargin,
    progress: &impl Progress,
) -> Result<Vec<f32>> {
    let mut margins = Vec::with_capacity(images.len());
    while margins.len() < images.len() {
        let ids: Vec<usize> = (margins.len()..images.len().min(margins.len() + BATCH)).collect();
        let batch = inputs(preprocessing, &images.select(&ids)?)?;
        margins.extend(match kind {
            InputMargin::Linear => linear(network, &batch)?,
            InputMargin::DeepFool => deep_fool(network, &batch)?,
        });
        progress.step(margins.len(), images.len()).await?;
    }
    Ok(margins)
}

/// Computes the first-order estimate. `points` are [examples, dims].
fn linear(network: &impl Network, points: &Tensor) -> Result<Vec<f32>> {
    let around = Boundaries::around(network, points, None)?;
    let margin = |distance: &f64| if distance.is_finite() { *distance as f32 } else { f32::NAN };
    Ok(around.distances.iter().map(margin).collect())
}

/// Computes the margin by DeepFool. `points` are [examples, dims].
fn deep_fool(network: &impl Network, points: &Tensor) -> Result<Vec<f32>> {
    let (examples, dims) = points.dims2()?;
    let starts = points.to_vec2::<f32>()?;
    let mut changes = vec![vec![0.0_f64; dims]; examples];
    let mut margins = vec![f32::NAN; examples];
    let mut original: Option<Vec<Class>> = None;
    let mut active: Vec<usize> = (0..examples).collect();
    for _ in 0..=STEPS {
        let moved = |&example: &usize| {
            let change = changes[example].iter().map(|change| (1.0 + OVERSHOOT) * change);
            starts[example].iter().zip(change).map(|(&start, change)| (f64::from(start) + change) as f32)
        };
        let values: Vec<f32> = active.iter().flat_map(moved).collect();
        let points = Tensor::from_vec(values, (active.len(), dims), &Device::Cpu)?;
        let own = original.as_ref().map(|original| active.iter().map(|&example| original[example]).collect());
        let around = Boundaries::around(network, &points, own)?;
        original.get_or_insert_with(|| around.own.clone());
        let mut still = Vec::new();
        for (place, &example) in active.iter().enumerate() {
            let (distance, change) = (around.distances[place], &mut changes[example]);
            if around.predictions[place] != around.own[place] || distance == 0.0 {
                margins[example] = ((1.0 + OVERSHOOT) * length(change)) as f32;
            } else if distance.is_finite() {
                let direction = &around.directions[place * dims..][..dims];
                let size = distance / length(direction);
                change.iter_mut().zip(direction).for_each(|(change, along)| *change += size * along);
                still.push(example);
            }
        }
        active = still;
        if active.is_empty() {
            break;
        }
    }
    Ok(margins)
}

/// The nearest decision boundary of each point, by the gradient at the point.
struct Boundaries {
    /// The classes to leave, `[examples]`.
    own: Vec<Class>,
    /// The predicted classes of the points, `[examples]`.
    predictions: Vec<Class>,
    /// Distances to the boundary, `[examples]`; infinite if there is none.
    distances: Vec<f64>,
    /// Directions to the boundary, [examples, dims]: the gradient of the nearest other class's logit minus that of
    /// `own`.
    directions: Vec<f64>,
}

impl Boundaries {
    /// Computes the boundaries. `own` defaults to the predicted classes.
    fn around(network: &impl Network, points: &Tensor, own: Option<Vec<Class>>) -> Result<Self> {
        let (examples, dims) = points.dims2()?;
        let inputs = Var::from_tensor(points)?;
        let logits = network.logits(inputs.as_tensor())?;
        let scores = logits.to_vec2::<f32>()?;
        let predictions: Vec<Class> = scores.iter().map(|scores| argmax(scores)).collect();
        let own = own.unwrap_or_else(|| predictions.clone());
        let chosen = Tensor::new(own.as_slice(), logits.device())?.unsqueeze(D::Minus1)?;
        let own_gradient = gradient(&logits.gather(&chosen, D::Minus1)?, &inputs)?;
        let (mut distances, mut directions) = (vec![f64::INFINITY; examples], vec![0.0; examples * dims]);
        for class in 0..logits.dims()[1] {
            let of_class = gradient(&logits.narrow(1, class, 1)?, &inputs)?;
            for example in (0..examples).filter(|&example| own[example] as usize != class) {
                let row = example * dims..(example + 1) * dims;
                let pairs = of_class[row.clone()].iter().zip(&own_gradient[row.clone()]);
                let direction: Vec<f64> = pairs.map(|(&to, &from)| f64::from(to) - f64::from(from)).collect();
                let gap = f64::from(scores[example][own[example] as usize]) - f64::from(scores[example][class]);
                let (distance, steep) = (gap.abs() / length(&direction), direction.iter().any(|&along| along != 0.0));
                if steep && distance < distances[example] {
                    distances[example] = distance;
                    directions[row].copy_from_slice(&direction);
                }
            }
        }
        Ok(Self { own, predictions, distances, directions })
    }
}

/// Returns the gradient of each example, [examples * dims]. One backward pass of the sum over examples suffices, since
/// examples are independent.
fn gradient(of: &Tensor, by: &Var) -> Result<Vec<f32>> {
    let gradients = of.sum_all()?.backward()?;
    match gradients.get(by) {
        Some(gradient) => Ok(gradient.flatten_all()?.to_vec1()?),
        None => Ok(vec![0.0; by.elem_count()]),
    }
}

fn length(vector: &[f64]) -> f64 {
    vector.iter().map(|value| value * value).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nets::{Mlp, Taps};
    use pollster::block_on;

    /// A linear classifier of two pixels. Its boundaries are lines, so both margins are distances to lines.
    fn linear_network(weight: Vec<f32>, bias: Vec<f32>) -> Mlp {
        let classes = bias.len();
        let weights = |name: &str, _: &[usize]| {
            let values = if name.ends_with("bias") { bias.clone() } else { weight.clone() };
            Ok(Tensor::new(values, &Device::Cpu)?)
        };
        Mlp::build(2, &[], Taps::AfterRelu, classes, weights).expect("a network")
    }

    fn margins(network: &Mlp, pixels: &[u8], kind: InputMargin) -> Vec<f32> {
        let images = Images::new(pixels.to_vec(), [1, 1, 2]).expect("images of two pixels");
        let seen = Preprocessing { mean: vec![0.0], std: vec![1.0] };
        block_on(input_margins(network, &seen, &images, kind, &())).expect("they fit")
    }

    #[test]
    fn of_a_linear_classifier_it_is_the_distance_to_the_nearest_line() {
        // z = (x, y, 0.5): from (1, 0.2) the line x = y is 0.8 / sqrt 2 away, and x = 0.5 is 0.5 away.
        let network = linear_network(vec![1.0, 0.0, 0.0, 1.0, 0.0, 0.0], vec![0.0, 0.0, 0.5]);
        let pixels = [255, 51, 204, 204];
        let found = margins(&network, &pixels, InputMargin::Linear);
        assert!((found[0] - 0.5).abs() < 1e-6 && found[1].abs() < 1e-6, "{found:?}");
        let found = margins(&network, &pixels, InputMargin::DeepFool);
        assert!(
            (found[0] - 1.02 * 0.5).abs() < 1e-6 && found[1].abs() < 1e-6,
            "one step, and the overshoot: {found:?}"
        );
    }

    #[test]
    fn what_no_change_can_reach_has_no_margin() {
        let network = linear_network(vec![0.0; 4], vec![1.0, 0.0]);
        for kind in [InputMargin::Linear, InputMargin::DeepFool] {
            assert!(margins(&network, &[10, 20], kind)[0].is_nan());
        }
    }

    #[test]
    fn many_images_are_as_each_alone() {
        let network = Mlp::new(2, &[8, 8], 3, 1).expect("a network");
        let pixels: Vec<u8> = (0..2 * (BATCH + 3)).map(|pixel| (pixel * 37 % 256) as u8).collect();
        for kind in [InputMargin::Linear, InputMargin::DeepFool] {
            let all = margins(&network, &pixels, kind);
            assert_eq!(all.len(), BATCH + 3);
            for example in [0, 1, BATCH - 1, BATCH, BATCH + 2] {
                let alone = margins(&network, &pixels[2 * example..][..2], kind)[0];
                let same = (alone - all[example]).abs() <= 1e-4 * alone || (alone.is_nan() && all[example].is_nan());
                assert!(same, "{kind:?}, {example}: {alone} {}", all[example]);
            }
        }
    }
}
