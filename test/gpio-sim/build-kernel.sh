#!/usr/bin/env bash
# Builds a user-mode Linux kernel with simulated GPIO chips and prints its path. No kernel of Debian has them.
#
# It is built once, from Debian's own kernel source, and kept in a cache outside the checkout: TALLYSTICK_CACHE, or else
# ~/.cache/tallystick. The first time takes about 7 minutes of processor time and 2 GB, of which 5 MB remain. What is
# missing of Debian's packages is installed, which needs root.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
cache="${TALLYSTICK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tallystick}"

say() { echo "build-kernel: $*" >&2; }

[ "$(uname -m)" = x86_64 ] || { say "user-mode Linux is for x86_64 machines, this one is $(uname -m)"; exit 69; }

# One kernel a configuration and a script: whoever changes either gets a new one.
recipe="$(cat "$here/kernel.config" "$0" | sha256sum | cut -c1-12)"
kernel="$cache/linux-gpio-sim-$recipe"
if [ -x "$kernel" ]; then
  echo "$kernel"
  exit
fi

packages=(gcc make libc6-dev flex bison bc perl xz-utils linux-source)
missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >&2
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi
source_archive="$(ls -v /usr/src/linux-source-*.tar.xz | tail -n 1)"

mkdir -p "$cache"
work="$(mktemp -d "$cache/build-XXXXXX")"
trap 'rm -rf "$work"' EXIT
say "unpacking $source_archive"
tar xf "$source_archive" --strip-components=1 --directory "$work"
cd "$work"
make -s ARCH=um defconfig >/dev/null
scripts/kconfig/merge_config.sh -m .config "$here/kernel.config" >/dev/null
make -s ARCH=um olddefconfig >/dev/null
grep '=y$' "$here/kernel.config" | while read -r option; do
  grep -qx "$option" .config || { say "this source does not offer $option"; exit 1; }
done
say "building (several minutes)"
nice -n 19 make -s ARCH=um -j"$(nproc)" linux >build.log 2>&1 || { tail -n 30 build.log >&2; exit 1; }
strip -o "$kernel.new" linux
# Complete or not at all: two builds at once leave one good file.
mv "$kernel.new" "$kernel"
say "$kernel"
echo "$kernel"
