//! Tests against plain loops in float64, finite differences, and candle's own operations.

mod batch;
mod linear;
mod plain;

use candle_core::{Device, Result, Tensor, Var};
use rand::RngExt;

use super::{
    Convolution, batch_normalise, channels_first, channels_last, composed, convolve, convolve_normalised, pooled,
    rectify, tapped,
};
use crate::random::{Stream, generator};
use plain::{Case, Values};

fn random(seed: u64, count: usize) -> Vec<f32> {
    let mut rng = generator(seed, Stream::Weights);
    (0..count).map(|_| 2.0 * rng.random::<f32>() - 1.0).collect()
}

fn var(values: &[f32], shape: &[usize]) -> Var {
    Var::from_slice(values, shape, &Device::Cpu).expect("a tensor")
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().and_then(|tensor| tensor.to_vec1()).expect("values")
}

/// Shapes as in the networks, numbers of maps for every vector path, and cases where padding, stride or pooling omit
/// pixels.
fn cases() -> Vec<Case> {
    let case = |inputs, outputs, side, stride, padding, pool, rectified| {
        let how = Convolution { stride, padding, rectified };
        Case { inputs, outputs, side, how, pool, groups: 0, residual: None }
    };
    vec![
        case([19, 7, 6, 3], 4, 3, 1, 1, 1, false),
        case([2, 8, 8, 4], 5, 3, 2, 1, 1, true),
        case([3, 7, 5, 4], 33, 1, 2, 0, 1, true),
        case([1, 4, 4, 1], 1, 3, 1, 0, 1, false),
        case([2, 2, 1, 2], 3, 3, 1, 2, 1, false),
        case([2, 6, 6, 1], 2, 5, 3, 2, 1, true),
        case([1, 5, 31, 16], 48, 3, 1, 1, 2, true),
        case([3, 7, 7, 17], 16, 3, 1, 1, 3, false),
    ]
}

fn normalised_cases() -> Vec<Case> {
    let case = |inputs, outputs, stride, groups, residual| {
        let how = Convolution { stride, padding: 1, rectified: true };
        Case { inputs, outputs, side: 3, how, pool: 1, groups, residual }
    };
    vec![
        case([3, 6, 5, 4], 6, 1, 3, None),
        case([2, 7, 7, 3], 16, 2, 8, Some(false)),
        case([17, 4, 4, 2], 4, 1, 1, Some(true)),
        case([2, 3, 3, 1], 20, 1, 4, Some(true)),
    ]
}

/// Returns the tensors of a case: inputs, kernels, bias or scale, shift, residual.
fn tensors(case: &Case, values: &Values) -> Vec<Var> {
    let [n, _, _, channels] = case.inputs;
    let [height, width] = case.sides();
    let each = [case.outputs];
    let kernels = [case.outputs, channels, case.side, case.side];
    let residual = [n, height, width, case.outputs];
    let shapes: [&[usize]; 5] = [&case.inputs, &kernels, &each, &each, &residual];
    values.iter().zip(shapes).map(|(values, shape)| var(values, shape)).collect()
}

type Ops = [fn(&Case, &[Var]) -> Result<Tensor>; 2];

const OPS: Ops = [
    |case, of| match of {
        [inputs, kernels, bias] => convolve(inputs, kernels, Some(bias), case.how, case.pool),
        [inputs, kernels, scale, shift, residual @ ..] => {
            let residual = residual.first().zip(case.residual).map(|(values, through)| (values.as_tensor(), through));
            convolve_normalised(inputs, kernels, [scale, shift], case.groups, residual, case.how)
        }
        _ => unreachable!(),
    },
    |case, of| match of {
        [inputs, kernels, bias] => composed::convolve(inputs, kernels, Some(bias), case.how, case.pool),
        [inputs, kernels, scale, shift, residual @ ..] => {
            let residual = residual.first().zip(case.residual).map(|(values, through)| (values.as_tensor(), through));
            composed::convolve_normalised(inputs, kernels, [scale, shift], case.groups, residual, case.how)
        }
        _ => unreachable!(),
    },
];

