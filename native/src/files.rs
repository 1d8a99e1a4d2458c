//! Files that are written whole or not at all, and the study of a run.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use prediction_depth::study::Study;

/// Before the names of what is not whole yet.
pub const PARTIAL: &str = ".pdepth-partial-";

/// Writes a file beside its place, syncs it and renames it there.
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
    // The name is in the folder only once the folder is synced, where a folder can be opened.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// The study of a run's folder, or of its own file.
pub fn read_study(run: &Path) -> anyhow::Result<Study> {
    let path = if run.is_dir() { run.join("study.safetensors") } else { run.to_owned() };
    let bytes = fs::read(&path).with_context(|| format!("{} (is it a run's folder?)", path.display()))?;
    Study::from_bytes(&bytes).with_context(|| path.display().to_string())
}
