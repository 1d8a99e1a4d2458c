//! Colours. Each is a CSS custom property that the host page may set, with a fallback.

use crate::class::Class;

/// Ten colours that colour-blind readers can also tell apart. Found by a search that maximised the smallest OKLab
/// distance between two of them, over normal sight, protanopia and deuteranopia (Machado et al. 2009), with a contrast
/// of at least 3:1 with white and with #14161a.
const CLASSES: [[u8; 3]; 10] = [
    [0x00, 0x6c, 0xb4],
    [0xf0, 0x6c, 0x00],
    [0x18, 0x78, 0x3c],
    [0xf0, 0x60, 0x9c],
    [0x48, 0x9c, 0xc0],
    [0xc0, 0x3c, 0x30],
    [0x84, 0x9c, 0x54],
    [0x9c, 0x48, 0x78],
    [0x60, 0x84, 0xfc],
    [0x9c, 0x78, 0x6c],
];

/// Indices in `CLASSES` of the series' colours: blue, orange, green, ...
const SERIES: [usize; 4] = [0, 1, 2, 7];

/// A colour: a CSS custom property and its fallback.
pub(super) struct Color {
    /// Name of the property, such as `--ink`.
    pub(super) variable: String,
    /// Value used where the property is not set, such as `#1b1b1b`.
    pub(super) fallback: String,
}

impl Color {
    fn named(variable: &str, fallback: &str) -> Self {
        Self { variable: variable.to_owned(), fallback: fallback.to_owned() }
    }

    /// Returns the colour of text and outlines, `--ink`.
    pub(super) fn ink() -> Self {
        Self::named("--ink", "#1b1b1b")
    }

    /// Returns the colour of secondary text, `--muted`.
    pub(super) fn muted() -> Self {
        Self::named("--muted", "#595959")
    }

    /// Returns the colour of grid lines, `--grid`.
    pub(super) fn grid() -> Self {
        Self::named("--grid", "#dddddd")
    }

    /// Returns the colour of a series, `--series-0`, ...
    pub(super) fn series(index: usize) -> Self {
        let fallback = hex(CLASSES[SERIES[index % SERIES.len()]]);
        Self { variable: format!("--series-{index}"), fallback }
    }

    /// Returns the colour of a class, `--class-0`, ... From the eleventh class on, the ten colours repeat: lighter,
    /// then darker, and so on.
    pub(super) fn class(class: Class) -> Self {
        let index = class as usize;
        let plain = CLASSES[index % CLASSES.len()];
        let fallback = match (index / CLASSES.len()) % 3 {
            0 => hex(plain),
            1 => hex(plain.map(|part| mix(part, 255))),
            _ => hex(plain.map(|part| mix(part, 0))),
        };
        Self { variable: format!("--class-{class}"), fallback }
    }
}

/// Returns three fifths of `part` plus two fifths of `other`.
fn mix(part: u8, other: u8) -> u8 {
    ((u16::from(part) * 3 + u16::from(other) * 2) / 5) as u8
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2).
    fn luminance(color: [u8; 3]) -> f64 {
        let linear = color.map(|part| {
            let value = f64::from(part) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn colours_stand_out_from_both_grounds() {
        for color in CLASSES {
            for ground in [[0xff; 3], [0x14, 0x16, 0x1a]] {
                assert!(contrast(color, ground) >= 3.0, "{} on {}", hex(color), hex(ground));
            }
        }
        assert!(contrast([0xff, 0xff, 0], [0xff; 3]) < 3.0);
    }

    #[test]
    fn more_than_ten_classes_differ() {
        let colors: std::collections::BTreeSet<String> = (0..30).map(|class| Color::class(class).fallback).collect();
        assert_eq!(colors.len(), 30);
    }
}
