/** The configuration of one gateway, as a person writes it in TOML. Paths are relative to the file, or to `state`. */
import { parse, TomlError } from "smol-toml";
import { fail, ok, type Result } from "#base/result.ts";
import {
  absentOr,
  anyText,
  decimal,
  oneOf,
  readConfig,
  refuse,
  table,
  text,
  wholeNumber,
  withDefault,
  type ConfigFault,
  listOf,
} from "./shape.ts";
import { acceptedArbiters, type AcceptedArbiters } from "./arbiter-config.ts";
import { boardConfig } from "./board-config.ts";
import { brokerTable, checkBrokers } from "./broker-config.ts";
import { keepDays, KEEP_DAYS_DEFAULT } from "./keep-days.ts";
import { chargePointConfig, type ChargePointConfig } from "./charge-point-config.ts";
import { currency, micro, price, tariffTable, type TariffConfig } from "./tariff-config.ts";
import { meterOf, meterTable, type MeterConfig } from "./meter-table.ts";
import { vehicleLineKeys, vehicleLineOf, type VehicleLine } from "./vehicle-line-config.ts";

export type { Line } from "./line-config.ts";

const file = table({
  role: oneOf("charger", "vehicle", "arbiter"),
  name: text("1 to 32 letters, digits or dashes", /^[A-Za-z0-9-]{1,32}$/),
  flash: withDefault(anyText, "flash"),
  key: withDefault(anyText, "gateway.key"),
  /** The folder that the gateway writes to; flash, key and genesis start from it. */
  state: withDefault(anyText, "."),
  /** How long others' charges stay on flash; own ones do for ever. */
  keep_days: withDefault(keepDays, KEEP_DAYS_DEFAULT),
  organisation: withDefault(text("at most 32 characters", /^[^]{0,32}$/), ""),
  region: table({
    genesis: withDefault(anyText, "genesis.tally"),
    site: text("1 to 16 characters of a-z, 0-9 and -", /^[a-z0-9-]{1,16}$/),
  }),
  broker: brokerTable,
  charger: absentOr(
    table({
      // Topics of the mesh name an outlet with two digits.
      evse: withDefault(wholeNumber(1, 99), 1),
      power_max_w: wholeNumber(1000, 400_000),
      phases: withDefault(wholeNumber(1, 3), 3),
      current_max_a: wholeNumber(6, 500),
      session_max_hours: withDefault(wholeNumber(1, 168), 24),
      session_max_kwh: withDefault(decimal(1, 1000), 200),
      /** Absent, by the power: what flows between two reports is at most half of the exposure. */
      readings_per_report: absentOr(wholeNumber(1, 60)),
      /** "unlimited": amounts are compared at the end only, and nothing that is reported stops the power. */
      exposure: withDefault(oneOf("limited", "unlimited"), "limited"),
      /** Whether vehicles that want it may find out, by a pattern on the current, that they hang on this station. */
      bind: withDefault(oneOf("none", "watermark"), "none"),
      /** For one vehicle, while this station of a region with certificates hears of no other station. */
      offline_max_kwh: withDefault(decimal(0, 1000), 30),
      offline_max_charges: withDefault(wholeNumber(0, 1000), 3),
    }),
  ),
  meter: absentOr(meterTable),
  charge_point: chargePointConfig,
  tariff: absentOr(tariffTable),
  vehicle: absentOr(
    table({
      /** A name or short name, or `auto` to ask the car. */
      profile: absentOr(anyText),
      /** A profile of one's own, for a car that this firmware does not know. */
      profile_file: absentOr(anyText),
      start: withDefault(oneOf("automatic", "asked"), "automatic"),
      power_max_w: withDefault(wholeNumber(1000, 400_000), 11_000),
      energy_max_kwh: withDefault(decimal(0.1, 1000), 100),
      /** "unlimited": this car also signs terms under which nothing that is reported stops the power. */
      exposure: withDefault(oneOf("limited", "unlimited"), "limited"),
      /** Whether it asks for that pattern where a station offers it, and ends a charge that is not its own. */
      bind: withDefault(oneOf("none", "watermark"), "none"),
      /** How long it is known by one identity, in days; 0 for ever. Absent: 90, and 0 under the paper's rules. */
      pseudonym_days: absentOr(wholeNumber(0, 3650)),
      /** The most that this car pays, with tax. Without a currency and a price a kWh it signs any price. */
      currency: absentOr(currency),
      price_max_per_kwh: absentOr(price),
      parking_max_per_hour: absentOr(price),
      start_max: absentOr(price),
      charge_max: absentOr(price),
      /** Who may judge this car's charges: device ids, or "any". Without it, only offers that name nobody. */
      arbiters: withDefault(acceptedArbiters, []),
      /** Contracts that this car signs: energy-v1, or files of CEL. */
      contracts: withDefault(listOf(anyText, 8), ["energy-v1"]),
      ...vehicleLineKeys,
    }),
  ),
  board: boardConfig,
  /** Only the bench sets this: a world whose time runs faster, shared by all its processes. */
  bench: absentOr(
    table({ speed: decimal(1, 1000), real_epoch_ms: wholeNumber(0, 2 ** 52), world_epoch_ms: wholeNumber(0, 2 ** 52) }),
  ),
});

type File = ReturnType<typeof file>;

type GatewayConfigBase = Omit<File, "role" | "charger" | "meter" | "charge_point" | "tariff" | "vehicle">;

export interface ChargerConfig extends GatewayConfigBase {
  readonly role: "charger";
  readonly charger: NonNullable<File["charger"]>;
  readonly meter: MeterConfig;
  readonly chargePoint: ChargePointConfig;
  readonly tariff: TariffConfig;
}

