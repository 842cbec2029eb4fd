#!/usr/bin/env bash
# Collects what other folders of deploy/ put into a root: the gateway's units and rules (deploy/systemd), and what
# updates need (deploy/update). Into a folder that is copied over the root.
#
#   add-services.sh INTO ROLE BOARD KEYRING
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
[ $# -eq 4 ] || fail "usage: add-services.sh INTO ROLE BOARD KEYRING"
into=$1 role=$2 board=$3 keyring=$4
deploy=$project_folder/deploy

mkdir -p "$into"
for folder in usr etc; do
  [ ! -d "$deploy/systemd/$folder" ] || cp -rT --preserve=mode "$deploy/systemd/$folder" "$into/$folder"
done
# A root without the other slot's part could never go back to it.
"$deploy/update/install-into" "$into" --role "$role" --board "$board" ${keyring:+--keyring "$keyring"}
