//! Tensors that are stored in an ONNX file, or in a file beside it: checked before anything is allocated.

use rten_onnx::onnx::{DataLocation, DataType, TensorProto};

use super::nodes::wrong;
use crate::error::Result;

/// Checks that a tensor holds as many values as its shape says. `external` returns the length of a file beside the
/// model.
pub(super) fn check_tensor(tensor: &TensorProto, external: &mut dyn FnMut(&str) -> Result<usize>) -> Result<()> {
    let place = format!("tensor {:?}", tensor.name.as_deref().unwrap_or_default());
    let refused = |problem: String| Err(wrong(place.clone(), problem));
    let count = tensor.dims.iter().try_fold(1_u64, |all, &side| all.checked_mul(u64::try_from(side).ok()?));
    let Some(count) = count else {
        return refused(format!("its shape {:?} is impossible: the file is damaged; export it again", tensor.dims));
    };
    let kind = tensor.data_type.unwrap_or(DataType(0));
    let Some(width) = width(kind) else {
        let kind = kind.name().unwrap_or("of an unknown type");
        return refused(format!("its values are {kind}, which cannot be run: export the network in float32"));
    };
    let found = if tensor.data_location == Some(DataLocation::EXTERNAL) {
        return check_external(tensor, &place, count.checked_mul(width), external);
    } else if let Some(bytes) = &tensor.raw_data {
        let bytes = bytes.borrow().len() as u64;
        if !bytes.is_multiple_of(width) {
            return refused(format!("it has {bytes} bytes, and each value takes {width}: export the network again"));
        }
        bytes / width
    } else {
        let counts =
            [tensor.float_data.len(), tensor.int32_data.len(), tensor.int64_data.len(), tensor.double_data.len()];
        counts.iter().map(|&count| count as u64).max().unwrap_or_default()
    };
    if found != count {
        let problem = "the file is damaged, or its weights are missing; export it again";
        return refused(format!(
            "its shape {:?} needs {count} values, but the file has {found}: {problem}",
            tensor.dims
        ));
    }
    Ok(())
}

/// Returns the bytes of a value; `None` for types that cannot be run.
fn width(kind: DataType) -> Option<u64> {
    Some(match kind {
        DataType::FLOAT | DataType::INT32 => 4,
        DataType::DOUBLE | DataType::INT64 => 8,
        DataType::FLOAT16 => 2,
        DataType::INT8 | DataType::UINT8 | DataType::BOOL => 1,
        _ => return None,
    })
}

fn check_external(
    tensor: &TensorProto,
    place: &str,
    bytes: Option<u64>,
    external: &mut dyn FnMut(&str) -> Result<usize>,
) -> Result<()> {
    let text = |key: &str| {
        let entry = tensor.external_data.iter().find(|entry| entry.key.as_deref() == Some(key));
        entry.and_then(|entry| entry.value.as_deref())
    };
    let number = |key: &str| text(key).and_then(|text| text.parse::<u64>().ok());
    let Some(name) = text("location").filter(|name| is_beside(name)) else {
        let problem = "its file of values has no name, or one outside of the model's folder: export the network again";
        return Err(wrong(place, problem));
    };
    let there = external(name)? as u64;
    match (number("offset"), number("length"), bytes) {
        (Some(offset), Some(length), Some(bytes)) if length == bytes => match offset.checked_add(length) {
            Some(end) if end <= there => Ok(()),
            _ => Err(wrong(place, format!("{name} ends before its values: copy the whole file beside the model"))),
        },
        _ => {
            let problem = "offset and length in its file of values are missing, or are not those of its shape";
            Err(wrong(place, format!("{problem}: export the network again, into one file if it is below 2 GB")))
        }
    }
}

/// Returns whether a name leads to a file in the model's folder.
fn is_beside(name: &str) -> bool {
    !name.is_empty() && name.split(['/', '\\']).all(|part| !part.is_empty() && part != "..") && !name.contains(':')
}
