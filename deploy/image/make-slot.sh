#!/usr/bin/env bash
# The file system of a slot: the root with kernel and initrd in /boot, as ext4 without a journal, since nobody writes to
# it. The same root gives the same bytes. Runs in the toolbox; no loop device, no mount.
#
#   make-slot.sh ROOT INITRD OUT
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$(dirname "${BASH_SOURCE[0]}")/layout.sh"
[ $# -eq 3 ] || fail "usage: make-slot.sh ROOT INITRD OUT"
root=$1 initrd=$2 out=$3
: "${SOURCE_DATE_EPOCH:?}"

cp "$initrd" "$root/boot/initrd.img"
if compgen -G "$root/boot/vmlinuz-*" >/dev/null; then
  # U-Boot reads an SD card at about 1 MB/s on the oldest board: packed, the kernel is a third.
  gzip -9n <"$(echo "$root"/boot/vmlinuz-*)" >"$root/boot/vmlinuz.gz"
  rm "$root"/boot/vmlinuz-*
fi
# No console on the boards' serial lines, which meters may hang on: the screen, and what only an emulator has.
printf 'bootwords=console=tty1 console=hvc0 panic=10 quiet systemd.show_status=false\n' >"$root/boot/words.env"

find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
rm -f "$out"
truncate -s "${slot_mebibytes}M" "$out"
# From a sorted archive: read from a folder, mke2fs would number its files in the order of the build machine's disk.
tar -C "$root" --sort=name --numeric-owner --format=posix \
  --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime -cf - . |
  E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH mke2fs -q -t ext4 -b 4096 -m 0 -L root -O '^has_journal,^metadata_csum_seed' \
    -U 74616c6c-7973-4469-8163-6b2d736c6f74 -E hash_seed=74616c6c-7973-4469-8163-6b2d68617368,lazy_itable_init=0 \
    -d - "$out"
