#!/usr/bin/env bash
# Runs core's tests without features for 64-bit Arm under emulation: are the neighbours right with NEON? (Times mean
# nothing there.) Needs Debian's gcc-aarch64-linux-gnu and qemu-user, and the target, as by
#
#   rustup target add aarch64-unknown-linux-gnu
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=aarch64-unknown-linux-gnu
[ -d "$(rustc --print target-libdir --target $target)" ] ||
  { echo "neon.sh: missing: the target; run: rustup target add $target" >&2; exit 1; }
for program in aarch64-linux-gnu-gcc qemu-aarch64; do
  command -v $program > /dev/null ||
    { echo "neon.sh: missing: $program; run: apt-get install gcc-aarch64-linux-gnu qemu-user" >&2; exit 1; }
done

export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER='qemu-aarch64 -L /usr/aarch64-linux-gnu'
cargo test --manifest-path core/Cargo.toml --no-default-features --target $target --lib --examples --locked
