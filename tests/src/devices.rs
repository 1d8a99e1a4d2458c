//! Every device that this machine can test on.

use prediction_depth::search::{Cpu, DeviceChoice, Kernel, SearchDevice};

/// What a search may use, in bytes.
const MEMORY: usize = 1 << 30;

/// A device and what it says of itself.
pub struct Named {
    /// The device.
    pub device: SearchDevice,
    /// What was opened.
    pub name: String,
}

/// The processor with each set of instructions that it has, and a GPU, a software adapter if that is all there is. What
/// they are is printed.
///
/// # Panics
/// Where there is no adapter at all: tests/run installs one, and a missing GPU must never pass silently.
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

/// The processor with each set of instructions that it has.
///
/// # Panics
/// Where it has not what it says it has.
pub fn processors() -> Vec<Named> {
    let named = |kernel: Kernel| {
        let cpu = Cpu::new(MEMORY).with_kernel(kernel).expect("an available kernel");
        Named { device: SearchDevice::Cpu(cpu), name: format!("cpu: {}", kernel.name()) }
    };
    Kernel::available().into_iter().map(named).collect()
}
