//! Every kind of file, right and wrong. What other programs write is read in `tests/reference`.

use super::*;
use safetensors::Dtype;

use crate::data::{Images, write_images, write_labels};

fn refused(files: &[impl InputFile]) -> String {
    read_own(files, &ReadOptions::default()).expect_err("wrong files").to_string()
}

#[test]
fn a_table_is_read() {
    let csv = b"label,a,b,c,d\nshirt,0,1,2,255\nbag,4,5,6,7\nshirt,8,9,10,11\n";
    let data = read_own(&[("mine.CSV", csv)], &ReadOptions::default()).expect("a table");
    assert_eq!(data.classes, ["bag", "shirt"]);
    assert_eq!(data.labels, [1, 0, 1]);
    assert_eq!((data.training, data.images.shape()), (3, [1, 2, 2]));
    assert_eq!(data.images.image(0), [0, 1, 2, 255]);
    let data = read_own(&[("mine.csv", b"a,b,label\n1,2,10\n3,4,9\n")], &ReadOptions::default()).expect("a table");
    assert_eq!((data.images.shape(), data.classes), ([1, 1, 2], vec!["9".to_owned(), "10".to_owned()]));
}

#[test]
fn features_are_scaled_over_the_training_rows() {
    // Ranges -1 to 1 and 1000 to 3000 over the training rows; the test rows are inside and outside of these ranges.
    let csv = b"x,split,label,y,z\n9,test,b,2000,7\n-1,train,a,1000,7\n0.5,Train,b,3000,7\n-2,test,a,1004,8\n1,train,c,2000,7\n";
    let data = read_own(&[("mine.csv", csv)], &ReadOptions::default()).expect("a table");
    assert_eq!((data.images.shape(), data.training), ([1, 1, 3], 3));
    assert_eq!(data.images.pixels(), [[0, 0, 0], [191, 255, 0], [255, 128, 0], [255, 128, 0], [0, 1, 0]].concat());
    assert_eq!((data.labels, data.classes), (vec![0, 1, 2, 1, 0], vec!["a".to_owned(), "b".into(), "c".into()]));
    assert!(data.source.starts_with("mine.csv, each column scaled"), "{}", data.source);
    let wide =
        read_own(&[("a.csv", b"label,x\n0,-1.7e308\n1,0\n2,1.7e308\n")], &ReadOptions::default()).expect("a table");
    assert_eq!(wide.images.pixels(), [0, 128, 255]);
}

#[test]
fn pixels_are_not_scaled_and_may_be_split() {
    let data = read_own(&[("a.csv", b"label,x,split\n0,9,test\n1,100,train\n0,101,train\n")], &ReadOptions::default())
        .expect("a table");
    assert_eq!((data.images.pixels(), data.training), (&[100, 101, 9][..], 2));
    assert_eq!(data.source, "a.csv");
    let data = read_own(&[("a.csv", b"label,x,split\n0,9,0\n1,100,1\n")], &ReadOptions::default()).expect("a table");
    assert_eq!(data.images.pixels(), [9, 0, 100, 1], "a feature that is called split");
}

#[test]
fn a_wrong_table_is_refused_by_its_place() {
    assert!(refused(&[("a.csv", b"x,y\n1,2\n")]).contains("called `label`"));
    let words = refused(&[("a.csv", b"label,x,y\n0,1,2\n1,red,2\n")]);
    assert!(words.contains("\"red\" in row 2, column `x`") && words.contains("write categories as numbers"), "{words}");
    let words = refused(&[("a.csv", b"label,x,y\n0,1,2\n1,0.5,\n")]);
    assert!(words.contains("\"\" in row 2, column `y`") && words.contains("missing"), "{words}");
    assert!(refused(&[("a.csv", b"label,x\n0,nan\n")]).contains("\"nan\" in row 1, column `x`"));
    assert!(refused(&[("a.csv", b"label,x\n0,-inf\n")]).contains("no finite number"));
    let words = refused(&[("a.csv", b"label,x,split\n0,1,train\n0,1,tset\n")]);
    assert!(words.contains("\"tset\" in row 2, column `split`") && words.contains("neither"), "{words}");
    assert!(refused(&[("a.csv", b"label,x,split\n0,1,test\n")]).contains("training images is empty"));
    assert!(refused(&[("a.csv", b"label,x\n0,1\n1,2,3\n")]).contains("at byte"));
    assert!(refused(&[("a.csv", b"label,x\n")]).contains("nothing to learn"));
    assert!(refused(&[("a.csv", b"label\n1\n")]).contains("nothing to learn"));
    assert!(refused(&[("a.csv", b"")]).contains("label"));
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
    assert!(refused(&[("i", &images)]).contains("choose an IDX file"));
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

fn png(width: u32, height: u32, color: bool, value: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut to = std::io::Cursor::new(&mut bytes);
    if color {
        let image = image::RgbImage::from_pixel(width, height, image::Rgb([value, 1, 2]));
        image.write_to(&mut to, image::ImageFormat::Png).expect("an image");
    } else {
        image::GrayImage::from_pixel(width, height, image::Luma([value]))
            .write_to(&mut to, image::ImageFormat::Png)
            .expect("an image");
    }
    bytes
}

#[test]
fn a_folder_of_images_is_read_by_class() {
    let (one, two, three) = (png(3, 2, false, 9), png(3, 2, false, 20), png(3, 2, false, 30));
    let files: [(&str, &[u8]); 4] = [
        ("pets/dog/1.png", &one),
        ("pets/cat/1.PNG", &two),
        ("pets/cat/notes.txt", b"mine"),
        ("pets/test/dog/2.png", &three),
    ];
    let data = read_own(&files, &ReadOptions::default()).expect("a folder");
    assert_eq!((data.name.as_str(), &data.classes[..]), ("pets", &["cat".to_owned(), "dog".to_owned()][..]));
    assert_eq!((data.training, &data.labels[..]), (2, &[0, 1, 1][..]));
    assert_eq!((data.images.shape(), data.images.image(2)), ([1, 2, 3], &[30; 6][..]));
}

#[test]
fn images_of_many_sizes_and_colours_are_made_alike() {
    let (grey, color) = (png(128, 256, false, 9), png(200, 200, true, 20));
    let data = read_own(&[("a/x/1.png", &grey), ("a/y/1.png", &color)], &ReadOptions::default()).expect("a folder");
    assert_eq!(data.images.shape(), [3, 64, 41]);
    assert_eq!(data.images.image(0), [9; 3 * 64 * 41]);
    assert_eq!((data.images.image(1)[0], data.images.image(1)[64 * 41]), (20, 1));
}

#[test]
fn a_wrong_folder_is_refused_by_its_file() {
    let good = png(3, 2, false, 9);
    assert!(refused(&[("1.png", &good)]).contains("1.png: it lies in no folder"));
    let words = refused(&[("a/x/1.png", &good[..]), ("a/y/2.jpg", &good[..40])]);
    assert!(words.contains("a/y/2.jpg: "), "{words}");
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
