#!/usr/bin/env bash
# Unpacks mail servers for `make mta` into .mta/, without installing them: Exim from Debian's packages, which do not
# go beside Postfix, and Haraka from npm. What cannot be had is said, and its tests are skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p .mta

unpack_exim() {
  command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ] || { echo "Exim: needs apt-get and root" >&2; return; }
  local packages
  packages=$(mktemp -d)
  (cd "$packages" && apt-get download -qq -o APT::Sandbox::User=root exim4-daemon-light exim4-base libidn12) || { echo "Exim: cannot be downloaded" >&2; return; }
  for each in "$packages"/*.deb; do dpkg -x "$each" .mta/exim; done
  rm -rf "$packages"
  # Exim looks its user up by the name that was compiled in.
  getent passwd Debian-exim >/dev/null || useradd --system --no-create-home --shell /usr/sbin/nologin Debian-exim
}

unpack_haraka() {
  command -v npm >/dev/null || { echo "Haraka: needs npm" >&2; return; }
  npm install --prefix .mta/haraka --no-audit --no-fund --silent Haraka@3.3.4 || echo "Haraka: cannot be installed" >&2
}

[ -x .mta/exim/usr/sbin/exim4 ] || unpack_exim
[ -d .mta/haraka/node_modules/Haraka ] || unpack_haraka
