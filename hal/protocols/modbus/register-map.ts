/**
 * How a device's registers are laid out: everything in which two meters differ, as data. Addresses are the numbers on
 * the wire (from 0).
 */

export type NumberType = "u16" | "i16" | "u32" | "i32" | "u64" | "i64" | "f32" | "f64";
export type IntegerType = Exclude<NumberType, "f32" | "f64">;

/** Order of the 16-bit words of one value; the bytes within a word are always high first. */
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
  /** Value in the quantity's unit (V, A, W, Hz) for one count. */
  readonly scale: number;
}

export interface EnergyRegister extends Register {
  readonly type: NumberType;
  readonly scale: number;
  readonly unit: EnergyUnit;
}

export interface TextRegister extends Register {
  readonly type: "text";
  /** Registers of two characters each. */
  readonly count: number;
}

export interface RegisterMap {
  /** Name of the model, such as `eastron-sdm630`. */
  readonly model: string;
  /** The function that reads its registers, where a register does not say otherwise. */
  readonly functionCode: 3 | 4;
  readonly wordOrder: WordOrder;
  /** What the maker allows in one read; the standard allows 125. */
  readonly registersPerReadMax: number;
  /** Reads begin and end at even addresses only. */
  readonly evenOnly?: true;
  /** Registers that the model does not have must not be read along. */
  readonly noGap?: true;
  /** Rest between two requests. */
  readonly pauseMs: number;
  /** The longest time that the maker or those who use it allow for the first byte of an answer. */
  readonly answerMs: number;
  /** Raw values that mean "I have no value". NaN and infinity always do. */
  readonly notAvailable?: Partial<Readonly<Record<IntegerType, bigint>>>;
  readonly identity: {
    readonly serialNumber?: NumberRegister | TextRegister;
    readonly firmware?: NumberRegister | TextRegister;
    /** A word that tells this family of models from others, and the values it has there. */
    readonly modelCode?: NumberRegister & { readonly from: number; readonly to: number };
  };
  readonly quantities: {
    /** Lifetime counters that nobody can reset. */
    readonly importedEnergy: EnergyRegister;
    readonly exportedEnergy?: EnergyRegister;
    /** Total active power. */
    readonly power: NumberRegister;
    /** To neutral, a phase each. */
    readonly voltage: readonly NumberRegister[];
    readonly current: readonly NumberRegister[];
    readonly frequency?: NumberRegister;
  };
}

export function registerCount(register: NumberRegister | EnergyRegister | TextRegister): number {
  return register.type === "text" ? register.count : WORDS[register.type];
}

const WORDS = { u16: 1, i16: 1, u32: 2, i32: 2, f32: 2, u64: 4, i64: 4, f64: 4 } as const;
