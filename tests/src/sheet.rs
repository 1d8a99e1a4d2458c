//! Images of a study in one figure.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ExtendedColorType, ImageEncoder};
use prediction_depth::study::Study;

const COLUMNS: usize = 12;
/// Distance between images, and their side, in units of the viewBox.
const STEP: usize = 40;
const SIDE: usize = 37;

/// Draws rows of images, each group below a line of text. Images with a flipped label have a marked corner.
pub(crate) fn sheet(study: &Study, groups: &[(&str, Vec<usize>)]) -> String {
    let (mut inside, mut top) = (String::new(), 0);
    for (words, examples) in groups {
        let _ = write!(inside, "<text x=\"0\" y=\"{}\" fill=\"var(--ink, #1b1b1b)\">{words}</text>", top + 14);
        top += 22;
        for (place, &example) in examples.iter().enumerate() {
            let [x, y] = [STEP * (place % COLUMNS), top + STEP * (place / COLUMNS)];
            let [given, own] = [&study.given_labels, &study.labels].map(|labels| study.class_name(labels[example]));
            let flipped = study.is_flipped(example);
            let said = if flipped { format!("{own}, labelled {given}") } else { own.to_owned() };
            let image = STANDARD.encode(png(study, example));
            let _ = write!(
                inside,
                "<image x=\"{x}\" y=\"{y}\" width=\"{SIDE}\" height=\"{SIDE}\" image-rendering=\"pixelated\" \
                 href=\"data:image/png;base64,{image}\"><title>{example}: {said}</title></image>"
            );
            if flipped {
                let right = x + SIDE;
                let _ = write!(inside, "<path d=\"M{} {y}H{right}V{}Z\" fill=\"#ff8a3c\"/>", right - 11, y + 11);
            }
        }
        top += STEP * examples.len().div_ceil(COLUMNS) + 6;
    }
    let words: Vec<&str> = groups.iter().map(|(words, _)| *words).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" viewBox=\"0 0 {} {top}\" width=\"100%\" role=\"img\" \
         font-family=\"system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif\" font-size=\"13\">\
         <title>{}</title>{inside}</svg>",
        COLUMNS * STEP - (STEP - SIDE),
        words.join("; ")
    )
}

/// Encodes one single-channel image as PNG.
fn png(study: &Study, example: usize) -> Vec<u8> {
    let images = study.images().expect("a study of images");
    let [_, height, width] = images.shape();
    let mut bytes = Vec::new();
    let pixels = &images.image(example)[..height * width];
    image::codecs::png::PngEncoder::new(&mut bytes)
        .write_image(pixels, width as u32, height as u32, ExtendedColorType::L8)
        .unwrap_or_else(|error| panic!("example {example}: {error}"));
    bytes
}
