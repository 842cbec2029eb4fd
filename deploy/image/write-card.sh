#!/usr/bin/env bash
# What a person finds on the card: the settings of the role, as an example to fill in, and a page that says what to do.
#
#   write-card.sh ROLE STAGE INTO
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
[ $# -eq 3 ] || fail "usage: write-card.sh ROLE STAGE INTO"
role=$1 stage=$2 into=$3
mkdir -p "$into"
# The bundle is the same for every processor: the one that goes into the image prints its own card. Lines end as all
# editors want them.
print_card() {
  "$project_folder/node_modules/.bin/node" "$stage/usr/lib/tallystick/tallystick.mjs" first-boot "--print-$1" "$role" | sed -e 's/$/\r/'
}
if [ -n "$stage" ]; then
  print_card card >"$into/tallystick.toml" || fail "the gateway does not print the card of a $role"
  print_card readme >"$into/README.txt" || fail "the gateway does not print the README of a $role"
else
  printf 'There is no gateway on this card.\r\n' >"$into/README.txt"
fi