fn all() -> impl Iterator<Item = (u64, Case, Values)> {
    (0..).zip(cases().into_iter().chain(normalised_cases())).map(|(seed, case)| {
        let counts = case.counts().into_iter().zip(0..);
        let values = counts.map(|(count, which)| random(100 * seed + which, count)).collect();
        (seed, case, values)
    })
}

#[test]
fn layers_are_what_their_definition_says() {
    for (seed, case, values) in all() {
        let expected = case.output(&values);
        for op in OPS {
            let out = flat(&op(&case, &tensors(&case, &values)).expect("a layer"));
            assert_eq!(out.len(), expected.len(), "case {seed}");
            for (value, expected) in out.into_iter().zip(&expected) {
                assert!((f64::from(value) - expected).abs() < 2e-5, "case {seed}: {value} {expected}");
            }
        }
    }
}

#[test]
fn their_gradients_are_those_of_the_definition() {
    const STEP: f64 = 1e-5;
    for (seed, case, values) in all() {
        let weights = random(seed + 5000, case.output(&values).len());
        let weighted = |values: &[Vec<f64>]| -> f64 {
            case.of(values).iter().zip(&weights).map(|(out, &weight)| out * f64::from(weight)).sum()
        };
        let exact: Vec<Vec<f64>> = values.iter().map(|part| part.iter().map(|&value| value.into()).collect()).collect();
        let expected = |which: usize, at: usize| {
            let at_step = |step: f64| {
                let mut moved = exact.clone();
                moved[which][at] += step;
                weighted(&moved)
            };
            (at_step(STEP) - at_step(-STEP)) / (2.0 * STEP)
        };
        let some = |count: usize| (0..count).step_by(1 + count / 8);
        let all: Vec<Vec<f64>> = values
            .iter()
            .enumerate()
            .map(|(which, part)| some(part.len()).map(|at| expected(which, at)).collect())
            .collect();
        for op in OPS {
            let of = tensors(&case, &values);
            let out = op(&case, &of).expect("a layer");
            let loss = (out.flatten_all().expect("values") * Tensor::new(&weights[..], &Device::Cpu).expect("weights"))
                .and_then(|product| product.sum_all())
                .expect("a sum");
            let gradients = loss.backward().expect("gradients");
            for (which, (var, expected)) in of.iter().zip(&all).enumerate() {
                let found = flat(gradients.get(var).expect("a gradient"));
                for (at, expected) in some(found.len()).zip(expected) {
                    let found = f64::from(found[at]);
                    let most = 2e-4 * expected.abs().max(1.0);
                    assert!((found - expected).abs() < most, "case {seed}, {which}, {at}: {found} {expected}");
                }
            }
        }
    }
}

#[test]
fn what_needs_no_gradient_has_none_and_changes_no_other() {
    let (_, case, values) = all().next().expect("a case");
    let of = tensors(&case, &values);
    let gradients = |inputs: &Tensor| {
        let out = convolve(inputs, &of[1], Some(&of[2]), case.how, case.pool).and_then(|out| out.sqr()?.sum_all());
        out.and_then(|loss| loss.backward()).expect("gradients")
    };
    let (with, without) = (gradients(&of[0]), gradients(&of[0].detach()));
    assert!(with.get(&of[0]).is_some() && without.get(&of[0]).is_none());
    assert_eq!(flat(with.get(&of[1]).expect("one")), flat(without.get(&of[1]).expect("one")));
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let how = Convolution { stride: 1, padding: 0, rectified: false };
    let x = var(&[0.0; 32], &[1, 4, 4, 2]);
    let (three, two) = (var(&[0.0; 27], &[1, 3, 3, 3]), var(&[0.0; 18], &[1, 2, 3, 3]));
    assert!(convolve(&x, &two, None, how, 1).is_ok());
    assert!(convolve(&x, &three, None, how, 1).is_err());
    assert!(convolve(&x, &var(&[0.0; 50], &[1, 2, 5, 5]), None, how, 1).is_err());
    assert!(convolve(&x, &two, None, Convolution { stride: 0, ..how }, 1).is_err());
    assert!(convolve(&x, &two, None, how, 3).is_err() && convolve(&x, &two, None, how, 0).is_err());
    let each = var(&[1.0], &[1]);
    let normalized = |groups, residual| convolve_normalised(&x, &two, [&each, &each], groups, residual, how);
    assert!(normalized(1, None).is_ok());
    assert!(normalized(2, None).is_err() && normalized(0, None).is_err());
    assert!(normalized(1, Some((x.as_tensor(), true))).is_err());
}

