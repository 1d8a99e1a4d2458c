//! The splits that names of files say.

use super::format::FORMAT;
use crate::data::own::InputFile;
use crate::data::own::split_word::split_of;
use crate::data::{ReadReport, Split};
use crate::error::{Error, Result};

/// Returns the split in a file's name, or in the name of a folder that holds it.
fn split_of_file(name: &str) -> Option<Split> {
    name.rsplit('/').find_map(|part| part.split(|letter: char| !letter.is_ascii_alphanumeric()).find_map(split_of))
}

/// The files of a data set and their splits: the training files first.
pub(in crate::data::own) struct FileSplits<'a>(Vec<(&'a dyn InputFile, Option<Split>)>);

impl<'a> FileSplits<'a> {
    /// Sorts files into splits by their names. A single file is not asked for its name. What is no table, or names no
    /// split beside others that do, is reported.
    ///
    /// # Errors
    /// [`Error::Format`] if there are several files, of which none is called `train`.
    pub fn new(files: &[&'a dyn InputFile], is_table: fn(&str) -> bool, report: &mut ReadReport) -> Result<Self> {
        let (mut tables, others): (Vec<&dyn InputFile>, Vec<&dyn InputFile>) = match files {
            [one] => (vec![*one], Vec::new()),
            files => files.iter().partition(|file| is_table(file.name())),
        };
        others.iter().for_each(|file| report.skip(file.name(), "no table"));
        if let [one] = tables[..] {
            return Ok(Self(vec![(one, None)]));
        }
        tables.sort_by_key(|file| file.name());
        let all = tables.iter().map(|file| (*file, split_of_file(file.name())));
        let (named, unnamed): (Vec<_>, Vec<_>) = all.partition(|(_, split)| split.is_some());
        if !named.iter().any(|(_, split)| *split == Some(Split::Train)) {
            let names: Vec<&str> = tables.iter().map(|file| file.name()).take(5).collect();
            let problem = format!("{} tables ({}), of which none is called train", tables.len(), names.join(", "));
            return Err(Error::format(FORMAT, problem)
                .remedied("call them train.csv, val.csv and test.csv, or choose one of them"));
        }
        for (file, _) in unnamed {
            report.skip(file.name(), "its name says no split, beside tables whose names do");
        }
        let mut files = named;
        files.sort_by_key(|(_, split)| split.map(Split::number));
        Ok(Self(files))
    }

    pub fn is_one(&self) -> bool {
        self.0.len() == 1
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'a dyn InputFile, Option<Split>)> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_the_path_says_the_split() {
        assert_eq!(split_of_file("mine/mnist_train.csv"), Some(Split::Train));
        assert_eq!(split_of_file("mine/test/0000.parquet"), Some(Split::Test));
        assert_eq!(split_of_file("mine/train/test-0.csv"), Some(Split::Test), "the file's own name comes first");
        assert_eq!(split_of_file("sample_submission.csv"), None);
    }
}
