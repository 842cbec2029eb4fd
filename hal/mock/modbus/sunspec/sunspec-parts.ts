/**
 * The parts of a SunSpec device, word after word as the models list their points. Written from the lists and not from
 * the driver's offsets: a number that is wrong on one side only must show.
 */
import { characters, exportedMilliWh, float, long, phasePowersW, steps, word } from "../images/word-encoders.ts";
import type { MeterSource, MeterState } from "../meter-source.ts";

export interface SunspecPart {
  readonly id: number;
  /** All behind number and length. */
  words(): readonly number[];
  /** What the device says instead of the true length. */
  readonly claimedLength?: number;
}

export interface SunspecNames {
  readonly maker: string;
  readonly product: string;
  readonly version: string;
  readonly serialNumber: string;
}

/** Model 1, without its last register where a maker leaves it out. */
export function commonPart(names: SunspecNames, length: 65 | 66 = 66): SunspecPart {
  const words = [
    ...characters(names.maker, 16),
    ...characters(names.product, 16),
    ...characters("", 8),
    ...characters(names.version, 8),
    ...characters(names.serialNumber, 16),
    ...[1, 0x8000],
  ];
  return { id: 1, words: () => words.slice(0, length) };
}

/** A model of which only the room matters. */
export function otherPart(id: number, length: number): SunspecPart {
  return { id, words: () => new Array<number>(length).fill(0) };
}

/** Decimal exponents; undefined is "not implemented". */
export interface SunspecExponents {
  readonly current: number | undefined;
  readonly voltage: number | undefined;
  readonly frequency: number | undefined;
  readonly power: number | undefined;
  readonly energy: number | undefined;
}

const USUAL_EXPONENTS: SunspecExponents = { current: -2, voltage: -1, frequency: -2, power: 0, energy: 0 };

const NONE = 0x8000;
const PHASES: Readonly<Record<number, number>> = { 201: 1, 202: 2, 203: 3, 204: 3, 211: 1, 212: 2, 213: 3, 214: 3 };
/** A line without a neutral has no voltages to it. */
const HAS_NEUTRAL: Readonly<Record<number, boolean>> = { 204: false, 214: false };

/** Models 201 to 204. */
export function integerMeterPart(
  id: 201 | 202 | 203 | 204,
  source: MeterSource,
  exponents: Partial<SunspecExponents> = {},
): SunspecPart {
  const its = { ...USUAL_EXPONENTS, ...exponents };
  return { id, words: () => integerWords(id, source.now(), its) };
}

function integerWords(id: number, state: MeterState, exponents: SunspecExponents): readonly number[] {
  const count = PHASES[id] ?? 3;
  const scaled = (values: readonly number[], exponent: number | undefined): readonly number[] =>
    values.flatMap((value, phase) => (phase < count ? word(value / 10 ** (exponent ?? 0)) : [NONE]));
  const volts = HAS_NEUTRAL[id] === false ? [NONE, NONE, NONE] : scaled(state.voltageV, exponents.voltage);
  const lines = state.voltageV.flatMap((volt) => word((volt * Math.sqrt(3)) / 10 ** (exponents.voltage ?? 0)));
  const energy = (milliWh: number): readonly number[] => long(steps(milliWh, 1000 * 10 ** (exponents.energy ?? 0)));
  const factor = (exponent: number | undefined): readonly number[] =>
    exponent === undefined ? [NONE] : word(exponent);
  const nothing = (words: number): readonly number[] => new Array<number>(words).fill(NONE);
  const zero = (words: number): readonly number[] => new Array<number>(words).fill(0);
  const total = state.currentA.slice(0, count).reduce((sum, amperes) => sum + amperes, 0);
  return [
    // Currents: all and each phase; voltages: mean and each to neutral, mean and each between phases.
    ...scaled([total], exponents.current),
    ...scaled(state.currentA, exponents.current),
    ...factor(exponents.current),
    ...(HAS_NEUTRAL[id] === false ? [NONE] : scaled([state.voltageV[0]], exponents.voltage)),
    ...volts,
    ...lines.slice(0, 1),
    ...lines,
    ...factor(exponents.voltage),
    ...word(state.frequencyHz / 10 ** (exponents.frequency ?? 0)),
    ...factor(exponents.frequency),
    ...word(state.powerW / 10 ** (exponents.power ?? 0)),
    ...scaled(phasePowersW(state), exponents.power),
    ...factor(exponents.power),
    // Apparent, reactive, power factor: each with three phases and a factor.
    ...nothing(15),
    ...energy(exportedMilliWh(state)),
    ...zero(6),
    ...energy(state.importedMilliWh),
    ...zero(6),
    ...factor(exponents.energy),
    ...zero(16),
    ...nothing(1),
    ...zero(32),
    ...nothing(1),
    ...zero(2),
  ];
}

/** Models 211 to 214. */
export function floatMeterPart(id: 211 | 212 | 213 | 214, source: MeterSource): SunspecPart {
  return { id, words: () => floatWords(id, source.now()) };
}

function floatWords(id: number, state: MeterState): readonly number[] {
  const count = PHASES[id] ?? 3;
  const each = (values: readonly number[]): readonly number[] =>
    values.flatMap((value, phase) => float(phase < count ? value : Number.NaN));
  const nothing = (values: number): readonly number[] => Array.from({ length: values }, () => float(Number.NaN)).flat();
  return [
    ...nothing(1),
    ...each(state.currentA),
    ...nothing(1),
    ...(HAS_NEUTRAL[id] === false ? nothing(3) : each(state.voltageV)),
    ...nothing(4),
    ...float(state.frequencyHz),
    ...float(state.powerW),
    ...each(phasePowersW(state)),
    ...nothing(12),
    ...float(exportedMilliWh(state) / 1000),
    ...nothing(3),
    ...float(state.importedMilliWh / 1000),
    ...nothing(3),
    ...nothing(8),
    ...nothing(16),
    ...[0, 0],
  ];
}
