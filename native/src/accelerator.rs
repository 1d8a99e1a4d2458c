//! The device that networks compute on.

use candle_core::Device;

/// Returns the first CUDA or Metal device, if the program was built for one and finds it, else the CPU.
/// `PDEPTH_NETWORKS=cpu` always selects the CPU.
pub fn accelerator() -> Device {
    if std::env::var_os("PDEPTH_NETWORKS").is_some_and(|networks| networks == "cpu") {
        return Device::Cpu;
    }
    let cuda = Device::cuda_if_available(0).ok().filter(Device::is_cuda);
    cuda.or_else(|| Device::new_metal(0).ok()).unwrap_or(Device::Cpu)
}

/// Describes the device, and whether the program could use another.
pub fn in_words() -> &'static str {
    let built = candle_core::utils::cuda_is_available() || candle_core::utils::metal_is_available();
    match accelerator() {
        Device::Cuda(_) => "CUDA",
        Device::Metal(_) => "Metal",
        Device::Cpu if built => "CPU: this program can use a GPU, but none was found",
        Device::Cpu => "CPU: to train on a GPU, build with --features cuda or --features metal",
    }
}
