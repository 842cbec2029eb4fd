/** What `tallystick bench` can be asked for, and how a command line says it. */
import { knownModelNames } from "#hal/meters/known-models.ts";
import { telegramModelNames } from "#hal/meters/telegram/models/registry.ts";
import { simulatedControllerNames } from "#hal/mock/modbus/charge-controllers/registry.ts";
import { simulatedMeterNames } from "#hal/mock/modbus/meter-unit.ts";
import { ASKED_IMAGES, hasSimulatedTelegrams } from "#hal/mock/telegram/telegram-images.ts";
import { carAliases, carModelNames, findCarModel, type CarModel } from "#hal/mock/obd/car-model.ts";
import { vehicleProfile } from "#hal/vehicles/registry.ts";
import { notAmong, type CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";

export interface BenchOptions {
  readonly seed: number;
  /** World seconds per second. */
  readonly speed: number;
  /** How long each car charges, in minutes of world time. */
  readonly minutes: number;
  /** How long it stands on before the plug is pulled; undefined: half an hour where the tariff has a price for that. */
  readonly stayMinutes: number | undefined;
  /** File of the stations' OCPI tariff; undefined has one price for each kWh. */
  readonly tariff: string | undefined;
  /** Of the stations' place, in the IANA database. */
  readonly timeZone: string;
  /** Local time at which the first cars are plugged in: `21:55`, or with a date `2026-03-28T21:55`. */
  readonly startAt: string | undefined;
  readonly serial: boolean;
  /** Both sides bind each charge to its cable by the pattern on the current. */
  readonly watermark: boolean;
  /** Of somebody else's broker; undefined lets the first charger embed one. */
  readonly broker: string | undefined;
  readonly chargers: number;
  readonly vehicles: number;
  /** Of each vehicle. */
  readonly charges: number;
  /** What the lying side multiplies its readings by; 1 is honest. */
  readonly stationLies: number;
  readonly vehicleLies: number;
  readonly meter: string;
  readonly chargePoint: string;
  readonly car: CarModel;
  /** Folder that keeps the gateways' folders; undefined keeps nothing. */
  readonly keep: string | undefined;
  readonly profile: "hardened" | "paper";
  readonly json: boolean;
}

/**
 * Faster than this, the machine's own delays (a turn of the event loop, a sync of the flash, a reply of the adapter)
 * become seconds of the world's time, and deadlines of the protocol would pass with nobody at fault: the handshake
 * gives up 23 s after its first message, which at 60 is 0.4 s.
 */
export const SPEED_MAX = 60;

/**
 * Measured on two cores with a load of 3 to 5: the default run takes some 50 s and 10 s of processor time, and the
 * readings of both sides are within 3 s of the world of each other, as they are at 60. Eight gateways are at ease at
 * 30; at 60 their delays reach the plausibility checks of the meter drivers. Eighteen minutes at 11 kW are 3.2 kWh.
 */
export const BENCH_DEFAULTS: BenchOptions = {
  seed: 1,
  speed: 30,
  minutes: 18,
  stayMinutes: undefined,
  tariff: undefined,
  timeZone: "Europe/Amsterdam",
  startAt: undefined,
  serial: false,
  watermark: false,
  broker: undefined,
  chargers: 1,
  vehicles: 1,
  charges: 1,
  stationLies: 1,
  vehicleLies: 1,
  meter: "eastron-sdm630",
  chargePoint: "simple-evse-wb",
  car: "hyundai-kona",
  keep: undefined,
  profile: "hardened",
  json: false,
};

/** A meter that is asked takes half a second for each readout, however fast the world runs. */
const ASKED_SPEED_MAX = 10;
/** Its readout is known to be over when nothing has come for 1.5 s. */
const UNCHECKED_SPEED_MAX = 2;

const MINUTES_MAX = 240;

/** Ends with exit code 64 when a value is not one that is allowed. */
export function readBenchOptions(given: CommandArguments): BenchOptions {
  const meter = given.oneOf("meter", benchMeters()) ?? BENCH_DEFAULTS.meter;
  const speedMax = speedMaxOf(meter);
  const profile = given.oneOf("profile", ["hardened", "paper"]) ?? BENCH_DEFAULTS.profile;
  return {
    seed: given.wholeNumber("seed", 0, 999_999_999_999_999) ?? BENCH_DEFAULTS.seed,
    speed: decimal(given, "speed", 1, speedMax) ?? Math.min(speedMax, BENCH_DEFAULTS.speed),
    minutes: decimal(given, "minutes", 1, MINUTES_MAX) ?? BENCH_DEFAULTS.minutes,
    stayMinutes: decimal(given, "stay", 0, MINUTES_MAX),
    tariff: given.text("tariff"),
    timeZone: given.text("time-zone") ?? BENCH_DEFAULTS.timeZone,
    startAt: given.text("start-at"),
    serial: given.flag("serial"),
    watermark: given.flag("watermark"),
    broker: readBroker(given.text("broker")),
    ...readSite(given.text("site") ?? USUAL_SITES[profile]),
    charges: given.wholeNumber("charges", 1, 100) ?? BENCH_DEFAULTS.charges,
    stationLies: decimal(given, "station-lies", 0.1, 10) ?? BENCH_DEFAULTS.stationLies,
    vehicleLies: decimal(given, "vehicle-lies", 0.1, 10) ?? BENCH_DEFAULTS.vehicleLies,
    meter,
    chargePoint: given.oneOf("charge-point", simulatedControllerNames()) ?? BENCH_DEFAULTS.chargePoint,
    car: readCar(given.text("car")),
    keep: given.text("keep"),
    profile,
    json: given.flag("json"),
  };
}

function speedMaxOf(meter: string): number {
  const asked = ASKED_IMAGES[meter];
  if (asked === undefined) return SPEED_MAX;
  return asked.hasBlockCheck ? ASKED_SPEED_MAX : UNCHECKED_SPEED_MAX;
}

/** Models that can be read and of which there is a simulated one. */
function benchMeters(): readonly string[] {
  return [
    ...knownModelNames().filter((model) => simulatedMeterNames().includes(model)),
    ...telegramModelNames().filter(hasSimulatedTelegrams),
  ];
}

function readCar(name: string | undefined): CarModel {
  if (name === undefined) return BENCH_DEFAULTS.car;
  // Also by every name that a configuration may give it.
  const car = findCarModel(name) ?? findCarModel(vehicleProfile(name)?.name ?? "");
  if (car !== undefined) return car;
  throw usage(`--car: ${notAmong(name, [...carModelNames(), ...Object.keys(carAliases)])}`);
}

function decimal(given: CommandArguments, name: string, min: number, max: number): number | undefined {
  const text = given.text(name);
  if (text === undefined) return undefined;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  const why = name === "speed" ? "; faster, the machine's own delays would look like silence to the protocol" : "";
  throw usage(`--${name}: found "${text}", expected a number from ${min} to ${max}${why}`);
}

function readBroker(url: string | undefined): string | undefined {
  if (url === undefined || /^mqtts?:\/\/[^\s]+$/.test(url)) return url;
  throw usage(`--broker: found "${url}", expected mqtt://host:port`);
}

/**
 * By the paper's rules two cars, one after the other: the miner is found among those who have traded with the two that
 * trade, and at the first charge of a region there is nobody of that kind.
 */
const USUAL_SITES: Readonly<Record<BenchOptions["profile"], string>> = { hardened: "1x1", paper: "1x2" };

function readSite(text: string): Pick<BenchOptions, "chargers" | "vehicles"> {
  const [, chargers, vehicles] = /^([1-9]\d?)x([1-9]\d?)$/.exec(text) ?? [];
  const site = { chargers: Number(chargers), vehicles: Number(vehicles) };
  if (site.chargers <= CHARGERS_MAX && site.vehicles <= VEHICLES_MAX) return site;
  throw usage(
    `--site: found "${text}", expected chargers x vehicles such as 3x5, at most ${CHARGERS_MAX}x${VEHICLES_MAX}`,
  );
}

/** The genesis names each charger as an authority, of which it takes 32. */
const CHARGERS_MAX = 32;
const VEHICLES_MAX = 64;

function usage(message: string): CommandError {
  return new CommandError(EXIT.usage, message);
}
