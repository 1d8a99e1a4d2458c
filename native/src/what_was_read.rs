//! What was read, as lines for the terminal.

use prediction_depth::data::{DataSummary, Split};

use crate::table::one_line;

/// Number of classes that are listed.
const CLASSES: usize = 12;
/// Length of a line of classes.
const WIDTH: usize = 80;

/// Formats the size, the classes with their numbers of examples, the splits and the notes. Warnings are separate.
pub fn lines(read: &DataSummary) -> String {
    let [channels, height, width] = read.shape;
    let examples: usize = read.splits.iter().map(|split| split.examples).sum();
    let size = match (read.features, channels) {
        (true, _) => format!("rows of {} features", channels * height * width),
        (false, 1) => format!("images of {height} x {width} pixels, 1 channel"),
        (false, channels) => format!("images of {height} x {width} pixels, {channels} channels"),
    };
    let mut classes: Vec<String> =
        read.classes.iter().take(CLASSES).map(|(name, count)| format!("{} {count}", one_line(name))).collect();
    if read.classes.len() > CLASSES {
        classes.push(format!("and {} more", read.classes.len() - CLASSES));
    }
    let mut text = wrapped(&format!("Read: {examples} {size}; {} classes:", read.classes.len()), &classes);
    let from = |split: Split| read.splits.iter().find(|read| read.split == split).map(|read| &read.from);
    let splits = [("Validation", from(Split::Validation)), ("test", from(Split::Test))];
    let splits = splits.iter().filter_map(|(name, from)| Some(format!("{name}: {}", from.as_ref()?)));
    let splits = splits.collect::<Vec<_>>().join("; ");
    match from(Split::Validation) {
        Some(_) => text += &format!("{splits}\n"),
        None => text += &format!("Training: {}\n", from(Split::Train).map_or("", String::as_str)),
    }
    text + &read.notes.iter().map(|note| format!("Note: {}\n", one_line(note))).collect::<String>()
}

/// Joins the parts by commas, and breaks lines between them.
pub fn wrapped(start: &str, parts: &[String]) -> String {
    let (mut text, mut line) = (String::new(), start.to_owned());
    for (place, part) in parts.iter().enumerate() {
        let comma = if place + 1 == parts.len() || parts[place + 1].starts_with("and ") { "" } else { "," };
        if line.chars().count() + 1 + part.chars().count() + comma.len() > WIDTH {
            text += &format!("{line}\n");
            line = " ".into();
        }
        line += &format!(" {part}{comma}");
    }
    format!("{text}{line}\n")
}

#[cfg(test)]
mod tests {
    use prediction_depth::data::{Dataset, Images, Labeled, Parts};

    use super::*;

    /// One training and one test image of each class.
    fn read(classes: usize, seed: Option<u64>) -> DataSummary {
        let part = |value: u8| {
            let pixels = (0..classes).flat_map(|class| [class as u8, value, 0]).collect();
            let images = Images::new(pixels, [3, 1, 1]).expect("whole images");
            Labeled::new(images, (0..classes as u32).collect(), classes).expect("a label for each")
        };
        let parts = Parts { training: part(0), validation: seed.map(|_| part(1)), test: Some(part(2)) };
        let names = (0..classes).map(|class| format!("class\n{class}")).collect();
        let dataset = Dataset::new("made up", "here", parts, names).expect("a data set");
        dataset.summary(seed).expect("a split")
    }

    #[test]
    fn many_classes_are_cut_and_lines_fit() {
        let text = lines(&read(100, Some(0)));
        assert!(
            text.starts_with("Read: 300 images of 1 x 1 pixels, 3 channels; 100 classes: class 0 3, class 1 3,\n"),
            "{text}"
        );
        assert!(text.contains("class 11 3 and 88 more\n") && !text.contains("class 12"), "{text}");
        assert!(text.ends_with("\nValidation: the data set's own; test: the data set's own\n"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        let text = lines(&read(3, None));
        assert!(
            text.contains("3 classes: class 0 2, class 1 2,\n  class 2 2\nTraining: each model holds out"),
            "{text}"
        );
        let mut table = read(3, None);
        table.features = true;
        assert!(lines(&table).starts_with("Read: 6 rows of 3 features; "), "{}", lines(&table));
    }
}
