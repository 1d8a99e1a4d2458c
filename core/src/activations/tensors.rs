//! Safetensors files: only the header is read; the tensors stay in the file.

use std::collections::BTreeMap;
use std::rc::Rc;

use safetensors::tensor::TensorInfo;
use serde_json::Value;

use super::array_file::{ArrayFile, Values};
use super::opened::Opened;
use super::part_file::PartFile;
use super::words::Words;
use crate::data::own::arrays::Heading;
use crate::data::own::tensors::kind;
use crate::error::{Error, Result};

/// Largest header, in bytes: that of the format.
const LONGEST: u64 = 100_000_000;

/// Reads the header.
pub(super) fn open(file: &Rc<dyn PartFile>) -> Result<Opened> {
    let wrong = |problem: String| Error::activations(file.name(), problem);
    let damaged = |problem: &dyn std::fmt::Display| wrong(format!("no safetensors file, or a damaged one: {problem}"));
    let mut length = [0; 8];
    file.read_at(0, &mut length).map_err(|error| damaged(&error))?;
    let length = u64::from_le_bytes(length);
    let start = length.checked_add(8).filter(|&start| start <= file.size() && length <= LONGEST);
    let start = start.ok_or_else(|| damaged(&format_args!("its header claims {length} bytes")))?;
    let mut header = vec![0; length as usize];
    file.read_at(8, &mut header).map_err(|error| damaged(&error))?;
    let mut header: BTreeMap<String, Value> = serde_json::from_slice(&header).map_err(|error| damaged(&error))?;
    let mut opened = Opened { lists: lists(&**file, header.remove("__metadata__"))?, ..Opened::default() };
    let mut end = 0;
    for (name, info) in header {
        let place = format!("{}: {name}", file.name());
        let info: TensorInfo =
            serde_json::from_value(info).map_err(|error| Error::activations(&place, format_args!("{error}")))?;
        let (from, to) = info.data_offsets;
        let heading = Heading::new(name, kind(info.dtype), info.shape);
        let size = heading.size().map_err(|problem| Error::activations(&place, problem))?;
        if from.checked_add(size) != Some(to) {
            let problem = format!("is {:?}, {size} bytes, but has those from {from} to {to}", heading.shape);
            return Err(Error::activations(place, problem));
        }
        end = end.max(to as u64);
        let values = Values::At(start.saturating_add(from as u64));
        opened.arrays.push(ArrayFile { file: file.clone(), alone: false, heading, values });
    }
    let found = file.size() - start;
    match end == found {
        true => Ok(opened),
        false => Err(damaged(&format_args!("its header names {end} bytes of values, but it has {found}"))),
    }
}

/// Reads lists of texts from the metadata, since tensors hold none: JSON, under the names of the files of a folder.
fn lists(file: &dyn PartFile, metadata: Option<Value>) -> Result<Vec<(String, Words)>> {
    let mut lists = Vec::new();
    for (key, value) in metadata.as_ref().and_then(Value::as_object).into_iter().flatten() {
        let name = match key.as_str() {
            "layers" => "order",
            "labels" | "predictions" | "classes" | "ids" | "texts" => key,
            _ => continue,
        };
        let place = format!("{}: metadata {key}", file.name());
        let texts = value.as_str().and_then(|text| serde_json::from_str::<Vec<String>>(text).ok());
        let problem = "it must be a JSON list of texts: json.dumps([\"first\", \"second\"])";
        let texts = texts.ok_or_else(|| Error::activations(&place, problem))?;
        lists.push((name.into(), Words { place, texts, numbers: false }));
    }
    Ok(lists)
}
