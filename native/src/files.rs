//! Atomic writing of files, and reading of a run's study.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use prediction_depth::study::Study;

/// Prefix of files and folders that are not complete yet.
pub const PARTIAL: &str = ".pdepth-partial-";

/// Writes a temporary file in the same folder, syncs it and renames it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let context = || path.display().to_string();
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666)); // less the umask: others may read it
    let mut file = builder.prefix(PARTIAL).tempfile_in(folder).with_context(context)?;
    file.write_all(bytes).with_context(context)?;
    file.as_file().sync_all().with_context(context)?;
    file.persist(path).with_context(context)?;
    // Sync the folder as well, so that the new name is stored. Not every system can open folders.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Reads a study from a run's folder or from a study file.
pub fn read_study(run: &Path) -> anyhow::Result<Study> {
    let path = if run.is_dir() { run.join("study.safetensors") } else { run.to_owned() };
    let bytes = fs::read(&path).with_context(|| format!("{} (is this a run folder?)", path.display()))?;
    Study::from_bytes(&bytes).with_context(|| path.display().to_string())
}
