#!/usr/bin/env bash
# npm run package:try -- [--out FOLDER] [--keep]
#
# The amd64 package in a clean Debian: installed with its dependencies, made a gateway, run by systemd, killed, stopped in
# its tracks, upgraded, removed, installed again, purged. After each step it is asked what is there. Needs root, the Debian
# packages mmdebstrap and systemd-container, and the mirror that this system uses. The root is booted by systemd-nspawn with
# a network of its own, and lies in FOLDER (default: deploy/out) while it is needed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

out=deploy/out keep=
while [ $# -gt 0 ]; do
  case "$1" in
  --out) out=${2:?}; shift 2 ;;
  --keep) keep=yes; shift ;;
  *) echo "unknown word $1; usage: --out FOLDER, --keep" >&2; exit 64 ;;
  esac
done
for program in mmdebstrap systemd-nspawn nsenter dpkg-deb; do
  command -v "$program" >/dev/null || { echo "$program is missing: apt install mmdebstrap systemd-container" >&2; exit 69; }
done
[ "$(id -u)" = 0 ] || { echo "booting a system needs root" >&2; exit 77; }

deb=$(ls -t "$out"/tallystick_*_amd64.deb 2>/dev/null | head -n 1)
[ -n "$deb" ] || { echo "no package in $out: npm run package -- --arch amd64" >&2; exit 69; }
version=$(dpkg-deb -f "$deb" Version)
room=$(realpath "$(mktemp -d "$out/try-XXXXXX")")
root=$room/root boot=
config=/etc/tallystick/tallystick.toml state=/var/lib/tallystick
passed=0

finish() {
  [ -z "$boot" ] || { kill "$boot" 2>/dev/null; wait "$boot" 2>/dev/null || true; }
  [ -n "$keep" ] || rm -rf "$room"
}
trap finish EXIT

step() { printf '\n== %s\n' "$*"; }
# claim SENTENCE COMMAND…: the command in the root holds.
claim() {
  local sentence=$1
  shift
  if inside "$@" >"$room/said" 2>&1; then
    passed=$((passed + 1))
    printf 'ok    %s\n' "$sentence"
  else
    printf 'FAIL  %s\n' "$sentence"
    sed 's/^/      /' "$room/said"
    [ -z "$boot" ] || inside journalctl --no-pager -n 40 -u tallystick.service
    printf '%s passed, 1 failed\n' "$passed"
    exit 1
  fi
}
inside() {
  if [ -n "$boot" ]; then nsenter --target "$leader" --all -- "$@"; else systemd-nspawn -q -D "$root" --register=no --keep-unit "$@"; fi
}
sh_inside() { inside sh -c "$1"; }
# until_inside SECONDS SCRIPT
until_inside() {
  local deadline=$((SECONDS + $1))
  until inside sh -c "$2" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.2
  done
}
main_pid() { inside systemctl show -P MainPID tallystick.service; }
active="systemctl --quiet is-active tallystick.service"
# What must never be lost, as one line. Sockets and locks are no part of it.
treasure() { sh_inside "cd $state && find . -type f ! -name .owner -exec sha256sum {} + | LC_ALL=C sort | sha256sum; sha256sum $config gateway.key 2>/dev/null || true" | tr -d '\n'; }
same_treasure() { [ "$(treasure)" = "$1" ]; }

step "a clean Debian root"
if [ ! -e "$out/cache/try-root.tar" ]; then
  mkdir -p "$out/cache"
  # The release and the mirror of this system.
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  sources=/etc/apt/sources.list.d/debian.sources
  [ -e "$sources" ] || sources=/etc/apt/sources.list
  mmdebstrap --quiet --variant=minbase --include=systemd-sysv,ca-certificates "$suite" "$out/cache/try-root.tar" "$sources" 2>"$room/said" || { cat "$room/said"; exit 1; }
fi
mkdir "$root"
tar -C "$root" -xf "$out/cache/try-root.tar"
cp "$deb" "$root/root/first.deb"
# A later release: the same files under a higher version.
dpkg-deb -R "$deb" "$room/next"
sed -i "s/^Version: .*/Version: $version.next/" "$room/next/DEBIAN/control"
dpkg-deb --root-owner-group -Znone --build "$room/next" "$root/root/next.deb" >/dev/null
rm -r "$room/next"

