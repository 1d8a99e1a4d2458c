//! What Python gives of the examples of a split, as the files that core reads.

use std::rc::Rc;

use prediction_depth::Result;
use prediction_depth::activations::{PartFile, Recording, Recordings, Wanted};
use prediction_depth::pooling::Pooling;

/// The name of a file, such as `labels.npy`, and its bytes.
pub type File = (String, Vec<u8>);

/// Returns bytes as a file.
pub fn file(name: String, bytes: Vec<u8>) -> Rc<dyn PartFile> {
    Rc::new((name, bytes))
}

/// Reads the lists of all splits, the training split first; `splits` are their names and files.
pub fn recordings(splits: Vec<(String, Vec<File>)>, pooling: Pooling) -> Result<Recordings> {
    let read = |(place, (name, files)): (usize, (String, Vec<File>))| {
        let place = if place == 0 { name.clone() } else { format!("held_out[{name:?}]") };
        let files = files.into_iter().map(|(list, bytes)| file(format!("{place}/{list}"), bytes)).collect();
        Ok((name, Recording::from_folder(&place, files, Wanted::NoLayers)?))
    };
    let mut read = splits.into_iter().enumerate().map(read).collect::<Result<Vec<_>>>()?;
    let (_, training) = read.remove(0);
    Recordings::with_pooling(training, read, pooling)
}
