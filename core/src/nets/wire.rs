//! Checks the lengths and the depth of an ONNX file's protobuf messages before anything is read into memory: the reader
//! trusts them.

use crate::error::{Error, Result};

const FORMAT: &str = "ONNX file";
/// Messages in messages (our choice; graphs have about 8).
const DEEPEST: usize = 50;

/// The messages of ONNX that hold others.
#[derive(Clone, Copy)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    ValueInfo,
    Type,
    TensorType,
    Shape,
    Sequence,
    Tensor,
    /// Holds no messages.
    Flat,
}

impl Message {
    /// Returns the message in a field; `None` for bytes, text and numbers.
    fn field(self, number: u64) -> Option<Self> {
        Some(match (self, number) {
            (Self::Model, 7) | (Self::Attribute, 6) => Self::Graph,
            (Self::Model, 8 | 14) => Self::Flat,
            (Self::Graph, 1) => Self::Node,
            (Self::Graph, 5) | (Self::Attribute, 5) => Self::Tensor,
            (Self::Graph, 11..=13) => Self::ValueInfo,
            (Self::Node, 5) => Self::Attribute,
            (Self::ValueInfo, 2) | (Self::Sequence, 1) => Self::Type,
            (Self::Type, 1) => Self::TensorType,
            (Self::Type, 4) => Self::Sequence,
            (Self::TensorType, 2) => Self::Shape,
            (Self::Shape, 1) => Self::Flat,
            _ => return None,
        })
    }

    /// Returns the bytes of each number of a field that holds many, 0 if they differ; `None` for other fields.
    fn numbers(self, number: u64) -> Option<usize> {
        Some(match (self, number) {
            (Self::Tensor, 1 | 5 | 7 | 11) | (Self::Attribute, 8) => 0,
            (Self::Tensor, 4) | (Self::Attribute, 7) => 4,
            (Self::Tensor, 10) => 8,
            _ => return None,
        })
    }
}

/// Returns whether these bytes are whole numbers of this size; 0 for those of seven bits a byte. The reader never ends at
/// half a number.
fn are_numbers(bytes: &[u8], size: usize) -> bool {
    if size > 0 {
        return bytes.len().is_multiple_of(size);
    }
    let mut at = 0;
    while at < bytes.len() {
        if varint(bytes, &mut at).is_none() {
            return false;
        }
    }
    true
}

/// Checks that every field ends inside of its message, and that messages are not nested too deeply.
///
/// # Errors
/// [`Error::Format`], with the byte.
pub(super) fn check_wire(bytes: &[u8]) -> Result<()> {
    walk(bytes, 0..bytes.len(), Message::Model, 0)
}

fn walk(bytes: &[u8], within: std::ops::Range<usize>, message: Message, depth: usize) -> Result<()> {
    let wrong =
        |byte, problem: &str| Error::Format { format: FORMAT, byte: Some(byte), problem: problem.into(), source: None };
    let cut = "a field is longer than the message around it: the file is damaged or cut off; copy or export it again";
    if depth > DEEPEST {
        return Err(wrong(within.start, "its messages are nested too deeply"));
    }
    let mut at = within.start;
    while at < within.end {
        let start = at;
        let number = |at: &mut usize| varint(&bytes[..within.end], at).ok_or_else(|| wrong(start, cut));
        let tag = number(&mut at)?;
        let length = match tag & 7 {
            0 => {
                number(&mut at)?;
                0
            }
            1 => 8,
            2 => number(&mut at)?,
            5 => 4,
            _ => return Err(wrong(start, "it holds a field of an unknown kind")),
        };
        let length = usize::try_from(length).ok().filter(|&length| length <= within.end - at);
        let end = at + length.ok_or_else(|| wrong(start, cut))?;
        if let (2, Some(inner)) = (tag & 7, message.field(tag >> 3)) {
            walk(bytes, at..end, inner, depth + 1)?;
        }
        if let (2, Some(size)) = (tag & 7, message.numbers(tag >> 3))
            && !are_numbers(&bytes[at..end], size)
        {
            return Err(wrong(
                start,
                "its numbers end in the middle of one: the file is damaged; copy or export it again",
            ));
        }
        at = end;
    }
    Ok(())
}

/// Reads a number of at most 64 bits, seven a byte.
fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0;
    for place in 0..10 {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some(value).filter(|_| place < 9 || byte < 2);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> String {
        check_wire(bytes).expect_err("a damaged file").to_string()
    }

    #[test]
    fn lengths_and_depth_are_checked() {
        assert!(check_wire(&[8, 1]).is_ok());
        assert!(check_wire(&[0x3a, 2, 8, 1]).is_ok(), "a graph");
        assert!(refused(&[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]).contains("(at byte 0)"));
        assert!(refused(&[0x3a, 2, 0x0a, 1]).contains("longer than the message"), "a node in a graph");
        assert!(refused(&[0x0b]).contains("unknown kind"));
        assert!(refused(&[8]).contains("cut off"));
        // A node, its attribute, and the attribute's graph around what there is.
        let nested = (0..1000).fold(Vec::new(), |inner, _| message(0x0a, &message(0x2a, &message(0x32, &inner))));
        assert!(refused(&message(0x3a, &nested)).contains("nested too deeply"));
        assert!(check_wire(&message(0x3a, &message(0x0a, &[]))).is_ok());
        // A tensor's dimensions, and its values, in a graph.
        let tensor = |field: &[u8]| message(0x3a, &message(0x2a, field));
        assert!(check_wire(&tensor(&message(0x0a, &[3, 0x80, 1]))).is_ok());
        for half in [message(0x0a, &[3, 0x80]), message(0x22, &[0; 6]), message(0x3a, &[0xff; 10])] {
            assert!(refused(&tensor(&half)).contains("in the middle of one"));
        }
    }

    /// A field with this tag around bytes.
    fn message(tag: u8, inner: &[u8]) -> Vec<u8> {
        let (mut bytes, mut length) = (vec![tag], inner.len());
        while length > 127 {
            bytes.push(length as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        bytes.extend(inner);
        bytes
    }
}
