//! Long computations outside of Python: without its lock, on threads of our own, until Ctrl-C.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{panic, process, thread};

use prediction_depth::{Error, Progress, Result};
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::errors::exception;

/// Time between two looks at Python: is there a signal, and what is done?
const LOOK: Duration = Duration::from_millis(50);

/// What a computation has done, and whether it is to stop. It takes no lock of Python.
#[derive(Default)]
pub struct Watched {
    done: AtomicUsize,
    total: AtomicUsize,
    stop: AtomicBool,
}

impl Progress for &Watched {
    async fn step(&self, done: usize, total: usize) -> Result<()> {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        if self.stop.load(Ordering::Relaxed) { Err(Error::Cancelled) } else { Ok(()) }
    }

    fn stop_flag(&self) -> Option<&AtomicBool> {
        Some(&self.stop)
    }
}

/// Computes without Python's lock. The caller's thread waits, and looks at signals meanwhile; `progress` is called with
/// what is done and what there is to do. An exception of either stops the computation and is returned.
///
/// Futures of core are not `Send`, so `task` makes its future in the thread that drives it.
pub fn compute<T: Send>(
    py: Python<'_>,
    progress: Option<&Py<PyAny>>,
    task: impl AsyncFnOnce(&Watched) -> Result<T> + Send,
) -> PyResult<T> {
    let pool = pool()?;
    let watched = Watched::default();
    let outcome = py.detach(|| {
        thread::scope(|scope| {
            let (watched, (finished, waiting)) = (&watched, channel::<()>());
            let worker = scope.spawn(move || {
                let _finished = finished; // dropped at the end, however it comes
                pool.install(|| pollster::block_on(task(watched)))
            });
            let mut raised = None;
            while waiting.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                if raised.is_none()
                    && let Err(error) = Python::attach(|py| look(py, watched, progress))
                {
                    watched.stop.store(true, Ordering::Relaxed);
                    raised = Some(error);
                }
            }
            let result = worker.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked));
            match raised {
                Some(error) => Err(error),
                None => result.map_err(exception),
            }
        })
    })?;
    if let Some(progress) = progress {
        let total = watched.total.load(Ordering::Relaxed);
        progress.call1(py, (total, total))?;
    }
    Ok(outcome)
}

fn look(py: Python<'_>, watched: &Watched, progress: Option<&Py<PyAny>>) -> PyResult<()> {
    py.check_signals()?;
    let (done, total) = (watched.done.load(Ordering::Relaxed), watched.total.load(Ordering::Relaxed));
    match progress {
        Some(progress) if total > 0 => progress.call1(py, (done, total)).map(drop),
        _ => Ok(()),
    }
}

/// The threads of this process. A child of `fork` has none of its parent's threads, so it makes its own.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

fn pool() -> PyResult<Arc<ThreadPool>> {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((process, pool)) = &*pool
        && *process == process::id()
    {
        return Ok(pool.clone());
    }
    let new = ThreadPoolBuilder::new().thread_name(|place| format!("prediction-depth {place}")).build();
    let new = new.map_err(|error| pyo3::exceptions::PyRuntimeError::new_err(format!("threads: {error}")))?;
    let new = Arc::new(new);
    // To drop the parent's would wait for threads that are not there.
    std::mem::forget(pool.replace((process::id(), new.clone())));
    Ok(new)
}
