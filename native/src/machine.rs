//! The memory of this machine, as far as the system tells.

use std::fs;

use anyhow::bail;
use bytesize::ByteSize;
use prediction_depth::nets::Architecture;

/// Bytes of a parameter in training: weight, gradient, velocity, and the copy that is being saved.
const TRAINED: u128 = 4 * 4;

/// Returns the bytes of main memory that this program may use; `None` if the system does not tell (it does on Linux).
fn memory() -> Option<u64> {
    let read = |path: &str| fs::read_to_string(path).ok();
    let kibibytes = |text: String| -> Option<u64> {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?.trim().trim_end_matches("kB");
        line.trim().parse::<u64>().ok()?.checked_mul(1024)
    };
    let group = read("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse().ok());
    [read("/proc/meminfo").and_then(kibibytes), group].into_iter().flatten().min()
}

/// Refuses what needs more bytes than this machine has.
pub fn check(what: &str, bytes: u128, remedy: &str) -> anyhow::Result<()> {
    match memory() {
        Some(there) if bytes > u128::from(there) => {
            let needed = ByteSize(u64::try_from(bytes).unwrap_or(u64::MAX));
            bail!("{what} needs {needed} of memory, and this machine has {}: {remedy}", ByteSize(there))
        }
        _ => Ok(()),
    }
}

/// Refuses a network that this machine cannot train.
pub fn check_network(network: &Architecture, shape: [usize; 3], classes: usize) -> anyhow::Result<()> {
    network.check_size(shape, classes)?;
    let parameters = network.parameters(shape, classes);
    let what = format!("a network of {parameters} parameters");
    check(&what, TRAINED * parameters, "choose fewer or narrower layers")
}
