# shellcheck shell=bash
# A Rust toolchain with the target wasm32-unknown-unknown: rustup's if it has the target, else one built from Debian's
# packages. Sets WASM_TARGET_DIR, and WASM_TOOLCHAIN if it is not the native toolchain.

setup_wasm() {
  WASM_TOOLCHAIN=
  if [ "${PDEPTH_WASM:-}" != debian ] && has_wasm_target; then
    WASM_TARGET_DIR=$CACHE/target-wasm-$(rustc --version | cut -d' ' -f2)
    return
  fi
  if [ -z "$(newest_unpacked)" ]; then
    local version=''
    if on_debian; then
      apt_update
      version=$(newest_rustc_web)
    fi
    [ -n "$version" ] || stop "missing: wasm32-unknown-unknown; run: rustup target add --toolchain $(pinned_rust) wasm32-unknown-unknown"
    make_toolchain "$version"
  fi
  WASM_TOOLCHAIN=$(newest_unpacked)/usr
  WASM_TARGET_DIR=$CACHE/target-$(basename "$(newest_unpacked)")
}

# wasm COMMAND...: runs a command with the toolchain and the target folder for wasm.
wasm() {
  env ${WASM_TOOLCHAIN:+"RUSTUP_TOOLCHAIN=$WASM_TOOLCHAIN"} CARGO_TARGET_DIR="$WASM_TARGET_DIR" "$@"
}

has_wasm_target() { [ -d "$(rustc --print target-libdir --target wasm32-unknown-unknown)" ]; }

newest_unpacked() { find "$CACHE" -maxdepth 1 -name 'wasm-*' ! -name '*.part' | sort -V | tail -1; }

# Prints the newest of Debian's compilers for wasm that is at least as new as the native one.
newest_rustc_web() {
  local newest
  newest=$(apt-cache madison rustc-web | awk '{ print $3 }' | sort -V | tail -1)
  if dpkg --compare-versions "$newest" ge "$(pinned_rust)~"; then echo "$newest"; fi
}

# Debian ships this compiler without a std for wasm32-unknown-unknown, but with std's source, which is built once. The
# packages are unpacked, not installed, to avoid conflicts with rustup or /usr/bin.
make_toolchain() {
  local version=$1 part=$CACHE/wasm-$1.part package std llvm lld host
  std=$(depends_of "libstd-rust-web-dev=$version" | grep '^libstd-rust-web-')
  local rust=(rustc-web cargo-web rust-web-clippy libstd-rust-web-dev "$std")

  local needs=()
  mapfile -t needs < <(for package in "${rust[@]}"; do depends_of "$package=$version"; done | grep -v -e -web | sort -u)
  llvm=$(printf '%s\n' "${needs[@]}" | grep '^libllvm')
  lld=lld-${llvm#libllvm}
  apt_install "${needs[@]}" "$lld"

  say "unpacking Debian's rustc-web $version"
  rm -rf "$part" "$CACHE/target-wasm-$version" # cargo does not see that std is another
  mkdir -p "$part/debs"
  (
    cd "$part/debs" || exit
    apt-get -o APT::Sandbox::User=root download -qq "${rust[@]/%/=$version}" "rust-web-src=$version"
    for package in "${rust[@]}"; do dpkg -x "${package}"_*.deb ..; done
    dpkg --fsys-tarfile rust-web-src_*.deb | tar -x -C .. --wildcards './usr/src/rustc-*/library'
  )
  mv "$part"/usr/lib/*/librustc_driver-*.so "$part/usr/lib/" # where rustup lets it be looked for
  host=$(dirname "$part"/usr/lib/rustlib/*/lib)
  mkdir "$host/bin"
  ln -s "$(command -v "$lld")" "$host/bin/rust-lld"

  build_std "$part"
  rm -rf "$part/debs" "$part/target" "${part:?}/usr/src" "${part:?}/usr/share"
  mv "$part" "$CACHE/wasm-$version"
}

# As in rust-lang's releases: the profile `dist` embeds the bitcode that link-time optimisation needs.
build_std() {
  local part=$1 library lib
  say "building std for wasm32-unknown-unknown"
  library=$(dirname "$part"/usr/src/rustc-*/library/Cargo.toml)
  RUSTUP_TOOLCHAIN=$part/usr CARGO_TARGET_DIR=$part/target RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zforce-unstable-if-unmarked \
    cargo build -q --locked --manifest-path "$library/sysroot/Cargo.toml" --target wasm32-unknown-unknown \
    --profile dist --features "panic-unwind backtrace"
  lib=$part/usr/lib/rustlib/wasm32-unknown-unknown/lib
  mkdir -p "$lib"
  cp "$part"/target/wasm32-unknown-unknown/dist/deps/*.rlib "$lib/"
  rm "$lib"/libsysroot-*
}
