# shellcheck shell=bash
# Packages of Debian and Ubuntu.

on_debian() { command -v apt-get >/dev/null && command -v dpkg >/dev/null; }

# Updates the package lists, once per run, and only before an installation.
apt_update() {
  [ -z "${apt_updated:-}" ] || return 0
  say "apt-get update"
  as_root apt-get update -qq
  apt_updated=1
}

# Installs the packages that are missing and available; does not change others.
apt_install() {
  local package absent=()
  apt_update
  for package; do
    is_installed "$package" || ! apt_has "$package" || absent+=("$package")
  done
  [ ${#absent[@]} -gt 0 ] || return 0
  say "apt-get install ${absent[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${absent[@]}" >/dev/null
}

is_installed() { dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null | grep '^ii' >/dev/null; }
apt_has() { apt-cache policy "$1" | grep 'Candidate: [^(]' >/dev/null; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# Prints the packages that one depends on: of alternatives the last, without virtual packages.
depends_of() { apt-cache depends "$1" | sed -n 's/^ *Depends: \([^<]*\)$/\1/p'; }
