//! Batch normalisation against plain loops in float64.

use candle_core::{Device, Result, Tensor};

use super::plain::product4;
use super::{batch_normalise, composed, flat, random, var};

const SHAPE: [usize; 4] = [19, 5, 4, 3];

/// Computes the output, and the mean and variance of each map.
fn plain(maps: &[f64], scale: &[f64], shift: &[f64], pool: usize) -> (Vec<f64>, [Vec<f64>; 2]) {
    let [images, height, width, channels] = SHAPE;
    let count = (images * height * width) as f64;
    let of = |map: usize| maps[map..].iter().step_by(channels);
    let means: Vec<f64> = (0..channels).map(|map| of(map).sum::<f64>() / count).collect();
    let variance = |map: usize| of(map).map(|value| (value - means[map]).powi(2)).sum::<f64>() / count;
    let variances: Vec<f64> = (0..channels).map(variance).collect();
    let largest = |[image, row, column, map]: [usize; 4]| {
        let value = |place: usize| {
            let (y, x) = (row * pool + place / pool, column * pool + place % pool);
            let value = maps[((image * height + y) * width + x) * channels + map];
            (value - means[map]) / (variances[map] + 1e-5).sqrt() * scale[map] + shift[map]
        };
        (0..pool * pool).map(value).fold(f64::NEG_INFINITY, f64::max)
    };
    let out = product4([images, height / pool, width / pool, channels]).map(largest).collect();
    (out, [means, variances])
}

type Op = fn(&Tensor, [&Tensor; 2], usize) -> Result<(Tensor, [Tensor; 2])>;

#[test]
fn it_and_its_gradients_are_what_the_definition_says() {
    const STEP: f64 = 1e-5;
    let counts = [SHAPE.iter().product(), SHAPE[3], SHAPE[3]];
    let values: Vec<Vec<f32>> = counts.into_iter().zip(40..).map(|(count, seed)| random(seed, count)).collect();
    let exact: Vec<Vec<f64>> = values.iter().map(|part| part.iter().map(|&value| value.into()).collect()).collect();
    for (pool, op) in [
        (1, batch_normalise as Op),
        (2, batch_normalise),
        (1, composed::batch_normalise),
        (2, composed::batch_normalise),
    ] {
        let maps = var(&values[0], &SHAPE);
        let of = [maps, var(&values[1], &[SHAPE[3]]), var(&values[2], &[SHAPE[3]])];
        let (out, statistics) = op(&of[0], [&of[1], &of[2]], pool).expect("normalised");
        let (expected, [means, variances]) = plain(&exact[0], &exact[1], &exact[2], pool);
        let found = [flat(&out), flat(&statistics[0]), flat(&statistics[1])];
        for (found, expected) in found.iter().zip([&expected, &means, &variances]) {
            assert_eq!(found.len(), expected.len());
            assert!(found.iter().zip(expected).all(|(found, expected)| (f64::from(*found) - expected).abs() < 1e-5));
        }
        let weights = random(50, expected.len());
        let loss = (out.flatten_all().expect("values") * Tensor::new(&weights[..], &Device::Cpu).expect("weights"))
            .and_then(|product| product.sum_all())
            .expect("a sum");
        let gradients = loss.backward().expect("gradients");
        for (which, var) in of.iter().enumerate() {
            let found = flat(gradients.get(var).expect("a gradient"));
            for at in (0..found.len()).step_by(1 + found.len() / 20) {
                let at_step = |step: f64| -> f64 {
                    let mut moved = exact.clone();
                    moved[which][at] += step;
                    let (out, _) = plain(&moved[0], &moved[1], &moved[2], pool);
                    out.iter().zip(&weights).map(|(out, &weight)| out * f64::from(weight)).sum()
                };
                let expected = (at_step(STEP) - at_step(-STEP)) / (2.0 * STEP);
                let difference = (f64::from(found[at]) - expected).abs();
                assert!(
                    difference < 2e-4 * expected.abs().max(1.0),
                    "pool {pool}, {which}, {at}: {} {expected}",
                    found[at]
                );
            }
        }
    }
    assert!(batch_normalise(&var(&values[0], &SHAPE), [&var(&values[1], &[3]), &var(&values[2], &[3])], 5).is_err());
}
