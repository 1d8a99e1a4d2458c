//! How much compressed bytes may inflate to: a small file must not fill the memory.

use std::io::{self, Read};

/// What any compressed file may inflate to, in bytes (our choice).
const ALWAYS: u64 = 64 << 20;

/// What a larger one may inflate to, in multiples of its size (our choice). Text, images and labels compress 3 to 30
/// times; deflate reaches 1,032 times on zeros alone.
const RATIO: u64 = 100;

/// Returns the largest size to which this many compressed bytes are inflated.
pub(crate) fn justified(compressed: u64) -> u64 {
    compressed.saturating_mul(RATIO).max(ALWAYS)
}

/// Returns the end of a message about more than [`justified`] says. `remedy` says how to have it without compression.
pub(crate) fn beyond(compressed: u64, remedy: &str) -> String {
    let most = justified(compressed);
    format!(
        "more than {most} bytes, the most to which {compressed} compressed bytes are inflated ({RATIO} times as much, and \
         at least 64 MiB): if that is right, {remedy}"
    )
}

/// Reads exactly this many bytes. The memory is reserved at once, if it is there.
pub(crate) fn read_exactly(mut from: impl Read, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(count).map_err(|_| {
        io::Error::new(io::ErrorKind::OutOfMemory, format!("{count} bytes are more than this machine has memory for"))
    })?;
    from.by_ref().take(count as u64).read_to_end(&mut bytes)?;
    if bytes.len() < count {
        let problem = format!("it ends after {} of {count} bytes", bytes.len());
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, problem));
    }
    Ok(bytes)
}

/// Returns whether nothing follows. Decoders compare their checksum here.
pub(crate) fn at_end(mut from: impl Read) -> io::Result<bool> {
    Ok(from.read(&mut [0])? == 0)
}
