//! Opens the device of the search, and says once what its driver has to say.

use std::collections::BTreeSet;
use std::io::Read;

use gag::{BufferRedirect, Gag};
use prediction_depth::Result;
use prediction_depth::search::{AdapterSummary, DeviceChoice, SearchDevice, adapters};

/// Opens the selected device for a search in `memory` bytes. Returns it with a line that states which one it is and why.
pub async fn open(choice: DeviceChoice, memory: usize, quiet: bool) -> Result<(SearchDevice, String)> {
    let driver = Driver::listen(quiet);
    let opened = SearchDevice::open(choice, memory).await;
    drop(driver);
    opened
}

/// Returns all adapters of this machine, and a line that states which device `--device auto` opens and why.
pub async fn survey(memory: usize) -> anyhow::Result<(Vec<AdapterSummary>, String)> {
    let driver = Driver::listen(false);
    let found = (adapters().await, SearchDevice::open(DeviceChoice::Auto, memory).await);
    drop(driver);
    Ok((found.0, found.1?.1))
}

/// What one of Mesa's drivers complains of where there is no desktop. No adapter needs it.
const NO_DESKTOP: &str = "XDG_RUNTIME_DIR is invalid or not set";

/// What drivers write to stderr on their own, each time that they are asked for adapters. Each line is passed on once;
/// none with `--quiet`, also where no temporary file can be made to collect the lines.
enum Driver {
    Heard(Option<BufferRedirect>),
    Silenced { _gag: Option<Gag> },
}

impl Driver {
    fn listen(quiet: bool) -> Self {
        if quiet { Self::Silenced { _gag: Gag::stderr().ok() } } else { Self::Heard(BufferRedirect::stderr().ok()) }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let Self::Heard(written) = self else { return };
        let mut bytes = Vec::new();
        if let Some(mut written) = written.take() {
            let _ = written.read_to_end(&mut bytes);
        }
        let (text, mut said) = (String::from_utf8_lossy(&bytes), BTreeSet::new());
        for line in text.lines().filter(|line| !line.contains(NO_DESKTOP) && said.insert(*line)) {
            eprintln!("{line}");
        }
    }
}
