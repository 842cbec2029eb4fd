/** The tariff of the bench's stations, and the moment of its world that goes with it. */
import { resolve } from "node:path";
import { openTimeZone } from "#adapters/time-zone/intl-time-zone.ts";
import { paysForStanding } from "#core/session/idle.ts";
import { ocpiSource, readTariffFile } from "#firmware/tariff-source.ts";
import type { TimeZone } from "#hal/ports/time-zone.ts";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";
import { instantOf, readLocalTime } from "../tariff/local-time.ts";
import type { BenchOptions } from "./bench-options.ts";

export interface BenchTariff {
  /** Undefined: one price for each kWh. */
  readonly file: string | undefined;
  readonly timeZone: string;
  /** How long each car stands on. */
  readonly stayMinutes: number;
  /** A car that has enough is charged for standing on: the charge ends with the pulled plug. */
  readonly isStandingPaid: boolean;
  /** When the first cars are plugged in, unix ms; undefined: as soon as the gateways are ready. */
  readonly plugInAtMs: number | undefined;
}

/** @param beforeMs no moment of the world may be later: what is signed must not lie in the machine's future */
export async function readBenchTariff(options: BenchOptions, cwd: string, beforeMs: number): Promise<BenchTariff> {
  const { tariff, timeZone, startAt, stayMinutes } = options;
  const zone = openTimeZone(timeZone);
  if (!zone.ok) throw usage(`--time-zone: found "${timeZone}", expected a name such as Europe/Amsterdam`);
  const plugInAtMs = startAt === undefined ? undefined : plugInMs(startAt, zone.value, beforeMs);
  const file = tariff === undefined ? undefined : resolve(cwd, tariff);
  const isStandingPaid = file === undefined ? false : await isStandingPaidBy(file, zone.value, plugInAtMs ?? beforeMs);
  const stay = stayMinutes ?? (isStandingPaid ? STAY_MINUTES : 0);
  return { file, timeZone, stayMinutes: stay, isStandingPaid, plugInAtMs };
}

const STAY_MINUTES = 30;
const DAY_SECONDS = 86_400;

/** A tariff that the stations would refuse is refused before anything is started. */
async function isStandingPaidBy(file: string, zone: TimeZone, nowMs: number): Promise<boolean> {
  const ocpi = await readTariffFile(file);
  if (!ocpi.ok) throw new CommandError(EXIT.badData, `--tariff: ${ocpi.fault.detail}`);
  const source = ocpiSource(
    ocpi.value,
    { voltageV: undefined, rounding: undefined },
    { zone, durationMaxSeconds: DAY_SECONDS },
  );
  const priced = source(Math.floor(nowMs / 1000));
  if (!priced.ok) throw new CommandError(EXIT.badData, `--tariff: ${file}: ${priced.fault.detail}`);
  return paysForStanding(priced.value);
}

function plugInMs(startAt: string, zone: TimeZone, beforeMs: number): number {
  const local = readLocalTime(startAt);
  if (local === undefined) {
    throw usage(`--start-at: found "${startAt}", expected a local time such as 21:55 or 2026-03-28T21:55`);
  }
  const atMs = 1000 * instantOf(local, zone, Math.floor(beforeMs / 1000));
  if (atMs <= beforeMs) return atMs;
  throw usage(
    `--start-at: found "${startAt}", expected a day at least a week ago: nothing may be signed for the future`,
  );
}

function usage(message: string): CommandError {
  return new CommandError(EXIT.usage, message);
}
