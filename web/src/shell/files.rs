//! Files and folders that were selected or dropped, and their content.

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

use crate::dom::told;
use crate::state::opened::MOST_BYTES;

/// The table of a run's checkpoints.
pub const CHECKPOINTS: &str = "checkpoints.csv";

/// A file, with its path.
#[derive(Clone)]
pub struct PickedFile {
    path: String,
    file: File,
}

/// Returns the files of a file input; for a folder, all files in it.
pub fn picked(files: Option<FileList>) -> Vec<PickedFile> {
    let files = files.map(|files| (0..files.length()).filter_map(|at| files.get(at)).collect::<Vec<_>>());
    let path = |file: &File| Reflect::get(file, &"webkitRelativePath".into()).ok()?.as_string();
    let picked = |file: File| {
        let path = path(&file).filter(|path| !path.is_empty()).unwrap_or_else(|| file.name());
        PickedFile { path, file }
    };
    files.unwrap_or_default().into_iter().map(picked).collect()
}

/// The files of a run folder that the page shows.
pub struct RunFiles {
    /// Path of the folder.
    pub folder: String,
    pub study: Option<PickedFile>,
    pub checkpoints: Option<PickedFile>,
}

/// Returns what a run folder has for the page, if the files are those of one: a manifest with settings beside it. Weights
/// are not read.
pub fn of_run(files: &[PickedFile]) -> Option<RunFiles> {
    let mut manifests = files.iter().filter_map(|file| file.path.strip_suffix("manifest.json"));
    let folder = manifests.next().filter(|folder| folder.is_empty() || folder.ends_with('/'))?;
    if manifests.next().is_some() {
        return None;
    }
    let named = |name: &str| files.iter().find(|file| file.path == format!("{folder}{name}")).cloned();
    named("config.toml")?;
    Some(RunFiles {
        folder: folder.trim_end_matches('/').into(),
        study: named("study.safetensors"),
        checkpoints: named(CHECKPOINTS),
    })
}

/// Returns the dropped entries, and the files without an entry. Must be called during the event.
pub fn dropped(data: &DataTransfer) -> (Vec<FileSystemEntry>, Vec<PickedFile>) {
    let (mut entries, mut files) = (Vec::new(), Vec::new());
    let items = data.items();
    for item in (0..items.length()).filter_map(|at| items.get(at)) {
        match item.webkit_get_as_entry() {
            Ok(Some(entry)) => entries.push(entry),
            _ => files.extend(item.get_as_file().ok().flatten().map(|file| PickedFile { path: file.name(), file })),
        }
    }
    (entries, files)
}

/// Returns all files of what was dropped, those in folders included.
pub async fn within((entries, files): (Vec<FileSystemEntry>, Vec<PickedFile>)) -> Result<Vec<PickedFile>, JsValue> {
    let (mut waiting, mut found) = (entries, files);
    while let Some(entry) = waiting.pop() {
        // `is_directory`, not the class: Chromium's entries have other class names.
        if entry.is_directory() {
            let reader = entry.unchecked_into::<FileSystemDirectoryEntry>().create_reader();
            loop {
                // The reader returns some entries at a time, finally none.
                let some: Array =
                    answer(|then, fail| reader.read_entries_with_callback_and_callback(then, fail)).await?;
                if some.length() == 0 {
                    break;
                }
                waiting.extend(some.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
            }
        } else {
            let path = entry.full_path().trim_start_matches('/').to_owned();
            let file: FileSystemFileEntry = entry.unchecked_into();
            let ask = |then: &Function, fail: &Function| {
                file.file_with_callback_and_callback(then, fail);
                Ok(())
            };
            found.push(PickedFile { path, file: answer(ask).await? });
        }
    }
    Ok(found)
}

/// Awaits the result of a function that takes callbacks.
async fn answer<T: JsCast>(mut ask: impl FnMut(&Function, &Function) -> Result<(), JsValue>) -> Result<T, JsValue> {
    let promise = Promise::new(&mut |then, fail| {
        if let Err(error) = ask(&then, &fail) {
            let _ = fail.call1(&JsValue::NULL, &error);
        }
    });
    Ok(JsFuture::from(promise).await?.unchecked_into())
}

/// Returns paths and contents; the error is a message for the user.
pub async fn read(files: Vec<PickedFile>) -> Result<Vec<(String, Vec<u8>)>, String> {
    let size: f64 = files.iter().map(|picked| picked.file.size()).sum();
    if let Some(PickedFile { path, .. }) = files.first().filter(|_| size > MOST_BYTES) {
        let top = path.split('/').next().unwrap_or_default();
        return Err(format!(
            "{top}: {:.1} GB, and a tab can hold {:.0}: train with `pdepth run --data {top}` and open its study",
            size / 1e9,
            MOST_BYTES / 1e9
        ));
    }
    let mut read = Vec::new();
    for PickedFile { path, file } in files {
        match JsFuture::from(file.array_buffer()).await {
            Ok(buffer) => read.push((path, Uint8Array::new(&buffer).to_vec())),
            Err(error) => return Err(format!("{path} cannot be read: {}", told(&error))),
        }
    }
    Ok(read)
}
