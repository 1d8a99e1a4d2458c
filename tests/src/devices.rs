//! All search devices of this machine.

use prediction_depth::search::{DeviceChoice, SearchDevice};

use crate::cpus::cpus;

/// Memory of a search, in bytes.
const MEMORY: usize = 1 << 30;

/// A device and its description.
pub struct Named {
    /// The device.
    pub device: SearchDevice,
    /// The description of the opened device.
    pub name: String,
}

/// Returns the CPU with each available instruction set and number format, and the GPU (a software adapter, if there is no other). Prints
/// them.
///
/// # Panics
/// If there is no adapter: tests/run installs one, and tests must not silently skip the GPU.
pub fn devices() -> Vec<Named> {
    let mut devices = processors();
    let (device, name) = pollster::block_on(SearchDevice::open(DeviceChoice::Gpu, MEMORY))
        .expect("an adapter: `tests/run --setup` installs a software one (mesa-vulkan-drivers)");
    devices.push(Named { device, name });
    for tested in &devices {
        println!("tested on {}", tested.name);
    }
    devices
}

/// Returns the CPU with each available instruction set and each of its number formats.
pub fn processors() -> Vec<Named> {
    let named = |(cpu, name)| Named { device: SearchDevice::Cpu(cpu), name: format!("cpu: {name}") };
    cpus(MEMORY).into_iter().map(named).collect()
}
