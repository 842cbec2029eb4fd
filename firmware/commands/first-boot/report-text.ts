/**
 * REPORT.txt, which a person reads who has a card in a computer and nothing else. It says nothing that changes by
 * itself, no time and no count: it is written only when something is new, and a card wears by writing.
 */
import { toHex } from "#base/bytes.ts";
import type { GatewayConfig, Line } from "#config/gateway-config.ts";
import type { VehicleLine } from "#config/vehicle-line-config.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import { utcText } from "#records/quantity-text.ts";
import { plainText } from "#records/plain-text.ts";
import { decimalDigits, trimDigits } from "#records/decimal-text.ts";
import { CARD_NAME, README_NAME, REPORT_NAME, type CardFault } from "./card-fault.ts";
import type { CertificateState } from "./exchange-papers.ts";
import type { Device } from "./make-device.ts";
import type { NetworkSettings } from "./network-settings.ts";
import { nextSteps } from "./next-steps.ts";

export interface GoodReport {
  readonly config: GatewayConfig;
  readonly device: Device;
  readonly network: NetworkSettings;
  readonly hostname: string;
  readonly certificate: CertificateState | undefined;
  readonly notices: readonly string[];
}

export function goodReport(report: GoodReport): string {
  const { config, device, notices } = report;
  const { body, network } = device.genesis;
  const rows = [
    ["Name", config.name],
    ["What it is", ROLE_TEXT[config.role]],
    ["Run by", config.organisation],
    ["Device id", shortDeviceId(device.did)],
    ["Fingerprint", fingerprintText(device.did)],
    ["Region", `${body.name} (${toHex(network)}), rules: ${body.rules.profile}${device.isFounder ? FOUNDER : ""}`],
    ["Site", config.region.site],
    ...certificateRows(report),
    ...deviceRows(config),
    ["Broker", config.broker.url ?? `its own, at port ${config.broker.embedded?.port ?? 0}`],
    ["Second broker", config.broker.second?.url ?? ""],
    ...networkRows(report),
  ] as const;
  const shown = rows.filter(([, value]) => value !== "").map(([name, value]) => `  ${name.padEnd(14)}${value}`);
  return page("Everything on this card is in order: the gateway starts.", [
    ...shown,
    "",
    "Next:",
    ...numbered(nextSteps(config, device, report.certificate)),
    ...(notices.length === 0 ? [] : ["", "Please note:", ...notices.map((notice) => `  - ${notice}`)]),
  ]);
}

/** @param device short id, where the gateway has one already */
export function badReport(faults: readonly CardFault[], device?: string): string {
  const count = faults.length === 1 ? "one thing" : `${faults.length} things`;
  return page(`This gateway does not start: ${count} must be put right.`, [
    ...faults.flatMap((fault, index) => [`${index + 1}. ${placeText(fault)}`, ...faultRows(fault), ""]),
    `Put this right in any text editor, save, and start the gateway with the card again: it reads ${CARD_NAME}`,
    `at each start, and writes a new ${REPORT_NAME}. What else may stand there is said in ${README_NAME}.`,
    ...(device === undefined ? [] : ["", `Device id of this gateway: ${device}. Its keys and charges are safe.`]),
  ]);
}

/** One line, for a log. */
export function faultLine(fault: CardFault): string {
  const { found, expected, advice } = fault;
  return `${placeText(fault)}: found ${found}, expected ${expected}${advice === undefined ? "" : `. ${advice}`}`;
}

/** Of the whole id, in groups that two people can read to each other. */
export function fingerprintText(did: Uint8Array): string {
  return toHex(did).replaceAll(/.{8}(?=.)/g, "$& ");
}

const ROLE_TEXT = {
  charger: "gateway of a charger",
  vehicle: "gateway of a vehicle",
  arbiter: "arbiter: judges disputes, has no devices",
} as const;

const FOUNDER = "; it began with this gateway";

/** Notepad of older systems shows lines only with both marks. */
function page(title: string, lines: readonly string[]): string {
  const all = ["TALLYSTICK", "", title, "=".repeat(title.length), "", ...lines, ""];
  return all.map((line) => plainText(line, 400).trimEnd()).join("\r\n");
}

