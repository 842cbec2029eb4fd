#!/usr/bin/env bash
# Unpacks the .deb files of a role's lock into a folder. Nothing of them is run: what their install scripts would do,
# configure-rootfs.sh does from outside. Files that are not in the cache are fetched, and refused with another SHA-256.
# ROOT.contents gets a line "package path" for each file. Runs in the toolbox.
#
#   unpack-rootfs.sh LOCK MIRROR SECURITY-MIRROR ROOT
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
[ $# -eq 4 ] || fail "usage: unpack-rootfs.sh LOCK MIRROR SECURITY-MIRROR ROOT"
lock=$1 mirror=$2 security=$3 root=$4 contents=$4.contents
debs=$cache_folder/debs
mkdir -p "$debs"

fetch_missing() {
  local sha archive path server wanted=()
  while read -r _ _ _ sha archive path; do
    [ ! -f "$debs/$sha.deb" ] || continue
    server=$mirror
    [ "$archive" = debian ] || server=$security
    wanted+=("$server/$path" "$debs/$sha.part" "SHA256:$sha")
  done < <(list_lines "$lock")
  [ ${#wanted[@]} -gt 0 ] || return 0
  say "fetches $((${#wanted[@]} / 3)) packages"
  /usr/lib/apt/apt-helper -o APT::Sandbox::User=root -o Acquire::Retries=3 -q download-file "${wanted[@]}" >"$debs/log" 2>&1 || {
    grep -E '^(E|W|Err)' "$debs/log" >&2
    fail "a package of the lock is no longer on the mirror, or not as the lock has it: npm run image -- … --update-lock"
  }
  local part
  for part in "$debs"/*.part; do mv "$part" "${part%.part}.deb"; done
}

# unpack NAME SHA256
unpack() {
  local found
  found=$(sha256sum "$debs/$2.deb" | cut -d' ' -f1)
  [ "$found" = "$2" ] || fail "$debs/$2.deb is damaged: delete it"
  dpkg-deb --fsys-tarfile "$debs/$2.deb" | tar -C "$root" -xvp --numeric-owner --keep-directory-symlink \
    --exclude='./usr/share/man' --exclude='./usr/share/locale' --exclude='./usr/share/info' \
    --exclude='./usr/share/lintian' --exclude='./usr/share/bug' -f - |
    sed -e "s/^/$1 /" >>"$contents"
}

fetch_missing
rm -rf "$root" "$contents"
mkdir -p "$root"
# base-files first: /bin, /lib and /sbin are links, which must stand before anything goes through them.
unpack base-files "$(awk '$1 == "base-files" { print $4 }' "$lock")"
while read -r name _ _ sha _; do
  [ "$name" = base-files ] || unpack "$name" "$sha"
done < <(list_lines "$lock")
