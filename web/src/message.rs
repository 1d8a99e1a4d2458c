//! What the page and its worker say to each other, as bytes.

use serde::{Deserialize, Serialize};

use crate::measured::Measured;

/// What the page wants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The study to measure, as the bytes of its file.
    pub study: Vec<u8>,
    /// What computes, in the word of the page's address, if it has one.
    pub device: Option<String>,
}

/// What the worker tells, in this order: where, how far (many times), and how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// What will compute.
    Place(Place),
    /// Of so many probes so many are done.
    Counts {
        /// Done.
        done: usize,
        /// All there are.
        total: usize,
    },
    /// The end.
    Measured {
        /// What came out.
        measured: Measured,
        /// How the GPU failed on the way, if it did: the processor went on.
        failure: Option<String>,
    },
    /// The other end: what went wrong.
    Failed(String),
}

/// What computes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// What it is, and why it was taken.
    pub words: String,
    /// Whether it is a GPU.
    pub gpu: bool,
    /// What to tell the reader, where a GPU was asked for and cannot be had.
    pub complaint: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_back_from_their_bytes() {
        let request = Request { study: vec![1, 2, 255], device: Some("gpu".into()) };
        let bytes = postcard::to_allocvec(&request).expect("bytes");
        assert_eq!(postcard::from_bytes::<Request>(&bytes).expect("a request"), request);
        for reply in [Reply::Counts { done: 3, total: 1 << 20 }, Reply::Failed("no".into())] {
            let bytes = postcard::to_allocvec(&reply).expect("bytes");
            assert_eq!(postcard::from_bytes::<Reply>(&bytes).expect("a reply"), reply);
        }
    }
}
