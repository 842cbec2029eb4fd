#!/usr/bin/env bash
# Installs what a Debian machine (12 or later) needs to build packages and images and to start images in the emulator.
# Everything else, the emulator too, comes in the chroot that deploy/image/toolbox.sh makes. Needs root.
set -euo pipefail
packages=(debian-archive-keyring mmdebstrap util-linux git)
missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
[ "$(id -u)" -eq 0 ] || {
  printf 'install-tools: not root; install these: %s\n' "${missing[*]}" >&2
  exit 1
}
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}"
