//! `--shard I/N`.

/// A part of something that is cut into `of` parts, counted from 0.
#[derive(Clone, Copy)]
pub struct Shard {
    pub index: usize,
    pub of: usize,
}

pub fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/').and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
    match parts {
        Some((index, of)) if index < of => Ok(Shard { index, of }),
        _ => Err("expected I/N with I from 0 to N - 1, such as 0/4".into()),
    }
}
