//! Files of activations on disk, read in parts.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, bail};
use prediction_depth::Error;
use prediction_depth::activations::{GraphFolder, PartFile, Recording, Source, Wanted};
use sha2::{Digest, Sha256};

use crate::files::hex;
use crate::interrupt;

/// Bytes that are hashed at a time.
const BLOCK: usize = 1 << 20;

/// A file that is open for reading.
pub struct DiskFile {
    name: String,
    size: u64,
    file: RefCell<File>,
}

impl DiskFile {
    /// Takes an open file.
    pub fn new(name: String, file: File) -> io::Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self { name, size, file: RefCell::new(file) })
    }

    fn open(path: &Path) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        File::open(path).and_then(|file| Self::new(name.clone(), file)).with_context(|| name)
    }
}

impl PartFile for DiskFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(into)
    }
}

/// The files of one split: those of a folder, or one file.
pub struct SplitFiles {
    place: String,
    is_folder: bool,
    files: Vec<Rc<dyn PartFile>>,
}

impl SplitFiles {
    /// Opens a folder's files, or one file. Folders in the folder are left out, and so is what is no file.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let place = path.display().to_string();
        if !path.is_dir() {
            return Ok(Self { place, is_folder: false, files: vec![Rc::new(DiskFile::open(path)?)] });
        }
        let mut files: Vec<Rc<dyn PartFile>> = Vec::new();
        for entry in fs::read_dir(path).with_context(|| place.clone())? {
            let path = entry.with_context(|| place.clone())?.path();
            if path.is_file() {
                files.push(Rc::new(DiskFile::open(&path)?));
            }
        }
        files.sort_by(|one, other| one.name().cmp(other.name()));
        Ok(Self { place, is_folder: true, files })
    }

    /// Reads the split, without the values of its layers.
    pub fn recording(&self, wanted: Wanted) -> anyhow::Result<Recording> {
        Ok(match self.is_folder {
            true => Recording::from_folder(&self.place, self.files.clone(), wanted)?,
            false => Recording::from_file(&self.files[0], wanted)?,
        })
    }

    /// Returns the files as those of predicted layers.
    pub fn source(&self) -> Source {
        match self.is_folder {
            true => Source::Folder(self.place.clone(), self.files.clone()),
            false => Source::File(self.files[0].clone()),
        }
    }

    /// Returns the file, unless it is a folder.
    pub fn one(&self) -> anyhow::Result<Rc<dyn PartFile>> {
        match (self.is_folder, self.files.first()) {
            (false, Some(file)) => Ok(file.clone()),
            _ => bail!("{}: is a folder; name a file", self.place),
        }
    }

    /// Returns the files as a folder of graphs.
    pub fn graphs(&self) -> GraphFolder {
        GraphFolder { place: self.place.clone(), files: self.files.clone() }
    }

    /// Returns the SHA-256 of the names and contents of all files. Hidden files are left out.
    pub fn sha256(&self) -> anyhow::Result<String> {
        let (mut digest, mut block) = (Sha256::new(), vec![0; BLOCK]);
        for file in &self.files {
            let name = Path::new(file.name()).file_name().unwrap_or_default().to_string_lossy();
            if self.is_folder {
                if name.starts_with('.') {
                    continue;
                }
                digest.update(name.as_bytes());
                digest.update([0]);
                digest.update(file.size().to_le_bytes());
            }
            for at in (0..file.size()).step_by(BLOCK) {
                if interrupt::asked() {
                    bail!(Error::Cancelled);
                }
                let block = &mut block[..usize::try_from(file.size() - at).unwrap_or(BLOCK).min(BLOCK)];
                file.read_at(at, block).with_context(|| file.name().to_owned())?;
                digest.update(block);
            }
        }
        Ok(hex(&digest.finalize()))
    }
}
