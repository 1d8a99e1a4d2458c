//! Every device that this machine can test on.

use prediction_depth::search::{Device, DeviceChoice};

/// What a search may use, in bytes.
const MEMORY: usize = 1 << 30;

/// A device and what it says of itself.
pub struct Named {
    /// The device.
    pub device: Device,
    /// What was opened.
    pub name: String,
}

/// The processor and a GPU, a software adapter if that is all there is. What they are is printed.
///
/// # Panics
/// Where there is no adapter at all: tests/run installs one, and a missing GPU must never pass silently.
pub fn devices() -> Vec<Named> {
    let open = |choice| {
        let (device, name) = pollster::block_on(Device::open(choice, MEMORY))
            .expect("an adapter: `tests/run --setup` installs a software one (mesa-vulkan-drivers)");
        println!("tested on {name}");
        Named { device, name }
    };
    vec![open(DeviceChoice::Cpu), open(DeviceChoice::Gpu)]
}
