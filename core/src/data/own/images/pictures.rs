//! Many encoded images, made alike: one size, one depth, grey or in colour. Only one full image a thread is in memory.

use std::collections::BTreeMap;

use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat};
use rayon::prelude::*;

use super::decode::{Decoded, Header, decode, header};
use crate::data::own::{InputFile, ReadOptions};
use crate::data::{Images, ReadReport};
use crate::error::{Error, Result};

/// Maximum length of an image's longer side, unless the user chooses a size.
const LONGEST: u32 = 64;

/// Depths in bits that cameras and scanners have.
const DEPTHS: [u32; 5] = [8, 10, 12, 14, 16];

/// The pixels of images of one shape.
pub struct Pictures {
    /// [channels, height, width]
    pub shape: [usize; 3],
    /// The pixels of each image; `None` where it could not be decoded and was skipped. `[files]`
    pub pixels: Vec<Option<Vec<u8>>>,
}

impl Pictures {
    /// Returns some of the images and their places in `which`, without those that were skipped.
    ///
    /// # Errors
    /// None in practice: all images have the shape.
    pub fn select(&self, which: &[usize]) -> Result<(Images, Vec<usize>)> {
        let kept: Vec<usize> = which.iter().copied().filter(|&file| self.pixels[file].is_some()).collect();
        let pixels = kept.iter().filter_map(|&file| self.pixels[file].as_deref()).flatten().copied().collect();
        Ok((Images::new(pixels, self.shape)?, kept))
    }
}

/// Decodes all files and makes them alike:
/// - Their orientation is that of their EXIF data.
/// - They are grey if all files are grey.
/// - Transparent pixels show the background.
/// - Values of 16 bits are scaled by the smallest of 8, 10, 12, 14 and 16 bits that holds all of them, over all files
///   together (our choice).
/// - They get the size that the options say, else the commonest size of the files (of equally common ones the largest),
///   at most 64 on its longer side (our choice).
///
/// # Errors
/// [`Error::Format`] that names the first file that cannot be decoded, unless the options say to skip such files; or if
/// none can be decoded.
pub fn pictures(
    files: &[&dyn InputFile],
    names: &[String],
    options: &ReadOptions,
    report: &mut ReadReport,
) -> Result<Pictures> {
    let read = |file: &dyn InputFile| header(&file.bytes().map_err(|error| error.to_string())?);
    let headers: Vec<Result<Header, String>> = files.par_iter().map(|file| read(*file)).collect();
    if !options.skip_unreadable {
        refuse_first(&headers, names)?;
    }
    let known: Vec<&Header> = headers.iter().flatten().collect();
    let size = target_size(&known, options, report);
    let brightest = brightest(&known, report);
    let color = known.iter().any(|header| header.color);
    let made = |(file, header): (&&dyn InputFile, &Result<Header, String>)| -> Result<(Vec<u8>, bool), String> {
        header.as_ref().map_err(Clone::clone)?;
        let bytes = file.bytes().map_err(|error| error.to_string())?;
        let Decoded { image, transparent } = decode(&bytes, brightest, options.background)?;
        Ok((pixels(&image, size, color), transparent))
    };
    let decoded: Vec<Result<(Vec<u8>, bool), String>> = files.par_iter().zip(&headers).map(made).collect();
    if !options.skip_unreadable {
        refuse_first(&decoded, names)?;
    }
    note_formats(&known, report);
    let transparent = decoded.iter().flatten().filter(|(_, transparent)| *transparent).count();
    if transparent > 0 {
        let background = options.background.name();
        report.note(format!(
            "{transparent} images have transparent pixels, through which {background} shows (--background)"
        ));
    }
    for (name, _) in names.iter().zip(&decoded).filter(|(_, image)| image.is_err()) {
        report.skip(name.clone(), "image that cannot be decoded");
    }
    if decoded.iter().all(Result::is_err) {
        refuse_first(&decoded, names)?;
    }
    let shape = [if color { 3 } else { 1 }, size[1] as usize, size[0] as usize];
    Ok(Pictures { shape, pixels: decoded.into_iter().map(|image| image.ok().map(|(pixels, _)| pixels)).collect() })
}

