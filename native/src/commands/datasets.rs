//! `pdepth datasets`: lists the known data sets and their folders.

use std::path::PathBuf;

use serde_json::json;

use crate::cli::DatasetsArgs;
use crate::data::{KNOWN, Known};

pub fn datasets(arguments: &DatasetsArgs) -> anyhow::Result<()> {
    let data_dir = arguments.data_dir.as_deref();
    let found: Vec<_> = KNOWN.iter().map(|known| (known, known.find(data_dir))).collect();
    if arguments.json {
        let row = |(known, found): &(&Known, anyhow::Result<PathBuf>)| {
            let (folders, found) = (known.folders(data_dir), found.as_ref().ok());
            json!({
                "name": known.name,
                "publisher": known.publisher,
                "files": known.files,
                "looked_in": folders,
                "found": found,
            })
        };
        println!("{}", serde_json::to_string_pretty(&found.iter().map(row).collect::<Vec<_>>())?);
        return Ok(());
    }
    println!("{:<14} in the program: 2,000 + 500 images of Fashion-MNIST", "embedded");
    for (known, found) in found {
        let place = match found {
            Ok(folder) => folder.display().to_string(),
            Err(_) => format!("not here: {}", known.remedy(data_dir)),
        };
        println!("{:<14} {place}", known.name);
    }
    Ok(())
}
