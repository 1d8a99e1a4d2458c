//! Text measurement without a font, and numbers in words.

use std::borrow::Cow;

/// Font size, in units of the viewBox.
pub(super) const SIZE: f64 = 13.0;

/// Line height, in units of the viewBox.
pub(super) const LINE: f64 = 17.0;

/// Estimates the width of `text` in system fonts, rather too wide than too narrow.
pub(super) fn width(text: &str) -> f64 {
    text.chars().map(character_width).sum()
}

fn character_width(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' | 'f' | 't' | 'r' => 4.6,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '<' | '>' | '&' | '+' | '=' | '#' | '~' => 11.5,
        'A'..='Z' | '…' => 9.2,
        '\u{1100}'.. => SIZE,
        _ => 7.9,
    }
}

/// Shortens `text` to fit in `room` by replacing its middle with `…`, since layer names often differ only at their
/// ends.
pub(super) fn fit(text: &str, room: f64) -> Cow<'_, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    let characters: Vec<char> = text.chars().collect();
    let mut kept = characters.len();
    while kept > 1 {
        kept -= 1;
        let tail = kept / 2;
        let short: String =
            characters[..kept - tail].iter().chain(&['…']).chain(&characters[characters.len() - tail..]).collect();
        if width(&short) <= room {
            return Cow::Owned(short);
        }
    }
    Cow::Borrowed("…")
}

/// Formats a fraction as percent: `12.3 %`; `none` if it is not finite.
pub(super) fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.1} %", 100.0 * share) } else { "none".to_owned() }
}

/// Returns `part / whole`, or 0 if `whole` is 0.
pub(super) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Formats a count with thousands separators: `1,800`.
pub(super) fn count(value: usize) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats a count with its noun: `1 example`, `2 examples`.
pub(super) fn counted(value: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(value), if value == 1 { "" } else { "s" })
}
