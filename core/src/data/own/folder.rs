//! Image files, in one folder per class.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageReader};

use super::read_files::{NamedImages, ReadFiles, ends};
use super::{InputFile, ReadOptions};
use crate::data::Images;
use crate::error::{Error, Result};

/// Maximum length of an image's longer side.
const LONGEST: u32 = 64;

/// Returns whether a file has the extension of a supported image format.
pub(super) fn is_image(name: &str) -> bool {
    ["png", "jpg", "jpeg"].iter().any(|extension| ends(name, extension))
}

/// Reads the training set, and a test set from images in `test/<class>/`; ignores other files. Images are ordered by
/// name. If they differ in size or are larger than 64 pixels, they are scaled to the size of the smallest, at most 64
/// on its longer side (our choice). They are grey if all files are grey.
pub(super) fn read(files: &[&dyn InputFile], _options: &ReadOptions) -> Result<ReadFiles> {
    let mut files: Vec<_> = files.iter().filter(|file| is_image(file.name())).collect();
    files.sort_by(|a, b| a.name().split('/').cmp(b.name().split('/')));
    let mut images = Vec::new();
    for file in files {
        let name = file.name();
        let mut parts = name.rsplit('/').skip(1);
        let class = parts.next().ok_or_else(|| {
            let problem = "it lies in no folder of its class: open a folder that holds one for each class";
            Error::format("image", problem).within(name)
        })?;
        let image = decoded(&file.bytes()?, "image").map_err(|error| error.within(name))?;
        images.push((parts.next() == Some("test"), class.to_owned(), image));
    }
    let size = size(images.iter().map(|(.., image)| [image.width(), image.height()]));
    let color = images.iter().any(|(.., image)| image.color().has_color());
    let side = |test: bool| -> Result<NamedImages> {
        let of_side: Vec<_> = images.iter().filter(|(of_test, ..)| *of_test == test).collect();
        let pixels = of_side.iter().flat_map(|(.., image)| pixels(image, size, color)).collect();
        let shape = [if color { 3 } else { 1 }, size[1] as usize, size[0] as usize];
        Ok(NamedImages::new(Images::new(pixels, shape)?, of_side.iter().map(|(_, class, _)| class.clone()).collect()))
    };
    let tested = images.iter().any(|(test, ..)| *test);
    Ok((side(false)?, tested.then(|| side(true)).transpose()?).into())
}

/// Decodes a PNG or JPEG image; `format` is the name of the containing format in errors.
pub(super) fn decoded(bytes: &[u8], format: &'static str) -> Result<DynamicImage> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let reader = reader.map_err(|error| Error::unreadable(format, error))?;
    reader.decode().map_err(|error| Error::unreadable(format, error))
}

/// Returns the width and height to which all images are scaled.
fn size(sizes: impl Iterator<Item = [u32; 2]>) -> [u32; 2] {
    let smallest = sizes.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1])]).unwrap_or([1, 1]);
    let longest = smallest[0].max(smallest[1]);
    if longest <= LONGEST { smallest } else { smallest.map(|side| ((side * LONGEST + longest / 2) / longest).max(1)) }
}

/// Returns the pixels of an image, `[channels, height, width]`.
pub(super) fn pixels(image: &DynamicImage, size: [u32; 2], color: bool) -> Vec<u8> {
    let scaled;
    let image = if [image.width(), image.height()] == size {
        image
    } else {
        scaled = image.resize_exact(size[0], size[1], FilterType::Triangle);
        &scaled
    };
    if !color {
        return image.to_luma8().into_raw();
    }
    let pixels = image.to_rgb8().into_raw();
    (0..3).flat_map(|channel| pixels.iter().skip(channel).step_by(3).copied()).collect()
}
