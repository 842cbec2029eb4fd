#!/usr/bin/env bash
# The initrd of a root: a static busybox, the modules of initrd/modules.list with what they need, and initrd/init.
# The same root gives the same bytes. Runs in the toolbox.
#
#   make-initrd.sh ROOT BUSYBOX OUT
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
[ $# -eq 3 ] || fail "usage: make-initrd.sh ROOT BUSYBOX OUT"
root=$1 busybox=$2 out=$3
: "${SOURCE_DATE_EPOCH:?}"
version=$(basename "$root"/usr/lib/modules/*)
source_modules=$root/usr/lib/modules/$version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work"/{bin,dev,proc,sys,run,newroot} "$work/usr/lib/modules/$version"
ln -s usr/lib "$work/lib"
ln -s bin "$work/sbin"
cp "$busybox" "$work/bin/busybox"
for applet in sh mount switch_root modprobe sleep cat echo readlink dd od tr sort reboot sha256sum printf cut basename dirname blockdev; do
  ln -s busybox "$work/bin/$applet"
done
install -m 0755 "$image_folder/initrd/init" "$work/init"
list_lines "$image_folder/initrd/modules.list" >"$work/modules"

# Every wanted module with the closure of what modules.dep says it needs; unpacked, as busybox cannot.
awk -v wanted="$work/modules" '
  function plain(path) { sub(/^.*\//, "", path); sub(/\.ko.*$/, "", path); gsub("-", "_", path); return path }
  function want(path,   i, n, parts) {
    if (path in seen) return
    seen[path] = 1
    print path
    n = split(needs[path], parts, " ")
    for (i = 1; i <= n; i++) want(parts[i])
  }
  FILENAME == wanted { gsub("-", "_"); names[$1] = 1; next }
  { path = $1; sub(/:$/, "", path); $1 = ""; needs[path] = $0; at[plain(path)] = path }
  END { for (name in names) if (name in at) want(at[name]) }
' "$work/modules" "$source_modules/modules.dep" | LC_ALL=C sort >"$work.list"
while read -r path; do
  mkdir -p "$work/usr/lib/modules/$version/$(dirname "$path")"
  case $path in
    *.xz) xz -dc "$source_modules/$path" >"$work/usr/lib/modules/$version/${path%.xz}" ;;
    *) cp "$source_modules/$path" "$work/usr/lib/modules/$version/$path" ;;
  esac
done <"$work.list"
say "$(wc -l <"$work.list") modules"
rm "$work.list"
cp "$source_modules"/modules.{builtin,builtin.modinfo,order} "$work/usr/lib/modules/$version/"
depmod -b "$work" "$version"

find "$work" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
(cd "$work" && find . -print0 | LC_ALL=C sort -z | cpio --null -o -H newc --quiet --reproducible -R 0:0) |
  zstd -q -19 -T1 -f -o "$out"
