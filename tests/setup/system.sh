# shellcheck shell=bash
# System requirements: searched first, then installed if there is apt. Sets CHROMIUM.

fashion_mnist=/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz

setup_system() {
  look_for_needs
  if [ ${#missing[@]} -gt 0 ] && on_debian; then
    apt_install "${packages[@]}"
    look_for_needs
  fi
  [ ${#missing[@]} -eq 0 ] || stop "missing: $(joined "${missing[@]}")"
  CHROMIUM=$(find_chromium)
  export CHROMIUM

  # Without this, rustup would download a missing toolchain unasked.
  export RUSTUP_AUTO_INSTALL=0
  rustc --version >/dev/null 2>&1 || stop "missing: the toolchain of rust-toolchain.toml; run: rustup toolchain install $(pinned_rust)"
}

look_for_needs() {
  missing=() packages=()
  need "cargo (https://rustup.rs)" "" command -v cargo
  need "a C compiler" "gcc libc6-dev" command -v cc
  need "node and npm" "nodejs npm" node_and_npm
  need "Chromium or Chrome" "chromium chromium-driver" find_chromium
  need "the DejaVu fonts" "fonts-dejavu-core" has_file /usr/share/fonts DejaVuSans.ttf
  need "the Vulkan loader" "libvulkan1" has_library libvulkan.so.1
  need "a software Vulkan driver (lavapipe)" "mesa-vulkan-drivers" has_file /usr/share/vulkan/icd.d 'lvp_icd*.json'
  need "venv for /usr/bin/python3" "python3-venv" has_module ensurepip
  need "numpy for /usr/bin/python3" "python3-numpy" has_module numpy
  need "PyTorch for /usr/bin/python3" "python3-torch" has_module torch
  need "PIL for /usr/bin/python3" "python3-pil" has_module PIL
  need "scikit-learn for /usr/bin/python3" "python3-sklearn" has_module sklearn
  need "$fashion_mnist" "dataset-fashion-mnist" test -e "$fashion_mnist"
}

# need WHAT DEBIAN_PACKAGES PROBE...: records both if the probe fails.
need() {
  local what=$1 debian
  read -ra debian <<<"$2"
  shift 2
  "$@" >/dev/null 2>&1 && return
  missing+=("$what")
  packages+=("${debian[@]}")
}

node_and_npm() { command -v node && command -v npm; }
find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
has_file() { find "$1" -name "$2" -print -quit | grep .; }
has_library() { /sbin/ldconfig -p | grep -F "$1"; }
has_module() { /usr/bin/python3 -c "import importlib.util as i, sys; sys.exit(i.find_spec('$1') is None)"; }

# Prints the version in rust-toolchain.toml.
pinned_rust() { sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml; }

joined() {
  local text
  text=$(printf ', %s' "$@")
  echo "${text#, }"
}
