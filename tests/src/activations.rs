//! Folders of recorded activations in which distances and votes tie.

use std::path::Path;

use tempfile::TempDir;

use crate::{TypedArray, integers, normals, write_files};

const CLASSES: u32 = 3;

/// What a split shows of its examples.
#[derive(Clone, Copy, Debug)]
pub enum Shown {
    /// A line of text.
    Texts,
    /// Pixels.
    Images,
    /// Two features.
    Table,
}

/// Writes a split of three layers. The first two are small integers and a quarter, so that distances and votes tie; the
/// last one tells most classes apart.
fn write_split(folder: &Path, examples: usize, seed: u64, shown: Shown) {
    let class = |example: usize| (example * 7 + example / 5) as u32 % CLASSES;
    let noise = normals(examples, CLASSES as usize, seed + 10);
    let apart = |(at, noise): (usize, &f32)| noise + 2.0 * f32::from(class(at / 3) == at as u32 % CLASSES);
    let head: Vec<f32> = noise.values().iter().enumerate().map(apart).collect();
    // No row is zero, also when it is pooled: it would have no direction.
    let whole = |values: &[f32]| values.iter().map(|&value| f64::from(value) + 0.25).collect::<Vec<_>>();
    let small = TypedArray::new(&whole(integers(examples, 2, seed).values()), &[examples, 2], "<f2", false);
    let columns = TypedArray::new(&whole(integers(examples, 6, seed + 5).values()), &[examples, 3, 2], "<f8", true);
    let labels: Vec<u32> = (0..examples).map(|at| if at % 11 == 4 { 0 } else { class(at) }).collect();
    let lines =
        |line: &dyn Fn(usize) -> String| (0..examples).map(|at| line(at) + "\n").collect::<String>().into_bytes();
    let (name, bytes) = match shown {
        Shown::Texts => ("texts.txt", lines(&|at| format!("text {at} of {seed}"))),
        Shown::Images => {
            let pixels: Vec<f64> = (0..examples * 6).map(|at| (at * 5 % 256) as f64).collect();
            ("images.npy", TypedArray::new(&pixels, &[examples, 2, 3], "|u1", false).npy())
        }
        Shown::Table => ("table.csv", [b"width,age\n".to_vec(), lines(&|at| format!("{at},{seed}"))].concat()),
    };
    let head = TypedArray::floats(&head, &[examples, CLASSES as usize]);
    let files = [
        ("layer0.npy", small.npy()),
        ("layer1.npy", columns.npy()),
        ("layer2.npy", head.npy()),
        ("labels.npy", TypedArray::numbers(&labels).npy()),
        ("logits.npy", head.npy()),
        ("ids.txt", lines(&|at| format!("{seed}/{at}"))),
        (name, bytes),
    ];
    write_files(folder, &files.map(|(name, bytes)| (name.to_owned(), bytes)));
}

/// Returns a folder with the splits `acts/train`, `acts/test` and `acts/few` of these sizes.
///
/// # Panics
/// If it cannot be written.
pub fn activations(sizes: [usize; 3], shown: Shown) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (split, (examples, seed)) in ["train", "test", "few"].into_iter().zip(sizes.into_iter().zip(1..)) {
        write_split(&folder.path().join("acts").join(split), examples, seed, shown);
    }
    folder
}
