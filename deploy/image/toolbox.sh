#!/usr/bin/env bash
# A Debian 13 chroot with the tools of the build and the emulator, so that a build is the same on every machine.
#
#   toolbox.sh make              makes it, unless it is there and its package list has not changed
#   toolbox.sh run COMMAND…      runs a command in it, in the current folder; the project is at its own path
#
# Needs root and mmdebstrap (deploy/install-tools.sh).
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

toolbox=$cache_folder/toolbox

make_toolbox() {
  need_packages mmdebstrap:mmdebstrap unshare:util-linux
  local wanted
  wanted=$(list_lines "$image_folder/toolbox.packages" | LC_ALL=C sort | sha256sum | cut -d' ' -f1)
  [ "$(cat "$toolbox.made" 2>/dev/null)" != "$wanted" ] || return 0
  say "makes the toolbox in $toolbox (about 1 GB, a minute or two)"
  mkdir -p "$cache_folder"
  rm -rf "$toolbox.new" "$toolbox.made"
  debian_sources main | mmdebstrap --quiet --mode=root --variant=minbase \
    --include="$(list_lines "$image_folder/toolbox.packages" | paste -sd,)" \
    --aptopt='Apt::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='force-unsafe-io' \
    trixie "$toolbox.new" - || fail "the toolbox could not be made"
  rm -rf "$toolbox"
  mv "$toolbox.new" "$toolbox"
  printf '%s\n' "$wanted" >"$toolbox.made"
}

run_inside() {
  [ -f "$toolbox.made" ] || fail "there is no toolbox yet: toolbox.sh make"
  mkdir -p "$toolbox$project_folder" "$toolbox$out_folder"
  # The mounts live in a namespace of their own and go with the command; exec keeps the process id, so that whoever
  # started a command here can end it by that id.
  exec unshare --mount --propagation private bash -c '
    set -e
    toolbox=$1 project=$2 out=$3 folder=$4
    shift 4
    cp -L /etc/resolv.conf "$toolbox/etc/resolv.conf"
    mount --bind "$project" "$toolbox$project"
    [ "$out" = "$project/deploy/out" ] || mount --bind "$out" "$toolbox$out"
    mount --bind /tmp "$toolbox/tmp"
    mount --rbind /dev "$toolbox/dev"
    mount -t proc proc "$toolbox/proc"
    exec chroot "$toolbox" /usr/bin/env -C "$folder" \
      PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TZ=UTC HOME=/root "$@"
  ' toolbox "$toolbox" "$project_folder" "$out_folder" "$PWD" "$@"
}

need_root
case ${1:-} in
  make) make_toolbox ;;
  run)
    shift
    [ $# -gt 0 ] || fail "run what?"
    run_inside "$@"
    ;;
  *) fail "usage: toolbox.sh make | toolbox.sh run COMMAND…" ;;
esac
