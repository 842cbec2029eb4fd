#!/usr/bin/env bash
# Which .deb files a role's lists come to today, with apt's signature check: one line each,
# "name version architecture sha256 path-on-the-mirror", sorted. Runs in the toolbox.
#
#   resolve-packages.sh ROLE SOURCES-FILE WORK-FOLDER
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
[ $# -eq 3 ] || fail "usage: resolve-packages.sh ROLE SOURCES-FILE WORK-FOLDER"
role=$1 sources=$2 work=$3

rm -rf "$work"
mkdir -p "$work/etc/apt/"{sources.list.d,preferences.d,apt.conf.d,trusted.gpg.d} "$work/var/lib/apt/lists/partial" \
  "$work/var/cache/apt/archives/partial" "$work/var/lib/dpkg"
: >"$work/var/lib/dpkg/status"
cp "$sources" "$work/etc/apt/sources.list"
# An apt of its own, which knows nothing of this machine and for which nothing is installed.
cat >"$work/apt.conf" <<CONF
Dir "$work";
Dir::State::status "$work/var/lib/dpkg/status";
Dir::Etc::trustedparts "/etc/apt/trusted.gpg.d";
Dir::Bin::methods "/usr/lib/apt/methods";
Dir::Log "$work";
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::ForceHash "SHA256";
Acquire::Retries "3";
CONF
export APT_CONFIG=$work/apt.conf
apt-get -qq update >&2 || fail "the package index could not be read"
mapfile -t wanted < <(list_lines "$image_folder/packages/common.list" "$image_folder/packages/$role.list")
apt-get -qq -y --print-uris install "${wanted[@]}" >"$work/uris" || fail "the packages of $role do not go together"
# 'http://server/debian/pool/…/name_version_arch.deb' file size SHA256:…
while read -r uri file _ hash; do
  uri=${uri//\'/}
  case $hash in SHA256:*) ;; *) fail "$file: the index has no SHA-256" ;; esac
  name=${file%%_*} rest=${file#*_}
  version=${rest%_*} architecture=${rest##*_}
  printf '%s %s %s %s %s\n' "$name" "${version//%3a/:}" "${architecture%.deb}" "${hash#SHA256:}" "$uri"
done <"$work/uris" | LC_ALL=C sort
