/** An energy meter of a given model on a simulated line, showing what its source says at the moment it is asked. */
import { assert } from "#base/assert.ts";
import { METER_IMAGES, type MeterImage } from "./meter-images.ts";
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
}

export class SimulatedMeter implements SimulatedUnit {
  readonly faults: LineFaults = noFaults();
  readonly #image: MeterImage;
  readonly #source: MeterSource;
  readonly #serialNumber: number;

  constructor(options: SimulatedMeterOptions) {
    const image = METER_IMAGES[options.model];
    assert(image !== undefined, `there is a simulated meter of the model ${options.model}`);
    this.#image = image;
    this.#source = options.source;
    this.#serialNumber = options.serialNumber;
  }

  read(functionCode: 3 | 4, address: number, count: number): readonly number[] | ModbusException {
    const { readMax, evenOnly, ranges } = this.#image;
    if (!ranges.some(([codes]) => codes.includes(String(functionCode)))) return ILLEGAL_FUNCTION;
    if (count < 1 || count > readMax || (evenOnly && (address % 2 !== 0 || count % 2 !== 0))) return ILLEGAL_VALUE;
    const isKnown = ranges.some(
      ([codes, first, last]) => codes.includes(String(functionCode)) && address >= first && address + count - 1 <= last,
    );
    if (!isKnown) return ILLEGAL_ADDRESS;
    const words = new Array<number>(count).fill(0);
    for (const [first, values] of this.#image.words(this.#source.now(), { serialNumber: this.#serialNumber })) {
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
}
