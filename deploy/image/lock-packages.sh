#!/usr/bin/env bash
# The lock of a role: exactly which .deb files its image is made of, by name, version and SHA-256.
#
#   lock-packages.sh ROLE update   asks the mirror what the lists come to today, and writes packages.ROLE.lock
#   lock-packages.sh ROLE check    fails when the lists come to something else than the lock says, and shows what
#
# An image is always made of what the lock says: a newer package on the mirror changes nothing until somebody updates.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
[ $# -eq 2 ] || fail "usage: lock-packages.sh ROLE update|check"
role=$1 action=$2
lock=$image_folder/packages.$role.lock

mkdir -p "$cache_folder/apt"
mirror=$(debian_mirror)
security=$(debian_security)
debian_sources "main non-free-firmware" >"$cache_folder/apt/sources.list"
resolved=$cache_folder/apt/$role.resolved
{
  echo "# Made by lock-packages.sh $role update: name, version, architecture, SHA-256, archive and path."
  echo "# lists: $(lists_digest "$role")"
  "$image_folder/toolbox.sh" run "$image_folder/resolve-packages.sh" "$role" "$cache_folder/apt/sources.list" \
    "$cache_folder/apt/$role" | sed -e "s| $security/| debian-security |" -e "s| $mirror/| debian |"
} >"$resolved"
[ "$(wc -l <"$resolved")" -gt 20 ] || fail "the lists of $role came to nothing"

case $action in
  update)
    diff -U0 "$lock" "$resolved" >&2 || true
    cp "$resolved" "$lock"
    ;;
  check) diff -U0 "$lock" "$resolved" >&2 || fail "the mirror has moved on: look at the lines above, then update the lock" ;;
  *) fail "$action: update or check?" ;;
esac
