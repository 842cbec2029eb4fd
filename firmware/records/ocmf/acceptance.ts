/**
 * Whether signed readings may be billed by: the rules by which the SAFE transparency software judges a transaction.
 * A signature says who has said something; these say whether it is worth anything.
 *
 * They apply to what is a whole transaction, of one record or of two. A single begin is nothing to judge yet.
 */
import { picoWh } from "./energy-digits.ts";
import type { OcmfReading } from "./reading.ts";

export type OcmfRule =
  | "OCMF_SEVERAL_STARTS"
  | "OCMF_SEVERAL_STOPS"
  | "OCMF_NO_ENERGY"
  | "OCMF_REGISTER_FELL"
  | "OCMF_TIME_FELL"
  | "OCMF_TIME_STATE"
  | "OCMF_USER_REFUSED"
  | "OCMF_METER_STATUS"
  | "OCMF_ENERGY_FLAGGED"
  | "OCMF_EVENTS_BETWEEN"
  | "OCMF_OTHER_REGISTER"
  | "OCMF_OTHER_METER";

/** A rule that does not hold: with what was found. */
export interface BrokenRule {
  readonly rule: OcmfRule;
  readonly found: string;
}

/** What is judged of a record. */
export interface JudgedRecord {
  readonly readings: readonly OcmfReading[];
  readonly texts: ReadonlyMap<string, string>;
}

export interface Transaction {
  readonly start: OcmfReading;
  readonly stop: OcmfReading;
  /** Exact, in 10⁻¹² Wh; undefined when it cannot be told. */
  readonly picoWh: bigint | undefined;
}

export interface Judgement {
  /** Undefined while there is not one start and one stop. */
  readonly transaction: Transaction | undefined;
  readonly broken: readonly BrokenRule[];
}

/** One record, or the records of one transaction in order. */
export function judgeTransaction(records: readonly JudgedRecord[]): Judgement {
  const readings = billedReadings(records.flatMap((record) => record.readings));
  const starts = readings.filter(isStart);
  const stops = readings.filter(isStop);
  const [start] = starts;
  const [stop] = stops;
  if (start === undefined || stop === undefined) return { transaction: undefined, broken: [] };
  const several = [
    ...(starts.length > 1 ? [broken("OCMF_SEVERAL_STARTS", `${starts.length} starts`)] : []),
    ...(stops.length > 1 ? [broken("OCMF_SEVERAL_STOPS", `${stops.length} stops`)] : []),
  ];
  if (several.length > 0) return { transaction: undefined, broken: several };
  const [from, to] = [picoWh(start.digits, start.unit), picoWh(stop.digits, stop.unit)];
  const energy = from === undefined || to === undefined ? undefined : to - from;
  return {
    transaction: { start, stop, picoWh: energy },
    broken: [...energyRules(start, stop, energy), ...stateRules(start, stop), ...recordRules(records)],
  };
}

/**
 * The readings of the energy that is billed (A = 1, D = 8, C total import or one of the registers of OCMF). Where there
 * is a register behind the cable's losses or at the device, only those count; so a vehicle's value within a station's
 * record would take the place of the station's.
 */
export function billedReadings(readings: readonly OcmfReading[]): readonly OcmfReading[] {
  const counted = readings.filter(({ register, digits }) => digits !== undefined && isEnergyRegister(register));
  const compensated = counted.filter(({ register }) => COMPENSATED.has(obisOf(register)?.c ?? ""));
  return compensated.length > 0 ? compensated : counted;
}

export function isStart({ reason }: OcmfReading): boolean {
  return reason === "B";
}

export function isStop({ reason }: OcmfReading): boolean {
  return STOPS.has(reason);
}

const STOPS = new Set(["E", "L", "R", "A", "P"]);
/** Errors of the user's assignment (IL). */
const USER_ERRORS = new Set(["MISMATCH", "INVALID", "OUTDATED", "UNKNOWN"]);
const TIME_STATES = new Set(["U", "I", "S", "R"]);
const COMPENSATED = new Set(["98", "b1", "b3", "c1", "c3"]);
const DEFAULT_TARIFFS = new Set(["0", "200", "255", "ff"]);

