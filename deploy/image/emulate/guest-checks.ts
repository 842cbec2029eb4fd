/** What holds of every gateway after its first start, whatever its role. */
import type { GuestShell } from "./guest-shell.ts";
import type { TestBench } from "./test-bench.ts";
import type { GuestRole } from "./test-card.ts";

/** Local ports that may be open to the network: the broker's, and those of the DHCP clients. */
const OPEN_PORTS: Readonly<Record<GuestRole, RegExp>> = {
  charger: /:(1883|68|546)$/,
  vehicle: /:(68|546)$/,
};

export async function checkGuest(bench: TestBench, shell: GuestShell): Promise<void> {
  await checkState(bench, shell);
  await checkDoors(bench, shell);
}

async function checkState({ claims }: TestBench, shell: GuestShell): Promise<void> {
  await claims.claim("keys and region were made, and only the gateway can read the keys", async () => {
    const found = await shell.read(
      "stat -c '%U %a %n' /var/lib/tallystick/gateway.key /var/lib/tallystick/genesis.tally",
    );
    return /^tallystick 600 .*gateway\.key$/m.test(found) && found.includes("genesis.tally")
      ? found.replaceAll("\n", ", ")
      : false;
  });
  await claims.claim("the data partition takes the whole card", async () => {
    const mebibytes = Number(await shell.read("df -B1M --output=size /data | tail -n 1"));
    return mebibytes > 1000 ? `${mebibytes} MiB` : false;
  });
  await claims.claim("the root cannot be written, and nothing has failed", async () => {
    const root = await shell.read("findmnt -no OPTIONS /");
    const failed = await shell.read(
      "systemctl --failed --no-legend --plain; systemctl is-system-running || true",
      300_000,
    );
    return root.startsWith("ro") && !failed.includes("failed")
      ? failed.replaceAll("\n", " ")
      : Promise.reject(new Error(failed));
  });
  await claims.claim("the journal of the start has no error", async () => {
    const errors = await shell.read("journalctl -b -p err -o short-monotonic --no-pager --no-hostname -q | head -n 20");
    return errors === "" ? "" : Promise.reject(new Error(errors));
  });
  await claims.claim("the card got a report in plain words and the region's file for cars", async () => {
    const report = await shell.read("cat /boot/firmware/REPORT.txt; ls /boot/firmware");
    return report.includes("Everything on this card is in order") && report.includes("genesis.tally");
  });
}

async function checkDoors({ claims, role }: TestBench, shell: GuestShell): Promise<void> {
  await claims.claim("no port is open to the network but what the role needs", async () => {
    // The guest has no awk: its words are taken apart here.
    const sockets = (await shell.read("ss -Hltun")).split("\n").map((line) => line.trim().split(/\s+/)[4] ?? "");
    const open = sockets.filter((place) => place !== "" && !/^(127\.|\[::1\])/.test(place));
    const isExpected = (place: string): boolean => OPEN_PORTS[role].test(place);
    const listening = [...new Set(open)].sort().join(" ");
    return open.every(isExpected) ? listening : Promise.reject(new Error(listening));
  });
  await claims.claim("nobody can log in: no password, no shell, no getty, no ssh", async () => {
    const open = await shell.read(
      "grep -v '^[^:]*:!\\*:' /etc/shadow; grep -v 'nologin$' /etc/passwd; ls /etc/ssh/*key* /usr/sbin/sshd 2>/dev/null; grep -l getty /proc/*/comm 2>/dev/null; true",
    );
    return open === "" ? "" : Promise.reject(new Error(open));
  });
  await claims.claim(
    "no file has the setuid bit",
    async () => (await shell.read("find / -xdev -perm /6000 -type f")) === "",
  );
}

export async function measureGuest({ claims }: TestBench, shell: GuestShell): Promise<void> {
  const start = await shell.read("systemd-analyze | head -n 1");
  claims.number("start by the guest's clock", start.replace("Startup finished in ", ""));
  const memory = await shell.read("cat /proc/meminfo");
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB`, "m").exec(memory)?.[1]);
  const used = (kilobytes("MemTotal") - kilobytes("MemAvailable")) * 1024;
  claims.number("memory in use, whole guest", megabytes(used));
  const service = Number(await shell.read("systemctl show -P MemoryCurrent tallystick.service"));
  claims.number("memory of the gateway's service", megabytes(service));
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
