//! Tests of arrays: the same numbers are the same data set, whatever their type and their file; and how much memory it
//! takes to read them.

use std::io::{Cursor, Write};
use std::path::Path;

use assert_cmd::Command;
use prediction_depth::data::{Dataset, ReadOptions, read_own};
use prediction_depth_tests::text;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A number type: NumPy's name, that of safetensors, and a value's little-endian bytes.
type NumberType = (&'static str, Dtype, fn(f64) -> Vec<u8>);

/// Number types that hold every whole number from 0 to 255.
const TYPES: [NumberType; 7] = [
    ("|u1", Dtype::U8, |value| vec![value as u8]),
    ("<i2", Dtype::I16, |value| (value as i16).to_le_bytes().to_vec()),
    ("<u4", Dtype::U32, |value| (value as u32).to_le_bytes().to_vec()),
    ("<i8", Dtype::I64, |value| (value as i64).to_le_bytes().to_vec()),
    ("<u8", Dtype::U64, |value| (value as u64).to_le_bytes().to_vec()),
    ("<f4", Dtype::F32, |value| (value as f32).to_le_bytes().to_vec()),
    ("<f8", Dtype::F64, |value| value.to_le_bytes().to_vec()),
];

/// A named array of whole numbers.
#[derive(Clone, Debug)]
struct Named {
    name: &'static str,
    shape: Vec<usize>,
    values: Vec<u8>,
}

impl Named {
    fn bytes(&self, (_, _, bytes): NumberType) -> Vec<u8> {
        self.values.iter().flat_map(|&value| bytes(value.into())).collect()
    }

    fn npy(&self, of: NumberType) -> Vec<u8> {
        let shape: String = self.shape.iter().map(|side| format!("{side}, ")).collect();
        npy(&format!("{{'descr': '{}', 'fortran_order': False, 'shape': ({shape}), }}", of.0), &self.bytes(of))
    }
}

fn npy(header: &str, values: &[u8]) -> Vec<u8> {
    let header = format!("{header:<117}\n");
    [&b"\x93NUMPY\x01\x00"[..], &(header.len() as u16).to_le_bytes(), header.as_bytes(), values].concat()
}

fn npz(entries: &[(String, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default().compression_method(method);
        let level = (method == CompressionMethod::Deflated).then_some(1);
        let options = options.compression_level(level);
        archive.start_file(format!("{name}.npy"), options).expect("an entry");
        archive.write_all(bytes).expect("bytes");
    }
    archive.finish().expect("an archive").into_inner()
}

/// Writes the arrays in every file, each in a number type of its own, and returns what is read.
fn everywhere(arrays: &[Named], types: &[NumberType]) -> Vec<Result<Dataset, String>> {
    let typed = || arrays.iter().zip(types.iter().cycle());
    let entries: Vec<(String, Vec<u8>)> = typed().map(|(array, of)| (array.name.to_owned(), array.npy(*of))).collect();
    let owned: Vec<_> = typed().map(|(array, of)| (array, of.1, array.bytes(*of))).collect();
    let views = owned.iter().map(|(array, dtype, bytes)| {
        (array.name, TensorView::new(*dtype, array.shape.clone(), bytes).expect("a tensor"))
    });
    let tensors = safetensors::serialize(views, None).expect("a file");
    let single: Vec<(String, Vec<u8>)> =
        entries.iter().map(|(name, bytes)| (format!("{name}.npy"), bytes.clone())).collect();
    let single: Vec<(&str, &[u8])> = single.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    let read = |files: &[(&str, &[u8])]| read_own(files, &ReadOptions::default()).map_err(|error| error.to_string());
    vec![
        read(&[("a.npz", &npz(&entries, CompressionMethod::Stored))]),
        read(&[("a.npz", &npz(&entries, CompressionMethod::Deflated))]),
        read(&[("a.safetensors", &tensors)]),
        read(&single),
    ]
}

/// Images or features, with labels: a training and a test part.
fn arrays() -> impl Strategy<Value = Vec<Named>> {
    let sides =
        prop_oneof![Just(vec![6]), Just(vec![2, 3]), Just(vec![3, 2, 2]), Just(vec![2, 2, 3]), Just(vec![2, 2, 4])];
    let values = prop_oneof![Just(0..2_u8), Just(0..255)];
    (sides, values, 2_usize..6, 1_usize..4).prop_flat_map(|(sides, range, training, test)| {
        let of = move |name: &'static str, count: usize| {
            let shape: Vec<usize> = [&[count], &sides[..]].concat();
            let size = shape.iter().product::<usize>();
            prop::collection::vec(range.clone(), size).prop_map(move |values| Named {
                name,
                shape: shape.clone(),
                values,
            })
        };
        let labels = |name: &'static str, count: usize| {
            prop::collection::vec(0_u8..3, count).prop_map(move |values| Named { name, shape: vec![count], values })
        };
        (of("x_train", training), labels("y_train", training), of("x_test", test), labels("y_test", test))
            .prop_map(|(x, y, x_test, y_test)| vec![x, y, x_test, y_test])
    })
}