step "install, without systemd running: $version"
inside sh -c 'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends /root/first.deb >/root/said 2>&1' || { cat "$root/root/said"; exit 1; }
claim "apt has resolved every dependency" sh -c 'test "$(dpkg-query -Wf "\${db:Status-Status}" tallystick)" = installed && apt-get check'
claim "no file of the package has changed" sh -c 'test -z "$(dpkg --verify tallystick)"'
claim "it has no conffiles: what is in /etc is the administrator's" sh -c 'test -z "$(dpkg-query -Wf "\${Conffiles}" tallystick)"'
claim "the message says how to make a gateway" grep -q 'sudo tallystick init --role charger --config /etc' /root/said
claim "the user is there, without a shell" sh -c 'getent passwd tallystick | grep -q ":/var/lib/tallystick:/usr/sbin/nologin$"'
claim "its folder is its own" sh -c "test \"\$(stat -c %U:%G:%a $state)\" = tallystick:tallystick:750"
claim "without a configuration the service is off" sh -c '! systemctl is-enabled tallystick.service'
claim "the command runs" sh -c 'tallystick --help | grep -q init'

step "boot"
systemd-nspawn -q -D "$root" --register=no --keep-unit --boot --private-network </dev/null >"$room/console" 2>&1 &
boot=$! leader=
for _ in $(seq 300); do
  leader=$(pgrep -P "$boot" | head -n 1 || true)
  if [ -n "$leader" ] && nsenter -t "$leader" -a systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'; then break; fi
  kill -0 "$boot" 2>/dev/null || { cat "$room/console"; echo "systemd-nspawn --boot does not work here" >&2; exit 69; }
  sleep 0.2
done
claim "the service is not started by the boot either" sh -c "! $active"

step "bench: a charge from plug-in to receipt, by the installed program alone"
claim "bench ends with one chain" sh -c 'cd /tmp && setpriv --reuid=nobody --regid=nogroup --clear-groups tallystick bench --minutes 4 --speed 20'

step "init"
claim "root's init makes the gateway" tallystick init --role charger --config $config --state $state --broker-port 1883 --meter-line 127.0.0.1:1502
claim "keys belong to the service's user, and nobody else reads them" sh -c "test \"\$(stat -c %U:%a $state/gateway.key)\" = tallystick:600"
claim "the configuration belongs to root, and the service reads it" sh -c "test \"\$(stat -c %U:%a $config)\" = root:644"
claim "a second init changes nothing" sh -c "tallystick init --role charger --config $config --state $state; test \$? = 73"

step "run by systemd"
# The times of this try, not those of a charger.
inside sh -c 'mkdir -p /run/systemd/system/tallystick.service.d && printf "[Service]\nWatchdogSec=4\nRestartSec=1\n" >/run/systemd/system/tallystick.service.d/try.conf && systemctl daemon-reload'
claim "it starts and says that it is ready" systemctl enable --now tallystick.service
inside systemctl status --no-pager -l tallystick.service | sed 's/^/      /'
claim "status answers root" sh -c "tallystick status --config $config | grep -q 'mesh *connected'"
inside sh -c 'echo opened >/var/tmp/node && chmod 660 /var/tmp/node && setfacl -m g:tallystick:rw /var/tmp/node && printf "[Service]\nType=oneshot\nUser=tallystick\nPrivateUsers=yes\nExecStart=/bin/cat /var/tmp/node\n" >/run/systemd/system/try-node.service && systemctl daemon-reload'
claim "an entry in a device's access list opens it, though no user but its own exists in there" sh -c 'systemctl start try-node.service && journalctl -u try-node.service | grep -q opened'
claim "its exposure is 1.2 at most" sh -c 'systemd-analyze security --no-pager --threshold=12 tallystick.service'
inside systemd-analyze security --no-pager tallystick.service | tail -n 1 | sed 's/^/      /'

