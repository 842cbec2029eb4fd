/**
 * The payload section of an OCMF record that a gateway makes of its own readings. One register a record: where one
 * record held a station's and a vehicle's, readers of the format would bill by the vehicle's.
 *
 * Written by hand, member by member: numbers keep the digits that the meter has, and nothing is a `|` or anything but
 * printable ASCII, so that every reader cuts it at the same places and no encoding changes it.
 */
import { assert } from "#base/assert.ts";
import { civilOfUnixMs, clockText, dateText, pad } from "../civil-time.ts";
import { registerDigits } from "./energy-digits.ts";

export interface OwnReadings {
  /** FV: the lowest version that has every field; the transparency software refuses 1.4. */
  readonly version: "1.0" | "1.3";
  readonly gateway: { readonly name: string; readonly serial: string; readonly version: string };
  /** From 1, without a gap. */
  readonly page: number;
  readonly meter: OwnMeter;
  /** Whom the charge is for: at most 40 characters, or none. */
  readonly userId: string;
  /** At most 250 characters; undefined leaves it out. */
  readonly tariffText: string | undefined;
  /** Charge point and outlet. */
  readonly chargePoint: string;
  /** OBIS code. */
  readonly register: string;
  readonly currentType: "AC" | "DC" | undefined;
  readonly resolutionMilliWh: number;
  readonly begin: OwnReading;
  readonly end: OwnReading;
  /** Transaction address and hash of the contract's code, in hex. */
  readonly address: string;
  readonly codeHash: string;
}

export interface OwnMeter {
  readonly vendor: string | undefined;
  readonly model: string;
  readonly serial: string;
  readonly firmware: string | undefined;
}

export interface OwnReading {
  /** Unix ms. */
  readonly atMs: number;
  readonly timeState: TimeState;
  /** TX */
  readonly reason: "B" | "E" | "L" | "R" | "A" | "P";
  readonly milliWh: number;
  /** ST: G when the value was read from a meter that was well. */
  readonly status: "G" | "T";
}

/** U unknown, I informative: of a clock that nobody has certified, S synchronised. */
export type TimeState = "U" | "I" | "S";

export const OCMF_USER_ID_MAX = 40;
export const OCMF_TARIFF_TEXT_MAX = 250;

export function writePayload(readings: OwnReadings): string {
  const { gateway, meter, userId, tariffText } = readings;
  assert(userId.length <= OCMF_USER_ID_MAX, "a user's id is short");
  assert((tariffText?.length ?? 0) <= OCMF_TARIFF_TEXT_MAX, "a tariff text is short");
  return object([
    ["FV", text(readings.version)],
    ["GI", text(gateway.name)],
    ["GS", text(gateway.serial)],
    ["GV", text(gateway.version)],
    ["PG", text(`T${readings.page}`)],
    ...(meter.vendor === undefined ? [] : [["MV", text(meter.vendor)] as const]),
    ["MM", text(meter.model)],
    ["MS", text(meter.serial)],
    ...(meter.firmware === undefined ? [] : [["MF", text(meter.firmware)] as const]),
    ["IS", "true"],
    ["IL", text("VERIFIED")],
    ["IF", "[]"],
    ["IT", text("UNDEFINED")],
    ["ID", text(userId)],
    ...(tariffText === undefined ? [] : [["TT", text(tariffText)] as const]),
    ["CT", text("CBIDC")],
    ["CI", text(readings.chargePoint)],
    ["RD", `[${readingTexts(readings).join(",")}]`],
    // Extension points of the format are names that begin with U to Z.
    ["UA", text(readings.address)],
    ["UC", text(readings.codeHash)],
  ]);
}

/** `2018-07-24T13:22:04,000+0000 I`: as OCMF writes a time and how well it is known. */
export function ocmfTime(unixMs: number, state: TimeState): string {
  const { date, clock, ms } = civilOfUnixMs(unixMs);
  return `${dateText(date)}T${clockText(clock)},${pad(ms, 3)}+0000 ${state}`;
}

/** Every field in each reading: inheriting them is where readers differ. */
function readingTexts({ begin, end, register, currentType, resolutionMilliWh }: OwnReadings): readonly string[] {
  const both = [begin, end];
  const digits = registerDigits(
    both.map(({ milliWh }) => milliWh),
    resolutionMilliWh,
  );
  return both.map(({ atMs, timeState, reason, status }, place) =>
    object([
      ["TM", text(ocmfTime(atMs, timeState))],
      ["TX", text(reason)],
      ["RV", digits[place] ?? ""],
      ["RI", text(register)],
      ["RU", text("kWh")],
      ...(currentType === undefined ? [] : [["RT", text(currentType)] as const]),
      ["EF", text("")],
      ["ST", text(status)],
    ]),
  );
}

function object(members: readonly (readonly [name: string, value: string])[]): string {
  return `{${members.map(([name, value]) => `${text(name)}:${value}`).join(",")}}`;
}

/** As JSON, with everything that is not printable ASCII, and the | between sections, as an escape. */
function text(value: string): string {
  return JSON.stringify(value).replaceAll(
    /[^ -{}~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
