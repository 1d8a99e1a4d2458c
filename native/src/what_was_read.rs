//! What was read, as lines for the terminal.

use prediction_depth::data::{DataSummary, Split};

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
        read.classes.iter().take(CLASSES).map(|(name, count)| format!("{name} {count}")).collect();
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
    text + &read.notes.iter().map(|note| format!("Note: {note}\n")).collect::<String>()
}

/// Joins the parts by commas, and breaks lines between them.
fn wrapped(start: &str, parts: &[String]) -> String {
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
