/**
 * How a device's registers are laid out: everything in which two meters differ, as data. Addresses are the numbers on
 * the wire (from 0). A file that somebody else wrote becomes a map only by `checkRegisterMap` (hal/meters).
 */

/**
 * u, i and f as in every list of registers. t5 and t6 are Iskra's: 32 bits, of which the first eight are a signed
 * decimal exponent and the other 24 the digits, unsigned in t5 and signed in t6.
 */
export type NumberType = "u16" | "i16" | "u32" | "i32" | "u64" | "i64" | "f32" | "f64" | "t5" | "t6";
export type IntegerType = Exclude<NumberType, "f32" | "f64" | "t5" | "t6">;

/** Order of the 16-bit words of one number; the bytes within a word are always high first, and so are texts. */
export type WordOrder = "high-first" | "low-first";

export type EnergyUnit = "Wh" | "kWh";

export interface Register {
  readonly address: number;
  /** Where it differs from the map's. */
  readonly functionCode?: 3 | 4;
  /** Some variants of the model do not have it: an illegal address is no fault then. */
  readonly optional?: true;
  /** It has to be read by itself. */
  readonly alone?: true;
}

export interface NumberRegister extends Register {
  readonly type: NumberType;
  /** Value in the quantity's unit (V, A, W, Hz) for one count: 1000 where the meter gives kW. */
  readonly scale: number;
  /** Where the value's decimal exponent stands: value = count x scale x 10^exponent. Always fetched in one request. */
  readonly exponent?: { readonly address: number; readonly type: "i16" | "u16" };
  /** `absolute`: some variants show it negative. `reversed`: it counts the other direction. */
  readonly sign?: "absolute" | "reversed";
}

export interface EnergyRegister extends NumberRegister {
  readonly unit: EnergyUnit;
  /** The meter counts in such steps (of the unit), though the register could hold smaller ones. */
  readonly step?: number;
  /** So many counts after 0 it is at 0 again; absent where nobody says. */
  readonly rolloverCounts?: number;
}

/** A lifetime counter, in one register or several. */
export interface EnergyCounter extends EnergyRegister {
  /** Counters of other tariffs: the energy is the sum of all. */
  readonly plus?: readonly EnergyRegister[];
  /** The same energy in smaller steps, which some variants have: read in place of this one where it agrees with it. */
  readonly finer?: EnergyRegister;
}

export interface TextRegister extends Register {
  readonly type: "text";
  readonly count: number;
  /** Two where nothing is said, high byte first. */
  readonly charactersPerRegister?: 1;
}

/** `version`: 16 bits are major, minor (4 bits each) and revision; 32 bits are a letter and three numbers. */
export type IdentityRegister = TextRegister | (NumberRegister & { readonly shownAs?: "hex" | "version" });

export interface MarkRegister extends NumberRegister {
  readonly value: number;
}

export interface RegisterBlock {
  readonly functionCode?: 3 | 4;
  readonly address: number;
  readonly count: number;
}

/** As it leaves the factory: what to try first when nobody says. */
export interface FactorySettings {
  readonly baudRate?: number;
  readonly parity?: "none" | "even" | "odd";
  readonly stopBits?: 1 | 2;
  readonly unit?: number;
}

export interface RegisterMap {
  /** Name of the model, such as `eastron-sdm630`. */
  readonly model: string;
  /** The function that reads its registers, where a register does not say otherwise. */
  readonly functionCode: 3 | 4;
  readonly wordOrder: WordOrder;
  /** What the maker allows in one read; the standard allows 125. */
  readonly registersPerReadMax: number;
  /** What every unit of the model can do, where some units cannot do the maximum. */
  readonly registersPerReadSafe?: number;
  /** Reads begin and end at even addresses only. */
  readonly evenOnly?: true;
  /** Registers that the model does not have must not be read along. */
  readonly noGap?: true;
  /** Registers that are given together or not at all. */
  readonly blocks?: readonly RegisterBlock[];
  /** Rest between two requests. */
  readonly pauseMs: number;
  /** The longest time that the maker or those who use it allow for the first byte of an answer. */
  readonly answerMs: number;
  /** Raw values that mean "I have no value". NaN and infinity always do. */
  readonly notAvailable?: Partial<Readonly<Record<IntegerType, bigint>>>;
  readonly factory?: FactorySettings;
  /** A meter for direct current: one voltage, one current, no frequency. */
  readonly directCurrent?: true;
  /** What stands here as long as the table fits the device: fetched with every reading, which counts only then. */
  readonly marks?: readonly MarkRegister[];
  readonly identity: {
    readonly serialNumber?: IdentityRegister;
    readonly firmware?: IdentityRegister;
    /** A number that tells this family of models from others, and the values it has there. */
    readonly modelCode?: NumberRegister & { readonly from: number; readonly to: number };
    /** A text that does, and how it may begin. */
    readonly modelName?: TextRegister & { readonly startsWith: readonly string[] };
  };
  readonly quantities: {
    /** Lifetime counters that nobody can reset. */
    readonly importedEnergy: EnergyCounter;
    readonly exportedEnergy?: EnergyCounter;
    /** Total active power. */
    readonly power: NumberRegister;
    /** To neutral, a phase each; none where the model does not say. */
    readonly voltage: readonly NumberRegister[];
    readonly current: readonly NumberRegister[];
    /** `tenfoldAbove`: some units give ten times the value; what is larger than this is divided by ten. */
    readonly frequency?: NumberRegister & { readonly tenfoldAbove?: number };
  };
}

export type AnyRegister = NumberRegister | EnergyRegister | TextRegister;

/** Registers of the value itself. */
export function registerCount(register: AnyRegister): number {
  return register.type === "text" ? register.count : WORDS[register.type];
}

/** All that has to come in one request for the value to mean anything: the value and its exponent. */
export function registerSpan(register: AnyRegister): RegisterBlock {
  const { address } = register;
  const end = address + registerCount(register);
  const exponent = register.type === "text" ? undefined : register.exponent;
  if (exponent === undefined) return { address, count: end - address };
  const first = Math.min(address, exponent.address);
  return { address: first, count: Math.max(end, exponent.address + 1) - first };
}

const WORDS = { u16: 1, i16: 1, u32: 2, i32: 2, f32: 2, t5: 2, t6: 2, u64: 4, i64: 4, f64: 4 } as const;
