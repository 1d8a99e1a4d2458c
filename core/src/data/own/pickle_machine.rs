//! The stack machine for which a pickle is the program, as far as data need it.
//!
//! The reader of `candle_core` knows neither the strings of Python 2 nor arrays, and copies what is used twice.

use std::borrow::Cow;
use std::collections::HashMap;

/// A value; it refers to others by their place among all values of the pickle.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    Nothing,
    Int(i64),
    Float,
    Bool(bool),
    Bytes(Cow<'a, [u8]>),
    Text(Cow<'a, str>),
    /// A tuple or a list.
    List(Vec<usize>),
    Dict(Vec<(usize, usize)>),
    /// Module and name.
    Global(String),
    /// What a function returned for these arguments, and its state.
    Call(usize, usize, Option<usize>),
}

/// Follows a pickle to its end. Returns all values, and the place of the one that it stands for.
///
/// # Errors
/// The problem, for damaged bytes and for instructions that data do not need.
pub(super) fn run(bytes: &[u8]) -> Result<(Vec<Value<'_>>, usize), String> {
    let mut machine = Machine {
        bytes,
        at: 0,
        values: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
        encoded: 0,
    };
    loop {
        let start = machine.at;
        match machine.step() {
            Ok(false) => {}
            Ok(true) => break,
            Err(problem) => return Err(format!("at byte {start}: {problem}")),
        }
    }
    let top = machine.pop()?;
    Ok((machine.values, top))
}

/// Reads text in which each byte is a character, as Python 2's strings are.
pub(super) fn latin(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|&byte| char::from(byte)).collect(), String::from)
}

/// The stack machine for which a pickle is the program.
struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    values: Vec<Value<'a>>,
    stack: Vec<usize>,
    marks: Vec<usize>,
    memo: HashMap<usize, usize>,
    /// Number of bytes that texts were turned into.
    encoded: usize,
}

