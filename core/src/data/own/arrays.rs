//! Arrays of numbers or texts, as the file holds them: nothing is converted before it is asked for.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

use half::{bf16, f16};

use crate::error::{Error, Result};
use crate::product::product;

/// What an array is, without its values.
#[derive(Clone, Debug)]
pub(crate) struct Heading {
    /// As the file has it.
    pub name: String,
    pub kind: Kind,
    pub shape: Vec<usize>,
    /// Whether the first dimension varies fastest.
    pub by_columns: bool,
    pub big_endian: bool,
}

/// The type of an array's values, with its bytes per value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    Int(usize),
    Uint(usize),
    Float(usize),
    BrainFloat,
    /// UTF-8, padded with zeros.
    Utf8(usize),
    /// UTF-32, padded with zeros; this many characters.
    Utf32(usize),
    /// Another type, which no reader understands.
    Other(String),
}

/// An array. Its bytes are borrowed from the file where that is possible.
pub(crate) struct Array<'a> {
    pub heading: Heading,
    bytes: Cow<'a, [u8]>,
}

impl Kind {
    /// Returns the bytes of a value.
    pub fn size(&self) -> Option<usize> {
        match self {
            Self::Bool => Some(1),
            Self::Int(bytes @ (1 | 2 | 4 | 8)) | Self::Uint(bytes @ (1 | 2 | 4 | 8)) => Some(*bytes),
            Self::Float(bytes @ (2 | 4 | 8)) => Some(*bytes),
            Self::BrainFloat => Some(2),
            Self::Utf8(bytes) => Some(*bytes),
            Self::Utf32(characters) => characters.checked_mul(4),
            Self::Int(_) | Self::Uint(_) | Self::Float(_) | Self::Other(_) => None,
        }
    }

    pub fn is_number(&self) -> bool {
        !matches!(self, Self::Utf8(_) | Self::Utf32(_) | Self::Other(_))
    }
}

/// Writes NumPy's name.
impl Display for Kind {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => write!(to, "bool"),
            Self::Int(bytes) => write!(to, "int{}", bytes * 8),
            Self::Uint(bytes) => write!(to, "uint{}", bytes * 8),
            Self::Float(bytes) => write!(to, "float{}", bytes * 8),
            Self::BrainFloat => write!(to, "bfloat16"),
            Self::Utf8(bytes) => write!(to, "S{bytes}"),
            Self::Utf32(characters) => write!(to, "U{characters}"),
            Self::Other(name) => write!(to, "{name}"),
        }
    }
}

impl Heading {
    /// An array of little-endian values, of which the last dimension varies fastest.
    pub fn new(name: impl Into<String>, kind: Kind, shape: impl Into<Vec<usize>>) -> Self {
        Self { name: name.into(), kind, shape: shape.into(), by_columns: false, big_endian: false }
    }

    /// Returns the number of bytes of all values.
    ///
    /// # Errors
    /// The problem, for another type or more bytes than this machine can address.
    pub fn size(&self) -> Result<usize, String> {
        let one = self.kind.size().ok_or_else(|| {
            format!("holds {}; numbers and texts are read: save objects as texts, with .astype(str)", self.kind)
        })?;
        if one == 0 {
            return Err(format!("holds {}, texts without a character", self.kind));
        }
        let all = product(&self.shape).and_then(|values| values.checked_mul(one));
        all.ok_or_else(|| format!("is {:?}, more than this machine can address", self.shape))
    }
}

/// Writes name, type and shape.
impl Display for Heading {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        write!(to, "`{}` ({} {:?})", self.name, self.kind, self.shape)
    }
}

impl<'a> Array<'a> {
    /// # Errors
    /// [`Error::Format`] unless there are as many bytes as type and shape say.
    pub fn new(heading: Heading, bytes: impl Into<Cow<'a, [u8]>>, format: &'static str) -> Result<Self> {
        let array = Self { heading, bytes: bytes.into() };
        let expected = array.heading.size().map_err(|problem| array.wrong(format, problem))?;
        if array.bytes.len() != expected {
            let problem = format!("is {:?}, {expected} bytes, but has {}", array.heading.shape, array.bytes.len());
            return Err(array.wrong(format, problem));
        }
        Ok(array)
    }

    /// Makes an error of a problem, such as "holds text".
    pub fn wrong(&self, format: &'static str, problem: impl Display) -> Error {
        Error::format(format, format_args!("`{}` {problem}", self.heading.name))
    }

    /// Returns the number of examples, the first dimension.
    pub fn rows(&self) -> usize {
        self.heading.shape.first().copied().unwrap_or_default()
    }

    /// Returns the distances of values along each dimension, in values.
    pub fn strides(&self) -> Vec<usize> {
        let mut stride = 1;
        let mut next = |side: &usize| {
            let whole = stride * (*side).max(1);
            std::mem::replace(&mut stride, whole)
        };
        let shape = &self.heading.shape;
        if self.heading.by_columns {
            return shape.iter().map(next).collect();
        }
        let mut strides: Vec<usize> = shape.iter().rev().map(&mut next).collect();
        strides.reverse();
        strides
    }

    fn word<const BYTES: usize>(&self, at: usize) -> [u8; BYTES] {
        let mut word = [0; BYTES];
        word.copy_from_slice(&self.bytes[at * BYTES..(at + 1) * BYTES]);
        if self.heading.big_endian {
            word.reverse();
        }
        word
    }