function placeText({ path, line }: CardFault): string {
  const key = /^[a-z_]+(?:\.[a-z_]+)*(?:\[\d+\])?$/.test(path) && !/\.(toml|txt|tally|key)$/.test(path);
  const cut = path.lastIndexOf(".");
  const name = !key ? path : cut < 0 ? path : `[${path.slice(0, cut)}] ${path.slice(cut + 1)}`;
  if (line === undefined) return name;
  return path === CARD_NAME ? `${CARD_NAME}, line ${line}` : `${CARD_NAME}, line ${line}: ${name}`;
}

function faultRows({ found, expected, advice, example }: CardFault): readonly string[] {
  return [
    ...told("found:", [found]),
    ...told("expected:", [expected]),
    ...told("what to do:", advice === undefined ? [] : [sentence(advice)]),
    ...told("right is:", example === undefined ? [] : example.split("\n")),
  ];
}

/** The first line behind its title, the others below it. */
function told(title: string, paragraphs: readonly string[]): readonly string[] {
  const lines = paragraphs.flatMap(wrapped);
  return lines.map((line, index) => `     ${(index === 0 ? title : "").padEnd(TITLE_WIDTH)}${line}`);
}

const TITLE_WIDTH = 13;
const TEXT_WIDTH = 84;

function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const isFull = line !== "" && line.length + 1 + word.length > TEXT_WIDTH;
    if (isFull) lines.push(line);
    line = isFull || line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function sentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

function numbered(steps: readonly string[]): readonly string[] {
  return steps.map((step, index) => `  ${index + 1}. ${step}`);
}

type Row = readonly [string, string];

function certificateRows({ certificate }: GoodReport): readonly Row[] {
  if (certificate === undefined) return [];
  const text = certificate === "missing" ? "none yet" : `good until ${utcText(certificate.endsAt)}`;
  return [["Certificate", text]];
}

function deviceRows(config: GatewayConfig): readonly Row[] {
  const board: Row = ["Board", config.board?.name ?? "none named: lamps and buttons are not used"];
  if (config.role === "arbiter") return [];
  if (config.role === "vehicle") {
    const { profile, profileFile, line } = config.vehicle;
    return [
      ["Car", profileFile === undefined ? profile : "a profile of its own"],
      ["OBD adapter", lineText(line)],
      board,
    ];
  }
  const { meter, chargePoint, charger } = config;
  const unit = meter.unit === undefined ? "" : `, unit ${meter.unit}`;
  const point = chargePoint.kind === "bus" ? `, unit ${chargePoint.unit}, ${lineText(chargePoint.line)}` : "";
  return [
    ["Meter", `${meter.model ?? "a model of its own"}${unit}, ${lineText(meter.line)}`],
    ["Charge point", `${chargePoint.driver}${point}`],
    [
      "Outlet",
      `${charger.evse}: at most ${charger.power_max_w} W, ${charger.current_max_a} A, phases: ${charger.phases}`,
    ],
    ["Price", priceText(config)],
    board,
  ];
}

function priceText({ tariff }: Extract<GatewayConfig, { role: "charger" }>): string {
  if (tariff.kind === "file") return `by an OCPI tariff, on the clock of ${tariff.timeZone}`;
  const prices = tariff.prices.bands.map(([, , micro]) => trimDigits(decimalDigits(BigInt(micro), 6), 2));
  const more = Object.keys(tariff.prices).length > 1 ? ", and what else [tariff] says" : "";
  return `${[...new Set(prices)].join(", ")} ${tariff.currency} per kWh${more}`;
}

function lineText(line: Line | VehicleLine): string {
  if (line.kind === "tcp") return `at ${line.host}:${line.port}`;
  return line.kind === "can" ? `on ${line.interfaceName}` : `on ${line.path}`;
}

function networkRows({ network, hostname }: GoodReport): readonly Row[] {
  const { wifi, address } = network;
  const own = address === "dhcp" ? "given by the router" : address.address;
  return [
    ["Host name", hostname],
    ["Network", `${wifi === undefined ? "cable" : `Wi-Fi "${wifi.ssid}" and cable`}, address ${own}`],
  ];
}
