/**
 * The files that bring a Linux with systemd-networkd, iwd and systemd-timesyncd into the network as the card says.
 * Every value was checked to hold no line end, so none can bring a line of its own.
 */
import { pbkdf2Sync } from "node:crypto";
import type { NetworkSettings, WifiSettings } from "./network-settings.ts";

export interface NetworkFile {
  /** Below the folder for network files. */
  readonly path: string;
  readonly content: string;
  /** Readable by its owner only. */
  readonly isSecret: boolean;
}

/** Where an earlier card may have left what this one does not say; what others have written there stays. */
export const NETWORK_FOLDERS: readonly { readonly folder: string; readonly isOurs: (name: string) => boolean }[] = [
  { folder: "systemd/network", isOurs: (name) => name === CABLE || name === WIFI },
  { folder: "systemd/timesyncd.conf.d", isOurs: (name) => name === TIME },
  { folder: "iwd", isOurs: (name) => name === "main.conf" },
  { folder: "iwd/networks", isOurs: (name) => /\.(psk|open|unfinished)$/.test(name) },
];

const CABLE = "10-cable.network";
const WIFI = "20-wifi.network";
const TIME = "tallystick.conf";

export function networkFiles(settings: NetworkSettings, hostname: string): readonly NetworkFile[] {
  const { wifi, address, ntp } = settings;
  const cable = address !== "dhcp" && wifi === undefined ? staticPart(address) : DHCP;
  return [
    { path: "hostname", content: `${hostname}\n`, isSecret: false },
    file(`systemd/network/${CABLE}`, networkText("Type=ether", cable, 10)),
    ...(wifi === undefined ? [] : wifiFiles(wifi, address)),
    ...(ntp.length === 0 ? [] : [file(`systemd/timesyncd.conf.d/${TIME}`, `[Time]\nNTP=${ntp.join(" ")}\n`)]),
  ];
}

function wifiFiles(wifi: WifiSettings, address: NetworkSettings["address"]): readonly NetworkFile[] {
  const country = wifi.country === undefined ? "" : `Country=${wifi.country}\n`;
  return [
    file(`systemd/network/${WIFI}`, networkText("Type=wlan", address === "dhcp" ? DHCP : staticPart(address), 20)),
    // Addresses are networkd's business on the Wi-Fi, too.
    file("iwd/main.conf", `[General]\nEnableNetworkConfiguration=false\n${country}`),
    { path: `iwd/networks/${knownNetworkName(wifi)}`, content: knownNetworkText(wifi), isSecret: true },
  ];
}

function file(path: string, content: string): NetworkFile {
  return {
    path,
    content: `# Written by tallystick first-boot from the card's [network].\n${content}`,
    isSecret: false,
  };
}

/**
 * RequiredForOnline=no: a gateway charges without a network, and must not be kept waiting for one at boot. The metric
 * prefers the cable.
 */
function networkText(match: string, part: string, metric: number): string {
  const lines = [
    "[Match]",
    match,
    // Containers and bridges of other programs call themselves ether, too.
    "Kind=!*",
    "",
    "[Link]",
    "RequiredForOnline=no",
    "",
    "[Network]",
    "IPv6AcceptRA=yes",
    part,
    "",
    "[DHCPv4]",
    `RouteMetric=${metric}`,
    "",
    "[IPv6AcceptRA]",
    `RouteMetric=${metric}`,
  ];
  return `${lines.join("\n")}\n`;
}

const DHCP = "DHCP=yes";

function staticPart({ address, gateway, dns }: Exclude<NetworkSettings["address"], "dhcp">): string {
  const lines = [
    `Address=${address}`,
    ...(gateway === undefined ? [] : [`Gateway=${gateway}`]),
    ...dns.map((server) => `DNS=${server}`),
  ];
  return lines.join("\n");
}

/** iwd.network(5): a name of letters, digits, spaces, dashes and underscores stands as it is, any other in hex. */
function knownNetworkName({ ssid, password }: WifiSettings): string {
  const name = /^[A-Za-z0-9 _-]+$/.test(ssid) ? ssid : `=${Buffer.from(ssid, "utf8").toString("hex")}`;
  return `${name}.${password === undefined ? "open" : "psk"}`;
}

function knownNetworkText({ ssid, password }: WifiSettings): string {
  return password === undefined ? "" : `[Security]\nPreSharedKey=${preSharedKey(ssid, password)}\n`;
}

/** IEEE 802.11-2020, J.4.1: what a router derives from the password; the password itself need not be kept. */
export function preSharedKey(ssid: string, password: string): string {
  if (/^[0-9A-Fa-f]{64}$/.test(password)) return password.toLowerCase();
  return pbkdf2Sync(password, ssid, 4096, 32, "sha1").toString("hex");
}