    /// Returns a number by its place in the file, in values. Integers beyond 2^53 are rounded; a text is NaN.
    pub fn number(&self, at: usize) -> f64 {
        match self.heading.kind {
            Kind::Uint(1) => self.bytes[at].into(),
            Kind::Bool => f64::from(u8::from(self.bytes[at] != 0)),
            Kind::Float(4) => f32::from_le_bytes(self.word(at)).into(),
            Kind::Float(8) => f64::from_le_bytes(self.word(at)),
            Kind::Float(_) => f16::from_le_bytes(self.word(at)).into(),
            Kind::BrainFloat => bf16::from_le_bytes(self.word(at)).into(),
            Kind::Utf8(_) | Kind::Utf32(_) | Kind::Other(_) => f64::NAN,
            Kind::Int(_) | Kind::Uint(_) => self.integer(at).map_or(f64::NAN, |integer| integer as f64),
        }
    }

    /// Returns a byte by its place in the file.
    pub fn byte(&self, at: usize) -> u8 {
        self.bytes[at]
    }

    /// Returns an integer by its place in the file, exactly.
    pub fn integer(&self, at: usize) -> Option<i128> {
        Some(match self.heading.kind {
            Kind::Int(1) => i8::from_le_bytes(self.word(at)).into(),
            Kind::Int(2) => i16::from_le_bytes(self.word(at)).into(),
            Kind::Int(4) => i32::from_le_bytes(self.word(at)).into(),
            Kind::Int(8) => i64::from_le_bytes(self.word(at)).into(),
            Kind::Uint(1) => self.bytes[at].into(),
            Kind::Uint(2) => u16::from_le_bytes(self.word(at)).into(),
            Kind::Uint(4) => u32::from_le_bytes(self.word(at)).into(),
            Kind::Uint(8) => u64::from_le_bytes(self.word(at)).into(),
            Kind::Bool => (self.bytes[at] != 0).into(),
            _ => return None,
        })
    }

    /// Returns a text by its place in the file.
    ///
    /// # Errors
    /// The problem, for bytes that are no text.
    pub fn text(&self, at: usize) -> Result<String, String> {
        match self.heading.kind {
            Kind::Utf8(size) => {
                let padded = &self.bytes[at * size..(at + 1) * size];
                let end = padded.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
                let text = std::str::from_utf8(&padded[..end]);
                Ok(text.map_err(|_| format!("holds bytes that are no UTF-8 (value {at})"))?.into())
            }
            Kind::Utf32(size) => {
                let codes = (at * size..(at + 1) * size).map(|at| u32::from_le_bytes(self.word(at)));
                let text: Option<String> = codes.map(char::from_u32).collect();
                let text = text.ok_or_else(|| format!("holds a code that is no character (value {at})"))?;
                Ok(text.trim_end_matches('\0').into())
            }
            _ => Err(format!("holds {}, not texts", self.heading.kind)),
        }
    }

    /// Returns where the user finds a value, as NumPy writes it: `` `x_train`[3, 0, 17] ``. `inside` is the value's place
    /// in its example, the last dimension varying fastest.
    pub fn place(&self, row: usize, inside: usize) -> String {
        let (mut rest, mut index) = (inside, Vec::new());
        for side in self.heading.shape.iter().skip(1).rev() {
            index.push(rest % side.max(&1));
            rest /= side.max(&1);
        }
        index.push(row);
        index.reverse();
        format!("`{}`{index:?}", self.heading.name)
    }

    /// Returns the bytes, if they are unsigned bytes in the order of the shape.
    pub fn plain_bytes(&self) -> Option<&[u8]> {
        (self.heading.kind == Kind::Uint(1) && !self.heading.by_columns).then_some(&self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_shape_must_agree() {
        let of = |shape: &[usize], bytes: usize| {
            Array::new(Heading::new("x", Kind::Float(4), shape), vec![0; bytes], "test")
                .map(|_| ())
                .map_err(|e| e.to_string())
        };
        assert!(of(&[2, 3], 24).is_ok() && of(&[0, 3], 0).is_ok());
        assert!(of(&[2, 3], 23).expect_err("short").contains("`x` is [2, 3], 24 bytes, but has 23"));
        assert!(of(&[1 << 40, 1 << 40], 8).expect_err("huge").contains("more than this machine can address"));
        let object = Array::new(Heading::new("y", Kind::Other("object".into()), [1]), vec![0; 8], "test");
        assert!(object.map(|_| ()).expect_err("objects").to_string().contains("astype(str)"));
    }

    #[test]
    fn integers_are_exact_and_either_end_may_come_first() {
        let bytes: Vec<u8> = [u64::MAX, (1 << 53) + 1].iter().flat_map(|value| value.to_le_bytes()).collect();
        let array = Array::new(Heading::new("y", Kind::Uint(8), [2]), bytes, "test").expect("an array");
        assert_eq!([0, 1].map(|at| array.integer(at)), [Some(u64::MAX.into()), Some((1 << 53) + 1)]);
        let big = Heading { big_endian: true, ..Heading::new("x", Kind::Int(2), [2]) };
        let array = Array::new(big, vec![0xff, 0xfe, 1, 0], "test").expect("an array");
        assert_eq!([0, 1].map(|at| array.number(at)), [-2.0, 256.0]);
        assert_eq!(array.place(1, 0), "`x`[1]");
    }

    #[test]
    fn texts_are_read() {
        let words = Array::new(Heading::new("y", Kind::Utf8(3), [2]), b"catno\0".to_vec(), "test").expect("an array");
        assert_eq!([0, 1].map(|at| words.text(at).expect("text")), ["cat", "no"]);
        let codes: Vec<u8> = ['\u{e9}', '\0'].iter().flat_map(|&code| u32::from(code).to_be_bytes()).collect();
        let heading = Heading { big_endian: true, ..Heading::new("y", Kind::Utf32(2), [1]) };
        assert_eq!(Array::new(heading, codes, "test").expect("an array").text(0).expect("text"), "\u{e9}");
    }
}