impl<'a> Machine<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| format!("it ends before {count} more bytes: it is cut off"))?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    /// Reads a little-endian number of this many bytes, at most 8.
    fn number(&mut self, bytes: usize) -> Result<usize, String> {
        let number = self.take(bytes)?.iter().rev().fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
        usize::try_from(number).map_err(|_| "a length that this machine cannot address".into())
    }

    /// Reads bytes after their number, which takes this many bytes.
    fn counted(&mut self, bytes: usize) -> Result<&'a [u8], String> {
        let count = self.number(bytes)?;
        self.take(count)
    }

    fn line(&mut self) -> Result<String, String> {
        let length = self.bytes[self.at..].iter().position(|&byte| byte == b'\n').ok_or("a line without an end")?;
        let line = latin(self.take(length)?);
        self.at += 1;
        Ok(line)
    }

    fn push(&mut self, value: Value<'a>) {
        self.values.push(value);
        self.stack.push(self.values.len() - 1);
    }

    fn pop(&mut self) -> Result<usize, String> {
        self.stack.pop().ok_or_else(|| "a value is missing on its stack".into())
    }

    fn pop_to_mark(&mut self) -> Result<Vec<usize>, String> {
        let mark = self.marks.pop().filter(|mark| *mark <= self.stack.len()).ok_or("a mark is missing")?;
        Ok(self.stack.split_off(mark))
    }

    fn text(&self, at: usize) -> Result<String, String> {
        match &self.values[at] {
            Value::Text(text) => Ok(text.to_string()),
            _ => Err("a name is no text".into()),
        }
    }

    fn remember(&mut self, id: usize) -> Result<(), String> {
        let top = *self.stack.last().ok_or("a value is missing on its stack")?;
        self.memo.insert(id, top);
        Ok(())
    }

    fn recall(&mut self, id: usize) -> Result<(), String> {
        self.stack.push(*self.memo.get(&id).ok_or_else(|| format!("value {id} is missing"))?);
        Ok(())
    }

    fn tuple(&mut self, count: usize) -> Result<(), String> {
        let from = self.stack.len().checked_sub(count).ok_or("a value is missing on its stack")?;
        let items = self.stack.split_off(from);
        self.push(Value::List(items));
        Ok(())
    }

    fn append(&mut self, items: Vec<usize>) -> Result<(), String> {
        let list = *self.stack.last().ok_or("a list is missing")?;
        let Value::List(list) = &mut self.values[list] else { return Err("a list is missing".into()) };
        list.extend(items);
        Ok(())
    }

    fn set(&mut self, items: &[usize]) -> Result<(), String> {
        let dict = *self.stack.last().ok_or("a dictionary is missing")?;
        let Value::Dict(dict) = &mut self.values[dict] else { return Err("a dictionary is missing".into()) };
        let (pairs, rest) = items.as_chunks::<2>();
        dict.extend(pairs.iter().map(|&[key, value]| (key, value)));
        if rest.is_empty() { Ok(()) } else { Err("a key without a value".into()) }
    }

    /// Notes a call. Only `_codecs.encode`, by which Python 3 writes bytes for Python 2, has a value of its own.
    fn call(&mut self) -> Result<(), String> {
        let (arguments, function) = (self.pop()?, self.pop()?);
        if let (Value::Global(name), Value::List(items)) = (&self.values[function], &self.values[arguments])
            && name == "_codecs encode"
            && let Some(Value::Text(text)) = items.first().map(|&at| &self.values[at])
        {
            // Each text is turned once, so that all of them are smaller than the file.
            self.encoded = self.encoded.saturating_add(text.len() / 2);
            if self.encoded > self.bytes.len() {
                return Err("it turns more texts into bytes than it has".into());
            }
            let bytes: Option<Vec<u8>> = text.chars().map(|character| u8::try_from(character).ok()).collect();
            self.push(Value::Bytes(bytes.ok_or("a byte that is none")?.into()));
            return Ok(());
        }
        self.push(Value::Call(function, arguments, None));
        Ok(())
    }

    /// Gives the result of a call its state.
    fn build(&mut self) -> Result<(), String> {
        let state = self.pop()?;
        let object = *self.stack.last().ok_or("an object is missing")?;
        match &mut self.values[object] {
            Value::Call(.., of) => *of = Some(state),
            _ => return Err("a state without an object".into()),
        }
        Ok(())
    }

    /// Follows one instruction; returns whether it was the last.
    fn step(&mut self) -> Result<bool, String> {
        match self.take(1)?[0] {
            b'.' => return Ok(true),
            0x80 => drop(self.take(1)?),
            0x95 => drop(self.take(8)?),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'N' => self.push(Value::Nothing),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'J' => {
                let number = self.number(4)? as u32 as i32;
                self.push(Value::Int(number.into()));
            }
            b'K' => {
                let number = self.number(1)? as i64;
                self.push(Value::Int(number));
            }
            b'M' => {
                let number = self.number(2)? as i64;
                self.push(Value::Int(number));
            }
            0x8a => {
                let digits = self.counted(1)?;
                let mut word = [if digits.last().is_some_and(|last| last & 0x80 != 0) { 0xff } else { 0 }; 8];
                word.get_mut(..digits.len()).ok_or("a number beyond 64 bits")?.copy_from_slice(digits);
                self.push(Value::Int(i64::from_le_bytes(word)));
            }
            b'G' => {
                self.take(8)?;
                self.push(Value::Float);
            }
            b'X' | 0x8c | 0x8d => {
                let size = match self.bytes[self.at - 1] {
                    b'X' => 4,
                    0x8c => 1,
                    _ => 8,
                };
                let text = std::str::from_utf8(self.counted(size)?).map_err(|_| "a text that is no UTF-8")?;
                self.push(Value::Text(text.into()));
            }
            b'U' | b'C' => {
                let bytes = self.counted(1)?;
                self.push(Value::Bytes(bytes.into()));
            }
            b'T' | b'B' => {
                let bytes = self.counted(4)?;
                self.push(Value::Bytes(bytes.into()));
            }
            0x8e | 0x96 => {
                let bytes = self.counted(8)?;
                self.push(Value::Bytes(bytes.into()));
            }
            b')' | b']' => self.push(Value::List(Vec::new())),
            b'}' => self.push(Value::Dict(Vec::new())),
            b't' | b'l' => {
                let items = self.pop_to_mark()?;
                self.push(Value::List(items));
            }
            0x85 => self.tuple(1)?,
            0x86 => self.tuple(2)?,
            0x87 => self.tuple(3)?,
            b'a' => {
                let item = self.pop()?;
                self.append(vec![item])?;
            }
            b'e' => {
                let items = self.pop_to_mark()?;
                self.append(items)?;
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set(&[key, value])?;
            }
            b'u' => {
                let items = self.pop_to_mark()?;
                self.set(&items)?;
            }
            b'q' | b'r' => {
                let size = if self.bytes[self.at - 1] == b'q' { 1 } else { 4 };
                let id = self.number(size)?;
                self.remember(id)?;
            }
            0x94 => self.remember(self.memo.len())?,
            b'h' | b'j' => {
                let size = if self.bytes[self.at - 1] == b'h' { 1 } else { 4 };
                let id = self.number(size)?;
                self.recall(id)?;
            }
            b'c' => {
                let name = format!("{} {}", self.line()?, self.line()?);
                self.push(Value::Global(name));
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let name = format!("{} {}", self.text(module)?, self.text(name)?);
                self.push(Value::Global(name));
            }
            b'R' | 0x81 => self.call()?,
            b'b' => self.build()?,
            other => {
                return Err(format!("instruction {other:#04x}, which pickled arrays do not need, is not followed"));
            }
        }
        Ok(false)
    }
}
