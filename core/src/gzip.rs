//! Gzip compression, which any input file may use.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Read, Write};

use flate2::read::MultiGzDecoder;

use crate::error::{Error, Result};
use crate::inflate::{beyond, justified, read_exactly};

/// Decompresses the bytes if they are gzipped, else returns them unchanged. The size is counted before memory is
/// reserved.
///
/// # Errors
/// [`Error::Format`] for damaged bytes, or those that inflate to more than [`justified`] says.
pub(crate) fn gunzip(bytes: &[u8]) -> Result<Cow<'_, [u8]>> {
    if !is_gzip(bytes) {
        return Ok(bytes.into());
    }
    let most = justified(bytes.len() as u64);
    let mut counted = Counted(0);
    if let Err(error) = io::copy(&mut MultiGzDecoder::new(bytes).take(most + 1), &mut counted) {
        return Err(damaged(error, counted.0, bytes.len()));
    }
    if counted.0 as u64 > most {
        return Err(Error::format(
            "gzip file",
            format_args!("it inflates to {}", beyond(bytes.len() as u64, "decompress it first")),
        ));
    }
    let plain = read_exactly(MultiGzDecoder::new(bytes), counted.0);
    Ok(plain.map_err(|error| damaged(error, counted.0, bytes.len()))?.into())
}

/// Returns whether the bytes are gzipped.
pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Returns the error for gzipped bytes that break off after this many unpacked ones.
pub(crate) fn damaged(error: io::Error, unpacked: usize, length: usize) -> Error {
    let end = (error.kind() == ErrorKind::UnexpectedEof).then_some(length);
    let remedy = format_args!("it is cut off or damaged after {unpacked} unpacked bytes");
    Error::unreadable("gzip file", error).remedied(remedy).at_byte(end)
}

pub(crate) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.map_err(|error| Error::unreadable("gzip file", error))
}

/// Counts the bytes written to it.
struct Counted(usize);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_inflates_too_far_is_refused_before_it_is_held() {
        let bomb = gzip(&vec![0; 65 << 20]).expect("zeros");
        let words = gunzip(&bomb).expect_err("a bomb").to_string();
        assert!(words.contains("67108864 bytes") && words.contains("decompress it first"), "{words}");
        assert_eq!(gunzip(&gzip(&[7; 1 << 20]).expect("bytes")).expect("bytes").as_ref(), [7; 1 << 20]);
        let twice = [gzip(b"one").expect("bytes"), gzip(b"two").expect("bytes")].concat();
        assert_eq!(gunzip(&twice).expect("two members").as_ref(), b"onetwo");
    }
}
