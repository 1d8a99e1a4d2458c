//! `pdepth doctor`: reports what this machine can compute on.

use prediction_depth::search::{DEFAULT_MEMORY, Kernel};
use serde_json::json;

use crate::accelerator::in_words;
use crate::cli::DoctorArgs;
use crate::device;

pub async fn doctor(arguments: &DoctorArgs) -> anyhow::Result<()> {
    let (adapters, chosen) = device::survey(DEFAULT_MEMORY).await?;
    let kernels: Vec<&str> = Kernel::available().into_iter().map(Kernel::name).collect();
    if arguments.json {
        let cpu = json!({"threads": rayon::current_num_threads(), "kernels": kernels});
        let report = json!({"version": env!("CARGO_PKG_VERSION"), "cpu": cpu, "networks": in_words(), "adapters": adapters, "auto": chosen});
        println!("{}", serde_json::to_string_pretty(&report)?);
        return Ok(());
    }
    println!("pdepth {}", env!("CARGO_PKG_VERSION"));
    println!("CPU      {} threads, {}", rayon::current_num_threads(), kernels.join(" "));
    println!("networks {}", in_words());
    if adapters.is_empty() {
        println!("adapters none: no Vulkan, Metal or Direct3D 12 driver was found; everything runs on the CPU");
    }
    for adapter in &adapters {
        let kind = if adapter.software { "software: correct, but slower than the CPU" } else { "GPU" };
        let yes = |flag| if flag { "yes" } else { "no" };
        println!("adapter  {} ({}, {kind})", adapter.name, adapter.backend);
        println!("         driver {}", adapter.driver);
        println!(
            "         f16 {}, subgroups {}, largest binding {} MiB",
            yes(adapter.f16),
            yes(adapter.subgroups),
            adapter.largest_binding >> 20
        );
    }
    println!("--device auto takes {chosen}");
    Ok(())
}
