#!/usr/bin/env bash
# The disk of a board: boot partition, slot A, room for slot B, data. Runs in the toolbox; no loop device, no mount.
#
#   make-disk.sh BOARD CARD-FOLDER BOOT-FOLDER SLOT OUT
#
# CARD-FOLDER has what a person sees on the card, BOOT-FOLDER what the board starts from (it is filled here).
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$(dirname "${BASH_SOURCE[0]}")/layout.sh"
[ $# -eq 5 ] || fail "usage: make-disk.sh BOARD CARD-FOLDER BOOT-FOLDER SLOT OUT"
board=$1 card=$2 boot=$3 slot=$4 out=$5
: "${SOURCE_DATE_EPOCH:?}"
work=$(mktemp -d -p "$(dirname "$out")")
trap 'rm -rf "$work"' EXIT

cp "$card"/* "$boot/"
mkimage -q -A arm64 -T script -C none -n tallystick -d "$image_folder/../update/boot.cmd" "$boot/boot.scr" >/dev/null
find "$boot" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

truncate -s "${boot_mebibytes}M" "$work/boot.vfat"
mkfs.vfat --invariant -F 32 -n "$boot_label" -i "$disk_signature" "$work/boot.vfat" >/dev/null
(cd "$boot" && find . -mindepth 1 -maxdepth 1 -printf '%P\n' | LC_ALL=C sort >"$work/names")
while read -r name; do mcopy -i "$work/boot.vfat" -s -m "$boot/$name" ::/; done <"$work/names"

truncate -s "${data_mebibytes}M" "$work/data.ext4"
E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH mke2fs -q -t ext4 -b 4096 -m 1 -L data \
  -U 74616c6c-7973-4469-8163-6b2d64617461 -E hash_seed=74616c6c-7973-4469-8163-6b2d68617368,lazy_itable_init=0 "$work/data.ext4"

# The gap of 4 MiB before the first partition holds the state of the slots (deploy/update); zeros mean a new card.
cat >"$work/genimage.cfg" <<CONFIG
image disk.img {
  hdimage { partition-table-type = "mbr" disk-signature = 0x$disk_signature align = 4M }
  partition boot { partition-type = 0x0C bootable = "true" image = "boot.vfat" }
  partition slot-a { partition-type = 0x83 image = "slot.ext4" }
  partition slot-b { partition-type = 0x83 size = ${slot_mebibytes}M }
  partition data { partition-type = 0x83 image = "data.ext4" }
}
CONFIG
mkdir "$work/empty"
ln -s "$slot" "$work/slot.ext4"
genimage --rootpath "$work/empty" --tmppath "$work/tmp" --inputpath "$work" --outputpath "$work/out" \
  --config "$work/genimage.cfg" >"$work/log" 2>&1 || {
  cat "$work/log" >&2
  fail "genimage could not make the disk"
}
cp --sparse=always "$work/out/disk.img" "$out"
