//! What a path means: the split and the class of an image in a folder.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::own::split_word;
use crate::data::{ReadReport, Split};
use crate::error::{Error, Result};
use crate::listed::quoted;

const FORMAT: &str = "folder of images";

/// Number of names in a message.
const NAMED: usize = 3;

/// An image file with its split and class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Index into the files.
    pub file: usize,
    pub split: Split,
    pub class: String,
    /// Path from the folder that was opened.
    pub name: String,
}

/// The path of an image from the folder that was opened, without the file's name: folders that are still to be
/// understood.
#[derive(Clone)]
struct Located<'a> {
    file: usize,
    folders: Vec<&'a str>,
    name: String,
}

/// Returns split and class of each image, training images first, each part ordered by path. `paths` are index and path
/// of the image files; their common first folder is the one that was opened.
///
/// - Splits are folders called `train`, `val` or `test`, or similar (see [`split_of`]), in any case. Without `train`,
///   the other folders at that level are the classes of the training images.
/// - The class is the first folder below; or the first folder at all, if each class has folders of splits.
/// - Folders that hold everything, above all classes, are skipped.
///
/// What has no class beside others that have one is skipped and reported.
///
/// # Errors
/// [`Error::Format`] for a layout that has two readings (it names both), without classes, without training images, or
/// with a class that the training images lack.
pub fn layout(paths: &[(usize, &str)], report: &mut ReadReport) -> Result<Vec<Placed>> {
    let mut images = located(paths);
    images.sort_by(|a, b| a.name.split('/').cmp(b.name.split('/')));
    unwrap(&mut images, report);
    let images = match images.iter().any(|image| first_split(image).is_some()) {
        true => splits_above(images, report)?,
        false => splits_below(images)?,
    };
    let mut placed = with_classes(images, report)?;
    placed.sort_by_key(|image| image.split.number());
    check_classes(&placed, report)?;
    Ok(placed)
}

/// Returns the split that a folder's name says; `trainset` and `train_set` are `train`.
fn split_of(folder: &str) -> Option<Split> {
    let lower = folder.to_lowercase();
    let word = lower.strip_suffix("set").map_or(&*lower, |word| word.trim_end_matches('_'));
    split_word::split_of(word)
}

fn first_split(image: &Located) -> Option<Split> {
    image.folders.first().and_then(|folder| split_of(folder))
}

/// Splits paths into folders, without the folder that was opened.
fn located<'a>(paths: &[(usize, &'a str)]) -> Vec<Located<'a>> {
    let parts = |path: &'a str| path.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>();
    let all: Vec<(usize, Vec<&str>)> = paths.iter().map(|&(file, path)| (file, parts(path))).collect();
    let opened = all.first().and_then(|(_, parts)| (parts.len() > 1).then(|| parts[0]));
    let within = opened.is_some_and(|opened| all.iter().all(|(_, parts)| parts.len() > 1 && parts[0] == opened));
    let located = |(file, mut parts): (usize, Vec<&'a str>)| {
        parts.drain(..usize::from(within));
        let name = parts.join("/");
        parts.pop();
        Located { file, folders: parts, name }
    };
    all.into_iter().map(located).collect()
}

/// Removes folders that hold all images and lie above the classes.
fn unwrap(images: &mut [Located], report: &mut ReadReport) {
    while let Some(wrapper) = images.first().and_then(|image| image.folders.first().copied()) {
        let wraps = |image: &Located| image.folders.len() > 1 && image.folders[0] == wrapper;
        if split_of(wrapper).is_some() || !images.iter().all(wraps) {
            return;
        }
        images.iter_mut().for_each(|image| image.folders = image.folders.split_off(1));
        report.note(format!("the folder `{wrapper}` holds all images, so it is no class"));
    }
}

/// An image whose split is known; `folders` are those below the split.
type InSplit<'a> = (Split, Located<'a>);

/// Understands splits that are folders above the classes.
fn splits_above<'a>(images: Vec<Located<'a>>, report: &mut ReadReport) -> Result<Vec<InSplit<'a>>> {
    one_folder_each(&images)?;
    let trained = images.iter().any(|image| first_split(image) == Some(Split::Train));
    let classes: BTreeSet<&str> =
        of_split(&images, Split::Train).filter_map(|image| image.folders.get(1).copied()).collect();
    let beside = images.iter().any(|image| first_split(image).is_none() && !image.folders.is_empty());
    let mut understood = Vec::new();
    for mut image in images {
        let Some(&first) = image.folders.first() else {
            report.skip(image.name, "image beside the folders of the splits");
            continue;
        };
        match split_of(first) {
            Some(_) if image.folders.len() == 1 && !trained && beside => {
                return Err(two_readings(
                    &format!("the folder `{first}` is a class as its neighbours are, called `{first}`"),
                    &format!("it is a split, and its images such as {} have no class", image.name),
                    "rename the class, or sort the split's images into folders of their classes",
                ));
            }
            Some(split) => {
                image.folders.remove(0);
                understood.push((split, image));
            }
            None if trained && classes.contains(first) => {
                return Err(two_readings(
                    &format!("`{first}` beside the splits holds more training images of the class `{first}`"),
                    "only the images in the folders of the splits belong to the data set",
                    "move it into a split, or elsewhere",
                ));
            }
            None if trained => report.skip(image.name, format!("in `{first}`, beside the folders of the splits")),
            None => understood.push((Split::Train, image)),
        }
    }
    if !understood.iter().any(|(split, _)| *split == Split::Train) {
        return Err(wrong("it has no training images: put them into `train`, with a folder for each class"));
    }
    let classed: BTreeSet<Split> =
        understood.iter().filter(|(_, image)| !image.folders.is_empty()).map(|(split, _)| *split).collect();
    Ok(understood
        .into_iter()
        .filter_map(|(split, image)| {
            match (image.folders.is_empty(), split == Split::Train || classed.contains(&split)) {
                (true, false) => {
                    report.skip(
                        image.name,
                        format!("in the {} split without a folder of its class: no label", split.name()),
                    );
                    None
                }
                _ => Some((split, image)),
            }
        })
        .collect())
}

