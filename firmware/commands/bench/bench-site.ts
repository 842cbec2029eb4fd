/**
 * The site of the bench: the world, the devices in it, and a gateway process for each charger and car. The world lives
 * in this process; a gateway knows of it what its meter, its controller or its OBD adapter tells.
 */
import { copyFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import type { LedgerRules } from "#core/ledger/rules.ts";
import { ScaledClock, type WorldTimeOrigin } from "#hal/linux/scaled-clock.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";
import { meterModel } from "#hal/meters/models/registry.ts";
import { ChargingWorld } from "#hal/mock/physics/charging-world.ts";
import { VEHICLE_MODELS } from "#hal/mock/physics/vehicle-models.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { REGION_PROFILES } from "../region-genesis.ts";
import { CONTROLLER_UNIT, METER_UNIT, startBenchCharger, type BenchCharger } from "./bench-charger.ts";
import { writeChargerConfig, writeVehicleConfig } from "./bench-config.ts";
import { makeBenchFolder, writeBenchGenesis, type BenchFolder } from "./bench-folder.ts";
import type { BenchOptions } from "./bench-options.ts";
import { readBenchTariff, type BenchTariff } from "./bench-tariff.ts";
import { startBenchVehicle, type BenchVehicle } from "./bench-vehicle.ts";
import type { BenchWatch } from "./bench-watch.ts";
import { GatewayProcess } from "./gateway-process.ts";

export interface SiteCharger {
  readonly gateway: GatewayProcess;
  readonly device: BenchCharger;
  /** In the world. */
  readonly station: number;
}

export interface SiteVehicle {
  readonly gateway: GatewayProcess;
  readonly device: BenchVehicle;
}

export interface BenchSite {
  readonly world: ChargingWorld;
  /** The world's time. */
  readonly clock: Clock;
  readonly origin: WorldTimeOrigin;
  readonly rules: LedgerRules;
  readonly tariff: BenchTariff;
  readonly chargers: readonly SiteCharger[];
  readonly vehicles: readonly SiteVehicle[];
  readonly gateways: readonly GatewayProcess[];
  /** The devices go; the gateways must have ended before. */
  close(): Promise<void>;
}

/** Starts the devices and prepares the gateways, without starting them. A path in the options starts from `cwd`. */
export async function prepareSite(
  options: BenchOptions,
  { folder, cwd }: { readonly folder: string; readonly cwd: string },
  watch: BenchWatch,
): Promise<BenchSite> {
  const deviceClock = new SystemClock();
  const realEpochMs = Math.round(deviceClock.wallMs());
  // The world runs ahead of the machine's date. It begins early enough that no signed time lies in the future.
  const latestMs = Math.floor((realEpochMs - WORLD_BEGINS_BEFORE_MS) / 1000) * 1000;
  const tariff = await readBenchTariff(options, cwd, latestMs);
  const { plugInAtMs } = tariff;
  // The gateways take their time to start, in which the world goes on.
  const worldEpochMs = plugInAtMs === undefined ? latestMs : plugInAtMs - START_MS * options.speed;
  const origin = { realEpochMs, worldEpochMs, speed: options.speed };
  const clock = new ScaledClock(origin, deviceClock);
  const nowMs = (): number => clock.wallMs();
  const world = new ChargingWorld({ seed: options.seed, startMs: worldEpochMs, nowMs });
  const closing: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of closing.reverse()) await each();
  };
  try {
    const folders = await makeFolders(options, folder, worldEpochMs / 1000);
    const brokerPort = options.broker === undefined ? await freePort() : undefined;
    const parts: Parts = { options, tariff, watch, world, deviceClock, origin, brokerPort, closing };
    const chargers: SiteCharger[] = [];
    const vehicles: SiteVehicle[] = [];
    for (const each of folders) {
      if (each.role === "charger") chargers.push(await prepareCharger(each, chargers.length + 1, parts));
      else vehicles.push(await prepareVehicle(each, parts));
    }
    const gateways = [...chargers, ...vehicles].map(({ gateway }) => gateway);
    return { world, clock, origin, rules: benchRules(options.profile), tariff, chargers, vehicles, gateways, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The rules of the profile, with its least history made smaller. The hardened profile asks for 20 sessions with four
 * others, which no run of some minutes reaches: all blocks would come from the authorities. With two sessions a station
 * or a car becomes eligible while one watches, and the miner changes as histories grow. That both sides of a session
 * must be of different organisations holds as it stands, since each gateway is of its own.
 */
export function benchRules(profile: BenchOptions["profile"]): LedgerRules {
  const rules = REGION_PROFILES[profile];
  return profile === "paper" ? rules : { ...rules, historyMin: 2, counterpartiesMin: 1 };
}

/**
 * The paper lets no node seal that trades. A charger and a car alone would never see another block once their contract
 * stands in one, so under its rules there is at least one charger more than cars can occupy.
 */
export function chargersOf({ profile, chargers, vehicles }: BenchOptions): number {
  return profile === "paper" && vehicles >= chargers ? Math.max(chargers, 1) + 1 : chargers;
}

const WORLD_BEGINS_BEFORE_MS = 7 * 86_400_000;
const START_MS = 5_000;
const TARIFF_NAME = "tariff.json";
const SITE_NAME = "bench";
const CURRENT_MAX_A = 16;
const NOMINAL_V = 230;
/** The meter counts watt-hours; what its model cannot show of them its registers leave away. */
const REGISTER_STEP_MILLI_WH = 1_000;

interface Parts {
  readonly options: BenchOptions;
  readonly tariff: BenchTariff;
  readonly watch: BenchWatch;
  readonly world: ChargingWorld;
  readonly deviceClock: Clock;
  readonly origin: WorldTimeOrigin;
  /** Undefined when the broker is somebody else's. */
  readonly brokerPort: number | undefined;
  readonly closing: (() => Promise<void>)[];
}

async function makeFolders(options: BenchOptions, parent: string, startedAt: number): Promise<readonly BenchFolder[]> {
  const tools = { crypto: new NodeCryptography(), randomness: new SystemRandomness() };
  const folders: BenchFolder[] = [];
  for (const [role, count] of [
    ["charger", chargersOf(options)],
    ["vehicle", options.vehicles],
  ] as const) {
    for (let number = 1; number <= count; number += 1) {
      folders.push(await makeBenchFolder(parent, { role, number }, tools));
    }
  }
  const region = { name: "bench", startedAt, rules: benchRules(options.profile) };
  await writeBenchGenesis(folders, region, tools.crypto);
  return folders;
}

async function prepareCharger(folder: BenchFolder, station: number, parts: Parts): Promise<SiteCharger> {
  const { options, world, deviceClock: clock, origin, brokerPort } = parts;
  const { meter, chargePoint, serial, speed, seed, stationLies } = options;
  const phases = phasesOf(meter);
  const stationOptions = { phases, currentMaxA: CURRENT_MAX_A, stepMilliWh: REGISTER_STEP_MILLI_WH };
  const { meterDevice } = world.addStation(station, stationOptions);
  meterDevice.lieFactor = stationLies;
  const device = await startBenchCharger({ world, clock }, { station, meter, chargePoint, serial, speed, seed });
  parts.closing.push(() => device.close());
  const { file, timeZone } = parts.tariff;
  if (file !== undefined) await copyFile(file, join(folder.path, TARIFF_NAME));
  await writeChargerConfig(folder, {
    bind: options.watermark ? "watermark" : "none",
    tariff: file === undefined ? undefined : { file: TARIFF_NAME, timeZone },
    ...{ site: SITE_NAME, profile: options.profile, origin, line: device.line, phases, meter, chargePoint },
    ...{ currentMaxA: CURRENT_MAX_A, powerMaxW: phases * CURRENT_MAX_A * NOMINAL_V },
    ...{ meterUnit: METER_UNIT, controllerUnit: CONTROLLER_UNIT },
    ...(device.ownLine === undefined ? {} : { meterLine: device.ownLine.line, meterPeriodMs: device.ownLine.periodMs }),
    broker: brokerPort !== undefined && station === 1 ? brokerPort : brokerUrl(parts),
  });
  return { gateway: watched(folder, parts), device, station };
}

async function prepareVehicle(folder: BenchFolder, parts: Parts): Promise<SiteVehicle> {
  const { options, world, deviceClock: clock, origin } = parts;
  const { car, serial, seed, speed, vehicleLies } = options;
  const { name } = folder;
  world.addVehicle(name, { model: car }).management.lieFactor = vehicleLies;
  const device = await startBenchVehicle({ world, clock }, { name, car, serial, seed, speed });
  parts.closing.push(() => device.close());
  const { phases, currentMaxA } = VEHICLE_MODELS[car];
  const powerMaxW = Math.min(phases, phasesOf(options.meter)) * Math.min(currentMaxA, CURRENT_MAX_A) * NOMINAL_V;
  const start = chargersOf(options) === 1 ? "automatic" : "asked";
  await writeVehicleConfig(folder, {
    bind: options.watermark ? "watermark" : "none",
    ...{ site: SITE_NAME, profile: options.profile, origin, line: device.line, car, start, powerMaxW },
    broker: brokerUrl(parts),
  });
  return { gateway: watched(folder, parts), device };
}

function watched(folder: BenchFolder, { watch }: Parts): GatewayProcess {
  const gateway = new GatewayProcess(folder, watch);
  watch.add(gateway);
  return gateway;
}

function brokerUrl({ options, brokerPort }: Parts): string {
  return options.broker ?? `mqtt://127.0.0.1:${brokerPort ?? 1883}`;
}

/** A station has as many phases as its meter; three where the model does not show them. */
function phasesOf(meter: string): 1 | 3 {
  return meterModel(meter)?.quantities.voltage.length === 1 ? 1 : 3;
}

/** Free a moment ago: the broker must come back at the same port after a restart, so it cannot take any. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
