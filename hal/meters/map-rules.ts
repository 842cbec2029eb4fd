/** What the keys of a register map say together. Each key is right by itself already. */
import {
  registerCount,
  registerSpan,
  type AnyRegister,
  type EnergyRegister,
  type IdentityRegister,
  type IntegerType,
  type NumberRegister,
  type RegisterMap,
} from "#hal/protocols/modbus/register-map.ts";
import { planFetch } from "./fetch-plan.ts";
import {
  counterRegisters,
  finerRegisters,
  identityRegisters,
  quantityRegisters,
  type NamedRegister,
} from "./map-registers.ts";
import type { MapProblem } from "./map-shape.ts";

export function mapRuleProblems(map: RegisterMap): readonly MapProblem[] {
  const all = [...identityRegisters(map), ...quantityRegisters(map), ...finerRegisters(map)];
  const problems = [
    ...wholeMapProblems(map),
    ...all.flatMap((named) => placeProblems(named, map)),
    ...[...counterRegisters(map), ...finerRegisters(map)].flatMap(energyProblems),
    ...identityProblems(map),
    ...overlapProblems([...quantityRegisters(map), ...finerRegisters(map)], map),
  ];
  // Only what can be fetched at all can be planned.
  return problems.length > 0 ? problems : timeProblems(map);
}

/** Half of the time for a reading is for the answers. */
const PAUSES_MS_MAX = 5_000;

function timeProblems(map: RegisterMap): readonly MapProblem[] {
  const registers = quantityRegisters(map).map(({ register }) => register);
  const requests = planFetch(map, registers, 0).length;
  if (requests * map.pauseMs <= PAUSES_MS_MAX) return [];
  const expected = `at most ${Math.floor(PAUSES_MS_MAX / requests)}: a reading takes up to ${requests} requests`;
  return [problem("pauseMs", map.pauseMs, expected)];
}

function wholeMapProblems(map: RegisterMap): readonly MapProblem[] {
  const { registersPerReadMax: max, registersPerReadSafe: safe, blocks = [], quantities, directCurrent } = map;
  const { importedEnergy, voltage, current, frequency } = quantities;
  const phases = `${voltage.length} voltages and ${current.length} currents`;
  return [
    ...(safe !== undefined && safe > max
      ? [problem("registersPerReadSafe", safe, `at most registersPerReadMax, which is ${max}`)]
      : []),
    ...blocks.flatMap(({ count }, index) =>
      count > max ? [problem(`blocks[${index}].count`, count, `at most registersPerReadMax, which is ${max}`)] : [],
    ),
    ...(importedEnergy.optional === true
      ? [problem("quantities.importedEnergy.optional", true, "nothing: without this counter there is no reading")]
      : []),
    ...(voltage.length > 0 && current.length > 0 && voltage.length !== current.length
      ? [problem("quantities.current", phases, "as many currents as voltages, one a phase")]
      : []),
    ...(directCurrent === true && (voltage.length > 1 || current.length > 1 || frequency !== undefined)
      ? [problem("directCurrent", phases, "one voltage, one current and no frequency")]
      : []),
  ];
}

/** Whether one read can fetch it. */
function placeProblems({ path, register }: NamedRegister, map: RegisterMap): readonly MapProblem[] {
  const span = registerSpan(register);
  const end = span.address + span.count;
  if (end > 0x1_0000) return [problem(`${path}.address`, register.address, `a register that ends at 65535 or before`)];
  if (overlapsItsExponent(register)) {
    return [problem(`${path}.exponent.address`, exponentAddress(register), "a register that is no part of the value")];
  }
  const limit = map.registersPerReadSafe ?? map.registersPerReadMax;
  const block = map.blocks?.find(
    (candidate) =>
      (candidate.functionCode ?? map.functionCode) === (register.functionCode ?? map.functionCode) &&
      span.address < candidate.address + candidate.count &&
      end > candidate.address,
  );
  if (block !== undefined) {
    const isInside = span.address >= block.address && end <= block.address + block.count;
    const expected = `a register that lies in the block at ${block.address} with all of its words, or with none`;
    return isInside ? [] : [problem(`${path}.address`, register.address, expected)];
  }
  const lead = map.evenOnly === true ? span.address % 2 : 0;
  const fetched = map.evenOnly === true ? span.count + lead + ((span.count + lead) % 2) : span.count;
  if (fetched <= limit) return [];
  const isApart = span.count > registerCount(register);
  const expected = isApart
    ? `an exponent within ${limit} registers of its value, the most that one read fetches`
    : `at most ${limit} registers, the most that one read fetches`;
  return [problem(isApart ? `${path}.exponent.address` : path, `${fetched} registers`, expected)];
}

