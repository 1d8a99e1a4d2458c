//! One encoded image: its header, and its pixels in 8 bits.

use std::io::Cursor;

use image::{ColorType, DynamicImage, GrayImage, ImageDecoder, ImageFormat, ImageReader, RgbImage, RgbaImage};

use crate::data::own::options::Background;

/// Largest image that is decoded, in bytes of pixels: 8,192 x 8,192 with opacity. A few bytes may claim far more.
const MOST_BYTES: u64 = 256 << 20;

/// What is known of an image before its pixels are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Width and height, as it is to be seen.
    pub size: [u32; 2],
    /// Whether it has colours.
    pub color: bool,
    /// The largest value of an image of 16 bits.
    pub largest: Option<u16>,
    pub format: ImageFormat,
}

/// An image in 8 bits, grey or red, green and blue.
pub struct Decoded {
    pub image: DynamicImage,
    /// Whether the background shows through.
    pub transparent: bool,
}

/// Returns the format that the first bytes say.
pub fn format_of(bytes: &[u8]) -> Option<ImageFormat> {
    ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?.format()
}

/// Reads the header; an image of 16 bits is decoded for its largest value. The error says what is wrong.
pub fn header(bytes: &[u8]) -> Result<Header, String> {
    let (mut decoder, format) = decoder(bytes)?;
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type().has_color();
    let deep = matches!(decoder.color_type(), ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16);
    let turned = matches!(decoder.orientation().map_err(words)?.to_exif(), 5..=8);
    let size = if turned { [height, width] } else { [width, height] };
    let largest =
        deep.then(|| DynamicImage::from_decoder(decoder).map(|image| largest(&image))).transpose().map_err(words)?;
    Ok(Header { size, color, largest, format })
}

/// Decodes the image as it is to be seen. `brightest`: the value of an image of 16 bits that becomes 255.
pub fn decode(bytes: &[u8], brightest: u16, background: Background) -> Result<Decoded, String> {
    let (mut decoder, format) = decoder(bytes)?;
    let orientation = decoder.orientation().map_err(words)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(words)?;
    if format == ImageFormat::Jpeg && !is_whole_jpeg(bytes) {
        return Err("it is cut off: a JPEG without its end".into()); // which decoders fill with grey
    }
    image.apply_orientation(orientation);
    let grey = !image.color().has_color();
    let image = match image.color() {
        ColorType::L8 | ColorType::La8 | ColorType::Rgb8 | ColorType::Rgba8 => image,
        ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16 => in_8_bits(&image, brightest),
        _ => return Err("its pixels are floating-point numbers: save it with 8 or 16 bits".into()),
    };
    let (image, transparent) =
        if image.color().has_alpha() { composited(image.to_rgba8(), background) } else { (image, false) };
    let image = match (grey, image) {
        (true, image) => DynamicImage::ImageLuma8(GrayImage::from(image)),
        (false, image) => DynamicImage::ImageRgb8(RgbImage::from(image)),
    };
    Ok(Decoded { image, transparent })
}

fn decoder(bytes: &[u8]) -> Result<(impl ImageDecoder + '_, ImageFormat), String> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| error.to_string())?;
    let format = reader.format().ok_or_else(|| other_format(bytes))?;
    let decoder = reader.into_decoder().map_err(words)?;
    let ((width, height), total) = (decoder.dimensions(), decoder.total_bytes());
    if total > MOST_BYTES {
        return Err(format!(
            "its header says {width} x {height} pixels, {} MiB; images of at most {} MiB are read",
            total >> 20,
            MOST_BYTES >> 20
        ));
    }
    if width == 0 || height == 0 {
        return Err(format!("it has {width} x {height} pixels"));
    }
    Ok((decoder, format))
}

/// Returns a library's message on one line.
fn words(error: impl std::fmt::Display) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns what a file is that is no image in a supported format.
fn other_format(bytes: &[u8]) -> String {
    let kinds: [(&[u8], usize, &str); 9] = [
        (b"%PDF", 0, "a PDF"),
        (b"PK", 0, "a zip archive"),
        (b"ftypavif", 4, "AVIF"),
        (b"ftyphei", 4, "HEIC"),
        (b"ftypmif1", 4, "HEIC"),
        (b"<svg", 0, "SVG"),
        (b"<?xml", 0, "SVG or another XML file"),
        (b"<!DOCTYPE html", 0, "a web page"),
        (b"<html", 0, "a web page"),
    ];
    let is = |(begin, at, _): &&(&[u8], usize, &str)| bytes.get(*at..).is_some_and(|bytes| bytes.starts_with(begin));
    let what = match kinds.iter().find(is) {
        Some((.., kind)) => format!("it is {kind}"),
        None if bytes.is_empty() => "it is empty".into(),
        None => "it is no image".into(),
    };
    format!("{what}; PNG, JPEG, WebP, BMP, GIF and TIFF are read")
}

/// Returns whether a JPEG has its end. Coded pixels never contain these markers.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    let last = |marker: u8| bytes.windows(2).rposition(|pair| pair == [0xff, marker]);
    match (last(0xda), last(0xd9)) {
        (Some(scan), Some(end)) => end > scan,
        _ => false,
    }
}

/// Returns the largest value of an image of 16 bits, opacity left out.
fn largest(image: &DynamicImage) -> u16 {
    let (channels, opacity) = (usize::from(image.color().channel_count()), image.color().has_alpha());
    let values: &[u16] = match image {
        DynamicImage::ImageLuma16(image) => image.as_raw(),
        DynamicImage::ImageLumaA16(image) => image.as_raw(),
        DynamicImage::ImageRgb16(image) => image.as_raw(),
        DynamicImage::ImageRgba16(image) => image.as_raw(),
        _ => &[],
    };
    let shown = values.iter().enumerate().filter(|(at, _)| !opacity || at % channels != channels - 1);
    shown.map(|(_, &value)| value).max().unwrap_or_default()
}

fn in_8_bits(image: &DynamicImage, brightest: u16) -> DynamicImage {
    let scaled = |value: u16, most: u16| {
        let (value, most) = (u32::from(value), u32::from(most.max(1)));
        ((value * 255 + most / 2) / most).min(255) as u8
    };
    let deep = image.to_rgba16();
    let pixels = deep.pixels().flat_map(|pixel| {
        let [red, green, blue, opacity] = pixel.0;
        [scaled(red, brightest), scaled(green, brightest), scaled(blue, brightest), scaled(opacity, u16::MAX)]
    });
    let eight = RgbaImage::from_raw(deep.width(), deep.height(), pixels.collect()).unwrap_or_default();
    if image.color().has_alpha() {
        DynamicImage::ImageRgba8(eight)
    } else {
        DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(eight).to_rgb8())
    }
}

/// Puts an image on the background. Returns whether the background shows.
fn composited(image: RgbaImage, background: Background) -> (DynamicImage, bool) {
    let transparent = image.pixels().any(|pixel| pixel.0[3] < 255);
    let pixels = image.pixels().flat_map(|pixel| {
        let [red, green, blue, opacity] = pixel.0;
        [red, green, blue].map(|value| background.blended(value, opacity))
    });
    let opaque = RgbImage::from_raw(image.width(), image.height(), pixels.collect()).unwrap_or_default();
    (DynamicImage::ImageRgb8(opaque), transparent)
}
