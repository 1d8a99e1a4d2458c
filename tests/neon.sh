#!/usr/bin/env bash
# Tests the search for 64-bit Arm under emulation: are the neighbours right with NEON? (Times mean nothing there.)
# Runs core's tests without features, and those of the search that need no adapter. Installs what Debian has of what is
# missing; the target is the toolchain's:
#
#   rustup target add aarch64-unknown-linux-gnu
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source-path=SCRIPTDIR/..
{
  . tests/setup/apt.sh
  . tests/setup/system.sh
}

target=aarch64-unknown-linux-gnu
tests=(tests/cpu tests/search tests/properties)

main() {
  setup
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
  export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
  # A processor with NEON and little else.
  export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER='qemu-aarch64 -cpu cortex-a53 -L /usr/aarch64-linux-gnu'
  make_package
  cargo test --manifest-path core/Cargo.toml --no-default-features --target $target --lib --examples --locked
  cargo test --manifest-path "$folder/Cargo.toml" --target $target
}

say() { echo "== $*"; }
stop() { echo "neon.sh: $1" >&2 && exit 1; }

setup() {
  look_for_needs
  if [ ${#packages[@]} -gt 0 ] && on_debian; then
    apt_install "${packages[@]}"
    look_for_needs
  fi
  [ ${#missing[@]} -eq 0 ] || stop "missing: $(joined "${missing[@]}")"
}

look_for_needs() {
  missing=() packages=()
  need "aarch64-linux-gnu-gcc" "gcc-aarch64-linux-gnu libc6-dev-arm64-cross" command -v aarch64-linux-gnu-gcc
  need "qemu-aarch64" "qemu-user" command -v qemu-aarch64
  need "the target; run: rustup target add $target" "" test -d "$(rustc --print target-libdir --target $target)"
}

# Makes a package of these tests: that of all tests has dependencies that take long to build, and needs an adapter.
make_package() {
  mkdir "$folder/src" "$folder/tests"
  cp Cargo.lock "$folder/"
  cp tests/src/{compare,cpus,data,oracle}.rs "$folder/src/"
  cp "${tests[@]/%/.rs}" "$folder/tests/"
  {
    printf '[package]\nname = "prediction-depth-tests"\nedition = "2024"\n[dependencies]\n'
    printf '%s.workspace = true\n' pollster prediction-depth proptest rand rand_chacha rayon
    printf '[workspace]\n'
    sed -n '/^\[workspace.dependencies\]/,/^\[profile.dev.package\]/p' Cargo.toml
  } >"$folder/Cargo.toml"
  sed -i "s|path = \"core\"|path = \"$PWD/core\"|" "$folder/Cargo.toml"
  cat >"$folder/src/lib.rs" <<'RUST'
mod compare;
mod cpus;
mod data;
mod oracle;

pub use compare::*;
pub use cpus::*;
pub use data::*;
pub use oracle::*;

pub struct Named {
    pub device: prediction_depth::search::Cpu,
    pub name: String,
}

pub fn devices() -> Vec<Named> {
    cpus(1 << 30).into_iter().map(|(device, name)| Named { device, name }).collect()
}
RUST
}

main "$@"
