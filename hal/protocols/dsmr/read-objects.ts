/** The lines between identification and end mark of a P1 telegram. P1 Companion Standard 5.0.2, section 6. */
import { fail, ok, type Result } from "#base/result.ts";
import { quoted } from "../ascii.ts";
import { isPlausibleValue, readDataSets, toValues } from "../iec62056-21/data-set.ts";
import { readIdentification } from "../iec62056-21/identification.ts";
import type { TelegramValue } from "../telegram.ts";

export interface ObjectFault {
  readonly reason: string;
}

/**
 * The values of all objects, in their order; several of one object have the same code.
 *
 * `strict` refuses a telegram in which one line is not as the standard writes it. `lenient` is for one that a CRC has
 * found whole: there an odd line is the meter's way of writing, and only that line is left out.
 */
export function readObjects(text: string, strictness: "strict" | "lenient"): Result<TelegramValue[], ObjectFault> {
  const [identification = "", ...lines] = linesOf(text);
  if (strictness === "strict" && readIdentification(identification) === undefined) {
    return fail({ reason: `${quoted(identification)} is no identification, and there is no CRC` });
  }
  const values: TelegramValue[] = [];
  let code: string | undefined;
  for (const line of lines) {
    if (line === "") continue;
    const object = readObject(line, code);
    if (
      strictness === "strict" &&
      !(object === undefined ? isOtherLine(line) : object.raws.every((raw) => isPlausibleIn(object.code, raw)))
    ) {
      return fail({ reason: `${quoted(line)} is not a line of such a telegram, and there is no CRC` });
    }
    code = object?.code;
    for (const raw of object?.raws ?? []) values.push(...toValues(object?.code ?? "", raw, "without filling zeros"));
  }
  return values.length > 0 ? ok(values) : fail({ reason: "no object in it" });
}

/**
 * What the telegram says that makes a CRC a must; undefined when it says nothing of the kind. CRCs came with DSMR 4.0,
 * and eMUCS is made after 5.0.
 */
export function requiredSum(text: string): string | undefined {
  const version = /\n1-3:0\.2\.8\((\d+)\)/.exec(text)?.[1];
  if (version !== undefined && Number(version) >= FIRST_VERSION_WITH_CRC) return `version ${version}`;
  const belgian = /\n0-0:96\.1\.4\((\d+)\)/.exec(text)?.[1];
  if (belgian !== undefined) return `Belgian version ${belgian}`;
  const object = OBJECT_OF_VERSION_4.exec(text)?.[1];
  return object === undefined ? undefined : `a telegram with ${object}`;
}

const FIRST_VERSION_WITH_CRC = 40;

/**
 * Time of the telegram, failures of power, sags and swells came with DSMR 4.0, whether the version is stated or not
 * (Swedish meters do not). Without its CRC, one whose last lines are lost would look whole.
 */
const OBJECT_OF_VERSION_4 =
  /\n(0-0:1\.0\.0(?=\(\d{12}[SW]\))|0-0:96\.7\.(?:9|21)|1-0:99\.97\.0|1-0:[357]2\.3[26]\.0)\(/;

/** Code in full, as sent: `1-0:1.8.0`, also with the sixth part as `*255` or `.255`. */
const OBJECT_CODE = /^\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3}(?:[*.]\d{1,3})?$/;

/** A short code, as a D0 readout has: well formed, but not an object of P1. */
const SHORT_CODE = /^[0-9A-FLP]{1,3}(?:\.[0-9A-F]{1,3}){1,3}$/;

interface ObjectLine {
  readonly code: string;
  readonly raws: readonly string[];
}

/** A line that begins with a bracket continues the object before it, as the gas reading of DSMR 2.2 and 3 does. */
function readObject(line: string, codeBefore: string | undefined): ObjectLine | undefined {
  const sets = readDataSets(line);
  const [first, ...further] = sets ?? [];
  if (first === undefined || further.some(({ address }) => address !== "")) return undefined;
  const code = first.address === "" ? codeBefore : first.address;
  if (code === undefined || !OBJECT_CODE.test(code)) return undefined;
  return { code, raws: [first, ...further].map(({ raw }) => raw) };
}

function isOtherLine(line: string): boolean {
  return readDataSets(line)?.every(({ address, raw }) => SHORT_CODE.test(address) && isPlausible(raw)) === true;
}

/** A message to the customer is what the grid operator has written. */
const MESSAGE_CODE = /^\d+-\d+:96\.13\.[01]$/;

function isPlausibleIn(code: string, raw: string): boolean {
  return isPlausible(raw) || (MESSAGE_CODE.test(code) && isPlausibleValue(raw, () => false));
}

function isPlausible(raw: string): boolean {
  if (raw.includes("*")) return isPlausibleValue(raw, (unit) => UNITS.has(unit));
  return PLAIN.test(raw) || OBJECT_CODE.test(raw) || UNITS.has(raw);
}

/**
 * Counts, times, octets in hex, serial numbers: what a value without a unit is, but for a code or a unit's name. A
 * space is only one bit away from a zero, and is believed between letters.
 */
const PLAIN = /^(?:[0-9A-Z.-]*|[0-9a-f]*|(?=.*[A-Z])[0-9A-Z .-]*)$/;

/** Units of P1 telegrams without a CRC. RECALL: those beside kWh, Wh, kW, W, A and m3, which recorded ones have. */
const UNITS: ReadonlySet<string> = new Set(
  "Wh kWh MWh W kW MW varh kvarh VArh kVArh var kvar VAr kVAr VAh kVAh VA kVA V A Hz m3 dm3 MJ GJ s min h".split(" "),
);

/** Line ends are carriage return and line feed; a bare line feed is what is left where somebody stored the text. */
function linesOf(text: string): readonly string[] {
  return text.replace(/\r?\n$/, "").split(/\r?\n/);
}
