//! Who hears how far a long computation is, and may stop it.

use crate::error::Result;

/// Hears how far a long computation is. The caller shows it, yields to the page, or cancels by an error.
#[expect(async_fn_in_trait, reason = "on the web nothing is Send; callers await on one thread")]
pub trait Progress {
    /// `done` of `total` are done; `done` never decreases and never passes `total`.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled) (or any other) stops the computation, which returns it.
    async fn step(&self, done: usize, total: usize) -> Result<()>;
}

/// Nobody listens.
impl Progress for () {
    async fn step(&self, _done: usize, _total: usize) -> Result<()> {
        Ok(())
    }
}

/// One stretch of a longer way: what is reported to it counts as its share of the whole.
pub(crate) struct SubProgress<'a, P> {
    pub whole: &'a P,
    pub start: usize,
    pub length: usize,
    pub total: usize,
}

impl<P: Progress> Progress for SubProgress<'_, P> {
    async fn step(&self, done: usize, total: usize) -> Result<()> {
        self.whole.step(self.start + self.length * done / total.max(1), self.total).await
    }
}
