//! Files of activations on disk, read in parts.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, bail};
use prediction_depth::Error;
use prediction_depth::activations::{GraphFolder, PartFile, Recording, Source, Wanted};
use rayon::prelude::*;
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

    /// Returns the name without folders, and another handle, which shares the place in the file.
    fn to_hash(&self) -> anyhow::Result<ToHash> {
        let name = Path::new(&self.name).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = self.file.borrow().try_clone().with_context(|| self.name.clone())?;
        Ok(ToHash { path: self.name.clone(), name, size: self.size, file })
    }
}

/// A file to hash on any thread.
struct ToHash {
    path: String,
    name: String,
    size: u64,
    file: File,
}

impl ToHash {
    fn sha256(&self) -> anyhow::Result<[u8; 32]> {
        let (mut file, mut digest, mut block) = (&self.file, Sha256::new(), vec![0; BLOCK]);
        let context = || self.path.clone();
        file.seek(SeekFrom::Start(0)).with_context(context)?;
        for at in (0..self.size).step_by(BLOCK) {
            if interrupt::asked() {
                bail!(Error::Cancelled);
            }
            let block = &mut block[..usize::try_from(self.size - at).unwrap_or(BLOCK).min(BLOCK)];
            file.read_exact(block).with_context(context)?;
            digest.update(block);
        }
        Ok(digest.finalize().into())
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

/// What is no file: a folder, a link that leads nowhere, or a pipe. Core decides whether it stands where a file is needed.
struct NoFile {
    name: String,
    what: &'static str,
}

impl NoFile {
    fn new(path: &Path) -> Self {
        let what = match fs::metadata(path) {
            Ok(there) if there.is_dir() => "folder",
            Ok(_) => "pipe or device",
            Err(_) => "link that leads nowhere",
        };
        Self { name: path.display().to_string(), what }
    }
}

impl PartFile for NoFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> u64 {
        0
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<()> {
        Err(io::Error::other(self.what))
    }

    fn no_file(&self) -> Option<&'static str> {
        Some(self.what)
    }
}

/// The files of one split: those of a folder, or one file.
pub struct SplitFiles {
    place: String,
    is_folder: bool,
    files: Vec<Rc<dyn PartFile>>,
    /// Those of them that can be read.
    on_disk: Vec<Rc<DiskFile>>,
}

impl SplitFiles {
    /// Opens a folder's files, or one file.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let place = path.display().to_string();
        if !path.is_dir() {
            let file = Rc::new(DiskFile::open(path)?);
            return Ok(Self { place, is_folder: false, files: vec![file.clone()], on_disk: vec![file] });
        }
        let (mut on_disk, mut others): (Vec<_>, Vec<Rc<dyn PartFile>>) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(path).with_context(|| place.clone())? {
            let path = entry.with_context(|| place.clone())?.path();
            if path.is_file() {
                on_disk.push(Rc::new(DiskFile::open(&path)?));
            } else {
                others.push(Rc::new(NoFile::new(&path)));
            }
        }
        on_disk.sort_by(|one, other| one.name().cmp(other.name()));
        let files = on_disk.iter().map(|file| Rc::clone(file) as Rc<dyn PartFile>).chain(others).collect();
        Ok(Self { place, is_folder: true, files, on_disk })
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

    /// Returns the SHA-256 of a file; of a folder, that of the names, sizes and SHA-256 of its files, hidden ones left out.
    ///
    /// Every shard of a measurement hashes all files: it reads the whole training split in any case, and only so can a
    /// merge tell that all shards saw the same. Files are hashed side by side.
    pub fn sha256(&self) -> anyhow::Result<String> {
        let files = self.on_disk.iter().map(|file| file.to_hash()).collect::<anyhow::Result<Vec<_>>>()?;
        if !self.is_folder {
            return files.first().map_or_else(|| Ok(String::new()), |file| Ok(hex(&file.sha256()?)));
        }
        let shown: Vec<ToHash> = files.into_iter().filter(|file| !file.name.starts_with('.')).collect();
        let hashes = shown.par_iter().map(ToHash::sha256).collect::<anyhow::Result<Vec<_>>>()?;
        let mut digest = Sha256::new();
        for (file, hash) in shown.iter().zip(hashes) {
            digest.update(file.name.as_bytes());
            digest.update([0]);
            digest.update(file.size.to_le_bytes());
            digest.update(hash);
        }
        Ok(hex(&digest.finalize()))
    }
}
