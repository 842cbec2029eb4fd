/** `[network]` of a card: what is let through, and the files that come of it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { networkFiles, preSharedKey } from "#firmware/commands/first-boot/network-files.ts";
import { readNetworkSettings } from "#firmware/commands/first-boot/network-settings.ts";
import { hostnameOf } from "#firmware/commands/first-boot/store-boot-files.ts";

const test = suite("network of a card");

function filesOf(table: unknown): Readonly<Record<string, string>> {
  const settings = readNetworkSettings(table);
  if (!settings.ok) throw new Error(`${settings.fault.path}: ${settings.fault.found}`);
  return Object.fromEntries(networkFiles(settings.value, "post-1").map(({ path, content }) => [path, content]));
}

const refused = (table: unknown): string => {
  const settings = readNetworkSettings(table);
  return settings.ok ? "let through" : settings.fault.path.replace("network.", "");
};

const WIFI = { wifi_ssid: "Garage", wifi_password: "correct horse" };

test("without a table the cable asks for its address", () => {
  const files = filesOf(undefined);
  assert.equal(Object.keys(files), ["hostname", "systemd/network/10-cable.network"]);
  assert.is(files["hostname"], "post-1\n");
  assert.match(files["systemd/network/10-cable.network"] ?? "", /\[Match\]\nType=ether\n[^]*\nDHCP=yes\n/);
});

test("the key of a Wi-Fi is that of the standard's own test vectors, and the password is nowhere", () => {
  // IEEE 802.11-2020, J.4.2.
  assert.is(preSharedKey("IEEE", "password"), "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e");
  assert.is(
    preSharedKey("ThisIsASSID", "ThisIsAPassword"),
    "0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af",
  );
  const files = filesOf({ ...WIFI, wifi_country: "DE" });
  assert.match(files["iwd/networks/Garage.psk"] ?? "", /^\[Security\]\nPreSharedKey=[0-9a-f]{64}\n$/);
  assert.match(files["iwd/main.conf"] ?? "", /\[General\]\nEnableNetworkConfiguration=false\nCountry=DE\n/);
  assert.not.match(JSON.stringify(files), /correct horse/);
});

test("a name that is no file name stands in hex, and an open network has no key", () => {
  assert.ok("iwd/networks/=c3a42f2e2e.psk" in filesOf({ ...WIFI, wifi_ssid: "ä/.." }));
  assert.equal(filesOf({ wifi_ssid: "Cafe 1", wifi_password: "" })["iwd/networks/Cafe 1.open"], "");
});

test("a fixed address is that of the Wi-Fi where there is one, else of the cable", () => {
  const fixed = { address: "192.168.1.20/24", gateway: "192.168.1.1", dns: ["192.168.1.1", "fd00::1"] };
  const cable = filesOf(fixed)["systemd/network/10-cable.network"];
  assert.match(cable ?? "", /\nAddress=192\.168\.1\.20\/24\nGateway=192\.168\.1\.1\nDNS=192\.168\.1\.1\nDNS=fd00::1\n/);
  assert.not.match(cable ?? "", /DHCP=/);
  const both = filesOf({ ...WIFI, ...fixed });
  assert.match(both["systemd/network/10-cable.network"] ?? "", /DHCP=yes/);
  assert.match(both["systemd/network/20-wifi.network"] ?? "", /Address=192/);
});

test("no value brings a line of its own, and none that no network has is let through", () => {
  const cases: Readonly<Record<string, readonly unknown[]>> = {
    hostname: ["a b", "a_b", "-a", "a-", "a\n[Match]", "", "A", "a.b", "x".repeat(64), "ä", 3],
    wifi_ssid: ["", "a\nb", "a\rb", "a\u0000", "a\u2028b", "x".repeat(33), "ä".repeat(17), "\ud800"],
    wifi_password: ["short", "x".repeat(64), "pässwörter", "eight\nor", "tab\tbetween", 12_345_678],
    wifi_country: ["de", "DEU", "D\n", ""],
    address: [
      "192.168.1.20",
      "192.168.1.20/33",
      "192.168.1.256/24",
      "1.2.3/24",
      "::1/129",
      "fe80::1%eth0/64",
      "x/24",
      "1.2.3.4/24/1",
    ],
    gateway: ["192.168.1", "router", "1.2.3.4\nDNS=6.6.6.6", "1.2.3.4/24", ""],
    dns: [["x"], "1.1.1.1", ["1.1.1.1", "1.1.1.1", "1.1.1.1", "1.1.1.1"], ["1.1.1.1 2.2.2.2"]],
    ntp: [["a b"], ["a\nb"], ["-x"], "pool.ntp.org", [""], Array.from({ length: 9 }, () => "a")],
  };
  const beside: Readonly<Record<string, object>> = {
    gateway: { address: "1.2.3.4/24" },
    dns: { address: "1.2.3.4/24" },
    wifi_ssid: { wifi_password: "12345678" },
    wifi_country: WIFI,
    wifi_password: WIFI,
  };
  for (const [key, values] of Object.entries(cases)) {
    for (const value of values) {
      const path = refused({ ...beside[key], [key]: value });
      assert.is(path.replace(/\[\d+\]$/, ""), key, `${key} = ${JSON.stringify(value)}`);
    }
  }
  assert.is(refused({ wifi_password: "12345678" }), "wifi_ssid");
  assert.is(refused({ wifi_ssid: "x" }), "wifi_password");
  assert.is(refused({ gateway: "1.2.3.4" }), "gateway");
  assert.is(refused({ hostnam: "x" }), "hostnam");
});

test("a gateway's name becomes a host's name", () => {
  const settings = readNetworkSettings(undefined);
  assert.ok(settings.ok);
  assert.is(hostnameOf(settings.value, "-Post-7-"), "post-7");
  assert.is(hostnameOf(settings.value, "---"), "tallystick");
});

test.run();
