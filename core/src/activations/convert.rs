//! Numbers of files as float32, in which distances are computed.

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use rayon::prelude::*;

use crate::data::own::arrays::{Array, Heading, Kind};

/// Values that one thread converts at a time.
const TASK: usize = 4096;

/// A conversion of the values of an array.
#[derive(Clone)]
pub(super) struct Convert {
    kind: Kind,
    big_endian: bool,
    /// Bytes of a value.
    size: usize,
}

impl Convert {
    /// # Errors
    /// The problem, for values that are no numbers.
    pub fn new(heading: &Heading) -> Result<Self, String> {
        let Heading { kind, big_endian, .. } = heading;
        match kind.size().filter(|_| kind.is_number()) {
            Some(size) => Ok(Self { kind: kind.clone(), big_endian: *big_endian, size }),
            None => {
                Err(format!("it holds {kind}; layers are numbers: float16, bfloat16, float32, float64 or integers"))
            }
        }
    }

    /// Returns the bytes of a value.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Converts values, rounding float64 to the nearest float32. `counts` says whether the value at a place is used; what
    /// is not used may be anything.
    ///
    /// # Errors
    /// The place of the first used value that cannot be used, and the problem: NaN, infinite, beyond float32, or an integer
    /// that float32 does not have.
    pub fn to_f32(
        &self,
        bytes: &[u8],
        into: &mut [f32],
        counts: impl Fn(usize) -> bool,
    ) -> Result<(), (usize, String)> {
        let tasks = into.par_chunks_mut(TASK).zip(bytes.par_chunks(TASK * self.size));
        let sound = tasks.map(|(into, bytes)| {
            self.convert(bytes, into);
            // Without a branch in it, the loop is vectorised.
            into.iter().fold(true, |sound, value| sound & value.is_finite())
        });
        if sound.reduce(|| true, |one, other| one & other) {
            return Ok(());
        }
        match (0..into.len()).find(|&at| !into[at].is_finite() && counts(at)) {
            Some(at) => Err((at, self.problem(&bytes[at * self.size..(at + 1) * self.size]))),
            None => Ok(()),
        }
    }

    /// Returns a value as float64.
    pub fn to_f64(&self, bytes: &[u8]) -> f64 {
        match self.kind {
            Kind::Float(8) => f64::from_le_bytes(self.word(bytes)),
            Kind::Float(4) => f32::from_le_bytes(self.word(bytes)).into(),
            Kind::Float(_) => f16::from_le_bytes(self.word(bytes)).into(),
            Kind::BrainFloat => bf16::from_le_bytes(self.word(bytes)).into(),
            _ => self.single(bytes).map_or(f64::NAN, |value| value.number(0)),
        }
    }

    /// Returns the bytes of a value, the lowest first.
    fn word<const BYTES: usize>(&self, bytes: &[u8]) -> [u8; BYTES] {
        let mut word = [0; BYTES];
        word.copy_from_slice(bytes);
        if self.big_endian {
            word.reverse();
        }
        word
    }

    fn single<'a>(&self, bytes: &'a [u8]) -> Option<Array<'a>> {
        let heading = Heading { big_endian: self.big_endian, ..Heading::new("", self.kind.clone(), [1]) };
        Array::new(heading, bytes, "value").ok()
    }

    fn problem(&self, bytes: &[u8]) -> String {
        let finite = "distances need finite numbers: leave the example out, repair the layer, or mask padding (mask.npy \
                      and --pool mean)";
        if let Some(integer) = self.single(bytes).and_then(|value| value.integer(0)) {
            return format!("it is {integer}, which float32 cannot hold exactly: save the layer as floats");
        }
        match self.to_f64(bytes) {
            value if value.is_finite() => {
                format!("it is {value:e}, beyond float32, in which distances are computed: scale the layer")
            }
            value => format!("it is {value}, and {finite}"),
        }
    }

    fn convert(&self, bytes: &[u8], into: &mut [f32]) {
        match (&self.kind, self.big_endian) {
            (Kind::Float(2), false) => halves(bytes, into, f16::from_le_bytes),
            (Kind::Float(2), true) => halves(bytes, into, f16::from_be_bytes),
            (Kind::BrainFloat, false) => halves(bytes, into, bf16::from_le_bytes),
            (Kind::BrainFloat, true) => halves(bytes, into, bf16::from_be_bytes),
            (Kind::Float(4), false) => each(bytes, into, f32::from_le_bytes),
            (Kind::Float(4), true) => each(bytes, into, f32::from_be_bytes),
            (Kind::Float(8), false) => each(bytes, into, |word| f64::from_le_bytes(word) as f32),
            (Kind::Float(8), true) => each(bytes, into, |word| f64::from_be_bytes(word) as f32),
            (Kind::Uint(1), _) => each(bytes, into, |[byte]: [u8; 1]| f32::from(byte)),
            _ => {
                for (value, bytes) in into.iter_mut().zip(bytes.chunks_exact(self.size)) {
                    let integer = self.single(bytes).and_then(|value| value.integer(0));
                    *value =
                        integer.filter(|&integer| integer as f32 as i128 == integer).map_or(f32::NAN, |i| i as f32);
                }
            }
        }
    }
}

