/**
 * The readings of an OCMF record. A field that is left out is that of the reading before (OCMF, section "Readings"),
 * but for the value itself: without it a reading tells of an event only.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { unixMsOfCivil } from "../civil-time.ts";
import { memberOf, type JsonText } from "./json-text.ts";

export interface OcmfReading {
  /** TM as it stands. */
  readonly time: string;
  /** Unix ms of it; undefined when it has not the form that OCMF asks for. */
  readonly atMs: number | undefined;
  /** U unknown, I informative, S synchronised, R relative; undefined when it is missing. */
  readonly timeState: string | undefined;
  /** TX: B begin, E L R A P end, and others. */
  readonly reason: string;
  /** RV: the digits as they stand, blanks around them cut off; undefined for an event without a value. */
  readonly digits: string | undefined;
  /** RI */
  readonly register: string;
  /** RU */
  readonly unit: string;
  /** EF */
  readonly errorFlags: string;
  /** ST */
  readonly status: string;
  /** EI: count of the meter's events; not in newer versions. */
  readonly eventCounter: string | undefined;
}

const READINGS_MAX = 1024;

/** The fault is a sentence. */
export function readReadings(list: JsonText | undefined): Result<readonly OcmfReading[], string> {
  if (list?.kind !== "list" || list.items.length === 0) return fail("there are no readings (RD)");
  if (list.items.length > READINGS_MAX) return fail(`more than ${READINGS_MAX} readings`);
  const readings: OcmfReading[] = [];
  for (const item of list.items) {
    if (item.kind !== "object") return fail("a reading is no object");
    readings.push(readReading(item, readings.at(-1)));
  }
  return ok(readings);
}

function readReading(item: JsonText, before: OcmfReading | undefined): OcmfReading {
  const own = (name: string): string | undefined => {
    const value = memberOf(item, name);
    return value?.kind === "text" ? value.text : value?.kind === "number" ? value.digits : undefined;
  };
  const time = own("TM") ?? before?.time ?? "";
  return {
    time,
    atMs: timeOf(time),
    timeState: /^\S+ (\S)\s*$/.exec(time)?.[1],
    reason: (own("TX") ?? before?.reason ?? "").trim(),
    digits: own("RV")?.trim(),
    register: own("RI") ?? before?.register ?? "",
    unit: own("RU") ?? before?.unit ?? "",
    errorFlags: own("EF") ?? before?.errorFlags ?? "",
    status: own("ST") ?? before?.status ?? "",
    eventCounter: own("EI") ?? before?.eventCounter,
  };
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)[,.](\d{3})(?:Z|([+-])(\d\d):?(\d\d))(?: |$)/;

function timeOf(text: string): number | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second, ms] = match.slice(1, 8).map(Number);
  const utcMs = unixMsOfCivil([year ?? 0, month ?? 0, day ?? 0], [hour ?? 0, minute ?? 0, second ?? 0]);
  if (utcMs === undefined) return undefined;
  const offsetMinutes = 60 * Number(match[9] ?? 0) + Number(match[10] ?? 0);
  return utcMs + (ms ?? 0) - (match[8] === "-" ? -1 : 1) * offsetMinutes * 60_000;
}
