//! Images in folders: a folder for each class, and folders for splits.

mod decode;
mod layout;
mod pictures;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::read_files::{NamedImages, ReadFiles, own_name};
use super::{InputFile, ReadOptions};
use crate::data::{ReadReport, Split};
use crate::error::{Error, Result};
use layout::{Placed, layout};
pub(super) use pictures::pictures;

/// Endings of images, also of those in formats that are not read: they are no image to skip silently.
const ENDINGS: [&str; 20] = [
    "png", "jpg", "jpeg", "jpe", "jfif", "webp", "bmp", "dib", "gif", "tif", "tiff", "heic", "heif", "avif", "svg",
    "jp2", "jxl", "psd", "ico", "dcm",
];

/// Endings of files that surely are no image, so that their content is not looked at.
const OTHERS: [&str; 14] =
    ["txt", "csv", "tsv", "json", "xml", "yaml", "yml", "md", "html", "py", "ipynb", "zip", "gz", "pdf"];

/// Returns whether a file's name ends as that of an image.
pub(super) fn is_image(name: &str) -> bool {
    ENDINGS.contains(&ending(name).as_str())
}

/// Returns whether any of the files is an image, by its name or by its content.
pub(super) fn any(files: &[&dyn InputFile]) -> bool {
    files.iter().any(|file| is_image(file.name()) && hidden(file.name()).is_none())
        || files.iter().any(|file| hidden(file.name()).is_none() && looks_like_image(*file))
}

fn ending(name: &str) -> String {
    own_name(name).rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase())
}

fn looks_like_image(file: &dyn InputFile) -> bool {
    let surely_not = OTHERS.contains(&ending(file.name()).as_str());
    !surely_not && file.head().is_ok_and(|head| decode::format_of(&head).is_some())
}

/// Returns why a file is not the user's, if it is none. `name` begins with the folder that was opened, which may be
/// hidden itself.
pub(super) fn hidden(name: &str) -> Option<&'static str> {
    let within = name.split_once('/').map_or(name, |(_, within)| within);
    within.split('/').find_map(|part| match part {
        "__MACOSX" | "Thumbs.db" | "desktop.ini" => Some("file of the operating system"),
        part if part.starts_with('.') && part != "." && part != ".." => Some("hidden file or folder"),
        _ => None,
    })
}

/// Reads images in folders of classes and splits, see [`layout`] for what a path means and [`pictures`] for how images
/// are made alike. Other files are skipped and reported. Images are named by their path from the folder that was opened.
///
/// # Errors
/// Those of [`layout`] and [`pictures`].
pub(super) fn read(files: &[&dyn InputFile], options: &ReadOptions) -> Result<ReadFiles> {
    let mut report = ReadReport::default();
    let mut paths = Vec::new();
    for (at, file) in files.iter().enumerate() {
        match hidden(file.name()) {
            Some(why) => report.skip(file.name(), why),
            None if is_image(file.name()) || looks_like_image(*file) => paths.push((at, file.name())),
            None => report.skip(file.name(), no_image(file.name())),
        }
    }
    let placed = layout(&paths, &mut report)?;
    let of_images: Vec<&dyn InputFile> = placed.iter().map(|image| files[image.file]).collect();
    let names: Vec<String> = placed.iter().map(|image| image.name.clone()).collect();
    let pictures = pictures(&of_images, &names, options, &mut report)?;
    let part = |split: Split| -> Result<NamedImages> {
        let which: Vec<usize> = (0..placed.len()).filter(|&at| placed[at].split == split).collect();
        let (images, kept) = pictures.select(&which)?;
        let of = |field: fn(&Placed) -> &String| kept.iter().map(|&at| field(&placed[at]).clone()).collect();
        Ok(NamedImages { images, labels: of(|image| &image.class), names: of(|image| &image.name) })
    };
    let [training, validation, test] = Split::ALL.map(part);
    let training = training?;
    let classes: BTreeSet<&String> = training.labels.iter().collect();
    if classes.len() < 2 {
        let problem = format!("of its classes {} have images that can be decoded, and two are needed", classes.len());
        return Err(Error::format("folder of images", problem));
    }
    let given = |part: NamedImages| (!part.labels.is_empty()).then_some(part);
    report.skipped.sort_by_key(|skipped| Reverse(skipped.reason.starts_with("image"))); // what users miss, first
    Ok(ReadFiles { validation: given(validation?), report, ..(training, given(test?)).into() })
}

/// Returns why a file that is no image was skipped.
fn no_image(name: &str) -> String {
    match ending(name).as_str() {
        "" => "no image".into(),
        ending @ ("csv" | "tsv") => {
            format!("no image (.{ending}); tables beside images are not read, their labels neither")
        }
        ending => format!("no image (.{ending})"),
    }
}

#[cfg(test)]
mod layout_tests;
#[cfg(test)]
mod tests;