#[test]
fn the_gradient_of_pooling_goes_to_the_first_of_the_largest() {
    let x = var(&[1.0, 2.0, 9.0, 2.0, 2.0, 9.0, 5.0, 4.0, 9.0], &[1, 3, 3, 1]);
    let how = Convolution { stride: 1, padding: 0, rectified: false };
    let out = convolve(&x, &var(&[1.0], &[1, 1, 1, 1]), None, how, 2).expect("pooled");
    assert_eq!((out.dims(), flat(&out)), (&[1, 1, 1, 1][..], vec![2.0]));
    let gradients = (out * 3.0).and_then(|out| out.sum_all()).and_then(|sum| sum.backward()).expect("gradients");
    assert_eq!(flat(gradients.get(&x).expect("a gradient")), [0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn a_relu_lets_what_is_above_zero_through_both_ways() {
    let x = var(&[-1.0, 0.0, 2.0], &[3]);
    let out = rectify(&x).expect("a ReLU");
    assert_eq!(flat(&out), [0.0, 0.0, 2.0]);
    let gradients = (out * 3.0).and_then(|out| out.sum_all()).and_then(|sum| sum.backward()).expect("gradients");
    assert_eq!(flat(gradients.get(&x).expect("a gradient")), [0.0, 0.0, 3.0]);
    let maps = var(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], &[1, 2, 1, 3]);
    let last = channels_last(&maps).expect("maps");
    assert_eq!((last.dims(), flat(&last)), (&[1, 1, 3, 2][..], vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0]));
    assert_eq!(flat(&channels_first(&last).expect("maps")), flat(&maps));
}

#[test]
fn what_is_tapped_and_pooled_is_as_candle_has_it() {
    for shape in [[3, 7, 5, 4], [1, 2, 2, 17], [2, 6, 4, 1]] {
        let maps = var(&random(1, shape.iter().product()), &shape);
        let first = channels_first(&maps).and_then(|maps| maps.flatten_from(1)).expect("maps");
        let found = [false, true].map(|rectified| tapped(&maps, rectified).expect("values"));
        assert_eq!((found[0].dims(), flat(&found[0])), (first.dims(), flat(&first)));
        assert_eq!(flat(&found[1]), flat(&first.relu().expect("a ReLU")));
        let [ours, candles] = [pooled(&maps, 2), composed::pooled(&maps, 2)].map(|maps| maps.expect("maps"));
        assert_eq!((ours.dims(), flat(&ours)), (candles.dims(), flat(&candles)));
    }
    assert!(tapped(&var(&[1.0, 2.0], &[1, 2]), true).is_err());
}

#[test]
fn the_number_of_threads_does_not_show() {
    let how = Convolution { stride: 1, padding: 1, rectified: true };
    let case = Case { inputs: [37, 8, 8, 8], outputs: 16, side: 3, how, pool: 1, groups: 4, residual: Some(true) };
    let values: Values = case.counts().into_iter().zip(0..).map(|(count, seed)| random(seed, count)).collect();
    let gradient = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let of = tensors(&case, &values);
            let loss = OPS[0](&case, &of).and_then(|out| out.sqr()?.sum_all()).expect("a sum");
            let gradients = loss.backward().expect("gradients");
            let bits = |var| flat(gradients.get(var).expect("a gradient")).into_iter().map(f32::to_bits);
            of.iter().flat_map(|var| bits(var.as_tensor())).collect::<Vec<_>>()
        })
    };
    assert_eq!(gradient(1), gradient(3));
}
