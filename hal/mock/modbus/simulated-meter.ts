/** An energy meter of a given model on a simulated line, showing what its source says at the moment it is asked. */
import { assert } from "#base/assert.ts";
import type { AddressRange, MeterImage } from "./images/meter-image.ts";
import { METER_IMAGES } from "./meter-images.ts";
import type { MeterSource } from "./meter-source.ts";
import {
  ILLEGAL_ADDRESS,
  ILLEGAL_FUNCTION,
  ILLEGAL_VALUE,
  noFaults,
  type LineFaults,
  type ModbusException,
  type SimulatedUnit,
} from "./simulated-unit.ts";

export interface SimulatedMeterOptions {
  readonly model: string;
  readonly source: MeterSource;
  readonly serialNumber: number;
  /** A variant of the model that does not have these registers. */
  readonly lacks?: readonly number[];
  /** A unit that cannot do what the model should. */
  readonly readMax?: number;
}

export class SimulatedMeter implements SimulatedUnit {
  readonly faults: LineFaults = noFaults();
  readonly #image: MeterImage;
  readonly #options: SimulatedMeterOptions;

  constructor(options: SimulatedMeterOptions) {
    const image = METER_IMAGES[options.model];
    assert(image !== undefined, `there is a simulated meter of the model ${options.model}`);
    this.#image = image;
    this.#options = options;
  }

  read(functionCode: 3 | 4, address: number, count: number): readonly number[] | ModbusException {
    const { singleWords } = this.#image;
    const refusal = this.#refusal(functionCode, address, count);
    if (refusal !== undefined) return refusal;
    const single = count === 1 ? singleWords?.get(address) : undefined;
    if (single !== undefined) return [single];
    const { source, serialNumber } = this.#options;
    const words = new Array<number>(count).fill(0);
    for (const [first, values] of this.#image.words(source.now(), { serialNumber })) {
      values.forEach((word, offset) => {
        const index = first + offset - address;
        if (index >= 0 && index < count) words[index] = word;
      });
    }
    return words;
  }

  write(): ModbusException {
    return ILLEGAL_FUNCTION;
  }

  #refusal(functionCode: 3 | 4, address: number, count: number): ModbusException | undefined {
    const { ranges, wholeRanges = [], evenOnly = false } = this.#image;
    const { lacks = [], readMax = this.#image.readMax } = this.#options;
    const last = address + count - 1;
    const ofFunction = ([codes]: AddressRange): boolean => codes.includes(String(functionCode));
    if (!ranges.some(ofFunction)) return ILLEGAL_FUNCTION;
    if (count < 1 || count > readMax || (evenOnly && (address % 2 !== 0 || count % 2 !== 0))) return ILLEGAL_VALUE;
    const isKnown = ranges.some((range) => ofFunction(range) && address >= range[1] && last <= range[2]);
    const isWhole = wholeRanges.every(
      (range) => !ofFunction(range) || last < range[1] || address > range[2] || isExactly(range, address, last),
    );
    if (!isKnown || !isWhole || lacks.some((lacking) => lacking >= address && lacking <= last)) return ILLEGAL_ADDRESS;
    return undefined;
  }
}

function isExactly(range: AddressRange, first: number, last: number): boolean {
  return range[1] === first && range[2] === last;
}
