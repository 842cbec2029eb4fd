/**
 * From a table that somebody wrote, in a file or in this project, to a model of a meter that speaks by itself: what
 * every key may be, and what the keys say together.
 */
import { fail, ok, type Result } from "#base/result.ts";
import {
  below,
  flag,
  isTable,
  listOf,
  note,
  oneOf,
  optional,
  table,
  text,
  wholeNumber,
  withDefault,
  type MapProblem,
  type Reader,
} from "#hal/meters/map-shape.ts";
import { readObisCode } from "./coded-values.ts";
import { modelsOf } from "./models/registry.ts";
import type { PowerBalance, RegisterSum, TelegramModel, TelegramProtocol } from "./telegram-model.ts";

const PROTOCOLS = ["sml", "dsmr", "iec62056", "dlms"] as const satisfies readonly TelegramProtocol[];

/** Whether the table means a meter that speaks by itself, and not one with registers. */
export function isTelegramTable(value: unknown): boolean {
  return isTable(value) && Object.hasOwn(value, "protocol");
}

/** All that is wrong with it in the order of the keys; what they say together only when each is right by itself. */
export function checkTelegramModel(value: unknown): Result<TelegramModel, readonly MapProblem[]> {
  const problems: MapProblem[] = [];
  const protocol = isTable(value) ? PROTOCOLS.find((each) => each === value["protocol"]) : undefined;
  const model = modelTable(protocol ?? "sml")(value, { path: "", problems });
  if (model === undefined || problems.length > 0) return fail(problems);
  const contradictions = ruleProblems(model);
  return contradictions.length === 0 ? ok(model) : fail(contradictions);
}

/** A day: whoever tells less often tells nothing of a charge. */
const PERIOD_MS_MAX = 86_400_000;
const SUMS_MAX = 8;
const CODES_MAX = 8;

const code: Reader<string> = (value, place) => {
  if (typeof value === "string" && readObisCode(value) !== undefined) return value;
  note(place, value, 'an OBIS code such as "1.8.0" or "0-0:96.1.0"');
  return undefined;
};

const codes = listOf(code, CODES_MAX);

/** Registers that count on for ever: group D is 8 (IEC 62056-61, 5.3.1). Others begin anew with each billing period. */
function lifetime(groupsC: readonly string[]): Reader<string> {
  return (value, place) => {
    const obis = code(value, place);
    if (obis === undefined) return undefined;
    const { quantity, stored } = readObisCode(obis) ?? { quantity: "", stored: undefined };
    const [c = "", d] = quantity.split(".");
    if (groupsC.includes(c) && d === "8" && (stored === undefined || stored === "255")) return obis;
    note(place, value, `a lifetime register: group C ${groupsC.join(" or ")}, group D 8, nothing stored behind it`);
    return undefined;
  };
}

function sums(groupsC: readonly string[]): Reader<readonly RegisterSum[]> {
  const list = listOf(nonEmpty(listOf(lifetime(groupsC), CODES_MAX), "at least one code"), SUMS_MAX);
  return nonEmpty(list, "at least one way to get the register");
}

function nonEmpty<Item>(reader: Reader<readonly Item[]>, expected: string): Reader<readonly Item[]> {
  return (value, place) => {
    const list = reader(value, place);
    if (list?.length === 0) note(place, value, expected);
    return list;
  };
}

/** What a file leaves out is as in the first model of its protocol. */
function modelTable(protocol: TelegramProtocol): Reader<TelegramModel> {
  const [usual] = modelsOf(protocol);
  const line = usual?.line ?? { baudRate: 9600, dataBits: 8, parity: "none", stopBits: 1 };
  return table<TelegramModel>({
    model: text("a name of 1 to 32 characters of a-z, 0-9 and -", /^[a-z0-9-]{1,32}$/),
    protocol: oneOf(...PROTOCOLS),
    mode: withDefault(oneOf("pushed", "asked"), "pushed"),
    line: withDefault(
      table<TelegramModel["line"]>({
        baudRate: withDefault(oneOf(300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200), line.baudRate),
        dataBits: withDefault(oneOf(7, 8), line.dataBits),
        parity: withDefault(oneOf("none", "even", "odd"), line.parity),
        stopBits: withDefault(oneOf(1, 2), line.stopBits),
      }),
      line,
    ),
    periodMs: withDefault(wholeNumber(20, PERIOD_MS_MAX), usual?.periodMs ?? 10_000),
    anyPeriodMs: optional(wholeNumber(20, PERIOD_MS_MAX)),
    check: withDefault(oneOf("crc", "bcc", "none"), usual?.check ?? "crc"),
    energyUnit: optional(oneOf("Wh", "kWh", "MWh")),
    rollsOverByDigits: flag,
    identity: withDefault(
      table<TelegramModel["identity"]>({
        serialNumber: withDefault(codes, []),
        isHexText: flag,
        firmware: optional(codes),
      }),
      { serialNumber: [] },
    ),
    quantities: table<TelegramModel["quantities"]>({
      importedEnergy: sums(["1", "21", "41", "61"]),
      exportedEnergy: optional(sums(["2", "22", "42", "62"])),
      power: optional(
        listOf(
          table<PowerBalance>({
            plus: nonEmpty(codes, "at least one code"),
            minus: optional(codes),
            unless: optional(codes),
          }),
          SUMS_MAX,
        ),
      ),
      voltage: optional(listOf(code, 3)),
      current: optional(listOf(code, 3)),
      frequency: optional(code),
    }),
  });
}

/** What each protocol can prove. */
const CHECKS: Readonly<Record<TelegramProtocol, readonly TelegramModel["check"][]>> = {
  sml: ["crc"],
  dlms: ["crc"],
  dsmr: ["crc", "none"],
  iec62056: ["bcc", "none"],
};

function ruleProblems(model: TelegramModel): readonly MapProblem[] {
  const { protocol, mode, check, anyPeriodMs, periodMs, rollsOverByDigits, line } = model;
  const place = { path: "", problems: [] as MapProblem[] };
  const isText = protocol === "iec62056" || protocol === "dsmr";
  if (mode === "asked" && protocol !== "iec62056") {
    note(below(place, "mode"), mode, 'pushed; only meters with protocol = "iec62056" are asked');
  }
  if (mode === "asked" && line.baudRate !== SIGN_ON_BAUD) {
    note(below(place, "line.baudRate"), line.baudRate, `${SIGN_ON_BAUD}: the request is sent at this speed`);
  }
  if (!CHECKS[protocol].includes(check)) {
    note(below(place, "check"), check, `${CHECKS[protocol].join(" or ")}, with protocol = "${protocol}"`);
  }
  if (anyPeriodMs !== undefined && anyPeriodMs > periodMs) {
    note(below(place, "anyPeriodMs"), anyPeriodMs, `at most periodMs, which is ${periodMs}`);
  }
  if (rollsOverByDigits === true && protocol !== "iec62056") {
    note(below(place, "rollsOverByDigits"), true, "nothing: only IEC 62056-21 sends the digits of the display");
  }
  if (model.energyUnit !== undefined && !isText) {
    note(below(place, "energyUnit"), model.energyUnit, `nothing: protocol "${protocol}" always says the unit`);
  }
  return place.problems;
}

const SIGN_ON_BAUD = 300;
