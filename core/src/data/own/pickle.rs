//! Python's pickles: dictionaries of lists, texts and NumPy arrays. Nothing in a pickle is executed: the reader builds
//! values, and knows which calls stand for an array.

use std::borrow::Cow;

use super::arrays::{Array, Heading, Kind};
use super::npy::kind;
use super::pickle_machine::{Value, latin, run};

/// A pickle that was read.
pub(super) struct Pickle<'a> {
    values: Vec<Value<'a>>,
    top: usize,
}

/// Returns whether bytes begin as a pickle of protocol 2 or later.
pub(super) fn is_pickle(bytes: &[u8]) -> bool {
    matches!(bytes, [0x80, 2..=5, ..])
}

impl<'a> Pickle<'a> {
    /// # Errors
    /// The problem, for damaged bytes and for instructions that data do not need.
    pub fn read(bytes: &'a [u8]) -> Result<Self, String> {
        if !is_pickle(bytes) {
            return Err("it is no pickle of protocol 2 or later: save it with pickle.dump(..., protocol=4)".into());
        }
        let (values, top) = run(bytes)?;
        Ok(Self { values, top })
    }

    /// Returns the entries of the dictionary that the pickle is, by their names.
    pub fn entries(&self) -> Result<Vec<(String, usize)>, String> {
        let Value::Dict(entries) = &self.values[self.top] else {
            return Err("it holds no dictionary of arrays: pickle a dict such as {'images': x, 'labels': y}".into());
        };
        Ok(entries.iter().filter_map(|&(key, value)| Some((self.text(key)?, value))).collect())
    }

    fn text(&self, at: usize) -> Option<String> {
        match &self.values[at] {
            Value::Text(text) => Some(text.to_string()),
            Value::Bytes(bytes) => Some(latin(bytes)),
            _ => None,
        }
    }

