/**
 * Fetches a set of registers from one device over the bus, and learns what this device does not like: a read that it
 * refuses is asked for in smaller pieces from then on, and an optional register that it does not have is left out.
 */
import { assert } from "#base/assert.ts";
import { ok, type Result } from "#base/result.ts";
import type { BusFault, BusPriority, RegisterAnswer, RegisterBus } from "#hal/ports/register-bus.ts";
import { isNotThere } from "#hal/protocols/modbus/exception-text.ts";
import { planReads, type PlannedRead, type ReadRules, type WantedRegister } from "#hal/protocols/modbus/plan-reads.ts";
import {
  registerCount,
  type EnergyRegister,
  type NumberRegister,
  type RegisterMap,
  type TextRegister,
} from "#hal/protocols/modbus/register-map.ts";

export type AnyRegister = NumberRegister | EnergyRegister | TextRegister;

export interface ReaderOptions {
  readonly map: RegisterMap;
  readonly unit: number;
  readonly priority: BusPriority;
  /** For one request, waiting for the line included. */
  readonly deadlineMs: number;
}

/** The words of each register that the device has. */
export type RegisterWords = ReadonlyMap<AnyRegister, readonly number[]>;

/** A damaged or lost frame is worth one more try. */
const TRIES = 2;
const ANSWER_MS_MIN = 250;

interface Wanted extends WantedRegister {
  readonly register: AnyRegister;
}

export class RegisterReader {
  readonly #bus: RegisterBus;
  readonly #options: ReaderOptions;
  readonly #rules: ReadRules;
  #plan: readonly PlannedRead<Wanted>[];
  #latencyMs: number | undefined;
  #connection: number | undefined;

  constructor(bus: RegisterBus, registers: readonly AnyRegister[], options: ReaderOptions) {
    this.#bus = bus;
    this.#options = options;
    const { map } = options;
    const wanted = registers.map((register) => ({
      register,
      functionCode: register.functionCode ?? map.functionCode,
      address: register.address,
      count: registerCount(register),
      alone: register.alone ?? false,
    }));
    this.#rules = {
      registersPerReadMax: map.registersPerReadMax,
      evenOnly: map.evenOnly ?? false,
      gapRegistersMax: map.noGap === true ? 0 : bus.bridgedRegistersMax,
    };
    this.#plan = planReads(wanted, this.#rules);
  }

  /** Which opening of the line the last answer came over. */
  get connection(): number | undefined {
    return this.#connection;
  }

  /** `onArrived` is called with each register at the moment when its words have come. */
  async readAll(onArrived?: (register: AnyRegister) => void): Promise<Result<RegisterWords, BusFault>> {
    const words = new Map<AnyRegister, readonly number[]>();
    const waiting = [...this.#plan];
    for (let read = waiting.shift(); read !== undefined; read = waiting.shift()) {
      const answer = await this.#readPatiently(read);
      if (answer.ok) {
        for (const wanted of read.registers) {
          const from = wanted.address - read.address;
          words.set(wanted.register, answer.value.words.slice(from, from + wanted.count));
          onArrived?.(wanted.register);
        }
        continue;
      }
      if (answer.fault.code !== "BUS_EXCEPTION" || !isNotThere(answer.fault.exception)) return answer;
      const instead = smallerReads(read, this.#rules);
      if (instead === undefined) return answer;
      this.#plan = this.#plan.flatMap((planned) => (planned === read ? instead : [planned]));
      waiting.unshift(...instead);
    }
    return ok(words);
  }

  async #readPatiently(read: PlannedRead<Wanted>): Promise<Result<RegisterAnswer, BusFault>> {
    let answer = await this.#readOnce(read);
    for (let tries = 1; tries < TRIES && !answer.ok && isWorthRetrying(answer.fault); tries += 1) {
      answer = await this.#readOnce(read);
    }
    return answer;
  }

  async #readOnce(read: PlannedRead<Wanted>): Promise<Result<RegisterAnswer, BusFault>> {
    const { map, unit, priority, deadlineMs } = this.#options;
    const { functionCode, address, count } = read;
    const answer = await this.#bus.read({
      unit,
      functionCode,
      address,
      count,
      priority,
      deadlineMs,
      pauseMs: map.pauseMs,
      answerMs: this.#answerMs(),
    });
    if (answer.ok) {
      assert(answer.value.words.length === count, "a bus gives as many registers as were asked for");
      this.#connection = answer.value.connection;
      this.#latencyMs = (this.#latencyMs ?? answer.value.tookMs) * 0.75 + answer.value.tookMs * 0.25;
      return answer;
    }
    // What was slower than it ever was before may be slower from now on.
    if (answer.fault.code === "BUS_SILENT") this.#latencyMs = undefined;
    return answer;
  }

  /** Four times what it usually takes, within what the maker allows. */
  #answerMs(): number {
    const { answerMs } = this.#options.map;
    if (this.#latencyMs === undefined) return answerMs;
    return Math.min(answerMs, Math.max(ANSWER_MS_MIN, 4 * this.#latencyMs));
  }
}

function isWorthRetrying(fault: BusFault): boolean {
  switch (fault.code) {
    case "BUS_SILENT":
    case "BUS_BAD_FRAME":
      return true;
    case "BUS_CLOSED":
    case "BUS_BUSY":
    case "BUS_UNREACHABLE":
    case "BUS_EXCEPTION":
      return false;
  }
}

/**
 * What to ask for in place of a read that was refused: first without the gaps, then its registers one by one. A single
 * one that is refused is left out when the model may lack it; undefined when it must be there.
 */
function smallerReads(read: PlannedRead<Wanted>, rules: ReadRules): readonly PlannedRead<Wanted>[] | undefined {
  const { registers } = read;
  if (registers.length === 1) return registers[0]?.register.optional === true ? [] : undefined;
  const withoutGaps = planReads(registers, { ...rules, gapRegistersMax: 0 });
  if (withoutGaps.length > 1) return withoutGaps;
  return registers.flatMap((wanted) => planReads([wanted], rules));
}