export interface VehicleConfig extends GatewayConfigBase {
  readonly role: "vehicle";
  readonly vehicle: {
    /** Empty where there is a file. */
    readonly profile: string;
    readonly profileFile: string | undefined;
    readonly start: "automatic" | "asked";
    /** What the car draws from the mains at most: decides how much is lost on the way to the battery. */
    readonly power_max_w: number;
    readonly energy_max_kwh: number;
    readonly exposure: "limited" | "unlimited";
    readonly bind: "none" | "watermark";
    readonly pseudonymDays: number | undefined;
    readonly priceMax: PriceMaxConfig | undefined;
    readonly arbiters: AcceptedArbiters;
    /** Names of contracts that are shipped, or files of CEL. */
    readonly contracts: readonly string[];
    readonly line: VehicleLine;
  };
}

/** Micro: millionths of the currency unit. What is absent is not accepted at all; a whole charge then has no limit. */
export interface PriceMaxConfig {
  readonly currency: string;
  readonly microPerKwh: number;
  readonly parkingMicroPerHour?: number;
  readonly startMicro?: number;
  readonly totalMicro?: number;
}

/** A gateway that follows a region's chain and judges disputes; it has no devices. */
export interface ArbiterConfig extends GatewayConfigBase {
  readonly role: "arbiter";
}

export type GatewayConfig = ChargerConfig | VehicleConfig | ArbiterConfig;

/** What a gateway of this role is in its region. */
export const DEVICE_ROLE_OF = { charger: "station", vehicle: "vehicle", arbiter: "arbiter" } as const;

/** Parses and checks the text of a configuration file. */
export function parseGatewayConfig(source: string): Result<GatewayConfig, ConfigFault> {
  const parsed = parseToml(source);
  if (!parsed.ok) return parsed;
  return readConfig((value, path) => complete(file(value, path)), parsed.value);
}

function parseToml(source: string): Result<unknown, ConfigFault> {
  try {
    return ok(parse(source));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const found = source.split("\n")[error.line - 1]?.trim() ?? "";
    const expected = `TOML: ${error.message.split("\n")[0] ?? ""}`;
    return fail({ code: "CONFIG_INVALID", path: `line ${error.line}, column ${error.column}`, found, expected });
  }
}

/** Checks what keys say together, and gives each role its own shape. */
function complete({ role, charger, meter, charge_point, tariff, vehicle, ...base }: File): GatewayConfig {
  checkBrokers(base.broker, base.region.site, role);
  if (role === "arbiter") {
    for (const [key, value] of Object.entries({ charger, meter, charge_point, tariff, vehicle, board: base.board })) {
      if (value !== undefined) refuse(key, "a table", "nothing: an arbiter's gateway has no devices");
    }
    return { ...base, role };
  }
  if (role === "vehicle") {
    for (const [key, value] of Object.entries({ charger, meter, charge_point, tariff })) {
      if (value !== undefined) refuse(key, "a table", 'nothing: it belongs to a gateway with role = "charger"');
    }
    const own = vehicle ?? refuse("vehicle", undefined, "a table with profile and the adapter's line");
    const {
      profile,
      profile_file: profileFile,
      start,
      power_max_w,
      energy_max_kwh,
      exposure,
      bind,
      pseudonym_days: pseudonymDays,
      arbiters,
      contracts,
    } = own;
    if ((profile === undefined) === (profileFile === undefined)) {
      const found = profile === undefined ? "neither profile nor profile_file" : "profile and profile_file";
      refuse("vehicle.profile", found, "exactly one of profile and profile_file");
    }
    const line = vehicleLineOf(own, "vehicle");
    return {
      ...{ ...base, role },
      vehicle: {
        ...{ profile: profile ?? "", profileFile, start, power_max_w, energy_max_kwh, exposure, bind },
        ...{ pseudonymDays, priceMax: priceMaxOf(own), arbiters, contracts, line },
      },
    };
  }
  if (vehicle !== undefined) refuse("vehicle", "a table", 'nothing: it belongs to a gateway with role = "vehicle"');
  const ownMeter = meter ?? refuse("meter", undefined, "a table with model and line");
  const ownPoint = charge_point ?? refuse("charge_point", undefined, "a table with driver, unit and line");
  const ownCharger = charger ?? refuse("charger", undefined, "a table with power_max_w and current_max_a");
  const ownTariff =
    tariff ?? refuse("tariff", undefined, "a table with currency and price_per_kwh, or with file and time_zone");
  return {
    ...base,
    role,
    charger: ownCharger,
    meter: meterOf(ownMeter),
    chargePoint: ownPoint,
    tariff: ownTariff,
  };
}

function priceMaxOf(vehicle: NonNullable<File["vehicle"]>): PriceMaxConfig | undefined {
  const { price_max_per_kwh: most, currency: code, parking_max_per_hour, start_max, charge_max } = vehicle;
  const others = { parking_max_per_hour, start_max, charge_max, currency: code };
  if (most === undefined) {
    const [stray] = Object.entries(others).find(([, value]) => value !== undefined) ?? [];
    if (stray === undefined) return undefined;
    return refuse("vehicle.price_max_per_kwh", undefined, `a price, since ${stray} is given`);
  }
  if (code === undefined) return refuse("vehicle.currency", undefined, "a currency, since price_max_per_kwh is given");
  return {
    ...{ currency: code, microPerKwh: micro(most) },
    ...(parking_max_per_hour === undefined ? {} : { parkingMicroPerHour: micro(parking_max_per_hour) }),
    ...(start_max === undefined ? {} : { startMicro: micro(start_max) }),
    ...(charge_max === undefined ? {} : { totalMicro: micro(charge_max) }),
  };
}
