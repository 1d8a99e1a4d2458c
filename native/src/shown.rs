//! What a report shows of an example: its image, its text, or the row of its table.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::{AutoEscape, Environment, context};
use prediction_depth::data::Images;
use prediction_depth::study::Study;

/// Number of characters of a text that are shown at first.
const SHORT: usize = 120;

/// Returns an example as HTML; nothing if the study has nothing to show of it.
pub fn html(study: &Study, id: usize) -> anyhow::Result<String> {
    let text = study.inputs.text(id);
    let name = study.name(id);
    let image = study.images().map(|images| image(images, id)).transpose()?;
    let cut = text.as_deref().and_then(cut).map(String::from);
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.render_str(include_str!("shown.html"), context! { id, name, image, text, cut }).context("shown.html")
}

/// Returns the beginning of a long text, up to the end of a word if there is one; `None` for a short text.
fn cut(text: &str) -> Option<&str> {
    let (end, _) = text.char_indices().nth(SHORT)?;
    let start = &text[..end];
    Some(start.rfind(char::is_whitespace).filter(|&word| word > 0).map_or(start, |word| &start[..word]))
}

/// Returns an image as a data URL.
pub fn image(images: &Images, id: usize) -> anyhow::Result<String> {
    Ok(format!("data:image/png;base64,{}", STANDARD.encode(png(images, id)?)))
}

/// Encodes an image as PNG.
fn png(images: &Images, id: usize) -> anyhow::Result<Vec<u8>> {
    let [channels, height, width] = images.shape();
    let colored = channels >= 3;
    let shown = if colored { 3 } else { 1 };
    let pixels: Vec<u8> = (0..height * width)
        .flat_map(|pixel| (0..shown).map(move |channel| channel * height * width + pixel))
        .map(|place| images.image(id)[place])
        .collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, u32::try_from(width)?, u32::try_from(height)?);
    encoder.set_color(if colored { png::ColorType::Rgb } else { png::ColorType::Grayscale });
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use prediction_depth::data::{Inputs, Split};
    use prediction_depth::study::StudyExamples;

    use super::*;

    fn shown(inputs: Inputs) -> String {
        let examples = StudyExamples {
            title: String::new(),
            source: String::new(),
            classes: vec!["yes".into()],
            inputs,
            names: Vec::new(),
            labels: vec![0],
            splits: vec![Split::Train],
            held_out: Vec::new(),
        };
        html(&Study::unmeasured(examples), 0).expect("a fragment")
    }

    #[test]
    fn texts_are_escaped_and_long_ones_can_be_opened() {
        let short = shown(Inputs::Texts(vec!["1 < 2 & <script>".into()]));
        assert_eq!(short, r#"<p class="text">1 &lt; 2 &amp; &lt;script&gt;</p>"#);
        let long = "ä word ".repeat(40);
        let text = shown(Inputs::Texts(vec![long.clone()]));
        let start = "ä word ".repeat(17);
        assert!(text.contains(&format!("<summary>{}…</summary>{long}</details>", start.trim_end())), "{text}");
        assert_eq!(cut("x".repeat(200).as_str()).map(str::len), Some(SHORT), "a word without an end");
    }

    #[test]
    fn an_image_is_a_picture_and_nothing_is_nothing() {
        let image = Images::new(vec![7; 4], [1, 2, 2]).expect("an image");
        assert!(shown(Inputs::Images(image)).starts_with("<img src=\"data:image&#x2f;png;base64,"));
        assert_eq!(shown(Inputs::Nothing), "");
    }
}
