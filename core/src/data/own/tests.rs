//! Every kind of file, right and wrong. What other programs write is read in `tests/reference`.

use super::*;
use safetensors::Dtype;

use crate::data::{Images, write_images, write_labels};

fn refused(files: &[impl InputFile]) -> String {
    read_own(files, &ReadOptions::default()).expect_err("wrong files").to_string()
}

#[test]
fn a_pair_of_idx_files_is_read_in_any_order() {
    let images = Images::new((0..24).collect(), [1, 2, 3]).expect("images");
    let (images, labels) = (write_images(&images).expect("bytes"), write_labels(&[5, 2, 5, 2]).expect("bytes"));
    for files in [[("i", &images[..]), ("l", &labels[..])], [("l", &labels[..]), ("i", &images[..])]] {
        let data = read_own(&files, &ReadOptions::default()).expect("a pair");
        assert_eq!((data.labels, data.images.shape()), (vec![1, 0, 1, 0], [1, 2, 3]));
    }
    assert!(refused(&[("i", &images), ("i", &images)]).contains("sides"));
    assert!(refused(&[("i", &images)]).contains("choose a folder of .png"));
    let few = write_labels(&[1]).expect("bytes");
    assert!(refused(&[("i", &images), ("l", &few)]).contains("expected 4, found 1"));
}

#[test]
fn tensors_are_read() {
    let file = |shape: &[usize], labels: &[i64]| {
        let bytes: Vec<u8> = (0..shape.iter().product::<usize>() as u8).collect();
        let labels_bytes: Vec<u8> = labels.iter().flat_map(|label| label.to_le_bytes()).collect();
        let view = safetensors::tensor::TensorView::new;
        let tensors = [
            ("images", view(Dtype::U8, shape.to_vec(), &bytes).expect("a tensor")),
            ("labels", view(Dtype::I64, vec![labels.len()], &labels_bytes).expect("a tensor")),
        ];
        safetensors::serialize(tensors, None).expect("a file")
    };
    let data =
        read_own(&[("a.safetensors", &file(&[2, 3, 1, 2], &[-1, 7]))], &ReadOptions::default()).expect("tensors");
    assert_eq!(
        (data.images.shape(), data.labels, data.classes),
        ([3, 1, 2], vec![0, 1], vec!["-1".into(), "7".into()])
    );
    assert!(refused(&[("a.safetensors", &file(&[4], &[0, 1]))]).contains("[4]"));
    assert!(refused(&[("a.safetensors", &file(&[2, 2, 2], &[0]))]).contains("expected 2, found 1"));
    assert!(refused(&[("a.safetensors", b"none")]).contains("safetensors"));
}

#[cfg(not(feature = "parquet"))]
#[test]
fn parquet_is_refused_with_what_to_do() {
    let words = refused(&[("a/train-0.parquet", b"PAR1"), ("a/test-0.parquet", b"PAR1")]);
    assert!(words.contains("a/train-0.parquet") && words.contains("--features parquet"), "{words}");
}

#[cfg(feature = "parquet")]
#[test]
fn what_is_no_parquet_is_refused_by_its_file() {
    let words = refused(&[("a/train-0.parquet", b"PAR1"), ("a/test-0.parquet", b"PAR1")]);
    assert!(words.contains("a/test-0.parquet: "), "{words}");
}
