/** `[network]` of a card: how the gateway is called and gets into the network. What leaves here holds no line end. */
import { isIPv4, isIPv6 } from "node:net";
import {
  absentOr,
  listOf,
  readConfig,
  refuse,
  table,
  text,
  withDefault,
  type ConfigFault,
  type Reader,
} from "#config/shape.ts";
import { ok, type Result } from "#base/result.ts";

export interface NetworkSettings {
  readonly hostname: string | undefined;
  readonly wifi: WifiSettings | undefined;
  /** Of the Wi-Fi where there is one, else of the cable; the other one asks for its address. */
  readonly address: "dhcp" | StaticAddress;
  /** Empty leaves it to DHCP and to what the system comes with. */
  readonly ntp: readonly string[];
}

export interface WifiSettings {
  /** 1 to 32 bytes in UTF-8. */
  readonly ssid: string;
  /** 8 to 63 characters of ASCII, or the 64 hex digits of the key itself; undefined for an open network. */
  readonly password: string | undefined;
  /** ISO 3166-1; undefined leaves the weakest limits of all countries. */
  readonly country: string | undefined;
}

export interface StaticAddress {
  /** With the length of the prefix: 192.168.1.20/24. */
  readonly address: string;
  readonly gateway: string | undefined;
  readonly dns: readonly string[];
}

/** @param value the table, or undefined where the card has none */
export function readNetworkSettings(value: unknown): Result<NetworkSettings, ConfigFault> {
  if (value === undefined) return ok({ hostname: undefined, wifi: undefined, address: "dhcp", ntp: [] });
  return readConfig((found) => settingsOf(networkTable(found, "network")), value);
}

function settingsOf(keys: ReturnType<typeof networkTable>): NetworkSettings {
  const { hostname, wifi_ssid: ssid, wifi_password: password, wifi_country: country, ntp } = keys;
  if (ssid === undefined && (password ?? country) !== undefined) {
    refuse("network.wifi_ssid", undefined, "the name of the Wi-Fi, since its password or country is given");
  }
  if (ssid !== undefined && password === undefined) {
    refuse("network.wifi_password", undefined, 'the password of the Wi-Fi, or "" for a network without one');
  }
  const wifi = ssid === undefined ? undefined : { ssid, password: password === "" ? undefined : password, country };
  return { hostname, wifi, address: addressOf(keys), ntp };
}

function addressOf({ address, gateway, dns }: ReturnType<typeof networkTable>): NetworkSettings["address"] {
  if (address === "dhcp") {
    if (gateway !== undefined) refuse("network.gateway", gateway, 'nothing beside address = "dhcp"');
    if (dns.length > 0) refuse("network.dns", dns, 'nothing beside address = "dhcp"');
    return "dhcp";
  }
  return { address, gateway, dns };
}

/** RFC 1123, 2.1: letters, digits and dashes, no dash at the ends. Without points: the network has its own domain. */
const HOSTNAME = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/** IEEE 802.11-2020, 9.4.2.2 counts bytes, not letters. */
const ssid: Reader<string> = (value, path) => {
  const expected = "1 to 32 bytes of text in one line, just as the router shows it";
  const name = text(expected, /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u)(value, path);
  return utf8Length(name) > 32 ? refuse(path, value, expected) : name;
};

/** IEEE 802.11-2020, J.4.1. A password is never shown, not even a wrong one. */
const wifiPassword: Reader<string> = (value, path) => {
  if (typeof value === "string" && (value === "" || PASSWORD.test(value))) return value;
  const found = typeof value === "string" ? `a text of ${value.length} characters` : "something that is no text";
  return refuse(path, found, "8 to 63 letters, digits and signs of a plain keyboard, in quotes");
};
const PASSWORD = /^(?:[\x20-\x7e]{8,63}|[0-9A-Fa-f]{64})$/;

const country = text("two capital letters, such as DE", /^[A-Z]{2}$/);

/** Without the zone of a link-local one: interfaces have other names on each board. */
const isPlainIpv6 = (value: string): boolean => isIPv6(value) && !value.includes("%");

const anAddress = (expected: string): Reader<string> => {
  return (value, path) => {
    if (typeof value === "string" && (isIPv4(value) || isPlainIpv6(value))) return value;
    return refuse(path, value, expected);
  };
};

const deviceAddress: Reader<string> = (value, path) => {
  if (value === "dhcp") return value;
  const [address = "", prefix = "", ...rest] = typeof value === "string" ? value.split("/") : [];
  const most = isIPv4(address) ? 32 : isPlainIpv6(address) ? 128 : -1;
  const isPrefix = /^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= most;
  if (isPrefix && rest.length === 0) return `${address}/${Number(prefix)}`;
  return refuse(path, value, '"dhcp", or an address with the length of its network, such as "192.168.1.20/24"');
};

/** Names or addresses. */
const timeServer: Reader<string> = (value, path) => {
  if (typeof value === "string" && (isPlainIpv6(value) || /^(?![-.])[A-Za-z0-9.-]{1,253}(?<![-.])$/.test(value)))
    return value;
  return refuse(path, value, "the name or address of a time server, such as pool.ntp.org");
};

const networkTable = table({
  hostname: absentOr(text("1 to 63 small letters, digits and dashes", HOSTNAME)),
  wifi_ssid: absentOr(ssid),
  wifi_password: absentOr(wifiPassword),
  wifi_country: absentOr(country),
  address: withDefault(deviceAddress, "dhcp"),
  gateway: absentOr(anAddress("the router's address, such as 192.168.1.1")),
  dns: withDefault(listOf(anAddress("an address of a name server, such as 192.168.1.1"), 3), []),
  ntp: withDefault(listOf(timeServer, 8), []),
});

function utf8Length(value: string): number {
  return new TextEncoder().encode(value).length;
}