#[test]
fn the_same_numbers_are_the_same_data_set() {
    let config = ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&(arrays(), 0..TYPES.len()), |(arrays, first)| {
        let expected = everywhere(&arrays, &TYPES[..1]).remove(0).map_err(TestCaseError::fail)?;
        let mut types = TYPES;
        types.rotate_left(first);
        for found in everywhere(&arrays, &types) {
            let found = found.map_err(TestCaseError::fail)?;
            prop_assert_eq!(found.images.pixels(), expected.images.pixels());
            prop_assert_eq!(found.images.shape(), expected.images.shape());
            prop_assert_eq!((&found.labels, &found.classes), (&expected.labels, &expected.classes));
            prop_assert_eq!((found.training, found.features), (expected.training, expected.features));
            prop_assert_eq!(&found.report, &expected.report);
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn a_number_that_is_no_pixel_is_refused_everywhere() {
    let x = Named { name: "x", shape: vec![2, 2, 2], values: vec![0, 9, 255, 3, 4, 5, 6, 7] };
    let y = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", &[0, 1]);
    for of in TYPES.iter().filter(|(name, ..)| *name != "|u1") {
        let mut bytes = x.npy(*of);
        let at = bytes.len() - of.2(0.0).len();
        bytes.splice(at.., of.2(256.0));
        let file = npz(&[("x".to_owned(), bytes), ("y".to_owned(), y.clone())], CompressionMethod::Stored);
        let words = read_own(&[("a.npz", file)], &ReadOptions::default()).expect_err("no pixel").to_string();
        assert!(words.contains("256 (`x`[1, 1, 1])"), "{}: {words}", of.0);
    }
}

#[test]
fn an_array_larger_than_its_archive_is_refused() {
    let x = Named { name: "x", shape: vec![2, 2, 2], values: vec![0; 8] };
    for shape in ["18446744073709551615,", "9223372036854775808, 4", "1099511627776,"] {
        let y = npy(&format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({shape}), }}"), &[0, 1]);
        for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
            let file = npz(&[("x".to_owned(), x.npy(TYPES[0])), ("y".to_owned(), y.clone())], method);
            let words = read_own(&[("a.npz", file)], &ReadOptions::default()).expect_err("too large").to_string();
            assert!(words.contains("`y`"), "{shape}: {words}");
        }
    }
}

/// Returns whether the program that measures memory finds it within its limit.
#[cfg(target_os = "linux")]
fn within(file: &Path, more: &[&str]) -> bool {
    let mut command = Command::cargo_bin("peak_memory_read").expect("`cargo build --workspace --bins` makes it");
    let output = command.arg(file).args(more).output().expect("it starts");
    println!("{}{}", text(&output.stdout), text(&output.stderr));
    output.status.success()
}

/// 160 MB of float32 are read within 2.5 times as much, plain and compressed; and a smaller limit is noticed.
#[cfg(target_os = "linux")]
#[test]
fn floats_cost_at_most_two_and_a_half_times_their_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let count = 50_000;
    // Noise, which does not compress.
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 24
    };
    let values: Vec<u8> = (0..count * 28 * 28).flat_map(|_| (noise() as f32).to_le_bytes()).collect();
    let images = npy(&format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({count}, 28, 28), }}"), &values);
    let labels = npy(&format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({count},), }}"), &vec![1; count]);
    let entries = [("images".to_owned(), images), ("labels".to_owned(), labels)];
    let size = entries[0].1.len().to_string();
    let path = folder.path().join("floats.npz");
    std::fs::write(&path, npz(&entries, CompressionMethod::Stored)).expect("writable");
    assert!(within(&path, &[]));
    assert!(!within(&path, &["--times", "0.5"]), "the measure can fail");
    std::fs::write(&path, npz(&entries, CompressionMethod::Deflated)).expect("writable");
    assert!(within(&path, &["--size", &size]));
    let view = |dtype, shape: Vec<usize>, bytes| TensorView::new(dtype, shape, bytes).expect("a tensor");
    let labels = vec![1; count];
    let tensors =
        [("images", view(Dtype::F32, vec![count, 28, 28], &values)), ("labels", view(Dtype::U8, vec![count], &labels))];
    let path = folder.path().join("floats.safetensors");
    std::fs::write(&path, safetensors::serialize(tensors, None).expect("a file")).expect("writable");
    assert!(within(&path, &[]));
}
