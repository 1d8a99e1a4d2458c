//! Files as a whole: written atomically, compared by hash.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

/// Prefix of files and folders that are not complete yet.
pub const PARTIAL: &str = ".pdepth-partial-";

/// Returns where a path leads: what a link names, also if that is not there yet.
pub fn follow(path: &Path) -> PathBuf {
    match (path.canonicalize(), fs::read_link(path)) {
        (Ok(real), _) => real,
        (Err(_), Ok(named)) => folder_of(path).join(named),
        (Err(_), Err(_)) => path.to_owned(),
    }
}

/// Returns the folder in which the files of a run are made before they move to `folder`.
pub fn partial_of(folder: &Path) -> Option<PathBuf> {
    let place = follow(folder);
    let name = place.file_name()?.to_string_lossy();
    Some(folder_of(&place).join(format!("{PARTIAL}{name}")))
}

/// Returns the folder in which a path lies.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a temporary file in the same folder, syncs it and renames it. A link is followed.
pub fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let context = || path.display().to_string();
    let path = follow(path);
    if fs::metadata(&path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        return File::options().write(true).open(&path)?.write_all(bytes).with_context(context); // such as /dev/stdout
    }
    stage(folder_of(&path), bytes).with_context(context)?.persist(&path).with_context(context)?;
    sync_folder(folder_of(&path));
    Ok(())
}

/// Writes and syncs a temporary file in this folder. It is removed unless it gets a name.
pub fn stage(folder: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666)); // less the umask: others may read it
    let mut file = builder.prefix(PARTIAL).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Syncs a folder, so that new names in it are stored. Not every system can open folders.
pub fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Folders that were made for files to come. In the end, those that are still empty are removed.
#[derive(Default)]
pub struct MadeFolders(Vec<PathBuf>);

impl MadeFolders {
    /// Makes a folder, and those around it.
    pub fn new(folder: &Path) -> io::Result<Self> {
        let absent = folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        let made = Self(absent.map(Path::to_owned).collect());
        fs::create_dir_all(folder)?;
        Ok(made)
    }
}

impl Drop for MadeFolders {
    fn drop(&mut self) {
        // The innermost comes first. This fails, as it should, if something is in it.
        self.0.iter().for_each(|folder| _ = fs::remove_dir(folder));
    }
}

/// What a file in the way of `--out` is.
pub enum InTheWay {
    /// The same result, which may be written again.
    Same,
    /// A result of another run or search, in words.
    Other(&'static str),
    /// Nothing that this program wrote.
    Foreign,
}

/// Refuses a file that is there already, unless `judge` says from its bytes that it is the same result.
pub fn refuse_others(path: &Path, judge: impl Fn(&[u8]) -> InTheWay) -> anyhow::Result<()> {
    let out = path.display();
    if path.is_dir() {
        bail!("--out {out}: a folder is in the way; name a file");
    }
    if !path.is_file() {
        return Ok(());
    }
    match judge(&fs::read(path).with_context(|| out.to_string())?) {
        InTheWay::Same => Ok(()),
        InTheWay::Other(what) => bail!("--out {out}: {what} is in the way; delete it, or choose another name"),
        InTheWay::Foreign => {
            bail!("--out {out}: a file that pdepth did not write is in the way; choose another name")
        }
    }
}

/// Returns the SHA-256 of a file as hexadecimal digits.
pub fn sha256(path: &Path) -> anyhow::Result<String> {
    let context = || path.display().to_string();
    let (mut file, mut digest) = (File::open(path).with_context(context)?, Sha256::new());
    let mut block = vec![0; 1 << 20];
    loop {
        match io::Read::read(&mut file, &mut block).with_context(context)? {
            0 => return Ok(hex(&digest.finalize())),
            read => digest.update(&block[..read]),
        }
    }
}

/// Returns bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the SHA-256 of bytes as hexadecimal digits.
pub fn hash_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
