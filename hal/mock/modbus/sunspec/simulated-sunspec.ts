/** A device with a chain of SunSpec models on a simulated line. */
import {
  ILLEGAL_ADDRESS,
  ILLEGAL_FUNCTION,
  ILLEGAL_VALUE,
  noFaults,
  type LineFaults,
  type ModbusException,
  type SimulatedUnit,
} from "../simulated-unit.ts";
import type { SunspecPart } from "./sunspec-parts.ts";

export interface SimulatedSunspecOptions {
  /** Where "SunS" stands. */
  readonly base: number;
  readonly parts: readonly SunspecPart[];
  /** What stands behind the last part: number and length of the end, the number alone, or nothing at all. */
  readonly end?: "whole" | "number" | "missing";
  readonly mark?: readonly [number, number];
}

const MARK = [0x5375, 0x6e53] as const;
const END = 0xffff;
const READ_MAX = 125;

export class SimulatedSunspec implements SimulatedUnit {
  readonly faults: LineFaults = noFaults();
  #options: SimulatedSunspecOptions;

  constructor(options: SimulatedSunspecOptions) {
    this.#options = options;
  }

  /** As after an update. */
  restart(options: SimulatedSunspecOptions): void {
    this.#options = options;
  }

  read(functionCode: 3 | 4, address: number, count: number): readonly number[] | ModbusException {
    if (functionCode !== 3) return ILLEGAL_FUNCTION;
    if (count < 1 || count > READ_MAX) return ILLEGAL_VALUE;
    const words = this.#words();
    const from = address - this.#options.base;
    return from < 0 || from + count > words.length ? ILLEGAL_ADDRESS : words.slice(from, from + count);
  }

  write(): ModbusException {
    return ILLEGAL_ADDRESS;
  }

  #words(): readonly number[] {
    const { parts, end = "whole", mark = MARK } = this.#options;
    const models = parts.flatMap((part) => {
      const words = part.words();
      return [part.id, part.claimedLength ?? words.length, ...words];
    });
    return [...mark, ...models, ...ENDS[end]];
  }
}

const ENDS = { whole: [END, 0], number: [END], missing: [] } as const;
