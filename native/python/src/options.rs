//! Options as Python spells them.

use prediction_depth::measurement::Probing;
use prediction_depth::metric::Metric;
use prediction_depth::pooling::{Channels, Pooling};
use prediction_depth::probe::Ties;
use prediction_depth::search::{DeviceChoice, SearchDevice};
use prediction_depth::{Error, Result};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::process;
use std::sync::OnceLock;

fn refused<T>(name: &str, value: &str, wanted: &str) -> PyResult<T> {
    Err(PyValueError::new_err(format!("{name} = {value:?}: choose {wanted}")))
}

/// The options of the definition.
pub fn probing(k: usize, ties: &str, include_self: bool, metric: &str) -> PyResult<Probing> {
    let ties = match ties {
        "lowest" => Ties::Lowest,
        "nearest" => Ties::Nearest,
        other => return refused("ties", other, "\"lowest\" or \"nearest\""),
    };
    let metric = match metric {
        "euclidean" => Metric::Euclidean,
        "cosine" => Metric::Cosine,
        "manhattan" => Metric::Manhattan,
        other => return refused("metric", other, "\"euclidean\", \"cosine\" or \"manhattan\""),
    };
    Ok(Probing { k, ties, include_self, metric, ..Probing::default() })
}

/// How layers are pooled.
pub fn pooling(pool: Option<&str>, channels: Option<&str>) -> PyResult<Pooling> {
    let channels = match channels {
        None => None,
        Some("first") => Some(Channels::First),
        Some("last") => Some(Channels::Last),
        Some(other) => return refused("channels", other, "\"first\" or \"last\""),
    };
    let pool = pool.unwrap_or("none");
    let pooling = match (pool, pool.strip_prefix("average:").map(str::parse)) {
        (_, Some(Ok(values))) if values > 0 => Pooling::Average { values, channels },
        ("none", _) => Pooling::None,
        ("first", _) => Pooling::First,
        ("last", _) => Pooling::Last,
        ("mean", _) => Pooling::Mean,
        _ => return refused("pool", pool, "\"first\", \"last\", \"mean\" or \"average:N\", such as \"average:4096\""),
    };
    if channels.is_some() && !matches!(pooling, Pooling::Average { .. }) {
        return refused("channels", "with this pool", "it only with pool=\"average:N\"");
    }
    Ok(pooling)
}

/// The device that searches.
#[derive(Clone, Copy)]
pub struct Device {
    choice: DeviceChoice,
    memory: usize,
}

/// Whether this machine was found to have no real GPU: it is looked for once, since that takes a while.
static NO_GPU: OnceLock<()> = OnceLock::new();

/// The process that looked for a GPU first. Its forks have the driver's memory but not its threads: they would wait for
/// them for ever.
static LOOKED: OnceLock<u32> = OnceLock::new();

impl Device {
    pub fn new(device: &str, memory: usize) -> PyResult<Self> {
        let choice = match device {
            "auto" => DeviceChoice::Auto,
            "gpu" => DeviceChoice::Gpu,
            "cpu" => DeviceChoice::Cpu,
            other => return refused("device", other, "\"auto\", \"gpu\" or \"cpu\""),
        };
        Ok(Self { choice, memory })
    }

    /// Opens the device. Returns it with a line that says which one it is.
    pub async fn open(self) -> Result<(SearchDevice, String)> {
        let forked = || *LOOKED.get_or_init(process::id) != process::id();
        let choice = match self.choice {
            DeviceChoice::Auto if NO_GPU.get().is_some() || forked() => DeviceChoice::Cpu,
            DeviceChoice::Gpu if forked() => {
                let why = "the process that this one was forked from has used the GPU, which does not survive a fork: \
                           start processes with \"spawn\", or give device=\"cpu\"";
                return Err(Error::Gpu(why.into()));
            }
            choice => choice,
        };
        let opened = prediction_depth_cli::open_device(choice, self.memory, false).await?;
        if matches!((choice, &opened.0), (DeviceChoice::Auto, SearchDevice::Cpu(_))) {
            let _ = NO_GPU.set(());
        }
        Ok(opened)
    }
}
