//! Images of all kinds, made alike.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;
use crate::data::{Background, Dataset, read_own};

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.into().write_to(&mut Cursor::new(&mut bytes), format).expect("an image");
    bytes
}

fn grey(width: u32, height: u32, value: u8) -> Vec<u8> {
    encoded(GrayImage::from_pixel(width, height, Luma([value])), ImageFormat::Png)
}

fn open(files: &[(&str, Vec<u8>)], options: &ReadOptions) -> Result<Dataset> {
    read_own(files, options)
}

fn data(files: &[(&str, Vec<u8>)]) -> Dataset {
    open(files, &ReadOptions::default()).expect("images")
}

fn refused(files: &[(&str, Vec<u8>)]) -> String {
    open(files, &ReadOptions::default()).expect_err("no images").to_string()
}

fn notes(data: &Dataset) -> String {
    data.report.notes.join("\n")
}

#[test]
fn a_folder_is_read_by_class_and_split() {
    let files = [
        ("pets/dog/1.png", grey(3, 2, 9)),
        ("pets/cat/1.PNG", grey(3, 2, 20)),
        ("pets/cat/notes.txt", b"mine".to_vec()),
        ("pets/.ipynb_checkpoints/1.png", grey(3, 2, 1)),
        ("pets/__MACOSX/dog/._1.png", vec![0, 5, 22, 7]),
        ("pets/cat/Thumbs.db", b"x".to_vec()),
        ("pets/val/dog/2.png", grey(3, 2, 40)),
        ("pets/test/dog/2.png", grey(3, 2, 30)),
    ];
    let data = data(&files);
    assert_eq!((data.name.as_str(), &data.classes[..]), ("pets", &["cat".to_owned(), "dog".to_owned()][..]));
    assert_eq!((data.training, data.validation, &data.labels[..]), (2, 1, &[0, 1, 1, 1][..]));
    assert_eq!((data.images.shape(), data.images.image(3)), ([1, 2, 3], &[30; 6][..]));
    assert_eq!(data.names, ["cat/1.PNG", "dog/1.png", "val/dog/2.png", "test/dog/2.png"]);
    let skipped: Vec<&str> = data.report.skipped.iter().map(|skipped| skipped.reason.as_str()).collect();
    assert_eq!(skipped.len(), 4, "{skipped:?}");
    assert!(skipped.contains(&"hidden file or folder") && skipped.contains(&"no image (.txt)"), "{skipped:?}");
}

#[test]
fn the_content_decides_about_the_format_and_not_the_ending() {
    let color = || RgbImage::from_pixel(8, 8, Rgb([250, 3, 3]));
    let files = [
        ("p/a/1.jpg", encoded(color(), ImageFormat::Png)),
        ("p/a/2", encoded(color(), ImageFormat::Bmp)),
        ("p/a/3.large", encoded(color(), ImageFormat::WebP)),
        ("p/b/1.gif", encoded(DynamicImage::ImageRgb8(color()).to_rgba8(), ImageFormat::Gif)),
        ("p/b/2.tif", encoded(color(), ImageFormat::Tiff)),
        ("p/b/3.png", encoded(color(), ImageFormat::Jpeg)),
    ];
    let data = data(&files);
    assert_eq!((data.images.len(), data.images.shape()), (6, [3, 8, 8]));
    for id in 0..6 {
        let image = data.images.image(id);
        assert!(image[0] > 235 && image[64] < 20 && image[128] < 20, "{}: {:?}", data.names[id], &image[..2]);
    }
    assert!(notes(&data).contains("of 1 GIF files the first frame") && notes(&data).contains("of 1 TIFF files"));
}

#[test]
fn images_of_many_sizes_get_the_commonest() {
    let files = [("a/x/1.png", grey(9, 6, 1)), ("a/x/2.png", grey(9, 6, 2)), ("a/y/1.png", grey(1, 1, 3))];
    let read = data(&files);
    assert_eq!((read.images.shape(), read.images.image(2)), ([1, 6, 9], &[3; 54][..]));
    assert!(
        notes(&read).contains("1 of 3 images were scaled to 9 x 6, the commonest of their 2 sizes"),
        "{}",
        notes(&read)
    );
    assert!(notes(&read).contains("1 images were stretched"), "{}", notes(&read));
    let options = ReadOptions { image_size: Some([4, 5]), ..ReadOptions::default() };
    let read = open(&files, &options).expect("images");
    assert_eq!(read.images.shape(), [1, 4, 5]);
    assert!(notes(&read).contains("3 of 3 images were scaled to 5 x 4, as --image-size says"), "{}", notes(&read));
    let large = [("a/x/1.png", grey(128, 256, 9)), ("a/y/1.png", grey(128, 256, 20))];
    let read = data(&large);
    assert_eq!((read.images.shape(), read.images.image(0)), ([1, 64, 32], &[9; 64 * 32][..]));
    assert!(notes(&read).contains("at most 64") && !notes(&read).contains("stretched"), "{}", notes(&read));
}

#[test]
fn sixteen_bits_are_scaled_by_the_depth_that_is_used() {
    let deep = |value: u16| encoded(ImageBuffer::from_pixel(2, 2, Luma([value])), ImageFormat::Png);
    let read = |values: [u16; 2]| {
        let data = data(&[
            ("p/a/1.png", deep(values[0])),
            ("p/test/a/1.png", deep(values[0])),
            ("p/b/1.png", deep(values[1])),
        ]);
        assert_eq!(data.images.image(0), data.images.image(2), "a test image as the same training image");
        ([0, 1].map(|id| data.images.image(id)[0]), notes(&data))
    };
    assert_eq!(read([0, 65_535]).0, [0, 255]);
    let (pixels, notes) = read([2048, 4095]);
    assert_eq!(pixels, [128, 255], "12 bits");
    assert!(notes.contains("16 bits a value, of which 12 are used"), "{notes}");
    assert_eq!(read([100, 200]).0, [100, 200], "8 bits in 16");
}

