//! A small SVG writer: elements are closures, so that they always close; all text is escaped.

use std::fmt::{self, Display, Write};

use super::palette::Color;

/// An attribute's name and its value.
pub(super) type Attribute<'a> = (&'a str, &'a dyn Display);

/// SVG text in the making.
#[derive(Default)]
pub(super) struct Svg {
    text: String,
}

impl Svg {
    /// One figure of `width` x `height` units. `title` names it, `summary` says its main numbers in words; `draw` adds
    /// what is seen. It has no fixed size: it fills the width it is given.
    pub(super) fn figure(size: [f64; 2], title: &str, summary: &str, draw: impl FnOnce(&mut Self)) -> String {
        let mut svg = Self::default();
        let root: [Attribute; 8] = [
            ("xmlns", &"http://www.w3.org/2000/svg"),
            ("class", &"plot"),
            ("viewBox", &format!("0 0 {} {}", round(size[0]), round(size[1]))),
            ("width", &"100%"),
            ("role", &"img"),
            ("font-family", &"system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"),
            ("font-size", &super::text::SIZE),
            ("stroke-linejoin", &"round"),
        ];
        svg.group_of("svg", &root, |svg| {
            svg.words("title", &[], title);
            svg.words("desc", &[], summary);
            svg.colored(&Color::ink(), |svg| svg.group(&[("fill", &"currentColor")], draw));
        });
        svg.text
    }

    /// An element with others inside.
    pub(super) fn group_of(&mut self, tag: &str, attributes: &[Attribute], inside: impl FnOnce(&mut Self)) {
        self.start(tag, attributes);
        self.text.push('>');
        inside(self);
        self.end(tag);
    }

    /// `<g>`.
    pub(super) fn group(&mut self, attributes: &[Attribute], inside: impl FnOnce(&mut Self)) {
        self.group_of("g", attributes, inside);
    }

    /// A group whose `currentColor` is this colour. The outer group has the plain colour, for readers of SVG that know
    /// no `var()` and ignore the inner one's; presentation attributes, since a page may forbid inline styles.
    pub(super) fn colored(&mut self, color: &Color, inside: impl FnOnce(&mut Self)) {
        let variable = format!("var({}, {})", color.variable, color.fallback);
        self.group(&[("color", &color.fallback)], |svg| svg.group(&[("color", &variable)], inside));
    }

    /// An element with nothing inside.
    pub(super) fn leaf(&mut self, tag: &str, attributes: &[Attribute]) {
        self.start(tag, attributes);
        self.text.push_str("/>");
    }

    /// An element with words inside, such as `<text>` and `<title>`.
    pub(super) fn words(&mut self, tag: &str, attributes: &[Attribute], words: &str) {
        self.group_of(tag, attributes, |svg| svg.plain(words));
    }

    /// Words alone, inside the element that is open.
    pub(super) fn plain(&mut self, words: &str) {
        // Writing to a string cannot fail.
        let _ = Escaped(&mut self.text).write_str(words);
    }

    fn start(&mut self, tag: &str, attributes: &[Attribute]) {
        self.text.push('<');
        self.text.push_str(tag);
        for (name, value) in attributes {
            self.text.push(' ');
            self.text.push_str(name);
            self.text.push_str("=\"");
            let _ = write!(Escaped(&mut self.text), "{value}");
            self.text.push('"');
        }
    }

    fn end(&mut self, tag: &str) {
        self.text.push_str("</");
        self.text.push_str(tag);
        self.text.push('>');
    }
}

/// Passes text on with the characters that XML reserves escaped, and those that it forbids replaced.
struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\t' | '\n' | '\r' => self.0.push(' '),
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => self.0.push('\u{fffd}'),
                other => self.0.push(other),
            }
        }
        Ok(())
    }
}

/// To hundredths of a unit, which is finer than can be seen; 0 for what is no number, which SVG cannot say.
pub(super) fn round(value: f64) -> f64 {
    if value.is_finite() { (value * 100.0).round() / 100.0 + 0.0 } else { 0.0 }
}
