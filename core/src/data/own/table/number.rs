//! Numbers as people and programs write them.

/// What a text says as a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reading {
    /// A finite number.
    Number(f64),
    /// A number with a comma before its decimals. It is unsure if the comma may also separate thousands: `1,234`.
    Comma {
        number: f64,
        sure: bool,
    },
    /// `true` or `false`.
    Bool(bool),
    /// Nothing, or a marker for it.
    Missing,
    Infinite,
    /// Digits with separators of thousands.
    Thousands,
    /// Anything else.
    Text,
}

/// Markers of a missing number, in any case (our choice: what pandas, R and Weka write). `nan` is one, too.
const MISSING: [&str; 8] = ["", "na", "n/a", "#n/a", "null", "none", "?", "-"];

/// Separators of thousands: comma, dot, apostrophes, spaces, underscore.
const SEPARATORS: [char; 8] = [',', '.', '\'', '\u{2019}', ' ', '\u{a0}', '\u{202f}', '_'];

/// Reads a number with a decimal point, in scientific notation or not.
pub(super) fn read_number(text: &str) -> Reading {
    let text = text.trim();
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Reading::Number(number),
        Ok(number) if number.is_nan() => Reading::Missing,
        Ok(_) => Reading::Infinite,
        Err(_) => other(text),
    }
}

fn other(text: &str) -> Reading {
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "true" => Reading::Bool(true),
        "false" => Reading::Bool(false),
        marker if MISSING.contains(&marker) => Reading::Missing,
        _ => comma(text).unwrap_or_else(|| if has_thousands(text) { Reading::Thousands } else { Reading::Text }),
    }
}

/// Reads a number with one comma and no point.
fn comma(text: &str) -> Option<Reading> {
    let (before, after) = text.split_once(',')?;
    let digits = before.trim_start_matches(['+', '-']);
    let decimals = after.split(['e', 'E']).next().unwrap_or_default();
    let all = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if decimals.is_empty() || !all(digits) || !all(decimals) {
        return None;
    }
    let number: f64 = format!("{before}.{after}").parse().ok()?;
    let sure = decimals.len() != 3 || decimals.len() != after.len() || digits.starts_with('0') || digits.len() > 3;
    number.is_finite().then_some(Reading::Comma { number, sure: sure || digits.is_empty() })
}

/// Returns whether a text is digits in groups of three, the last one perhaps followed by decimals.
fn has_thousands(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    let groups: Vec<&str> = digits.split(SEPARATORS).collect();
    let all = groups.iter().all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    let [first, middle @ .., _] = &groups[..] else { return false };
    let whole = middle.is_empty() && groups[1].len() == 3;
    all && first.len() <= 3 && (whole || !middle.is_empty() && middle.iter().all(|group| group.len() == 3))
}

/// Returns a number as text: whole ones without decimals.
pub(super) fn number_text(number: f64) -> String {
    // Adding 0 turns -0 into 0.
    format!("{}", number + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read() {
        for (text, number) in [("5", 5.0), ("5.0", 5.0), (" -1.5e3 ", -1500.0), ("+.5", 0.5), ("1E-3", 0.001)] {
            assert_eq!(read_number(text), Reading::Number(number), "{text}");
        }
        for text in ["", " ", "NA", "nan", "NaN", "null", "None", "?", "N/A"] {
            assert_eq!(read_number(text), Reading::Missing, "{text}");
        }
        for text in ["inf", "-Infinity", "1e999"] {
            assert_eq!(read_number(text), Reading::Infinite, "{text}");
        }
        assert_eq!([read_number("True"), read_number("false")], [Reading::Bool(true), Reading::Bool(false)]);
        for text in ["red", "5%", "2021-03-04", "04.03.2021", "12:30", "$5", "1,2,3", "0x10", "10.0.0.1", "1-2"] {
            assert_eq!(read_number(text), Reading::Text, "{text}");
        }
    }

    #[test]
    fn commas_are_decimal_or_unsure_and_thousands_are_seen() {
        for (text, number, sure) in [
            ("1,5", 1.5, true),
            ("-0,123", -0.123, true),
            ("1234,567", 1234.567, true),
            ("1,234", 1.234, false),
            ("12,3456", 12.3456, true),
            ("1,5e3", 1500.0, true),
        ] {
            assert_eq!(read_number(text), Reading::Comma { number, sure }, "{text}");
        }
        for text in ["1,234,567", "1.234.567", "1 234", "1'234.5", "1.234,5", "1,234.5", "-12 345"] {
            assert_eq!(read_number(text), Reading::Thousands, "{text}");
        }
    }

    #[test]
    fn whole_numbers_have_no_decimals() {
        assert_eq!([5.0, -0.0, 0.5, 1e20].map(number_text), ["5", "0", "0.5", "100000000000000000000"]);
    }
}
