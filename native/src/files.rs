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

/// Refuses a file that is there already, unless `is_own` says from its bytes that this program wrote such files.
pub fn refuse_foreign(path: &Path, is_own: impl Fn(&[u8]) -> bool) -> anyhow::Result<()> {
    if path.is_dir() {
        bail!("--out {}: a folder is in the way; name a file", path.display());
    }
    if path.is_file() && !is_own(&fs::read(path).with_context(|| path.display().to_string())?) {
        bail!("--out {}: a file that pdepth did not write is in the way; choose another name", path.display());
    }
    Ok(())
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
