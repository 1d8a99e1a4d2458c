//! Progress of a long computation, and its cancellation.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Result;

/// Receives the progress of a long computation. An implementation displays it, yields to the page, or cancels by an
/// error.
#[expect(async_fn_in_trait, reason = "on the web nothing is Send; callers await on one thread")]
pub trait Progress {
    /// Reports that `done` of `total` steps are done. `done` never decreases and never exceeds `total`.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled), or any other error, stops the computation, which returns it.
    async fn step(&self, done: usize, total: usize) -> Result<()>;

    /// Returns a flag that is set once the computation is to stop, if there is one: then it stops between two steps, too.
    /// The next step must return an error.
    fn stop_flag(&self) -> Option<&AtomicBool> {
        None
    }
}

/// Returns whether this flag is set.
pub(crate) fn is_set(flag: Option<&AtomicBool>) -> bool {
    flag.is_some_and(|flag| flag.load(Ordering::Relaxed))
}

/// Ignores the progress.
impl Progress for () {
    async fn step(&self, _done: usize, _total: usize) -> Result<()> {
        Ok(())
    }
}

/// Progress of one part of a computation, reported to the whole as `length` steps from `start` on.
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

    fn stop_flag(&self) -> Option<&AtomicBool> {
        self.whole.stop_flag()
    }
}
