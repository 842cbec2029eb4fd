#!/usr/bin/env bash
# Builds the image of a gateway, to be written to an SD card or started in the emulator.
#
#   npm run image -- --role charger|vehicle [--board rpi4|rpi3|virt] [--out DIR]
#                    [--update-lock] [--keyring FILE] [--debug-console] [--no-gateway]
#
#   --update-lock     takes what Debian has today, and writes packages.ROLE.lock; else the image is what the lock says
#   --keyring FILE    certificate of the authority whose updates this image takes; without it, it takes none
#   --debug-console   a root shell on screen and keyboard; the image calls itself a TEST image, also in its name
#   --no-gateway      the system alone
#
# The same commit and the same lock give the same bytes. Needs root, mmdebstrap, and what `npm run bundle` made.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$(dirname "${BASH_SOURCE[0]}")/layout.sh"

role='' board=rpi4 out=$out_folder/images keyring='' update_lock=no debug_console=no gateway=yes
usage() { fail "usage: npm run image -- --role charger|vehicle [--board rpi4|rpi3|virt] [--out DIR] [--update-lock] [--keyring FILE] [--debug-console] [--no-gateway]"; }
while [ $# -gt 0 ]; do
  case $1 in
    --role | --board | --out | --keyring)
      [ $# -ge 2 ] || usage
      declare "${1#--}=$2"
      shift
      ;;
    --update-lock) update_lock=yes ;;
    --debug-console) debug_console=yes ;;
    --no-gateway) gateway=no ;;
    *) usage ;;
  esac
  shift
done
case $role in charger | vehicle) ;; *) usage ;; esac
[ -f "$image_folder/boards/$board/files.list" ] || usage
need_root
need_packages mmdebstrap:mmdebstrap unshare:util-linux git:git sha256sum:coreutils

stage=
if [ "$gateway" = yes ]; then
  stage=$out_folder/stage-arm64
  [ -f "$stage/usr/lib/tallystick/VERSION" ] || fail "there is no gateway to put in: npm run bundle -- --arch arm64"
  version=$(cat "$stage/usr/lib/tallystick/VERSION")
else
  version=0.0.0
fi
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$project_folder" log -1 --format=%ct)} || fail "set SOURCE_DATE_EPOCH: this is no git checkout"
export SOURCE_DATE_EPOCH
name=tallystick-$role-$board-$version
[ "$debug_console" = no ] || name=$name-TEST
mkdir -p "$out"
out=$(cd "$out" && pwd)
case $out/ in "$project_folder"/* | /tmp/* | "$out_folder"/*) ;; *) fail "--out must be below the project, $out_folder or /tmp: the toolbox sees nothing else" ;; esac
started=$SECONDS

inside() { "$image_folder/toolbox.sh" run /usr/bin/env "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH" "TALLYSTICK_DEPLOY_OUT=$out_folder" "$@"; }

"$image_folder/toolbox.sh" make
lock=$image_folder/packages.$role.lock
if [ "$update_lock" = yes ]; then "$image_folder/lock-packages.sh" "$role" update; fi
[ -f "$lock" ] || fail "there is no $lock yet: --update-lock makes it"
[ "$(sed -n 's/^# lists: //p' "$lock")" = "$(lists_digest "$role")" ] || fail "packages/*.list say something else than $lock was made for: --update-lock"

work=$out_folder/image-work/$name
# One build of an image at a time; others wait, and clear the folder of the same name only then.
mkdir -p "$out_folder/image-work"
exec 9>"$out_folder/image-work/lock"
flock 9
rm -rf "$work"
mkdir -p "$work/boot"

say "unpacks"
inside "$image_folder/unpack-rootfs.sh" "$lock" "$(debian_mirror)" "$(debian_security)" "$work/root"
cp "$work/root/usr/bin/busybox" "$work/busybox"
while read -r pattern; do
  compgen -G "$work/root/$pattern" >/dev/null || fail "boards/$board/files.list: $pattern is in no package"
  compgen -G "$work/root/$pattern" | xargs -d '\n' cp -t "$work/boot"
done < <(list_lines "$image_folder/boards/$board/files.list")
[ ! -f "$image_folder/boards/$board/config.txt" ] || cp "$image_folder/boards/$board/config.txt" "$work/boot/"

say "configures"
mkdir "$work/add"
# Units and rules that the package for other systems has, too; and what updates need.
[ -z "$stage" ] || "$image_folder/add-services.sh" "$work/add" "$role" "$board" "$keyring"
inside "$image_folder/configure-rootfs.sh" "$work/root" "$role" "$stage" "$version" "$work/add" "$debug_console" >"$work/configure.log" 2>&1 || {
  cat "$work/configure.log" >&2
  fail "the root could not be configured"
}

say "packs"
inside "$image_folder/make-initrd.sh" "$work/root" "$work/busybox" "$work/initrd.img"
inside "$image_folder/make-slot.sh" "$work/root" "$work/initrd.img" "$work/slot.ext4"
"$image_folder/write-card.sh" "$role" "$stage" "$work/card"
inside "$image_folder/make-disk.sh" "$board" "$work/card" "$work/boot" "$work/slot.ext4" "$work/$name.img"

# The hash of what a person downloads, and the bill of what is in it.
"$project_folder/node_modules/.bin/node" "$image_folder/image-bill.ts" "$lock" "$work/root.contents" "$work/root" \
  "${stage:+$stage/usr/lib/tallystick/sbom.cdx.json}" "$work/$name.sbom.cdx.json" "$name" "$version" >&2
inside zstd -q -f -3 -T2 "$work/$name.img" -o "$work/$name.img.zst"
(cd "$work" && sha256sum "$name.img" "$name.img.zst" "$name.sbom.cdx.json" slot.ext4 >"$name.sha256")
mv "$work/$name.img" "$work/$name.img.zst" "$work/$name.sbom.cdx.json" "$work/$name.sha256" "$out/"
mv "$work/slot.ext4" "$out/$name.slot.ext4"
sed -i "s| slot.ext4$| $name.slot.ext4|" "$out/$name.sha256"
say "made in $((SECONDS - started)) s:"
(cd "$out" && ls -lsh "$name".* && cat "$name.sha256")
