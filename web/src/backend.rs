//! The choice of the search device, in a window or a worker.

use prediction_depth::search::{Cpu, DeviceChoice, SearchDevice, adapters};

use crate::adapter;
use crate::state::job::Place;

/// Bytes that a search may use. A tab has at most 4 GiB.
pub const MEMORY: usize = 1 << 30;

/// Returns the choice of `?device=gpu|cpu|auto` in the URL.
pub fn choice(asked: Option<&str>) -> DeviceChoice {
    match asked {
        Some("gpu") => DeviceChoice::Gpu,
        Some("cpu") => DeviceChoice::Cpu,
        _ => DeviceChoice::Auto,
    }
}

/// Opens the device; returns it with a description of which one it is and why.
pub async fn open(choice: DeviceChoice) -> (SearchDevice, Place) {
    match SearchDevice::open(choice, MEMORY).await {
        Ok((SearchDevice::Gpu(gpu), _)) => {
            let name = adapter::name().await.unwrap_or_else(|| gpu.adapter().name.clone());
            let software = if gpu.adapter().software { ", in software" } else { "" };
            let words = format!("on the GPU by WebGPU ({name}{software})");
            (SearchDevice::Gpu(gpu), Place { words, gpu: true, complaint: None })
        }
        Ok((cpu, _)) if choice == DeviceChoice::Cpu => (cpu, on_the_cpu("on the CPU, as the URL requests")),
        Ok((cpu, _)) => {
            let why = match adapters().await.first() {
                Some(adapter) if adapter.software => "the only WebGPU adapter here computes in software",
                Some(_) => "the WebGPU adapter here cannot be used",
                None => {
                    "this browser shows no WebGPU adapter (Chromium on Linux may want to be started with \
                     --enable-unsafe-webgpu)"
                }
            };
            (cpu, on_the_cpu(&format!("on the CPU: {why}")))
        }
        Err(error) => {
            let complaint = Some(format!("No GPU is available, so the CPU computes. ({error})"));
            (SearchDevice::Cpu(Cpu::new(MEMORY)), Place { complaint, ..on_the_cpu("on the CPU: no GPU can be had") })
        }
    }
}

fn on_the_cpu(words: &str) -> Place {
    Place { words: words.into(), gpu: false, complaint: None }
}
