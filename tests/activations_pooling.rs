//! Tests of pooling: depths are those of layers that were pooled by plain loops before they were written.

use prediction_depth::activations::{Recording, Recordings};
use prediction_depth::pooling::{Channels, Pooling};
use prediction_depth::{Matrix, Result};
use prediction_depth_tests::{
    NamedFiles, SomeNetwork, TEST_EXAMPLES, TRAIN_EXAMPLES, TypedArray, folder_of, integers, measured, npz, replace,
};

const CHANNELS: usize = 2;
const SIDES: [usize; 2] = [3, 4];
const POSITIONS: usize = 5;
const DIMS: usize = 3;

/// A map [channels, height, width] or [height, width, channels], a sequence [positions, dims], and a vector [2].
struct Split {
    examples: usize,
    map: Matrix,
    sequence: Matrix,
    vector: Matrix,
    mask: Vec<bool>,
}

impl Split {
    fn new(examples: usize, seed: u64) -> Self {
        let sized = |dims: usize, seed| integers(examples, dims, seed);
        let mask = sized(POSITIONS, seed + 3).values().iter().map(|&value| value > 0.0).collect::<Vec<_>>();
        let mask = mask
            .chunks_exact(POSITIONS)
            .flat_map(|row| if row.contains(&true) { row.to_vec() } else { vec![true; POSITIONS] });
        Self {
            examples,
            map: sized(CHANNELS * SIDES[0] * SIDES[1], seed),
            sequence: sized(POSITIONS * DIMS, seed + 1),
            vector: sized(2, seed + 2),
            mask: mask.collect(),
        }
    }

    /// Returns the files of a folder with these layers in place of those of some network.
    fn files(&self, layers: [(&Matrix, &[usize]); 3]) -> NamedFiles {
        let mut files = SomeNetwork::new(self.examples, 7).folder("<f4", false);
        for (number, (values, shape)) in layers.into_iter().enumerate() {
            let array = TypedArray::floats(values.values(), &[&[self.examples], shape].concat());
            replace(&mut files, &format!("layer{number}.npy"), array.npy());
        }
        files
    }

    /// The layers as a network gives them.
    fn raw(&self, channels: Channels) -> NamedFiles {
        let map = match channels {
            Channels::First => [CHANNELS, SIDES[0], SIDES[1]],
            Channels::Last => [SIDES[0], SIDES[1], CHANNELS],
        };
        self.files([(&self.map, &map), (&self.sequence, &[POSITIONS, DIMS]), (&self.vector, &[2])])
    }

    fn mask(&self, fortran: bool) -> Vec<u8> {
        let values: Vec<f64> = self.mask.iter().map(|&counts| f64::from(u8::from(counts))).collect();
        TypedArray::new(&values, &[self.examples, POSITIONS], "|b1", fortran).npy()
    }
}

/// Returns one value of each example, row by row.
fn rows(examples: usize, dims: usize, value: impl Fn(usize, usize) -> f64) -> Matrix {
    let values = (0..examples * dims).map(|at| value(at / dims, at % dims) as f32).collect();
    Matrix::new(values, examples, dims).expect("as many")
}

fn depths(train: Result<Recording>, test: Result<Recording>, pooling: Pooling, bytes: u64) -> Result<Vec<usize>> {
    let recordings = Recordings::with_pooling(train?, vec![("test".into(), test?)], pooling)?;
    Ok(measured(&recordings, bytes)?.depths())
}

/// Compares pooling while reading, in memory and in blocks, with layers that were pooled before.
fn same(pooling: Pooling, raw: [&NamedFiles; 2], pooled: [NamedFiles; 2]) {
    let of = |files: [&NamedFiles; 2], pooling, bytes| {
        depths(folder_of("train", files[0]), folder_of("test", files[1]), pooling, bytes).expect("depths")
    };
    let right = of([&pooled[0], &pooled[1]], Pooling::None, u64::MAX);
    for bytes in [u64::MAX, 0] {
        assert_eq!(of(raw, pooling, bytes), right, "{pooling}, {bytes} bytes");
    }
    assert_ne!(of(raw, Pooling::None, u64::MAX), right, "{pooling} changes something");
}

fn splits() -> [Split; 2] {
    [Split::new(TRAIN_EXAMPLES, 20), Split::new(TEST_EXAMPLES, 40)]
}

