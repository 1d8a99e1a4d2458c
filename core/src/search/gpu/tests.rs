//! Properties that are not visible from outside: loss of half precision, order of the rows, and a lost device.

use pollster::block_on;

use super::Gpu;
use super::rows::{PackedRows, StorageLoss, slack, visits};
use super::setup::{GpuSetup, RowLayout, Storage};
use crate::error::Error;
use crate::matrix::Matrix;
use crate::search::center::Center;
use crate::search::query::{NeighborSearch, Query};
use crate::search::simd::Kernel;

/// Returns values from 2^-30 to 2, of both signs, all different.
fn uneven(rows: usize, dims: usize) -> Matrix {
    let value = |i: usize| {
        let turned = (i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        let size = (1.0 + turned as f32 / 2e7) * 2.0_f32.powi(-((turned % 30) as i32));
        if turned & 64 == 0 { size } else { -size }
    };
    Matrix::new((0..rows * dims).map(value).collect(), rows, dims).expect("the same size")
}

/// Returns the values that the shader reads from words of halves (rows_f16.wgsl).
fn unpacked(words: &[u32]) -> Vec<f32> {
    let half = |bits: u32| f32::from_bits((bits & 0x8000_0000) | ((bits & 0x7fff_0000) >> 3)) * 2.0_f32.powi(98);
    words.iter().flat_map(|&word| [half(word << 16), half(word)]).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

#[test]
fn half_precision_stays_within_the_window() {
    let rows = uneven(40, 37);
    let center = block_on(Center::new(Kernel::best(), &rows, &rows)).expect("finite");
    let layout = RowLayout::new(Storage::F16, 37).expect("small");
    let packed = PackedRows::new(&center, layout, 40, |row| rows.row(row));
    let exact = center.rows(rows.values());
    let halves: Vec<Vec<f32>> = packed.words.chunks_exact(layout.bytes() / 4).map(unpacked).collect();
    let window = block_on(StorageLoss::new(&center, layout, &rows)).expect("finite");
    let (mut within, mut beyond_float32) = (true, false);
    for query in 0..40 {
        let row = |row: usize| &exact.values[row * 37..(row + 1) * 37];
        let lost: f64 =
            row(query).iter().zip(&halves[query]).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum();
        assert!((lost.sqrt() - packed.losses[query]).abs() < 1e-12);
        assert!(halves[query][37..].iter().all(|&padding| padding == 0.0));
        let slack = f64::from(slack(window.key_error(&center, packed.norms[query], packed.losses[query])));
        for other in 0..40 {
            let moved = 2.0 * (dot(row(query), row(other)) - dot(&halves[query], &halves[other])).abs();
            within &= moved <= slack / 2.0;
            beyond_float32 |= moved > 3.0 * center.error(packed.norms[query]);
        }
    }
    assert!(within);
    // The error bound of float32 alone would be too small: the comparison above can fail.
    assert!(beyond_float32);
}

#[test]
fn each_row_is_visited_once_and_any_first_part_is_spread() {
    for (rows, piece) in [(1, 1), (2, 1), (64, 1), (700, 1), (1000, 64), (63, 64)] {
        let mut seen: Vec<usize> = visits(rows, piece).flatten().collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..rows).collect::<Vec<_>>());
    }
    let first: Vec<usize> = visits(1000, 1).flatten().take(100).collect();
    let in_tenth = |tenth: usize| first.iter().filter(|&&row| row / 100 == tenth).count();
    assert!((0..10).all(|tenth| (4..=20).contains(&in_tenth(tenth))), "{first:?}");
}

#[test]
fn a_device_that_is_gone_is_an_error() {
    // Of a size that no other test asks for: devices are shared.
    let setup = GpuSetup { buffer_bytes: 77 << 20, ..GpuSetup::default() };
    let open = || block_on(Gpu::open_with(setup)).expect("an adapter: `tests/run --setup` installs a software one");
    let (gpu, shared) = (open(), open());
    assert_eq!(gpu.adapter.device, shared.adapter.device);
    let rows = uneven(70, 5);
    block_on(gpu.search(Query::leave_one_out(&rows, 3), &())).expect("a device at work");
    gpu.adapter.device.destroy();
    for query in [Query::leave_one_out(&rows, 3), Query::new(&rows, &rows, 3)] {
        let answer = block_on(gpu.search(query, &()));
        assert!(matches!(answer, Err(Error::Gpu(_))), "{answer:?}");
    }
    let another = open();
    assert_ne!(gpu.adapter.device, another.adapter.device);
    block_on(another.search(Query::leave_one_out(&rows, 3), &())).expect("another device, as the first is gone");
}
