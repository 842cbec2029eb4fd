/**
 * From a table that somebody wrote, in a file or in this project, to a register map that can be believed: what every
 * key may be, and what the keys say together.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type {
  EnergyCounter,
  EnergyRegister,
  FactorySettings,
  IdentityRegister,
  IntegerType,
  NumberRegister,
  RegisterBlock,
  RegisterMap,
  TextRegister,
} from "#hal/protocols/modbus/register-map.ts";
import { mapRuleProblems } from "./map-rules.ts";
import {
  aboveZero,
  flag,
  isTable,
  listOf,
  note,
  oneOf,
  optional,
  table,
  text,
  wholeNumber,
  wideInteger,
  withDefault,
  type MapProblem,
  type Reader,
} from "./map-shape.ts";

/** All that is wrong with it in the order of the keys; what they say together only when each is right by itself. */
export function checkRegisterMap(value: unknown): Result<RegisterMap, readonly MapProblem[]> {
  const problems: MapProblem[] = [];
  const map = registerMap(value, { path: "", problems });
  if (map === undefined || problems.length > 0) return fail(problems);
  const contradictions = mapRuleProblems(map);
  return contradictions.length === 0 ? ok(map) : fail(contradictions);
}

const address = wholeNumber(0, 0xffff);
const functionCode = oneOf(3, 4);
const numberType = oneOf("u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64", "t5", "t6");
const registersMax = 125;

const register = { address, functionCode: optional(functionCode), optional: flag, alone: flag };

const numberKeys = {
  ...register,
  type: numberType,
  scale: aboveZero,
  exponent: optional(table<NonNullable<NumberRegister["exponent"]>>({ address, type: oneOf("i16", "u16") })),
  sign: optional(oneOf("absolute", "reversed")),
};

const energyKeys = {
  ...numberKeys,
  unit: oneOf("Wh", "kWh"),
  step: optional(aboveZero),
  rolloverCounts: optional(wholeNumber(1, Number.MAX_SAFE_INTEGER)),
};

const energy = table<EnergyRegister>(energyKeys);

const counter = table<EnergyCounter>({
  ...energyKeys,
  plus: optional(listOf(energy, 8)),
  finer: optional(energy),
});

const textKeys = {
  ...register,
  type: oneOf("text"),
  count: wholeNumber(1, registersMax),
  charactersPerRegister: optional(oneOf(1)),
};

/** A text or a number: `type` says which. */
const identity: Reader<IdentityRegister> = (value, place) =>
  isTable(value) && value["type"] === "text"
    ? table<TextRegister>(textKeys)(value, place)
    : table<Extract<IdentityRegister, NumberRegister>>({
        ...numberKeys,
        shownAs: optional(oneOf("hex", "version")),
      })(value, place);

const INTEGER_BITS = { u16: 16, i16: 16, u32: 32, i32: 32, u64: 64, i64: 64 } as const;

function mark(type: IntegerType): Reader<bigint> {
  const bits = BigInt(INTEGER_BITS[type]);
  return optional(
    type.startsWith("u") ? wideInteger(0n, 2n ** bits - 1n) : wideInteger(-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n),
  );
}

const quantity = table<NumberRegister>(numberKeys);

/** Marks are found by drivers; nobody writes them. */
const registerMap: Reader<RegisterMap> = table<Omit<RegisterMap, "marks">>({
  model: text("a name of 1 to 32 characters of a-z, 0-9 and -", /^[a-z0-9-]{1,32}$/),
  functionCode,
  wordOrder: oneOf("high-first", "low-first"),
  registersPerReadMax: wholeNumber(1, registersMax),
  registersPerReadSafe: optional(wholeNumber(1, registersMax)),
  evenOnly: flag,
  noGap: flag,
  blocks: optional(
    listOf(
      table<RegisterBlock>({ functionCode: optional(functionCode), address, count: wholeNumber(1, registersMax) }),
      8,
    ),
  ),
  pauseMs: withDefault(wholeNumber(0, 1000), 0),
  answerMs: withDefault(wholeNumber(50, 2000), 1000),
  notAvailable: optional(
    table<NonNullable<RegisterMap["notAvailable"]>>({
      ...{ u16: mark("u16"), i16: mark("i16"), u32: mark("u32"), i32: mark("i32"), u64: mark("u64"), i64: mark("i64") },
    }),
  ),
  factory: optional(
    table<FactorySettings>({
      baudRate: optional(oneOf(300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200)),
      parity: optional(oneOf("none", "even", "odd")),
      stopBits: optional(oneOf(1, 2)),
      unit: optional(wholeNumber(1, 247)),
    }),
  ),
  directCurrent: flag,
  identity: withDefault(identityTable(), {}),
  quantities: table<RegisterMap["quantities"]>({
    importedEnergy: counter,
    exportedEnergy: optional(counter),
    power: quantity,
    voltage: withDefault(listOf(quantity, 3), []),
    current: withDefault(listOf(quantity, 3), []),
    frequency: optional(
      table<NonNullable<RegisterMap["quantities"]["frequency"]>>({ ...numberKeys, tenfoldAbove: optional(aboveZero) }),
    ),
  }),
});

function identityTable(): Reader<RegisterMap["identity"]> {
  return table<RegisterMap["identity"]>({
    serialNumber: optional(identity),
    firmware: optional(identity),
    modelCode: optional(
      table<NonNullable<RegisterMap["identity"]["modelCode"]>>({
        ...numberKeys,
        from: wholeNumber(0, Number.MAX_SAFE_INTEGER),
        to: wholeNumber(0, Number.MAX_SAFE_INTEGER),
      }),
    ),
    modelName: optional(
      table<NonNullable<RegisterMap["identity"]["modelName"]>>({ ...textKeys, startsWith: beginnings() }),
    ),
  });
}

function beginnings(): Reader<readonly string[]> {
  const texts = listOf(text("1 to 32 printable characters", /^[\x20-\x7e]{1,32}$/), 16);
  return (value, place) => {
    const list = texts(value, place);
    if (list?.length === 0) note(place, value, "at least one beginning");
    return list;
  };
}
