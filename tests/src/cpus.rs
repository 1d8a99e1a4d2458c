//! The search on the CPU, in every way that this processor can do it.

use prediction_depth::search::{Cpu, Format, Kernel};

/// Returns searches with each available instruction set, in each of its number formats and in the one that it chooses,
/// and their names. The portable one computes in every format.
///
/// # Panics
/// If an instruction set that is reported as available cannot be used.
pub fn cpus(memory: usize) -> Vec<(Cpu, String)> {
    let mut cpus = Vec::new();
    for kernel in Kernel::available() {
        let cpu = Cpu::new(memory).with_kernel(kernel).expect("an available kernel");
        cpus.push((cpu, kernel.name().to_string()));
        let formats = if kernel == Kernel::Portable { &Format::ALL[..] } else { kernel.formats() };
        cpus.extend(
            formats.iter().map(|&format| (cpu.with_format(format), format!("{} in {}", kernel.name(), format.name()))),
        );
    }
    cpus
}