fn of_split<'a, 'b>(images: &'b [Located<'a>], split: Split) -> impl Iterator<Item = &'b Located<'a>> {
    images.iter().filter(move |image| first_split(image) == Some(split))
}

/// Refuses two folders of the same split.
fn one_folder_each(images: &[Located]) -> Result<()> {
    let mut folders: BTreeMap<Split, BTreeSet<&str>> = BTreeMap::new();
    for image in images {
        if let Some(split) = first_split(image) {
            folders.entry(split).or_default().insert(image.folders[0]);
        }
    }
    match folders.into_iter().find(|(_, folders)| folders.len() > 1) {
        Some((split, folders)) => Err(two_readings(
            &format!("all of {} are the {} split", quoted(folders, NAMED), split.name()),
            "only one of them is",
            "keep one, or put the images together",
        )),
        None => Ok(()),
    }
}

/// Understands splits that are folders within each class, or no splits.
fn splits_below(images: Vec<Located>) -> Result<Vec<InSplit>> {
    let second = |image: &Located| image.folders.get(1).and_then(|folder| split_of(folder));
    let (of_split, others): (Vec<_>, Vec<_>) =
        images.iter().filter(|image| !image.folders.is_empty()).partition(|image| second(image).is_some());
    match (of_split.first(), others.first()) {
        (None, _) => Ok(images.into_iter().map(|image| (Split::Train, image)).collect()),
        (Some(_), None) => Ok(images
            .into_iter()
            .map(|mut image| {
                let split = second(&image).unwrap_or(Split::Train);
                if image.folders.len() > 1 {
                    image.folders.remove(1);
                }
                (split, image)
            })
            .collect()),
        (Some(inside), Some(other)) => Err(two_readings(
            &format!("`{}` is a split of the class `{}`", inside.folders[1], inside.folders[0]),
            &format!("it is a folder of images like any other, since {} lies in no split", other.name),
            "put the images of every class into folders of splits, or those of none",
        )),
    }
}

/// Takes the first folder as the class; refuses images that lie two folders deep throughout.
fn with_classes(images: Vec<InSplit>, report: &mut ReadReport) -> Result<Vec<Placed>> {
    let deep = |image: &&InSplit| image.1.folders.len() > 1;
    let (classed, nested) = (images.iter().filter(|image| !image.1.folders.is_empty()), images.iter().filter(deep));
    let (classed, nested) = (classed.count(), nested.count());
    if classed == 0 {
        let remedy = "make a folder for each class; a table of labels beside the images is not read";
        return Err(wrong(format!("its images lie in no folder of their class: {remedy}")));
    }
    let level =
        |at: usize| images.iter().filter_map(move |image| image.1.folders.get(at).copied()).collect::<BTreeSet<_>>();
    let seconds = level(1);
    if nested == classed && seconds.len() > 1 {
        return Err(two_readings(
            &format!("the classes are {}", quoted(level(0), NAMED)),
            &format!("they are {}, one level below", quoted(seconds, NAMED)),
            "open the folder whose folders are the classes, or move the images up",
        ));
    }
    if nested > 0 && nested < classed {
        report.note(format!("{nested} images lie in folders below that of their class, and belong to it"));
    }
    let mut placed = Vec::new();
    for (split, Located { file, folders, name }) in images {
        match folders.first() {
            Some(&class) => placed.push(Placed { file, split, class: class.into(), name }),
            None => report.skip(name, "image beside the folders of the classes"),
        }
    }
    Ok(placed)
}

fn check_classes(placed: &[Placed], report: &mut ReadReport) -> Result<()> {
    let of = |training: bool| -> BTreeSet<&str> {
        let images = placed.iter().filter(|image| (image.split == Split::Train) == training);
        images.map(|image| image.class.as_str()).collect()
    };
    let classes = of(true);
    let unknown: Vec<&str> = of(false).difference(&classes).copied().collect();
    if !unknown.is_empty() {
        let names = quoted(unknown, NAMED);
        return Err(wrong(format!(
            "it has no training images of {names}, which other splits have: the classes are the folders of the training \
             images, so add such images, or leave these folders out"
        )));
    }
    if let (1, Some(class)) = (classes.len(), classes.first()) {
        return Err(wrong(format!(
            "`{class}` is its only class: a network needs two at least, so open a folder that holds one for each class"
        )));
    }
    let mut alike: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    classes.iter().for_each(|class| alike.entry(class.to_lowercase()).or_default().push(class));
    for names in alike.into_values().filter(|names| names.len() > 1) {
        report.note(format!("{} are different classes, though only their case differs", quoted(names, NAMED)));
    }
    Ok(())
}

fn wrong(problem: impl std::fmt::Display) -> Error {
    Error::format(FORMAT, problem)
}

fn two_readings(one: &str, other: &str, remedy: &str) -> Error {
    wrong(format!("it has two readings: either {one}, or {other}; {remedy}"))
}
