//! Files and folders that were picked or dropped, and their bytes.

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

use crate::dom::told;
use crate::state::opened::MOST_BYTES;

/// A file, and the path that says where it was.
pub struct PickedFile {
    path: String,
    file: File,
}

/// What a file input holds; of a folder all files in it.
pub fn picked(files: Option<FileList>) -> Vec<PickedFile> {
    let files = files.map(|files| (0..files.length()).filter_map(|at| files.get(at)).collect::<Vec<_>>());
    let path = |file: &File| Reflect::get(file, &"webkitRelativePath".into()).ok()?.as_string();
    let picked = |file: File| {
        let path = path(&file).filter(|path| !path.is_empty()).unwrap_or_else(|| file.name());
        PickedFile { path, file }
    };
    files.unwrap_or_default().into_iter().map(picked).collect()
}

/// What was dropped, to be asked for while the event lasts: entries, and files that are none.
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

/// All files of what was dropped.
pub async fn within((entries, files): (Vec<FileSystemEntry>, Vec<PickedFile>)) -> Result<Vec<PickedFile>, JsValue> {
    let (mut waiting, mut found) = (entries, files);
    while let Some(entry) = waiting.pop() {
        // By its own word: Chromium's entries are instances of classes with other names.
        if entry.is_directory() {
            let reader = entry.unchecked_into::<FileSystemDirectoryEntry>().create_reader();
            loop {
                // It gives a part at a time, and nothing in the end.
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

/// What a function of callbacks answers.
async fn answer<T: JsCast>(mut ask: impl FnMut(&Function, &Function) -> Result<(), JsValue>) -> Result<T, JsValue> {
    let promise = Promise::new(&mut |then, fail| {
        if let Err(error) = ask(&then, &fail) {
            let _ = fail.call1(&JsValue::NULL, &error);
        }
    });
    Ok(JsFuture::from(promise).await?.unchecked_into())
}

/// Their paths and bytes; or in words why not.
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