function overlapsItsExponent(register: AnyRegister): boolean {
  const exponent = exponentAddress(register);
  if (exponent === undefined) return false;
  return exponent >= register.address && exponent < register.address + registerCount(register);
}

function exponentAddress(register: AnyRegister): number | undefined {
  return register.type === "text" ? undefined : register.exponent?.address;
}

/** An integer counter is exact only in whole mWh. */
function energyProblems({ path, register }: NamedRegister<EnergyRegister>): readonly MapProblem[] {
  const { type, scale, unit, rolloverCounts } = register;
  const isFloat = type === "f32" || type === "f64";
  const milliWh = scale * (unit === "kWh" ? 1e6 : 1e3);
  const isWhole = milliWh > 0.5 && milliWh <= 1e12 && Math.abs(milliWh - Math.round(milliWh)) < 1e-6;
  return [
    ...(isFloat || isWhole ? [] : [problem(`${path}.scale`, scale, "a whole number of mWh for each count")]),
    ...(rolloverCounts !== undefined && isFloat
      ? [problem(`${path}.rolloverCounts`, rolloverCounts, "nothing: a float does not start again from 0")]
      : []),
  ];
}

function identityProblems(map: RegisterMap): readonly MapProblem[] {
  const { serialNumber, firmware, modelCode } = map.identity;
  const shown = Object.entries({ serialNumber, firmware }).flatMap(([key, register]) => shownProblems(key, register));
  if (modelCode === undefined) return shown;
  const { type, from, to } = modelCode;
  const max = isInteger(type) ? 2 ** (16 * registerCount(modelCode) - (type.startsWith("i") ? 1 : 0)) - 1 : 0;
  return [
    ...shown,
    ...(isInteger(type) ? [] : [problem("identity.modelCode.type", type, "an integer type, such as u16")]),
    ...(from > to ? [problem("identity.modelCode.from", from, `at most the value of to, which is ${to}`)] : []),
    ...(isInteger(type) && to > max
      ? [problem("identity.modelCode.to", to, `at most ${max}, the largest value of ${type}`)]
      : []),
  ];
}

function shownProblems(key: string, register: IdentityRegister | undefined): readonly MapProblem[] {
  if (register === undefined || register.type === "text" || register.shownAs === undefined) return [];
  const { type, shownAs } = register;
  const types = shownAs === "version" ? ["u16", "u32"] : ["u16", "u32", "u64"];
  if (types.includes(type)) return [];
  return [problem(`identity.${key}.type`, type, `${types.join(" or ")}, since it is shown as ${shownAs}`)];
}

/** Two quantities in one register are a slip of the one who copied the numbers. */
function overlapProblems(all: readonly NamedRegister<NumberRegister>[], map: RegisterMap): readonly MapProblem[] {
  return all.flatMap((later, index) => {
    const earlier = all.slice(0, index).find((other) => areOverlapping(other.register, later.register, map));
    if (earlier === undefined) return [];
    const expected = `registers of its own: ${earlier.path} uses ${earlier.register.address} as well`;
    return [problem(`${later.path}.address`, later.register.address, expected)];
  });
}

function areOverlapping(left: NumberRegister, right: NumberRegister, map: RegisterMap): boolean {
  if ((left.functionCode ?? map.functionCode) !== (right.functionCode ?? map.functionCode)) return false;
  const holds = (register: NumberRegister, address: number | undefined): boolean =>
    address !== undefined && address >= register.address && address < register.address + registerCount(register);
  return (
    holds(left, right.address) ||
    holds(right, left.address) ||
    holds(left, right.exponent?.address) ||
    holds(right, left.exponent?.address)
  );
}

function isInteger(type: NumberRegister["type"]): type is IntegerType {
  return /^[ui]/.test(type);
}

function problem(path: string, found: unknown, expected: string): MapProblem {
  return { path, found: String(found), expected };
}