step "what goes wrong"
device=$(sh_inside "tallystick status --config $config --json")
pid=$(main_pid)
sh_inside "kill -STOP $pid"
claim "a gateway that stands still is ended by the watchdog and started again" sh -c "for i in \$(seq 150); do p=\$(systemctl show -P MainPID tallystick.service); [ \$p != 0 ] && [ \$p != $pid ] && $active && exit 0; sleep 0.2; done; exit 1"
claim "the journal says so" sh -c 'journalctl -u tallystick.service | grep -q "Watchdog timeout"'
pid=$(main_pid)
# It cannot go by itself when it stands still: only systemd could end it.
guard=$(sh_inside "grep -l '^PPid:[[:space:]]*$pid\$' /proc/[0-9]*/status | sed 's/[^0-9]//g'")
sh_inside "kill -STOP $guard; kill -KILL $pid"
claim "after kill -9 it comes back" sh -c "for i in \$(seq 150); do p=\$(systemctl show -P MainPID tallystick.service); [ \$p != 0 ] && [ \$p != $pid ] && $active && exit 0; sleep 0.2; done; exit 1"
claim "its guard ($guard) was left to do its duty" sh -c "test -e /proc/$guard && ! journalctl -u tallystick.service | grep 'with signal SIGKILL'"
claim "and ends by itself when it can" sh -c "kill -CONT $guard; for i in \$(seq 50); do test -e /proc/$guard || exit 0; sleep 0.2; done; exit 1"
claim "the chain holds" tallystick verify $state
inside cp -p $config /root/good.toml
inside sed -i 's/^role = .*/role = "toaster"/' $config
inside systemctl restart tallystick.service 2>/dev/null || true
claim "a wrong configuration is said once and not tried again" sh -c 'sleep 3; test "$(systemctl show -P ActiveState,ExecMainStatus,NRestarts tallystick.service | tr "\n" " ")" = "78 0 failed " || test "$(systemctl show -P ActiveState tallystick.service)$(systemctl show -P ExecMainStatus tallystick.service)$(systemctl show -P NRestarts tallystick.service)" = failed780'
inside cp -p /root/good.toml $config
inside systemctl start tallystick.service

step "upgrade while it runs"
keys=$(inside sha256sum $state/gateway.key $state/genesis.tally)
pid=$(main_pid)
claim "apt upgrades it" sh -c 'DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends /root/next.deb'
claim "the new version is installed, and is what runs" sh -c "dpkg-query -Wf '\${Version}' tallystick | grep -q next && $active && test \$(systemctl show -P MainPID tallystick.service) != $pid"
claim "keys and region are the same" sh -c "test \"\$(sha256sum $state/gateway.key $state/genesis.tally)\" = \"$keys\""
claim "the chain holds" tallystick verify $state

step "remove"
inside systemctl stop tallystick.service
before=$(treasure)
inside systemctl start tallystick.service
claim "apt removes it" sh -c 'DEBIAN_FRONTEND=noninteractive apt-get -qq remove tallystick'
claim "the program is gone, and nothing of it runs" sh -c '! test -e /usr/lib/tallystick/node && ! find /proc -maxdepth 1 -user tallystick | grep .'
claim "keys, region and configuration are the same" sh -c "test \"\$(sha256sum $state/gateway.key $state/genesis.tally)\" = \"$keys\" && cmp $config /root/good.toml"
claim "the user stays with its files" getent passwd tallystick

step "install again"
claim "apt installs it" sh -c 'DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends /root/next.deb'
claim "it runs again by itself" sh -c "for i in \$(seq 50); do $active && exit 0; sleep 0.2; done; exit 1"
did=$(printf '%s' "$device" | sed 's/.*"did":"\([0-9a-f]*\)".*/\1/')
claim "as the same device ($did)" sh -c "tallystick status --config $config --json | grep -q $did"

step "purge"
inside systemctl stop tallystick.service
before=$(treasure)
claim "apt purges it" sh -c 'DEBIAN_FRONTEND=noninteractive apt-get -qq purge tallystick >/root/said 2>&1'
same_treasure "$before" || { echo "FAIL  keys, chain or configuration have changed"; exit 1; }
passed=$((passed + 1))
echo "ok    keys, chain and configuration are the same to the byte"
claim "it says what is kept, and how it is thrown away" grep -q 'rm -r /var/lib/tallystick /etc/tallystick' /root/said
claim "no unit, no link to one, no record of the package is left" sh -c '! dpkg-query -W tallystick 2>/dev/null && ! find /etc/systemd /var/lib/systemd/deb-systemd-helper-* -name "*tallystick*" | grep .'
claim "installed after that, it is the same gateway again" sh -c "DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends /root/first.deb && for i in \$(seq 50); do $active && break; sleep 0.2; done; tallystick status --config $config --json | grep -q $did"

printf '\n%s passed, 0 failed\n' "$passed"
