# What setup-site-broker, allow-gateway and forbid-gateway share. Read by them, not run.
# shellcheck shell=bash

# Everything of the broker lies here; mosquitto's own folder has one line that leads to it.
folder=${TALLYSTICK_BROKER_FOLDER:-/etc/mosquitto/tallystick}
settings=$folder/settings
access_list=$folder/access.json

# A gateway without a clock of its own may believe in any year since its firmware was built, and a site outlives a
# certificate's usual year. What ends a gateway's rights is the access list, not a date.
valid_from=20200101000000Z
valid_to=20491231235959Z

say() { printf '%s\n' "$*"; }
refuse() { printf '%s: %s\n' "$(basename "$0")" "$1" >&2; exit "${2:-64}"; }

need() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || refuse "$program is missing: apt install $program" 69
  done
}

# Sets network and site, which setup-site-broker has noted.
read_settings() {
  [ -r "$settings" ] || refuse "there is no site broker in $folder: run setup-site-broker" 66
  network=$(sed -n 's/^network=//p' "$settings")
  site=$(sed -n 's/^site=//p' "$settings")
}

check_device_id() {
  [[ $1 =~ ^[0-9a-f]{64}$ ]] || refuse "a device id has 64 digits of 0-9 and a-f (tallystick init and status show it): $1"
}

new_key() {
  (umask 077 && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null)
}

# sign REQUEST SUBJECT EXTENSIONS OUT [OPTION…]: a certificate of the site's authority. Of the request only the key counts.
# `openssl ca`, because other commands of OpenSSL 3.0 begin each certificate now; each one is noted in ca/index.txt.
sign() {
  local request=$1 subject=$2 extensions=$3 out=$4
  shift 4
  touch "$folder/ca/index.txt"
  echo "unique_subject = no" >"$folder/ca/index.txt.attr"
  cat >"$folder/ca/openssl.cnf" <<END
[ca]
default_ca = site
[site]
new_certs_dir = $folder/ca
database = $folder/ca/index.txt
rand_serial = yes
default_md = sha256
policy = any
email_in_dn = no
unique_subject = no
[any]
commonName = supplied
END
  openssl ca -batch -notext -config "$folder/ca/openssl.cnf" -in "$request" -subj "$subject" \
    -extfile <(printf '%s\n' "$extensions") -startdate "$valid_from" -enddate "$valid_to" \
    -keyfile "$folder/ca/ca.key" -out "$out" "$@" 2>/dev/null || refuse "openssl could not sign $subject" 70
}

# request KEY OUT
request_for() {
  openssl req -new -key "$1" -subj /CN=request -out "$2" 2>/dev/null
}

# Who may publish and subscribe to what: the table of the protocol, section 2.4, as the rules of mosquitto's plugin for
# dynamic security, which decides about subscriptions, too; an acl_file only about messages. One role is everybody's, and
# each gateway has one with the topics of its own id: its first 16 digits.
write_access_list() {
  local root="tally1/$network/$site" draft="$access_list.draft" id own comma= clients= roles=
  for id in $(cd "$folder/gateways" && ls); do
    own=${id:0:16}
    clients+="$comma{\"username\":\"$id\",\"roles\":[{\"rolename\":\"mesh\"},{\"rolename\":\"$own\"}]}"
    roles+=",{\"rolename\":\"$own\",\"acls\":[$(
      rules "publishClientSend $root/offer/$own/+" "publishClientSend $root/tip/$own" \
        "subscribeLiteral $root/hs/$own" "subscribeLiteral $root/q/$own"
    )]}"
    comma=,
  done
  cat >"$draft" <<END
{
"defaultACLAccess":{"publishClientSend":false,"publishClientReceive":true,"subscribe":false,"unsubscribe":true},
"clients":[$clients],
"groups":[],
"roles":[{"rolename":"mesh","acls":[$(
    # Wildcards may be asked for exactly as they stand here. A reply topic is read by who knows its token, so that the
    # filter for all of them is refused.
    rules "publishClientSend $root/hs/+" "publishClientSend $root/q/+" "publishClientSend $root/r/+" \
      "publishClientSend $root/tx/open" "publishClientSend $root/tx/rep" "publishClientSend $root/tx/fin" \
      "publishClientSend $root/tx/mem" "publishClientSend $root/tx/evd" \
      "publishClientSend $root/blk" "publishClientSend $root/vote" \
      "subscribeLiteral $root/offer/+/+" "subscribeLiteral $root/tx/+" "subscribeLiteral $root/tip/+" \
      "subscribeLiteral $root/blk" "subscribeLiteral $root/vote" \
      "subscribeLiteral $root/r/+ deny" "subscribePattern $root/r/+"
  )]}$roles]
}
END
  protect "$draft" 640
  mv "$draft" "$access_list"
}

rules() {
  local rule type topic verdict comma=
  for rule in "$@"; do
    read -r type topic verdict <<<"$rule"
    printf '%s{"acltype":"%s","topic":"%s","priority":0,"allow":%s}' \
      "$comma" "$type" "$topic" "$([ "$verdict" = deny ] && echo false || echo true)"
    comma=,
  done
}

# Readable by the broker, changed by root only.
protect() {
  if getent group mosquitto >/dev/null && [ "$(id -u)" = 0 ]; then chgrp mosquitto "$1"; fi
  chmod "$2" "$1"
}

# The plugin reads its list at the start only. Gateways are back within seconds, and charges go on meanwhile.
restart_broker() {
  if [ -d /run/systemd/system ] && systemctl --quiet is-active mosquitto.service; then
    systemctl restart mosquitto.service
    say "mosquitto has been started again"
  else
    say "mosquitto takes this at its next start: systemctl restart mosquitto"
  fi
}
