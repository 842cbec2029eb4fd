# Read by the scripts of this folder: where things are, and how to say what went wrong. It runs nothing.
set -euo pipefail
export LC_ALL=C.UTF-8 TZ=UTC
umask 022

image_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project_folder=$(cd "$image_folder/../.." && pwd)
# Builds may go elsewhere (a disk with more room): everything that a build makes lies below this one folder.
out_folder=${TALLYSTICK_DEPLOY_OUT:-$project_folder/deploy/out}
cache_folder=$out_folder/cache

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# need_packages COMMAND:PACKAGE…: fails with what to install, unless every command is there.
need_packages() {
  local pair missing=()
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing+=("${pair#*:}")
  done
  [ ${#missing[@]} -eq 0 ] || fail "needs the Debian packages: ${missing[*]} (deploy/install-tools.sh installs them)"
}

need_root() { [ "$(id -u)" -eq 0 ] || fail "needs root: it unpacks files of other users and uses chroot"; }

# The lines of a list file without comments and empty lines.
list_lines() { sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$@"; }

# The mirror that this machine's apt uses for Debian itself, so that no address stands in the project.
debian_mirror() {
  local mirror=${TALLYSTICK_DEBIAN_MIRROR:-}
  [ -n "$mirror" ] || mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' 'Created-By: Packages' |
    awk '$2 == "Debian" && $3 == "Debian" { print $1; exit }')
  [ -n "$mirror" ] || fail "apt on this machine knows no Debian mirror (run apt-get update, or set TALLYSTICK_DEBIAN_MIRROR)"
  printf '%s\n' "${mirror%/}"
}

debian_security() {
  local mirror
  mirror=$(debian_mirror)
  printf '%s\n' "${TALLYSTICK_DEBIAN_SECURITY:-${mirror%/debian}/debian-security}"
}

# Sources for the Debian release of the image, with its security updates, from the same server.
debian_sources() {
  local mirror security
  mirror=$(debian_mirror)
  security=$(debian_security)
  printf 'deb %s trixie %s\n' "$mirror" "$1"
  printf 'deb %s trixie-updates %s\n' "$mirror" "$1"
  printf 'deb %s trixie-security %s\n' "$security" "$1"
}

# What the package lists of a role say, as one digest: a lock knows which lists it was made for.
lists_digest() { list_lines "$image_folder/packages/common.list" "$image_folder/packages/$1.list" | LC_ALL=C sort | sha256sum | cut -c1-16; }
