//! Texts for examples, depths and counts.

use prediction_depth::Class;
use prediction_depth::UNPROBED;
use prediction_depth::data::Split;
use prediction_depth::study::Study;

/// Formats a count with thousands separators: `1,800`.
pub fn count(value: usize) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats a count and its noun.
pub fn counted(value: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(value), if value == 1 { "" } else { "s" })
}

/// Returns the name of a probe's class; `not probed` without a probe.
pub fn probe(study: &Study, says: Class) -> &str {
    if says == UNPROBED { "not probed" } else { study.class_name(says) }
}

/// Returns a probe's class, if the example was probed.
pub fn asked(says: Class) -> Option<Class> {
    (says != UNPROBED).then_some(says)
}

/// Returns the name of a split.
pub fn split(study: &Study, split: Split) -> &str {
    if split == Split::Train { "training" } else { study.split_name(split) }
}

/// Returns at most `most` characters, with an ellipsis for the rest.
pub fn shortened(words: &str, most: usize) -> String {
    match words.char_indices().nth(most) {
        None => words.into(),
        Some((end, _)) => format!("{}…", words[..end].trim_end()),
    }
}

/// Formats a depth: `5`, or `undetermined`.
pub fn depth(study: &Study, depth: usize) -> String {
    if depth >= study.layers.len() { "undetermined".into() } else { depth.to_string() }
}

/// Describes an example in a line: `example 123, labelled coat, predicted shirt, depth 5`; the user's name of it follows
/// its number.
pub fn example(study: &Study, depths: &[usize], example: usize) -> String {
    let flipped = if study.is_flipped(example) {
        format!(" (flipped from {})", study.class_name(study.labels[example]))
    } else {
        String::new()
    };
    let name = study.name(example).map_or_else(String::new, |name| format!(", {name}"));
    let label = match study.has_labels() {
        true => format!(", labelled {}{flipped}", study.class_name(study.given_labels[example])),
        false => String::new(),
    };
    format!(
        "example {example}{name}{label}, predicted {}, depth {}",
        study.class_name(study.measured.predictions[example]),
        depth(study, depths[example]),
    )
}

/// Formats votes by class, most votes first: `coat 21 · shirt 9`. Lists at most `most` parts; the last then is
/// `others`.
pub fn votes(study: &Study, counts: &[(Class, usize)], most: usize) -> String {
    let named = if counts.len() > most { most - 1 } else { counts.len() };
    let mut parts: Vec<String> =
        counts[..named].iter().map(|&(of, count)| format!("{} {count}", study.class_name(of))).collect();
    if named < counts.len() {
        parts.push(format!("others {}", counts[named..].iter().map(|(_, count)| count).sum::<usize>()));
    }
    parts.join(" · ")
}

/// Describes the progress of a measurement: `layer 3 of 7: 1,234 of 2,500 examples`.
pub fn progress(done: usize, layers: usize, examples: usize) -> String {
    let layer = (done / examples.max(1)).min(layers.saturating_sub(1));
    let within = done - layer * examples;
    format!("layer {} of {layers}: {} of {} examples", layer + 1, count(within), count(examples))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_ends_at_the_whole() {
        assert_eq!(progress(0, 7, 2500), "layer 1 of 7: 0 of 2,500 examples");
        assert_eq!(progress(6234, 7, 2500), "layer 3 of 7: 1,234 of 2,500 examples");
        assert_eq!(progress(17500, 7, 2500), "layer 7 of 7: 2,500 of 2,500 examples");
    }

    #[test]
    fn long_texts_are_cut_at_characters() {
        assert_eq!(shortened("naïve", 5), "naïve");
        assert_eq!(shortened("naïve idea", 6), "naïve…");
        assert_eq!(shortened("", 0), "");
    }

    #[test]
    fn counts_are_set_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "example"), "1 example");
        assert_eq!(counted(2, "example"), "2 examples");
    }
}
