//! Gzip compression, which any input file may use.

use std::borrow::Cow;
use std::io::{ErrorKind, Read, Write};

use flate2::read::MultiGzDecoder;

use crate::error::{Error, Result};

/// Decompresses the bytes if they are gzipped, else returns them unchanged.
pub(crate) fn gunzip(bytes: &[u8]) -> Result<Cow<'_, [u8]>> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes.into());
    }
    let mut plain = Vec::new();
    match MultiGzDecoder::new(bytes).read_to_end(&mut plain) {
        Ok(_) => Ok(plain.into()),
        Err(error) => {
            let end = (error.kind() == ErrorKind::UnexpectedEof).then_some(bytes.len());
            let remedy = format_args!("it is cut off or damaged after {} unpacked bytes", plain.len());
            Err(Error::unreadable("gzip file", error).remedied(remedy).at_byte(end))
        }
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.map_err(|error| Error::unreadable("gzip file", error))
}
