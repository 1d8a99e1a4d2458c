//! Puts the files of a complete run into a folder that is there already. Only files that the folder's manifest names are
//! replaced or removed. Each step may be the last one before the program is killed; then [`place`] continues.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, bail};

use crate::files::{folder_of, follow, sha256, sync_folder, write_whole};
use crate::manifest::{MANIFEST, manifest, named_files};

/// The file that says which run a folder holds. It is replaced after the results, and before the manifest.
const CONFIG: &str = "config.toml";

/// Refuses a folder in which files of the run were changed, or other files have the names of those to `write`.
pub fn check(folder: &Path, write: &[&str]) -> anyhow::Result<()> {
    let named = manifest(folder).map(|manifest| named_files(&manifest)).unwrap_or_default();
    for (name, hash) in &named {
        let path = folder.join(name);
        if path.exists() && sha256(&path)? != *hash {
            bail!("{}: it was changed after pdepth wrote it; move it elsewhere, or delete it", path.display());
        }
    }
    write.iter().try_for_each(|name| check_parents(folder, name))?;
    match write.iter().map(|name| folder.join(name)).find(|path| path.exists() && !named_in(folder, path, &named)) {
        Some(path) => bail!("{}: pdepth did not write it; move it elsewhere, or choose another --out", path.display()),
        None => Ok(()),
    }
}

fn named_in(folder: &Path, path: &Path, named: &BTreeMap<String, String>) -> bool {
    path.strip_prefix(folder).is_ok_and(|name| named.contains_key(&name.to_string_lossy().replace('\\', "/")))
}

/// Moves the files of the complete run in `partial` to `folder`: results, then settings, then the manifest. Before the
/// manifest it removes what only the earlier manifest names.
pub fn place(partial: &Path, folder: &Path) -> anyhow::Result<()> {
    let new = named_files(&manifest(partial)?);
    let old = manifest(folder).map(|manifest| named_files(&manifest)).unwrap_or_default();
    for (name, hash) in &new {
        check_parents(folder, name)?;
        check_place(&partial.join(name), &folder.join(name), hash, old.get(name))?;
    }
    let results = new.keys().map(String::as_str).filter(|name| *name != CONFIG);
    for name in results.chain([CONFIG]).filter(|name| partial.join(name).exists()) {
        move_file(&partial.join(name), &folder.join(name))?;
    }
    for (name, hash) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        let path = folder.join(name);
        if path.exists() && sha256(&path)? == *hash {
            fs::remove_file(&path).with_context(|| path.display().to_string())?;
            let _ = fs::remove_dir(folder_of(&path)); // fails, as it should, if something else is in it
        }
    }
    move_file(&partial.join(MANIFEST), &folder.join(MANIFEST))?;
    // The run is in its place. Some network file systems keep the lock's file until it is closed.
    let _ = fs::remove_dir_all(partial);
    Ok(())
}

/// Refuses a file where a folder of the run belongs.
fn check_parents(folder: &Path, name: &str) -> anyhow::Result<()> {
    let parents = Path::new(name).ancestors().skip(1).map(|parent| folder.join(parent));
    match parents.into_iter().find(|parent| parent.exists() && !parent.is_dir()) {
        Some(file) => bail!("{}: a file is in the way of a folder; move it elsewhere", file.display()),
        None => Ok(()),
    }
}

/// Checks that the new file is there, and that it replaces nothing, or a file of the run before, or itself.
fn check_place(from: &Path, to: &Path, hash: &str, old: Option<&String>) -> anyhow::Result<()> {
    let found = to.exists().then(|| sha256(to)).transpose()?;
    let is_new = found.as_deref() == Some(hash);
    if !from.exists() && !is_new {
        bail!("{}: it is missing; delete {} and run again", from.display(), folder_of(from).display());
    }
    if found.is_some() && !is_new && found.as_ref() != old {
        bail!("{}: it is not as pdepth wrote it; move it elsewhere, then the same command continues", to.display());
    }
    Ok(())
}

/// Moves a file, also to another file system. A link at its place is followed.
fn move_file(from: &Path, to: &Path) -> anyhow::Result<()> {
    let context = || to.display().to_string();
    let place = follow(to);
    fs::create_dir_all(folder_of(&place)).with_context(context)?;
    match fs::rename(from, &place) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            write_whole(&place, &fs::read(from).with_context(context)?)?;
            fs::remove_file(from).with_context(context)?;
        }
        moved => moved.with_context(context)?,
    }
    sync_folder(folder_of(&place));
    Ok(())
}