function energyRules(start: OcmfReading, stop: OcmfReading, energy: bigint | undefined): readonly BrokenRule[] {
  if (energy === undefined) {
    return [broken("OCMF_NO_ENERGY", `${valueText(start)} to ${valueText(stop)}`)];
  }
  const isOther = registerKey(start) !== registerKey(stop);
  return [
    ...(energy < 0n ? [broken("OCMF_REGISTER_FELL", `${valueText(start)} to ${valueText(stop)}`)] : []),
    ...(isOther ? [broken("OCMF_OTHER_REGISTER", `${start.register} to ${stop.register}`)] : []),
  ];
}

function stateRules(start: OcmfReading, stop: OcmfReading): readonly BrokenRule[] {
  const both = [start, stop];
  const badStatus = both.filter(({ status }) => status !== "G");
  const flagged = both.filter(({ errorFlags }) => errorFlags.includes("E"));
  const timeless = both.filter(({ timeState }) => !TIME_STATES.has(timeState ?? ""));
  const isLooser = start.timeState === "R" && stop.timeState !== "R";
  const fell = start.atMs !== undefined && stop.atMs !== undefined && start.atMs > stop.atMs;
  const isOtherCount = stop.eventCounter !== undefined && stop.eventCounter !== start.eventCounter;
  return [
    ...(fell ? [broken("OCMF_TIME_FELL", `${start.time} to ${stop.time}`)] : []),
    ...timeless.map(({ time }) => broken("OCMF_TIME_STATE", time === "" ? "no time" : time)),
    ...(isLooser ? [broken("OCMF_TIME_STATE", `R at the start, ${stop.timeState} at the stop`)] : []),
    ...badStatus.map(({ status, reason }) => broken("OCMF_METER_STATUS", `${status || "none"} at ${reason}`)),
    ...flagged.map(({ errorFlags, reason }) => broken("OCMF_ENERGY_FLAGGED", `${errorFlags} at ${reason}`)),
    ...(isOtherCount ? [broken("OCMF_EVENTS_BETWEEN", `${start.eventCounter ?? "none"} to ${stop.eventCounter}`)] : []),
  ];
}

function recordRules(records: readonly JudgedRecord[]): readonly BrokenRule[] {
  const levels = records.map(({ texts }) => texts.get("IL")?.trim() ?? "").filter((level) => USER_ERRORS.has(level));
  const serials = new Set(records.map(({ texts }) => `${texts.get("GS") ?? ""}/${texts.get("MS") ?? ""}`));
  return [
    ...levels.map((level) => broken("OCMF_USER_REFUSED", level)),
    ...(serials.size > 1 ? [broken("OCMF_OTHER_METER", [...serials].join(" and "))] : []),
  ];
}

function isEnergyRegister(register: string): boolean {
  // Before registers were named, there was one.
  if (register.trim() === "") return true;
  const obis = obisOf(register);
  if (obis === undefined) return false;
  const { a, c, d, f } = obis;
  return a === "1" && d === "8" && isEnergyGroup(c) && DEFAULT_TARIFFS.has(f);
}

/** 1 total import, 98 and 9E as some makers write theirs, B0 to C7 of OCMF itself. */
function isEnergyGroup(c: string): boolean {
  return c === "1" || c === "98" || c === "9e" || /^(?:b[0-9a-f]|c[0-7])$/.test(c);
}

interface Obis {
  readonly a: string;
  readonly c: string;
  readonly d: string;
  readonly f: string;
}

const OBIS = /^0*([0-9a-f]+)-[0-9a-f]+:0*([0-9a-f]+)\.0*([0-9a-f]+)\.[0-9a-f]+(?:[.*&]0*([0-9a-f]+))?$/;

function obisOf(register: string): Obis | undefined {
  const match = OBIS.exec(register.trim().toLowerCase());
  if (match === null) return undefined;
  const [, a = "", c = "", d = "", f = "0"] = match;
  return { a, c, d, f };
}

function registerKey({ register, unit }: OcmfReading): string {
  const obis = obisOf(register);
  return obis === undefined ? register.trim() : `${obis.c}.${obis.d}.${unit === "" ? "" : "energy"}`;
}

function valueText({ digits, unit }: OcmfReading): string {
  return digits === undefined ? "no value" : `${digits} ${unit}`.trim();
}

function broken(rule: OcmfRule, found: string): BrokenRule {
  return { rule, found };
}
