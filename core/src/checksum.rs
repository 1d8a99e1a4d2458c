//! The checksum that a file holds about itself: a SHA-256 of all its bytes, with zeros in the place of the checksum.

use sha2::{Digest, Sha256};

/// Length of a checksum in hexadecimal digits.
const DIGITS: usize = 64;

/// Returns what stands in the place of the checksum until the file is complete.
pub fn blank() -> String {
    "0".repeat(DIGITS)
}

/// Writes the checksum of a complete file into its place, the first [`blank`] of the file.
pub fn fill(bytes: &mut [u8]) {
    if let Some(place) = find(bytes, blank().as_bytes()) {
        let checksum = of(bytes, place);
        bytes[place..place + DIGITS].copy_from_slice(checksum.as_bytes());
    }
}

/// Returns whether the file is as it was when `stored`, which is among its first `head` bytes, was written into it.
pub fn holds(bytes: &[u8], head: usize, stored: &str) -> bool {
    let place = find(&bytes[..head.min(bytes.len())], stored.as_bytes());
    stored.len() == DIGITS && place.is_some_and(|place| of(bytes, place) == stored)
}

fn of(bytes: &[u8], place: usize) -> String {
    let mut digest = Sha256::new();
    for part in [&bytes[..place], blank().as_bytes(), &bytes[place + DIGITS..]] {
        digest.update(part);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn find(bytes: &[u8], sought: &[u8]) -> Option<usize> {
    bytes.windows(sought.len().max(1)).position(|window| window == sought)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_byte_is_noticed() {
        let mut file = format!("before {} after", blank()).into_bytes();
        fill(&mut file);
        let stored = String::from_utf8_lossy(&file[7..7 + DIGITS]).into_owned();
        assert!(holds(&file, file.len(), &stored) && stored != blank());
        assert!(!holds(&file, 20, &stored), "the checksum is not in the head");
        for place in (0..file.len()).filter(|place| !(7..7 + DIGITS).contains(place)) {
            let mut other = file.clone();
            other[place] ^= 1;
            assert!(!holds(&other, other.len(), &stored), "{place}");
        }
        assert!(!holds(&file[..file.len() - 1], file.len(), &stored), "cut off");
        assert!(!holds(&file, file.len(), ""));
    }
}
