//! How many threads compute: rayon's, and no others.

use std::env;
use std::ffi::OsStr;
use std::thread::available_parallelism;

/// Threads of rayon's pool, and parts of candle's matrix products, which that pool computes.
const RAYON: &str = "RAYON_NUM_THREADS";
/// Threads of candle's own pool, which computes sums of large tensors.
const CANDLE: &str = "CANDLE_NUM_THREADS";

/// Sets both numbers, where the user has not: all processors for rayon, one thread for candle's pool, so that it has
/// none besides the caller.
///
/// The threads of candle's pool wait in a loop, and take the processors from rayon's. Without the first number, candle
/// counts the cores anew for each matrix product; on Linux it reads all of /proc/cpuinfo. The results are the same to
/// the bit.
///
/// # Safety
/// Other threads must not exist yet, because they might read the environment.
pub unsafe fn choose() {
    let all = available_parallelism().map_or(1, usize::from);
    for (name, threads) in [(RAYON, all), (CANDLE, 1)] {
        if !is_number(env::var_os(name).as_deref()) {
            // SAFETY: the caller's promise.
            unsafe { env::set_var(name, threads.to_string()) };
        }
    }
}

/// Makes the main thread one of rayon's, if there are several. From outside the pool, each operation that the threads
/// share would put it to sleep and wake it again. A pool of the main thread alone could not help other threads while
/// that one waits.
pub fn join() {
    let pool = rayon::ThreadPoolBuilder::new();
    let several = env::var(RAYON).is_ok_and(|threads| threads.parse() != Ok(1_usize));
    // If threads cannot be started, rayon says so where they are needed.
    let _ = if several { pool.use_current_thread().build_global() } else { pool.build_global() };
}

/// Returns whether rayon and candle take this value; they ignore 0 and what is no number.
fn is_number(value: Option<&OsStr>) -> bool {
    value.and_then(OsStr::to_str).and_then(|text| text.parse::<usize>().ok()).is_some_and(|threads| threads > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_number_of_threads_is_kept() {
        let kept = ["4", "1", "0", "", "all", "-1"].map(|value| is_number(Some(value.as_ref())));
        assert_eq!(kept, [true, true, false, false, false, false]);
        assert!(!is_number(None));
    }
}