#[test]
fn transparent_pixels_show_the_background() {
    let half = |value: u8, opacity: u8| {
        encoded(RgbaImage::from_pixel(1, 2, Rgba([value, value, value, opacity])), ImageFormat::Png)
    };
    let files = [("p/a/1.png", half(0, 0)), ("p/a/2.png", half(100, 128)), ("p/b/1.png", half(7, 255))];
    let first = |options: &ReadOptions| {
        let data = open(&files, options).expect("images");
        ([0, 1, 2].map(|id| data.images.image(id)[0]), notes(&data))
    };
    let (pixels, notes) = first(&ReadOptions::default());
    assert_eq!(pixels, [255, 177, 7]);
    assert!(notes.contains("2 images have transparent pixels, through which white shows"), "{notes}");
    let black = ReadOptions { background: Background::Black, ..ReadOptions::default() };
    assert_eq!(first(&black).0, [0, 50, 7]);
    let grey = encoded(ImageBuffer::from_pixel(1, 2, LumaA([9_u8, 0])), ImageFormat::Png);
    let data = data(&[("p/a/1.png", grey), ("p/b/1.png", self::grey(1, 2, 3))]);
    assert_eq!((data.images.shape(), data.images.image(0)), ([1, 2, 1], &[255, 255][..]), "grey stays grey");
}

#[test]
fn the_orientation_of_a_photo_is_obeyed() {
    // A JPEG of 16 x 8, dark on the left, with the orientation "turn by 90 degrees": 8 x 16, dark at the top.
    let picture = RgbImage::from_fn(16, 8, |x, _| Rgb([if x < 8 { 10 } else { 240 }; 3]));
    let jpeg = encoded(picture, ImageFormat::Jpeg);
    let exif = [&b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"[..]].concat();
    let length = (exif.len() as u16 + 2).to_be_bytes();
    let turned = [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat();
    let data = data(&[("p/a/1.jpg", turned.clone()), ("p/b/1.jpg", turned)]);
    let image = data.images.image(0);
    assert_eq!(data.images.shape(), [3, 16, 8]);
    assert!(image[0] < 40 && image[7] < 40 && image[15 * 8] > 210, "{image:?}");
}

#[test]
fn damaged_images_are_refused_by_name_or_counted() {
    let noise = RgbImage::from_fn(32, 32, |x, y| Rgb([(x * 37 + y * 101) as u8, (x * y) as u8, (x ^ y) as u8]));
    for format in
        [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Bmp, ImageFormat::Gif, ImageFormat::Tiff]
    {
        let image = DynamicImage::ImageRgb8(noise.clone());
        let whole = encoded(if format == ImageFormat::Gif { image.to_rgba8().into() } else { image }, format);
        for kept in [whole.len() / 2, whole.len() * 9 / 10] {
            let files =
                [("p/a/1.png", whole.clone()), ("p/b/1.png", whole.clone()), ("p/b/2.png", whole[..kept].to_vec())];
            let message = refused(&files);
            assert_eq!(message.lines().count(), 1, "{message}");
            assert!(
                message.contains("b/2.png: ") && message.contains("--skip-unreadable"),
                "{format:?} {kept}: {message}"
            );
            let data =
                open(&files, &ReadOptions { skip_unreadable: true, ..ReadOptions::default() }).expect("the others");
            assert_eq!(data.images.len(), 2);
            assert_eq!((data.report.skipped[0].name.as_str(), data.report.skipped.len()), ("b/2.png", 1));
        }
    }
    for (bytes, word) in [
        (&b"%PDF-1.7 and more"[..], "it is a PDF"),
        (b"PK\x03\x04 and more", "zip"),
        (b"\0\0\0\x20ftypheic and more", "HEIC"),
        (b"<svg xmlns", "SVG"),
        (b"", "it is empty"),
        (b"just text", "no image"),
    ] {
        let message = refused(&[("p/a/1.png", grey(1, 2, 3)), ("p/b/1.png", bytes.to_vec())]);
        assert!(message.contains("b/1.png: ") && message.contains(word), "{word}: {message}");
    }
}

#[test]
fn a_header_that_claims_too_much_is_refused_before_memory_is_taken() {
    let mut bytes = grey(4, 4, 1);
    bytes[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]); // 100,000 x 100,000
    let sum = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    let message = refused(&[("p/a/1.png", grey(4, 4, 2)), ("p/b/bomb.png", bytes)]);
    assert!(message.contains("b/bomb.png: "), "{message}");
    assert!(message.contains("100000 x 100000") || message.contains("limit"), "{message}");
}

/// The checksum of PNG.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc)))
}

#[test]
fn images_that_all_fail_are_an_error_also_if_such_are_skipped() {
    let options = ReadOptions { skip_unreadable: true, ..ReadOptions::default() };
    let broken = [("p/a/1.png", b"x".to_vec()), ("p/b/1.png", b"y".to_vec())];
    assert!(open(&broken, &options).expect_err("nothing").to_string().contains("a/1.png"));
    let one = [("p/a/1.png", grey(1, 1, 1)), ("p/b/1.png", b"y".to_vec())];
    assert!(open(&one, &options).expect_err("one class").to_string().contains("two are needed"));
}
