# shellcheck shell=bash
# Programs that build and test the page, each in a folder named by its version. Adds them to PATH, and links the npm
# packages to tests/browser/node_modules.

trunk_version=0.21.14 # 0.22.1 needs rustc 1.96.1
node_version=22.23.3  # taken where the system's is older than playwright-core wants

setup_tools() {
  cargo_tool wasm-bindgen-cli "$(wasm_bindgen_version)" # --locked fails to resolve
  cargo_tool trunk "$trunk_version" --locked
  rm -rf "$CACHE/tools/build"
  [ "$(node -p 'parseInt(process.versions.node)')" -ge 20 ] || newer_node
  node_modules
}

# cargo_tool CRATE VERSION [OPTIONS]: installs without optimisation, which takes a quarter of the time, and slows the
# page's build by two seconds.
cargo_tool() {
  local crate=$1 version=$2 folder=$CACHE/tools/$1-$2
  shift 2
  if [ ! -d "$folder" ]; then
    say "cargo install $crate $version (minutes)"
    CARGO_TARGET_DIR=$CACHE/tools/build CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0 \
      cargo install -q --debug --no-default-features --root "$folder.part" "$@" "$crate@$version"
    mv "$folder.part" "$folder"
  fi
  PATH=$folder/bin:$PATH
}

# Prints the locked version of the crate wasm-bindgen, which the program of that name must have.
wasm_bindgen_version() { grep -A1 '^name = "wasm-bindgen"$' Cargo.lock | sed -n 's/^version = "\(.*\)"/\1/p'; }

newer_node() {
  local folder=$CACHE/tools/nodejs-$node_version
  if [ ! -d "$folder" ]; then
    say "npm install node $node_version"
    npm_run install --prefix "$folder.part" "node@$node_version"
    mv "$folder.part" "$folder"
  fi
  PATH=$folder/node_modules/.bin:$PATH
}

# Installs wasm-opt, playwright-core and axe-core in the versions of package-lock.json.
node_modules() {
  local folder
  folder=$CACHE/tools/node_modules-$(sha256sum tests/browser/package-lock.json | cut -c1-12)
  if [ ! -d "$folder" ]; then
    say "npm ci in tests/browser"
    mkdir -p "$folder.part"
    cp tests/browser/package.json tests/browser/package-lock.json "$folder.part/"
    npm_run ci --prefix "$folder.part"
    mv "$folder.part" "$folder"
  fi
  ln -sfn "$folder/node_modules" tests/browser/node_modules
  PATH=$folder/node_modules/.bin:$PATH
}

npm_run() { npm --loglevel error --no-audit --no-fund "$@"; }
