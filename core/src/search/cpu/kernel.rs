//! The choice of instructions.

#[cfg(target_arch = "x86_64")]
use super::avx512::{Avx512, Avx512Bf16};
use super::lanes::{Lanes, Task};
#[cfg(target_arch = "x86_64")]
use super::portable::Avx2;
use super::portable::Portable;

/// The instructions that a search uses, from the slowest to the fastest. All find the same neighbours, to the bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kernel {
    /// What every processor of the architecture has: NEON, WASM's SIMD128, SSE2.
    Portable,
    /// AVX2 and FMA.
    Avx2,
    /// AVX-512 on float32.
    Avx512,
    /// AVX-512 on bfloat16, and on float32 where bfloat16 is too coarse.
    Avx512Bf16,
}

impl Kernel {
    /// All that there are.
    pub const ALL: [Self; 4] = [Self::Portable, Self::Avx2, Self::Avx512, Self::Avx512Bf16];

    /// Those that this processor can run, the fastest last.
    pub fn available() -> Vec<Self> {
        Self::ALL.into_iter().filter(|kernel| kernel.is_available()).collect()
    }

    /// The fastest that this processor can run.
    pub fn best() -> Self {
        Self::ALL.into_iter().rev().find(|kernel| kernel.is_available()).unwrap_or(Self::Portable)
    }

    /// Its name, as `pdepth` takes and prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Avx512Bf16 => "avx512-bf16",
        }
    }

    /// Whether this processor can run it.
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Avx2::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => Avx512::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Bf16 => Avx512Bf16::detect().is_some(),
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// Does a task with these instructions, or with those that every processor has.
    pub(super) fn run<T: Task>(self, task: T) -> T::Output {
        #[cfg(target_arch = "x86_64")]
        match self {
            Self::Portable => {}
            Self::Avx2 => {
                if let Some(lanes) = Avx2::detect() {
                    return lanes.run(task);
                }
            }
            Self::Avx512 => {
                if let Some(lanes) = Avx512::detect() {
                    return lanes.run(task);
                }
            }
            Self::Avx512Bf16 => {
                if let Some(lanes) = Avx512Bf16::detect() {
                    return lanes.run(task);
                }
            }
        }
        Portable.run(task)
    }
}