#[test]
fn averages_of_maps_and_sequences() {
    // At most 8 values: 2 channels in 2 x 2 parts of 3 x 4 positions (rows 0..2 and 1..3, columns 0..2 and 2..4), and a
    // sequence of 3 dims in 2 parts of 5 positions (0..3 and 2..5).
    for channels in [Channels::First, Channels::Last] {
        let splits = splits();
        let map_at = |split: &Split, example: usize, channel: usize, row: usize, column: usize| {
            let at = match channels {
                Channels::First => (channel * SIDES[0] + row) * SIDES[1] + column,
                Channels::Last => (row * SIDES[1] + column) * CHANNELS + channel,
            };
            f64::from(split.map.row(example)[at])
        };
        let map = |split: &Split| {
            rows(split.examples, 8, |example, at| {
                let (channel, row, column) = (at / 4, at / 2 % 2, at % 2 * 2);
                let parts = [(0, 0), (0, 1), (1, 0), (1, 1)];
                parts.iter().map(|(r, c)| map_at(split, example, channel, row + r, column + c)).sum::<f64>() / 4.0
            })
        };
        // With channels first, the sequence is [5 channels, length 3]: one part, since 5 x 2 values are too many.
        let sequence = |split: &Split| match channels {
            Channels::First => rows(split.examples, POSITIONS, |example, at| {
                (0..DIMS).map(|dim| f64::from(split.sequence.row(example)[at * DIMS + dim])).sum::<f64>() / 3.0
            }),
            Channels::Last => rows(split.examples, 2 * DIMS, |example, at| {
                let (part, dim) = (at / DIMS, at % DIMS);
                (2 * part..2 * part + 3)
                    .map(|row| f64::from(split.sequence.row(example)[row * DIMS + dim]))
                    .sum::<f64>()
                    / 3.0
            }),
        };
        let pooled = splits.each_ref().map(|split| {
            let sequence = sequence(split);
            split.files([(&map(split), &[8]), (&sequence, &[sequence.cols()]), (&split.vector, &[2])])
        });
        let raw = splits.each_ref().map(|split| split.raw(channels));
        same(Pooling::Average { values: 8, channels: Some(channels) }, [&raw[0], &raw[1]], pooled);
    }
}

#[test]
fn one_position_or_the_mean_of_those_that_count() {
    for with_mask in [false, true] {
        for pooling in [Pooling::First, Pooling::Last, Pooling::Mean] {
            let splits = splits();
            let chosen = |split: &Split, example: usize| -> Vec<usize> {
                let row = &split.mask[example * POSITIONS..(example + 1) * POSITIONS];
                let counted: Vec<usize> = (0..POSITIONS).filter(|&at| !with_mask || row[at]).collect();
                match pooling {
                    Pooling::First => vec![counted[0]],
                    Pooling::Last => vec![counted[counted.len() - 1]],
                    _ => counted,
                }
            };
            let pool = |split: &Split| {
                rows(split.examples, DIMS, |example, dim| {
                    let chosen = chosen(split, example);
                    let sum: f64 =
                        chosen.iter().map(|at| f64::from(split.sequence.row(example)[at * DIMS + dim])).sum();
                    sum / chosen.len() as f64
                })
            };
            // A map is no sequence: another vector takes its place.
            let mut raw = splits.each_ref().map(|split| {
                split.files([(&split.vector, &[2]), (&split.sequence, &[POSITIONS, DIMS]), (&split.vector, &[2])])
            });
            if with_mask {
                for (number, (files, split)) in raw.iter_mut().zip(&splits).enumerate() {
                    files.push(("mask.npy".into(), split.mask(number == 1)));
                }
            }
            let pooled = splits
                .each_ref()
                .map(|split| split.files([(&split.vector, &[2]), (&pool(split), &[DIMS]), (&split.vector, &[2])]));
            same(pooling, [&raw[0], &raw[1]], pooled);
        }
    }
}

/// A sequence with its mask; `poisoned` says of a position whether it counts which values are NaN.
fn masked(split: &Split, poisoned: impl Fn(usize, bool) -> bool, fortran: bool) -> NamedFiles {
    let nan = |(at, &value): (usize, &f32)| {
        let position = at / DIMS;
        if poisoned(position, split.mask[position]) { f64::NAN } else { f64::from(value) }
    };
    let values: Vec<f64> = split.sequence.values().iter().enumerate().map(nan).collect();
    let layer = TypedArray::new(&values, &[split.examples, POSITIONS, DIMS], "<f4", fortran);
    let mut files = split.files([(&split.vector, &[2]), (&split.sequence, &[POSITIONS, DIMS]), (&split.vector, &[2])]);
    replace(&mut files, "layer1.npy", layer.npy());
    files.push(("mask.npy".into(), split.mask(fortran)));
    files
}

