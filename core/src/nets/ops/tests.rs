//! Against plain loops in float64, and gradients against differences of them.

use candle_core::{Device, Tensor, Var};
use rand::RngExt;

use super::{conv2d, max_pool2d};
use crate::random::{Stream, generator};

fn random(seed: u64, count: usize) -> Vec<f32> {
    let mut rng = generator(seed, Stream::Weights);
    (0..count).map(|_| 2.0 * rng.random::<f32>() - 1.0).collect()
}

fn var(values: &[f32], shape: [usize; 4]) -> Var {
    Var::from_slice(values, shape.as_slice(), &Device::Cpu).expect("a tensor")
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().and_then(|tensor| tensor.to_vec1()).expect("values")
}

/// `[n, o, h, w]`, as the definition says it.
fn plain(
    x: &[f32],
    [n, c, h, w]: [usize; 4],
    k: &[f32],
    [o, _, s, _]: [usize; 4],
    stride: usize,
    padding: usize,
) -> Vec<f64> {
    let [oh, ow] = [h, w].map(|length| (length + 2 * padding - s) / stride + 1);
    let mut out = Vec::new();
    for (image, output, row, column) in product4([n, o, oh, ow]) {
        let mut sum = 0.0;
        for (channel, dy, dx, _) in product4([c, s, s, 1]) {
            let (y, x_) = (row * stride + dy, column * stride + dx);
            if y < padding || x_ < padding || y - padding >= h || x_ - padding >= w {
                continue;
            }
            let value = x[((image * c + channel) * h + y - padding) * w + x_ - padding];
            sum += f64::from(value) * f64::from(k[((output * c + channel) * s + dy) * s + dx]);
        }
        out.push(sum);
    }
    out
}

fn product4([a, b, c, d]: [usize; 4]) -> impl Iterator<Item = (usize, usize, usize, usize)> {
    (0..a * b * c * d).map(move |at| (at / (b * c * d), at / (c * d) % b, at / d % c, at % d))
}

/// Inputs, kernels, stride, padding: of the networks, and where padding and strides leave pixels out.
const CASES: [([usize; 4], [usize; 4], usize, usize); 6] = [
    ([19, 3, 7, 6], [4, 3, 3, 3], 1, 1),
    ([2, 4, 8, 8], [5, 4, 3, 3], 2, 1),
    ([3, 4, 7, 5], [2, 4, 1, 1], 2, 0),
    ([1, 1, 4, 4], [1, 1, 3, 3], 1, 0),
    ([2, 2, 2, 1], [3, 2, 3, 3], 1, 2),
    ([2, 1, 6, 6], [2, 1, 5, 5], 3, 2),
];

#[test]
fn convolution_is_what_the_definition_says() {
    for (seed, (x_shape, k_shape, stride, padding)) in (0..).zip(CASES) {
        let (x, k) = (random(seed, x_shape.iter().product()), random(seed + 100, k_shape.iter().product()));
        let out = conv2d(&var(&x, x_shape), &var(&k, k_shape), stride, padding).expect("a convolution");
        let expected = plain(&x, x_shape, &k, k_shape, stride, padding);
        assert_eq!(flat(&out).len(), expected.len());
        for (value, expected) in flat(&out).into_iter().zip(expected) {
            assert!((f64::from(value) - expected).abs() < 1e-5, "case {seed}: {value} {expected}");
        }
    }
}

#[test]
fn its_gradients_are_those_of_the_definition() {
    for (seed, (x_shape, k_shape, stride, padding)) in (0..).zip(CASES) {
        let (x, k) = (random(seed, x_shape.iter().product()), random(seed + 100, k_shape.iter().product()));
        let (x_var, k_var) = (var(&x, x_shape), var(&k, k_shape));
        let out = conv2d(&x_var, &k_var, stride, padding).expect("a convolution");
        let weights = random(seed + 200, out.elem_count());
        let loss = (out.flatten_all().expect("values") * Tensor::new(&weights[..], &Device::Cpu).expect("weights"))
            .and_then(|product| product.sum_all())
            .expect("a sum");
        let gradients = loss.backward().expect("gradients");
        let weighted = |x: &[f32], k: &[f32]| -> f64 {
            plain(x, x_shape, k, k_shape, stride, padding)
                .iter()
                .zip(&weights)
                .map(|(out, &weight)| out * f64::from(weight))
                .sum()
        };
        // It is linear in each, so that a whole step is as exact as a small one.
        let base = weighted(&x, &k);
        for (which, var) in [&x_var, &k_var].into_iter().enumerate() {
            let found = flat(gradients.get(var).expect("a gradient"));
            for at in (0..found.len()).step_by(7) {
                let mut moved = [x.clone(), k.clone()];
                moved[which][at] += 1.0;
                let expected = weighted(&moved[0], &moved[1]) - base;
                assert!(
                    (f64::from(found[at]) - expected).abs() < 1e-4,
                    "case {seed}, {which}, {at}: {} {expected}",
                    found[at]
                );
            }
        }
    }
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let x = var(&[0.0; 32], [1, 2, 4, 4]);
    assert!(conv2d(&x, &var(&[0.0; 27], [1, 3, 3, 3]), 1, 1).is_err());
    assert!(conv2d(&x, &var(&[0.0; 50], [1, 2, 5, 5]), 1, 0).is_err());
    assert!(conv2d(&x, &var(&[0.0; 18], [1, 2, 3, 3]), 0, 0).is_err());
    assert!(max_pool2d(&x, 5).is_err() && max_pool2d(&x, 0).is_err());
}

#[test]
fn pooling_takes_the_largest_and_its_gradient_goes_to_the_first_of_them() {
    let x = var(&[1.0, 2.0, 9.0, 2.0, 2.0, 9.0, 5.0, 4.0, 9.0], [1, 1, 3, 3]);
    let out = max_pool2d(&x, 2).expect("pooled");
    assert_eq!((out.dims(), flat(&out)), (&[1, 1, 1, 1][..], vec![2.0]));
    let gradients = (out * 3.0).and_then(|out| out.sum_all()).and_then(|sum| sum.backward()).expect("gradients");
    assert_eq!(flat(gradients.get(&x).expect("a gradient")), [0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let many = random(1, 2 * 3 * 7 * 6);
    let pooled = flat(&max_pool2d(&var(&many, [2, 3, 7, 6]), 2).expect("pooled"));
    for ((image, channel, row, column), value) in product4([2, 3, 3, 3]).zip(pooled) {
        let at = |dy: usize, dx: usize| many[((image * 3 + channel) * 7 + 2 * row + dy) * 6 + 2 * column + dx];
        assert_eq!(value, at(0, 0).max(at(0, 1)).max(at(1, 0)).max(at(1, 1)));
    }
}

#[test]
fn the_number_of_threads_does_not_show() {
    let ([x_shape, k_shape], stride) = ([[37, 8, 14, 14], [16, 8, 3, 3]], 1);
    let gradient = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let (x, k) = (
                var(&random(1, x_shape.iter().product()), x_shape),
                var(&random(2, k_shape.iter().product()), k_shape),
            );
            let out = conv2d(&x, &k, stride, 1).and_then(|out| out.sqr()?.sum_all()).expect("a sum");
            let gradients = out.backward().expect("gradients");
            [&x, &k].map(|var| {
                flat(gradients.get(var).expect("a gradient")).into_iter().map(f32::to_bits).collect::<Vec<_>>()
            })
        })
    };
    assert_eq!(gradient(1), gradient(3));
}
