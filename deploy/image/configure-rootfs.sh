#!/usr/bin/env bash
# Makes a system of an unpacked root: what the packages' install scripts would have done, our overlay, the gateway, and
# less than Debian brings. Nothing of the root is run. In the toolbox.
#
#   configure-rootfs.sh ROOT ROLE STAGE VERSION ADD DEBUG-CONSOLE
#
# STAGE may be "" for a system without a gateway; ADD is a folder of other files for the root.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
[ $# -eq 6 ] || fail "usage: configure-rootfs.sh ROOT ROLE STAGE VERSION ADD DEBUG-CONSOLE"
root=$1 role=$2 stage=$3 version=$4 add=$5 debug_console=$6

accounts() {
  # Nobody has a password or a shell, root neither.
  sed -e 's|:[^:]*$|:/usr/sbin/nologin|' "$root/usr/share/base-passwd/passwd.master" >"$root/etc/passwd"
  cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
  sed -e 's/:.*/:!*:20000::::::/' "$root/etc/passwd" >"$root/etc/shadow"
  sed -e 's/:.*/:!*::/' "$root/etc/group" >"$root/etc/gshadow"
  cp -rT --preserve=mode "$image_folder/overlay/common/usr/lib/sysusers.d" "$root/usr/lib/sysusers.d"
  systemd-sysusers --root="$root"
  chmod 0640 "$root/etc/shadow" "$root/etc/gshadow"
  chown 0:42 "$root/etc/shadow" "$root/etc/gshadow"
  rm -f "$root"/etc/{passwd,group,shadow,gshadow}-
  # Without users nothing has to change them.
  find "$root" -xdev -type f -perm /6000 -exec chmod a-s {} +
}

names() {
  printf 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nprotocols: files\nservices: files\n' >"$root/etc/nsswitch.conf"
  printf 'tallystick-%s\n' "$role" >"$root/etc/hostname"
  printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 tallystick-%s\n' "$role" >"$root/etc/hosts"
  ln -sfn /run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
  ln -sfn /usr/share/zoneinfo/Etc/UTC "$root/etc/localtime"
  : >"$root/etc/machine-id"
  cat >"$root/usr/lib/os-release" <<RELEASE
NAME="Tallystick"
PRETTY_NAME="Tallystick $role gateway $version"
ID=tallystick
ID_LIKE=debian
VERSION_ID="$version"
VARIANT_ID=$role
RELEASE
  ln -sfn ../usr/lib/os-release "$root/etc/os-release"
  : >"$root/etc/issue"
  : >"$root/etc/issue.net"
}

tables() {
  mkdir -p "$root/etc/ssl/certs" "$root/lib/firmware"
  cat "$root"/usr/share/ca-certificates/mozilla/*.crt >"$root/etc/ssl/certs/ca-certificates.crt"
  systemd-hwdb --root="$root" update --usr
  # The wireless rules of Debian, which its package chooses by alternatives.
  ln -sfn regulatory.db-debian "$root/usr/lib/firmware/regulatory.db"
  ln -sfn regulatory.db.p7s-debian "$root/usr/lib/firmware/regulatory.db.p7s"
  : >"$root/usr/lib/clock-epoch"
  : >"$root/etc/.updated"
  : >"$root/var/.updated"
}

overlay() {
  local from
  for from in "$image_folder/overlay/common" "$image_folder/overlay/$role" "$add"; do
    cp -rT --preserve=mode "$from" "$root"
  done
  mkdir -p "$root"/{data,boot/firmware,etc/tallystick,var/lib/tallystick}
  # The card's network files are on /data; until there are some, these links lead nowhere and what is in /usr counts.
  rm -rf "$root/etc/systemd/network" "$root/etc/systemd/timesyncd.conf.d" "$root/etc/iwd"
  ln -s /data/network/systemd/network "$root/etc/systemd/network"
  ln -s /data/network/systemd/timesyncd.conf.d "$root/etc/systemd/timesyncd.conf.d"
  ln -s /data/network/iwd "$root/etc/iwd"
}

gateway() {
  [ -n "$stage" ] || return 0
  cp -rT --preserve=mode "$stage" "$root"
  find "$root/usr/lib/tallystick" "$root/usr/bin/tallystick" -exec chown -h 0:0 {} +
}

less() {
  local pattern absent=()
  while read -r pattern; do
    if compgen -G "$root/$pattern" >"$root.found"; then xargs -d '\n' rm -rf <"$root.found"; else absent+=("$pattern"); fi
  done < <(list_lines "$image_folder/remove.list")
  rm "$root.found"
  [ ${#absent[@]} -eq 0 ] || fail "remove.list names what the root does not have: ${absent[*]}"
  # Of the documentation, the copyright files stay.
  find "$root/usr/share/doc" -type f ! -name 'copyright*' -delete
  find "$root/usr/share/doc" -type d -empty -delete
  rm -rf "$root"/var/cache/* "$root"/var/log/* "$root"/usr/share/zoneinfo/{right,posix}
  local kernel
  for kernel in "$root"/usr/lib/modules/*; do depmod -b "$root" "$(basename "$kernel")"; done
}

units() {
  local verb unit
  while read -r verb unit; do
    if [ "$verb" = enable ] && [ "$unit" = tallystick.service ] && [ ! -e "$root/usr/lib/systemd/system/$unit" ]; then
      say "$unit is not there yet: an image without a gateway"
      continue
    fi
    systemctl --root="$root" --quiet "$verb" "$unit" || fail "units.list: $verb $unit does not work"
  done < <(list_lines "$image_folder/units.list")
  systemctl --root="$root" --quiet set-default multi-user.target
}

# For boards at a bench only: whoever has screen and keyboard is root. The image says so wherever it says its name.
test_console() {
  cp -rT --preserve=mode "$image_folder/overlay/debug-console" "$root"
  systemctl --root="$root" --quiet enable tallystick-test-console.service
  sed -i -e 's/^PRETTY_NAME="/&TEST IMAGE, root shell on the screen: /' -e 's/^VARIANT_ID=.*/VARIANT_ID=test/' "$root/usr/lib/os-release"
}

accounts
names
tables
overlay
gateway
less
units
# What systemd would make in /etc and beside it at each start, it finds made.
systemd-tmpfiles --root="$root" --create --prefix=/etc --prefix=/srv || say "some of tmpfiles.d was left out"
if [ "$debug_console" = yes ]; then test_console; fi
