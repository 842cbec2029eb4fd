#!/usr/bin/env bash
# Makes a signed bundle of a slot's file system.
#
#   npm run update-bundle -- --slot FILE.ext4 --role charger|vehicle --board BOARD --version VERSION
#                            --sign KEY --cert CERT [--authority CERT] [--out FILE.raucb]
#
# --slot       what `npm run image` left beside the image (…slot.ext4); --role, --board and --version are read from its
#              name when they are not given
# --authority  also check that machines with this certificate will take the bundle
#
# Needs the toolbox of deploy/image (rauc, mksquashfs). KEY may be a pkcs11 address. All files must be below the
# project, the output folder or /tmp.
. "$(dirname "${BASH_SOURCE[0]}")/../image/common.sh"
slot='' role='' board='' version='' sign='' cert='' authority='' out=''
while [ $# -gt 0 ]; do
  case $1 in
    --slot | --role | --board | --version | --sign | --cert | --authority | --out)
      [ $# -ge 2 ] || fail "$1 needs a value"
      declare "${1#--}=$2"
      ;;
    *) fail "no such option: $1" ;;
  esac
  shift 2
done
need_root
need_packages realpath:coreutils
[ -f "$slot" ] || fail "found --slot \"$slot\", expected the file system of a slot"
if [[ $(basename "$slot") =~ ^tallystick-(charger|vehicle)-([a-z0-9]+)-([^-]+)(-TEST)?\.slot\.ext4$ ]]; then
  : "${role:=${BASH_REMATCH[1]}}" "${board:=${BASH_REMATCH[2]}}" "${version:=${BASH_REMATCH[3]}}"
fi
for name in role board version sign cert; do [ -n "${!name}" ] || fail "--$name is missing"; done
: "${out:=$out_folder/images/tallystick-$role-$board-$version.raucb}"
"$project_folder/deploy/update/rootfs/usr/lib/tallystick-update/newer-version" "$version" 0.0.0 ||
  fail "found version \"$version\", expected one such as 0.1.0+git412.57a33c1"

mkdir -p "$(dirname "$out")"
work=$(mktemp -d -p "$(dirname "$(realpath "$out")")")
trap 'rm -rf "$work"' EXIT
mkdir "$work/content"
cp --sparse=always --reflink=auto "$slot" "$work/content/rootfs.ext4"
cat >"$work/content/manifest.raucm" <<MANIFEST
[update]
compatible=tallystick-$role-$board
version=$version

[bundle]
format=verity

[image.rootfs]
filename=rootfs.ext4
adaptive=block-hash-index
MANIFEST
"$image_folder/toolbox.sh" run rauc bundle --cert="$cert" --key="$sign" ${authority:+--keyring="$authority"} \
  --mksquashfs-args='-comp zstd -Xcompression-level 9 -processors 2' "$work/content" "$work/bundle.raucb" >"$work/log" 2>&1 || {
  cat "$work/log" >&2
  fail "the bundle could not be made"
}
if [ -n "$authority" ]; then
  "$image_folder/toolbox.sh" run rauc -C keyring:check-purpose=codesign info --keyring="$authority" "$work/bundle.raucb" >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    fail "machines with $authority would refuse the bundle"
  }
fi
mv "$work/bundle.raucb" "$out"
say "$out: $(stat -c %s "$out") bytes, $version for tallystick-$role-$board"