#[test]
fn what_a_mask_leaves_out_may_be_anything() {
    let splits = splits();
    let of = |poisoned: fn(usize, bool) -> bool, fortran, pooling, bytes| {
        let [train, test] = splits.each_ref().map(|split| masked(split, poisoned, fortran));
        depths(folder_of("train", &train), folder_of("test", &test), pooling, bytes)
    };
    for pooling in [Pooling::First, Pooling::Last, Pooling::Mean] {
        let right = of(|_, _| false, false, pooling, u64::MAX).expect("depths");
        for (fortran, bytes) in [(false, 0), (false, u64::MAX), (true, 0), (true, u64::MAX)] {
            let found = of(|_, counts| !counts, fortran, pooling, bytes).expect("depths");
            assert_eq!(found, right, "{pooling}, {bytes} bytes, Fortran order {fortran}");
            // A position that counts is refused, also if it is not the one that is taken.
            let error = of(|position, counts| counts && position / POSITIONS == 3, fortran, pooling, bytes);
            let message = error.expect_err("it counts").to_string();
            let first = splits[0].mask[3 * POSITIONS..].iter().position(|&counts| counts).expect("one counts");
            let place = format!("train/layer1.npy[3, {first}, 0]: it is NaN");
            assert!(message.starts_with(&place) && message.contains("mask padding"), "{message}");
        }
    }
    let error = of(|_, counts| !counts, false, Pooling::None, 0).expect_err("no mask counts").to_string();
    assert!(error.contains("it is NaN"), "{error}");
}

#[test]
fn splits_may_be_padded_to_other_lengths_where_they_are_pooled() {
    let [train, test] = splits();
    let raw = train.files([(&train.vector, &[2]), (&train.sequence, &[POSITIONS, DIMS]), (&train.vector, &[2])]);
    let longer = integers(TEST_EXAMPLES, 9 * DIMS, 3);
    let other = test.files([(&test.vector, &[2]), (&longer, &[9, DIMS]), (&test.vector, &[2])]);
    assert!(depths(folder_of("train", &raw), folder_of("test", &other), Pooling::Mean, u64::MAX).is_ok());
    let error = depths(folder_of("train", &raw), folder_of("test", &other), Pooling::None, u64::MAX);
    let message = error.expect_err("15 and 27 values").to_string();
    assert!(message.contains("test/layer1.npy") && message.contains("27 values"), "{message}");
}

#[test]
fn a_compressed_layer_is_pooled_from_scratch() {
    let [train, test] = splits().map(|split| {
        let mut files = split.raw(Channels::First);
        let array = TypedArray::floats(split.map.values(), &[split.examples, CHANNELS, SIDES[0], SIDES[1]]);
        let plain = files.clone();
        replace(&mut files, "layer0.npz", npz(&[("layer0", array)], true));
        [plain, files]
    });
    let pooling = Pooling::Average { values: 8, channels: Some(Channels::First) };
    let of = |which: usize, bytes| {
        depths(folder_of("train", &train[which]), folder_of("test", &test[which]), pooling, bytes).expect("depths")
    };
    assert_eq!(of(1, 0), of(0, u64::MAX));
}

#[test]
fn what_cannot_be_pooled_is_refused_with_place_and_remedy() {
    let average = |values, channels| Pooling::Average { values, channels };
    let first = Some(Channels::First);
    let mask = |shape: &[usize], value: f64| {
        let values = vec![value; shape.iter().product()];
        Some(TypedArray::new(&values, shape, "<i8", false).npy())
    };
    for (pooling, mask, words) in [
        (average(8, None), None, ["train/layer0.npy", "[2, 3, 4]", "--channels"]),
        (average(1, first), None, ["train/layer0.npy", "2 channels", "average:2"]),
        (Pooling::Mean, None, ["train/layer0.npy", "`mean` pools sequences", "reshape"]),
        (Pooling::Mean, mask(&[TRAIN_EXAMPLES, 4], 1.0), ["train/layer1.npy", "5 positions", "train/mask.npy has 4"]),
        (Pooling::Mean, mask(&[3, POSITIONS], 1.0), ["train/mask.npy", "[3, 5]", "[40, positions]"]),
        (Pooling::Mean, mask(&[TRAIN_EXAMPLES, POSITIONS], 2.0), ["train/mask.npy[0, 0]", "it is 2", "0 and 1"]),
        (
            Pooling::Mean,
            mask(&[TRAIN_EXAMPLES, POSITIONS], 0.0),
            ["train/mask.npy", "example 0", "leave the example out"],
        ),
    ] {
        let [train, _] = splits();
        let mut files = train.raw(Channels::First);
        if words[0].contains("layer1") {
            replace(&mut files, "layer0.npy", TypedArray::floats(train.vector.values(), &[TRAIN_EXAMPLES, 2]).npy());
        }
        files.extend(mask.map(|bytes| ("mask.npy".to_owned(), bytes)));
        let found = folder_of("train", &files).and_then(|train| Recordings::with_pooling(train, vec![], pooling));
        let message = found.map(|_| ()).expect_err(words[0]).to_string();
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
    }
}

#[test]
fn a_mask_that_does_not_count_is_said() {
    let [train, _] = splits();
    let mut files = train.raw(Channels::First);
    files.push(("mask.npy".into(), train.mask(false)));
    let recordings = Recordings::new(folder_of("train", &files).expect("a split"), vec![]).expect("splits");
    let notes = recordings.summary().notes;
    assert!(notes.iter().any(|note| note.contains("train/mask.npy is not used")), "{notes:?}");
}