fn refuse_first<T>(all: &[Result<T, String>], names: &[String]) -> Result<()> {
    match all.iter().zip(names).find_map(|(one, name)| Some((one.as_ref().err()?, name))) {
        Some((problem, name)) => {
            let remedy = "replace or remove it, or skip such images with --skip-unreadable";
            Err(Error::format("image", problem).within(name).remedied(remedy))
        }
        None => Ok(()),
    }
}

/// Returns width and height of all images.
fn target_size(headers: &[&Header], options: &ReadOptions, report: &mut ReadReport) -> [u32; 2] {
    let mut counts: BTreeMap<[u32; 2], usize> = BTreeMap::new();
    headers.iter().for_each(|header| *counts.entry(header.size).or_default() += 1);
    let area = |[width, height]: [u32; 2]| u64::from(width) * u64::from(height);
    let commonest = counts.iter().max_by_key(|&(&size, &count)| (count, area(size), size));
    let commonest = commonest.map_or([1, 1], |(&size, _)| size);
    let size = match options.image_size {
        Some([height, width]) => [width, height],
        None => at_most_longest(commonest),
    };
    let scaled = headers.iter().filter(|header| header.size != size).count();
    if scaled == 0 {
        return size;
    }
    let why = match (options.image_size, counts.len()) {
        (Some(_), _) => "as --image-size says".to_owned(),
        (None, 1) => format!("whose longer side is at most {LONGEST}; --image-size chooses another"),
        (None, sizes) if size == commonest => {
            format!("the commonest of their {sizes} sizes; --image-size chooses another")
        }
        (None, sizes) => format!(
            "from {} x {}, the commonest of their {sizes} sizes, so that the longer side is at most {LONGEST}; \
             --image-size chooses another",
            commonest[0], commonest[1]
        ),
    };
    report.note(format!("{scaled} of {} images were scaled to {} x {}, {why}", headers.len(), size[0], size[1]));
    let stretched = headers.iter().filter(|header| is_stretched(header.size, size)).count();
    if stretched > 0 {
        report.note(format!("{stretched} images were stretched: their sides have another ratio"));
    }
    size
}

/// Returns the size with a longer side of at most [`LONGEST`].
fn at_most_longest(size: [u32; 2]) -> [u32; 2] {
    let longest = u64::from(size[0].max(size[1]));
    let scaled = |side: u32| ((u64::from(side) * u64::from(LONGEST) + longest / 2) / longest).max(1) as u32;
    if longest <= u64::from(LONGEST) { size } else { size.map(scaled) }
}

/// Returns whether scaling changes the ratio of the sides by more than one pixel in [`LONGEST`].
fn is_stretched(from: [u32; 2], to: [u32; 2]) -> bool {
    let [width, height, to_width, to_height] = [from[0], from[1], to[0], to[1]].map(f64::from);
    let ratio = width / height * (to_height / to_width);
    ratio.max(1.0 / ratio) > 1.0 + 1.5 / to_width.min(to_height)
}

/// Returns the value of 16 bits that becomes 255.
fn brightest(headers: &[&Header], report: &mut ReadReport) -> u16 {
    let Some(largest) = headers.iter().filter_map(|header| header.largest).max() else { return u16::MAX };
    let holds = |bits: &u32| u32::from(largest) < 1 << bits;
    let bits = DEPTHS.into_iter().find(holds).unwrap_or(16);
    let deep = headers.iter().filter(|header| header.largest.is_some()).count();
    report.note(format!("{deep} images have 16 bits a value, of which {bits} are used: these were scaled to 8 bits"));
    ((1_u32 << bits) - 1) as u16
}

fn note_formats(headers: &[&Header], report: &mut ReadReport) {
    for (format, name, part) in [(ImageFormat::Gif, "GIF", "frame"), (ImageFormat::Tiff, "TIFF", "page")] {
        let count = headers.iter().filter(|header| header.format == format).count();
        if count > 0 {
            report.note(format!("of {count} {name} files the first {part} is read"));
        }
    }
}

/// Returns the pixels of an image, `[channels, height, width]`.
fn pixels(image: &DynamicImage, size: [u32; 2], color: bool) -> Vec<u8> {
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
