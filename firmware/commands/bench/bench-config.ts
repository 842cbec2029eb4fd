/** The configuration files of the bench's gateways. */
import { writeFile } from "node:fs/promises";
import type { WorldTimeOrigin } from "#hal/linux/scaled-clock.ts";
import type { LedgerRules } from "#core/ledger/rules.ts";
import type { BenchFolder } from "./bench-folder.ts";

/** Where a device is found. */
export type BenchLine =
  | { readonly kind: "tcp"; readonly port: number }
  | { readonly kind: "serial"; readonly path: string; readonly baudRate: number };

interface BenchConfigBase {
  readonly site: string;
  readonly profile: LedgerRules["profile"];
  readonly origin: WorldTimeOrigin;
  readonly line: BenchLine;
  readonly bind: "none" | "watermark";
}

export interface ChargerBenchConfig extends BenchConfigBase {
  /** URL of a broker, or the port at which this gateway runs one. */
  readonly broker: string | number;
  readonly meter: string;
  readonly chargePoint: string;
  /** On a bus. */
  readonly meterUnit?: number;
  /** Of a meter that speaks by itself: its own line, and how often it does. */
  readonly meterLine?: BenchLine;
  readonly meterPeriodMs?: number;
  readonly controllerUnit: number;
  readonly phases: 1 | 3;
  readonly currentMaxA: number;
  readonly powerMaxW: number;
  /** A file in the gateway's folder; undefined has one price for each kWh. */
  readonly tariff: { readonly file: string; readonly timeZone: string } | undefined;
}

export interface VehicleBenchConfig extends BenchConfigBase {
  readonly broker: string;
  readonly car: string;
  /** "asked" where several stations offer: then only the driver knows which one the car hangs on. */
  readonly start: "automatic" | "asked";
  readonly powerMaxW: number;
}

export async function writeChargerConfig(folder: BenchFolder, config: ChargerBenchConfig): Promise<void> {
  const { broker, line, phases, currentMaxA, powerMaxW, controllerUnit } = config;
  await write(folder, config, [
    ...(typeof broker === "number"
      ? ["[broker.embedded]", `host = "127.0.0.1"`, `port = ${broker}`]
      : ["[broker]", `url = ${JSON.stringify(broker)}`]),
    "",
    "[charger]",
    `power_max_w = ${powerMaxW}`,
    `phases = ${phases}`,
    `current_max_a = ${currentMaxA}`,
    `bind = "${config.bind}"`,
    ...paperKeys(config, ["readings_per_report = 1", `exposure = "unlimited"`]),
    "",
    "[meter]",
    ...meterKeys(config),
    "",
    "[charge_point]",
    `driver = "${config.chargePoint}"`,
    `unit = ${controllerUnit}`,
    "pause_ms = 0",
    "# The bench ends with its controllers, and its gateways stand still when the machine is busy.",
    "guard = false",
    ...lineKeys(line),
    "",
    "[tariff]",
    ...(config.tariff === undefined
      ? [`currency = "EUR"`, `price_per_kwh = "0.35"`]
      : [`file = ${JSON.stringify(config.tariff.file)}`, `time_zone = ${JSON.stringify(config.tariff.timeZone)}`]),
    ...paperKeys(config, [`contract_file = "paper-v1"`]),
  ]);
}

function meterKeys({ meter, meterUnit, meterLine, meterPeriodMs, line }: ChargerBenchConfig): readonly string[] {
  if (meterLine !== undefined) {
    const place = meterLine.kind === "tcp" ? lineKeys(meterLine) : [`serial = ${JSON.stringify(meterLine.path)}`];
    return [`model = "${meter}"`, `period_ms = ${meterPeriodMs ?? 1000}`, ...place];
  }
  return [
    `model = "${meter}"`,
    `unit = ${meterUnit ?? 1}`,
    "# The bench's devices need no rest between two requests, and a rest would grow with the speed of its time.",
    "pause_ms = 0",
    ...lineKeys(line),
  ];
}

export async function writeVehicleConfig(folder: BenchFolder, config: VehicleBenchConfig): Promise<void> {
  const { broker, line, car, start, powerMaxW } = config;
  await write(folder, config, [
    "[broker]",
    `url = ${JSON.stringify(broker)}`,
    "",
    "[vehicle]",
    `profile = "${car}"`,
    `start = "${start}"`,
    `bind = "${config.bind}"`,
    `power_max_w = ${powerMaxW}`,
    ...paperKeys(config, [`exposure = "unlimited"`, `contracts = ["paper-v1"]`]),
    ...lineKeys(line),
  ]);
}

/**
 * The switches that are not the region's but of the terms: each reading is a report, amounts are compared at the end,
 * and nothing is executed when they differ.
 */
function paperKeys({ profile }: BenchConfigBase, keys: readonly string[]): readonly string[] {
  return profile === "paper" ? keys : [];
}

async function write(folder: BenchFolder, config: BenchConfigBase, own: readonly string[]): Promise<void> {
  const { role, name, organisation, configPath } = folder;
  const { site, origin } = config;
  const lines = [
    `# Made by \`tallystick bench\`.`,
    `role = "${role}"`,
    `name = "${name}"`,
    `organisation = "${organisation}"`,
    "",
    "[region]",
    `site = "${site}"`,
    "",
    "# Time in the bench's world runs faster, and all of its processes share it.",
    "[bench]",
    `speed = ${origin.speed}`,
    `real_epoch_ms = ${origin.realEpochMs}`,
    `world_epoch_ms = ${origin.worldEpochMs}`,
    "",
    ...own,
    "",
  ];
  await writeFile(configPath, lines.join("\n"));
}

function lineKeys(line: BenchLine): readonly string[] {
  return line.kind === "tcp"
    ? [`host = "127.0.0.1"`, `tcp_port = ${line.port}`]
    : [`serial = ${JSON.stringify(line.path)}`, `baud = ${line.baudRate}`];
}
