//! A small SVG writer. Elements take closures, so that they always close; all text is escaped.

use std::fmt::{self, Display, Write};

use super::palette::Color;

/// An attribute's name and value.
pub(super) type Attribute<'a> = (&'a str, &'a dyn Display);

/// SVG text under construction.
#[derive(Default)]
pub(super) struct Svg {
    text: String,
}

impl Svg {
    /// Returns a figure of `width` x `height` units. `title` names it, `summary` states its main numbers in words, and
    /// `draw` adds the visible content. The figure has no fixed size: it fills the width it is given.
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

    /// Adds an element that contains others.
    pub(super) fn group_of(&mut self, tag: &str, attributes: &[Attribute], inside: impl FnOnce(&mut Self)) {
        self.start(tag, attributes);
        self.text.push('>');
        inside(self);
        self.end(tag);
    }

    /// Adds a `<g>`.
    pub(super) fn group(&mut self, attributes: &[Attribute], inside: impl FnOnce(&mut Self)) {
        self.group_of("g", attributes, inside);
    }

    /// Adds a group whose `currentColor` is this colour. The outer group has the fallback, for SVG readers that ignore
    /// `var()`. These are presentation attributes, since a page may forbid inline styles.
    pub(super) fn colored(&mut self, color: &Color, inside: impl FnOnce(&mut Self)) {
        let variable = format!("var({}, {})", color.variable, color.fallback);
        self.group(&[("color", &color.fallback)], |svg| svg.group(&[("color", &variable)], inside));
    }

    /// Adds an empty element.
    pub(super) fn leaf(&mut self, tag: &str, attributes: &[Attribute]) {
        self.start(tag, attributes);
        self.text.push_str("/>");
    }

    /// Adds an element that contains text, such as `<text>` or `<title>`.
    pub(super) fn words(&mut self, tag: &str, attributes: &[Attribute], words: &str) {
        self.group_of(tag, attributes, |svg| svg.plain(words));
    }

    /// Adds text to the open element.
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

/// Writes text with XML's reserved characters escaped and its forbidden characters replaced.
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

/// Rounds to hundredths of a unit, finer than the eye can see. Returns 0 for values that are not finite, which SVG
/// cannot express.
pub(super) fn round(value: f64) -> f64 {
    if value.is_finite() { (value * 100.0).round() / 100.0 + 0.0 } else { 0.0 }
}