fn each<const BYTES: usize>(bytes: &[u8], into: &mut [f32], value: impl Fn([u8; BYTES]) -> f32) {
    for (into, word) in into.iter_mut().zip(bytes.as_chunks::<BYTES>().0) {
        *into = value(*word);
    }
}

/// Converts many values at once, by the processor's instruction where it has one.
fn halves<H: Copy + Default>(bytes: &[u8], into: &mut [f32], value: impl Fn([u8; 2]) -> H)
where
    [H]: HalfFloatSliceExt,
{
    let words: Vec<H> = bytes.as_chunks::<2>().0.iter().map(|word| value(*word)).collect();
    words.convert_to_f32_slice(into);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(kind: Kind, big_endian: bool, bytes: &[u8]) -> Result<Vec<f32>, (usize, String)> {
        let heading = Heading { big_endian, ..Heading::new("x", kind, [0]) };
        let convert = Convert::new(&heading).expect("numbers");
        let mut values = vec![0.0; bytes.len() / convert.size()];
        convert.to_f32(bytes, &mut values, |_| true).map(|()| values)
    }

    #[test]
    fn every_type_and_either_order_of_bytes() {
        let values = [0.0, -1.5, 65504.0, 6e-5, 2.0_f32.powi(-24)].map(|value| f16::from_f32(value).to_f32());
        let many: Vec<f32> = values.iter().copied().cycle().take(3 * TASK + 1).collect();
        for big in [false, true] {
            let bytes = |word: &dyn Fn(f32) -> Vec<u8>| -> Vec<u8> {
                many.iter()
                    .flat_map(|&value| {
                        let mut word = word(value);
                        if big {
                            word.reverse();
                        }
                        word
                    })
                    .collect()
            };
            let half = bytes(&|value| f16::from_f32(value).to_le_bytes().to_vec());
            assert_eq!(converted(Kind::Float(2), big, &half).as_ref(), Ok(&many));
            let single = bytes(&|value| value.to_le_bytes().to_vec());
            assert_eq!(converted(Kind::Float(4), big, &single).as_ref(), Ok(&many));
            let double = bytes(&|value| (f64::from(value) * (1.0 + 1e-12)).to_le_bytes().to_vec());
            assert_eq!(converted(Kind::Float(8), big, &double).as_ref(), Ok(&many), "rounded");
            let brain = bytes(&|value| bf16::from_f32(value).to_le_bytes().to_vec());
            let coarse: Vec<f32> = many.iter().map(|&value| bf16::from_f32(value).to_f32()).collect();
            assert_eq!(converted(Kind::BrainFloat, big, &brain), Ok(coarse));
        }
        assert_eq!(converted(Kind::Bool, false, &[0, 1]), Ok(vec![0.0, 1.0]));
        assert_eq!(converted(Kind::Uint(1), false, &[0, 255]), Ok(vec![0.0, 255.0]));
        assert_eq!(converted(Kind::Int(2), true, &[0xff, 0xfe, 1, 0]), Ok(vec![-2.0, 256.0]));
    }

    #[test]
    fn values_that_cannot_be_used_are_named() {
        let refused = |kind, values: &[f64], bytes: &dyn Fn(f64) -> Vec<u8>| {
            let bytes: Vec<u8> = values.iter().flat_map(|&value| bytes(value)).collect();
            converted(kind, false, &bytes).expect_err("it cannot be used")
        };
        let double = |value: f64| value.to_le_bytes().to_vec();
        let (at, problem) = refused(Kind::Float(8), &[1.0, 1e39, f64::NAN], &double);
        assert_eq!((at, problem.contains("1e39, beyond float32")), (1, true), "{problem}");
        let (at, problem) = refused(Kind::Float(8), &[1.0, 1.0, f64::NAN], &double);
        assert_eq!((at, problem.contains("NaN")), (2, true), "{problem}");
        let half = |value: f64| f16::from_f64(value).to_le_bytes().to_vec();
        let (at, problem) = refused(Kind::Float(2), &[-1e9], &half);
        assert_eq!((at, problem.contains("it is -inf")), (0, true), "{problem}");
        let long = |value: f64| (value as i64).to_le_bytes().to_vec();
        let (at, problem) = refused(Kind::Int(8), &[16_777_216.0, 16_777_217.0], &long);
        assert_eq!((at, problem.contains("16777217")), (1, true), "{problem}");
        assert!(converted(Kind::Int(8), false, &i64::MAX.to_le_bytes()).is_err());
        let convert = Convert::new(&Heading::new("x", Kind::Float(4), [3])).expect("numbers");
        let bytes: Vec<u8> = [f32::NAN, 1.0, f32::INFINITY].into_iter().flat_map(f32::to_le_bytes).collect();
        let of = |used: &[usize]| convert.to_f32(&bytes, &mut [0.0; 3], |at| used.contains(&at)).map_err(|(at, _)| at);
        assert_eq!([of(&[1]), of(&[1, 2]), of(&[0, 2])], [Ok(()), Err(2), Err(0)], "what is not used may be anything");
        let text = Convert::new(&Heading::new("x", Kind::Utf8(3), [1])).err().expect("no numbers");
        assert!(text.contains("S3"), "{text}");
    }
}