    /// Returns the texts of a list of them.
    pub fn texts(&self, at: usize) -> Option<Vec<String>> {
        let Value::List(items) = &self.values[at] else { return None };
        // A text may be in the list many times, but is in the file once.
        let length = |&item: &usize| match &self.values[item] {
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        let whole: usize = items.iter().map(length).sum();
        (whole <= self.most()).then(|| items.iter().map(|&item| self.text(item)).collect()).flatten()
    }

    /// Returns how many bytes of texts a list may have.
    fn most(&self) -> usize {
        64 * self.values.len().max(1 << 16)
    }

    /// Returns the array that a value is: NumPy's, or a list of whole numbers or of texts. `None` for anything else.
    ///
    /// # Errors
    /// The problem, for an array whose bytes are missing or wrong.
    pub fn array(&self, name: &str, at: usize, format: &'static str) -> Result<Option<Array<'_>>, crate::Error> {
        let (heading, bytes) = match &self.values[at] {
            Value::List(items) => match self.list(name, at, items) {
                Some(list) => list,
                None => return Ok(None),
            },
            Value::Call(..) => match self.numpy(name, at) {
                Some(array) => array,
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        Array::new(heading, bytes, format).map(Some)
    }

    fn list(&self, name: &str, at: usize, items: &[usize]) -> Option<(Heading, Cow<'_, [u8]>)> {
        let number = |&at: &usize| match self.values[at] {
            Value::Int(number) => Some(number),
            Value::Bool(one) => Some(one.into()),
            _ => None,
        };
        if let Some(numbers) = items.iter().map(number).collect::<Option<Vec<_>>>() {
            let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
            return Some((Heading::new(name, Kind::Int(8), [items.len()]), bytes.into()));
        }
        let texts = self.texts(at)?;
        let longest = texts.iter().map(String::len).max().unwrap_or(1).max(1);
        let size = longest.checked_mul(texts.len()).filter(|size| *size <= self.most())?;
        let mut bytes = vec![0; size];
        for (text, place) in texts.iter().zip(bytes.chunks_exact_mut(longest)) {
            place[..text.len()].copy_from_slice(text.as_bytes());
        }
        Some((Heading::new(name, Kind::Utf8(longest), [items.len()]), bytes.into()))
    }

    /// Reads `numpy.core.multiarray._reconstruct(...)` with its state (version, shape, type, order, bytes), or
    /// `_frombuffer(bytes, type, shape, order)`.
    fn numpy(&self, name: &str, at: usize) -> Option<(Heading, Cow<'_, [u8]>)> {
        let Value::Call(function, arguments, state) = self.values[at] else { return None };
        let Value::Global(function) = &self.values[function] else { return None };
        let items = |at: usize| match &self.values[at] {
            Value::List(items) => Some(&items[..]),
            _ => None,
        };
        let (bytes, descr, shape, by_columns) = if function.ends_with("multiarray _reconstruct") {
            let &[_, shape, descr, order, bytes] = items(state?)? else { return None };
            (bytes, descr, shape, matches!(self.values[order], Value::Bool(true)))
        } else if function.ends_with("numeric _frombuffer") {
            let &[bytes, descr, shape, order] = items(arguments)? else { return None };
            (bytes, descr, shape, self.text(order).as_deref() == Some("F"))
        } else {
            return None;
        };
        let side = |&at: &usize| match self.values[at] {
            Value::Int(side) => usize::try_from(side).ok(),
            _ => None,
        };
        let shape = items(shape)?.iter().map(side).collect::<Option<Vec<usize>>>()?;
        let (kind, big_endian) = self.dtype(descr)?;
        let bytes = match &self.values[bytes] {
            Value::Bytes(bytes) => Cow::Borrowed(bytes.as_ref()),
            _ if matches!(kind, Kind::Other(_)) => Cow::Borrowed(&[][..]),
            _ => return None,
        };
        Some((Heading { name: name.into(), kind, shape, by_columns, big_endian }, bytes))
    }

    /// Reads `numpy.dtype('u1', ...)` with its state, whose second item is the order of the bytes.
    fn dtype(&self, at: usize) -> Option<(Kind, bool)> {
        let Value::Call(_, arguments, state) = self.values[at] else { return None };
        let Value::List(arguments) = &self.values[arguments] else { return None };
        let name = self.text(*arguments.first()?)?;
        let order = match state.map(|state| &self.values[state]) {
            Some(Value::List(state)) => self.text(*state.get(1)?)?,
            _ => "<".into(),
        };
        Some(kind(&format!("{}{name}", order.chars().next().unwrap_or('|'))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_2_wrote_is_read() {
        // {'labels': [3, 300], 'data': array([[1, 2], [3, 4]], dtype=uint8), 'names': ['\xe9']}, with protocol 2.
        let pickle = b"\x80\x02}q\x01(U\x06labelsq\x02]q\x03(K\x03M\x2c\x01eU\x04dataq\x04cnumpy.core.multiarray\n_reconstruct\n\
            q\x05cnumpy\nndarray\nq\x06K\x00\x85U\x01bq\x07\x87Rq\x08(K\x01K\x02K\x02\x86cnumpy\ndtype\nq\tU\x02u1K\x00K\x01\x87Rq\n\
            (K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x04\x01\x02\x03\x04tbU\x05namesq\x0b]q\x0cU\x01\xe9au.";
        let read = Pickle::read(pickle).expect("a pickle");
        let entries = read.entries().expect("a dictionary");
        assert_eq!(entries.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["labels", "data", "names"]);
        let labels = read.array("labels", entries[0].1, "test").expect("numbers").expect("an array");
        assert_eq!([0, 1].map(|at| labels.integer(at)), [Some(3), Some(300)]);
        let data = read.array("data", entries[1].1, "test").expect("bytes").expect("an array");
        assert_eq!((&data.heading.shape[..], data.plain_bytes()), (&[2, 2][..], Some(&[1, 2, 3, 4][..])));
        assert_eq!(read.texts(entries[2].1), Some(vec!["\u{e9}".to_owned()]));
        for cut in 1..pickle.len() - 1 {
            assert!(Pickle::read(&pickle[..cut]).is_err(), "{cut}");
        }
    }

    #[test]
    fn what_a_call_would_do_is_not_done() {
        let evil = b"\x80\x02cos\nsystem\nU\x04true\x85R.";
        assert!(Pickle::read(evil).expect("a call").entries().expect_err("no dictionary").contains("dictionary"));
        assert!(Pickle::read(b"\x80\x02i.").err().expect("unknown").contains("0x69"));
        // Texts that refer to one many times.
        let mut bomb = b"\x80\x02}U\x01nU\xff".to_vec();
        bomb.extend([b'a'; 255]);
        bomb.extend(b"q\x00](");
        bomb.extend(b"h\x00".repeat(1 << 20));
        bomb.extend(b"es.");
        let read = Pickle::read(&bomb);
        assert!(read.is_err() || read.is_ok_and(|read| read.entries().expect("a dictionary").is_empty()));
    }
}
