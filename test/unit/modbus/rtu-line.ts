/** A bus and simulated units at the two ends of a cable in memory, in simulated time. */
import type { Result } from "#base/result.ts";
import { registerBusOver } from "#hal/linux/modbus/open-register-bus.ts";
import { joinMemoryLinks, type MemoryCable } from "#hal/mock/memory-link.ts";
import { RtuSlaves } from "#hal/mock/modbus/rtu-slaves.ts";
import {
  ILLEGAL_ADDRESS,
  noFaults,
  type LineFaults,
  type ModbusException,
  type SimulatedUnit,
} from "#hal/mock/modbus/simulated-unit.ts";
import { SeededRandomness } from "#hal/mock/seeded-random.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { BusFault, ReadRegisters, RegisterAnswer, RegisterBus } from "#hal/ports/register-bus.ts";

export interface RtuLine {
  readonly clock: SimulatedClock;
  readonly cable: MemoryCable;
  readonly bus: RegisterBus;
  readonly slaves: RtuSlaves;
}

export function openRtuLine(units: ReadonlyMap<number, SimulatedUnit>, options: { echoes?: boolean } = {}): RtuLine {
  const clock = new SimulatedClock();
  const cable = joinMemoryLinks({ clock, seed: "rtu line", delayMs: 2 });
  const slaves = new RtuSlaves({ link: cable.right, clock, units });
  void slaves.start();
  const endpoint = {
    kind: "serial",
    path: "memory",
    baudRate: 9600,
    dataBits: 8,
    parity: "none",
    stopBits: 1,
  } as const;
  const randomness = new SeededRandomness("rtu line");
  const bus = registerBusOver(cable.left, { ...endpoint, echoes: options.echoes ?? false }, clock, randomness);
  return { clock, cable, bus, slaves };
}

/** A device whose register `n` holds `n` plus a number of its own: each value says where it came from. */
export class NumberedUnit implements SimulatedUnit {
  readonly faults: LineFaults = noFaults();
  readonly asked: number[] = [];
  readonly written: (readonly [address: number, words: readonly number[]])[] = [];
  readonly #base: number;

  constructor(base: number) {
    this.#base = base;
  }

  read(_functionCode: 3 | 4, address: number, count: number): readonly number[] | ModbusException {
    this.asked.push(address);
    if (address >= 9000) return ILLEGAL_ADDRESS;
    return Array.from({ length: count }, (_, index) => this.#base + address + index);
  }

  write(address: number, words: readonly number[]): ModbusException | undefined {
    this.written.push([address, words]);
    return undefined;
  }
}

export function readOf(unit: number, address: number, more: Partial<ReadRegisters> = {}): ReadRegisters {
  return {
    unit,
    functionCode: 3,
    address,
    count: 2,
    answerMs: 200,
    deadlineMs: 5000,
    priority: "normal",
    pauseMs: 0,
    ...more,
  };
}

/** The words, or the fault's code. */
export function told(answer: Result<RegisterAnswer, BusFault>): readonly number[] | string {
  return answer.ok ? answer.value.words : answer.fault.code;
}
