//! Files that are written whole or not at all.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::Context;

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
