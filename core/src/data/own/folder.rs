//! Images as files, in a folder for each class.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageReader};

use super::read_files::{NamedImages, ends};
use crate::data::Images;
use crate::error::{Error, Result};

/// The longest side that images are scaled down to.
const LONGEST: u32 = 64;

/// Whether a file's name is that of an image that is read here.
pub(super) fn is_image(name: &str) -> bool {
    ["png", "jpg", "jpeg"].iter().any(|extension| ends(name, extension))
}

/// The training set, and of the images that lie in `test/<class>/` a test set; other files are left out. They are in
/// the order of their names. Images of
/// different sizes, or larger than 64 pixels, are scaled to the size of the smallest, at most 64 on its longer side (our
/// choice); they are grey where all are grey.
pub(super) fn read(files: &[(&str, &[u8])]) -> Result<(NamedImages, Option<NamedImages>)> {
    let mut files: Vec<_> = files.iter().filter(|(name, _)| is_image(name)).collect();
    files.sort_by(|(a, _), (b, _)| a.split('/').cmp(b.split('/')));
    let mut images = Vec::new();
    for (name, bytes) in files {
        let mut parts = name.rsplit('/').skip(1);
        let class = parts.next().ok_or_else(|| {
            let problem = "it lies in no folder of its class: open a folder that holds one for each class";
            Error::format("image", problem).within(name)
        })?;
        let image = decoded(bytes, "image").map_err(|error| error.within(name))?;
        images.push((parts.next() == Some("test"), class.to_owned(), image));
    }
    let size = size(images.iter().map(|(.., image)| [image.width(), image.height()]));
    let color = images.iter().any(|(.., image)| image.color().has_color());
    let side = |test: bool| -> Result<NamedImages> {
        let of_side: Vec<_> = images.iter().filter(|(of_test, ..)| *of_test == test).collect();
        let pixels = of_side.iter().flat_map(|(.., image)| pixels(image, size, color)).collect();
        let shape = [if color { 3 } else { 1 }, size[1] as usize, size[0] as usize];
        Ok((Images::new(pixels, shape)?, of_side.iter().map(|(_, class, _)| class.clone()).collect()))
    };
    let tested = images.iter().any(|(test, ..)| *test);
    Ok((side(false)?, tested.then(|| side(true)).transpose()?))
}

/// The image of a PNG's or a JPEG's bytes; `format` is what an error calls the file that holds them.
pub(super) fn decoded(bytes: &[u8], format: &'static str) -> Result<DynamicImage> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let reader = reader.map_err(|error| Error::unreadable(format, error))?;
    reader.decode().map_err(|error| Error::unreadable(format, error))
}

/// Width and height to which all are scaled.
fn size(sizes: impl Iterator<Item = [u32; 2]>) -> [u32; 2] {
    let smallest = sizes.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1])]).unwrap_or([1, 1]);
    let longest = smallest[0].max(smallest[1]);
    if longest <= LONGEST { smallest } else { smallest.map(|side| ((side * LONGEST + longest / 2) / longest).max(1)) }
}

/// `[channels, height, width]`
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
