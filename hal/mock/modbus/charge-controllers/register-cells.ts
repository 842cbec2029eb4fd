/** A simulated unit from cells: what each register shows, and what writing it does. */
import {
  ILLEGAL_ADDRESS,
  ILLEGAL_VALUE,
  noFaults,
  type LineFaults,
  type ModbusException,
  type SimulatedCoils,
  type SimulatedUnit,
} from "../simulated-unit.ts";

export interface RegisterCell {
  read?(): number;
  /** Returns an exception for a word that the device does not take. */
  write?(word: number): ModbusException | undefined;
}

export interface CoilCell {
  read(): boolean;
  write(isOn: boolean): void;
}

export type Cells<Cell> = ReadonlyMap<number, Cell>;

export interface UnitCells {
  readonly input?: Cells<RegisterCell>;
  readonly holding?: Cells<RegisterCell>;
  readonly coils?: Cells<CoilCell>;
  /** Values of several registers that are written and read as a whole; by their first address. */
  readonly wholes?: ReadonlyMap<number, number>;
  /** Called before each request that the unit hears. */
  readonly onRequest?: () => void;
}

export class CellUnit implements SimulatedUnit {
  readonly faults: LineFaults = noFaults();
  readonly coils?: SimulatedCoils;
  readonly #cells: UnitCells;

  constructor(cells: UnitCells) {
    this.#cells = cells;
    if (cells.coils !== undefined) this.coils = coilsOf(cells.coils, cells.onRequest ?? (() => undefined));
  }

  read(functionCode: 3 | 4, address: number, count: number): readonly number[] | ModbusException {
    this.#cells.onRequest?.();
    const cells = functionCode === 3 ? this.#cells.holding : this.#cells.input;
    const whole = this.#cells.wholes?.get(address);
    if (this.#cells.wholes !== undefined && whole !== count) return ILLEGAL_ADDRESS;
    const words: number[] = [];
    for (let register = address; register < address + count; register += 1) {
      const word = cells?.get(register)?.read?.();
      if (word === undefined) return ILLEGAL_ADDRESS;
      words.push(word);
    }
    return words;
  }

  write(address: number, words: readonly number[]): ModbusException | undefined {
    this.#cells.onRequest?.();
    const cells = words.map((_, index) => this.#cells.holding?.get(address + index));
    if (cells.some((cell) => cell?.write === undefined)) return ILLEGAL_ADDRESS;
    for (const [index, word] of words.entries()) {
      const refusal = cells[index]?.write?.(word);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }
}

/** The two registers of a number, the high word first; it takes effect with its low word. */
export function pair(
  address: number,
  read: () => number,
  write?: (value: number) => ModbusException | undefined,
): readonly (readonly [number, RegisterCell])[] {
  let high = 0;
  const writeHigh = (word: number): undefined => {
    high = word;
  };
  return [
    [address, { read: () => Math.floor(read() / 0x1_0000), ...(write === undefined ? {} : { write: writeHigh }) }],
    [
      address + 1,
      {
        read: () => read() % 0x1_0000,
        ...(write === undefined ? {} : { write: (word) => write(high * 0x1_0000 + word) }),
      },
    ],
  ];
}

/** A register that keeps what is written to it. */
export class KeptWord implements RegisterCell {
  value: number;
  readonly #accepts: (word: number) => ModbusException | undefined;

  constructor(value: number, accepts: (word: number) => ModbusException | undefined = () => undefined) {
    this.value = value;
    this.#accepts = accepts;
  }

  read(): number {
    return this.value;
  }

  write(word: number): ModbusException | undefined {
    const refusal = this.#accepts(word);
    if (refusal === undefined) this.value = word;
    return refusal;
  }
}

/** The same register, with what else writing it does. */
export function written(cell: KeptWord, done: () => void): RegisterCell {
  return {
    read: () => cell.value,
    write: (word) => {
      const refusal = cell.write(word);
      done();
      return refusal;
    },
  };
}

export function writeOnly(take: (word: number) => unknown, [min, max]: readonly [number, number]): RegisterCell {
  return {
    write: (word) => {
      if (word < min || word > max) return ILLEGAL_VALUE;
      take(word);
      return undefined;
    },
  };
}

function coilsOf(cells: Cells<CoilCell>, onRequest: () => void): SimulatedCoils {
  return {
    read: (address, count) => {
      onRequest();
      const found = Array.from({ length: count }, (_, index) => cells.get(address + index)?.read());
      return found.every((isOn) => isOn !== undefined) ? found : ILLEGAL_ADDRESS;
    },
    write: (address, isOn) => {
      onRequest();
      const cell = cells.get(address);
      if (cell === undefined) return ILLEGAL_ADDRESS;
      cell.write(isOn);
      return undefined;
    },
  };
}
