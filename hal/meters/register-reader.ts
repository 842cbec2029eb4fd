/**
 * Fetches a set of registers from one device over the bus, and learns what this device does not like: a read that it
 * refuses is asked for in smaller pieces from then on, as is one that is too long for some units of the model, and an
 * optional register that it does not have is left out.
 */
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { BusFault, BusPriority, RegisterAnswer, RegisterBus } from "#hal/ports/register-bus.ts";
import { isNotThere } from "#hal/protocols/modbus/exception-text.ts";
import { planReads, type ReadRules } from "#hal/protocols/modbus/plan-reads.ts";
import type { AnyRegister, RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { planFetch, readRules, type PlannedFetch } from "./fetch-plan.ts";

export interface ReaderParts {
  readonly bus: RegisterBus;
  readonly clock: Clock;
}

export interface ReaderOptions {
  readonly map: RegisterMap;
  readonly unit: number;
  readonly priority: BusPriority;
  /** These may be missing from the device, beside those that the map calls optional. */
  readonly mayLack?: readonly AnyRegister[];
}

/** The words of each register that the device has, with those of its exponent. */
export type RegisterWords = ReadonlyMap<AnyRegister, readonly number[]>;

/** A damaged or lost frame is worth one more try. */
const TRIES = 2;
const ANSWER_MS_MIN = 250;
/** For one request, waiting for the line included. */
const REQUEST_DEADLINE_MS = 3_000;

interface Smaller {
  readonly read: PlannedFetch;
  readonly pieces: readonly PlannedFetch[];
}

export class RegisterReader {
  readonly #parts: ReaderParts;
  readonly #options: ReaderOptions;
  readonly #rules: ReadRules;
  #plan: readonly PlannedFetch[];
  #latencyMs: number | undefined;
  #connection: number | undefined;

  constructor(parts: ReaderParts, registers: readonly AnyRegister[], options: ReaderOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#rules = readRules(options.map, parts.bus.bridgedRegistersMax);
    this.#plan = planFetch(options.map, registers, parts.bus.bridgedRegistersMax);
  }

  /** Nothing is to be read, or nothing of it is there. */
  get isEmpty(): boolean {
    return this.#plan.length === 0;
  }

  /** Which opening of the line the last answer came over. */
  get connection(): number | undefined {
    return this.#connection;
  }

  /**
   * Settles at `untilMs` of the clock's monotonic time at the latest. `onArrived` is called with each register at the
   * moment when its words have come.
   */
  async readAll(
    untilMs: number,
    onArrived?: (register: AnyRegister) => void,
  ): Promise<Result<RegisterWords, BusFault>> {
    const words = new Map<AnyRegister, readonly number[]>();
    const waiting = [...this.#plan];
    let tried: Smaller | undefined;
    for (let read = waiting.shift(); read !== undefined; read = waiting.shift()) {
      const answer = await this.#readPatiently(read, untilMs);
      const isHeard = answer.ok || answer.fault.code === "BUS_EXCEPTION";
      if (tried !== undefined && isHeard) this.#learn(tried);
      if (isHeard) tried = undefined;
      if (answer.ok) {
        for (const [register, its] of wordsOf(read, answer.value.words)) {
          words.set(register, its);
          onArrived?.(register);
        }
        continue;
      }
      const smaller = this.#smaller(read, answer.fault);
      // A piece that fails too says that it is not the length.
      if (smaller === undefined || tried !== undefined) return answer;
      if (isHeard) this.#learn(smaller);
      else tried = smaller;
      waiting.unshift(...smaller.pieces);
    }
    return ok(words);
  }

  #learn({ read, pieces }: Smaller): void {
    this.#plan = this.#plan.flatMap((planned) => (planned === read ? pieces : [planned]));
  }

  /** What to ask for in place of a read that failed; undefined when nothing smaller would do. */
  #smaller(read: PlannedFetch, fault: BusFault): Smaller | undefined {
    const isRefused = fault.code === "BUS_EXCEPTION" && isNotThere(fault.exception);
    const safe = this.#options.map.registersPerReadSafe;
    const isBlock = read.registers.some(({ block }) => block !== undefined);
    if (safe !== undefined && read.count > safe && !isBlock && (isRefused || isWorthRetrying(fault))) {
      return { read, pieces: planReads(read.registers, { ...this.#rules, registersPerReadMax: safe }) };
    }
    const pieces = isRefused ? this.#piecesOfRefused(read) : undefined;
    return pieces === undefined ? undefined : { read, pieces };
  }

  /**
   * First without the gaps, then the registers one by one. A single one that is refused is left out when the model may
   * lack it; undefined when it must be there.
   */
  #piecesOfRefused({ registers }: PlannedFetch): readonly PlannedFetch[] | undefined {
    const isBlock = registers.some(({ block }) => block !== undefined);
    if (isBlock || registers.length === 1) {
      return registers.every(({ register }) => this.#mayLack(register)) ? [] : undefined;
    }
    const withoutGaps = planReads(registers, { ...this.#rules, gapRegistersMax: 0 });
    if (withoutGaps.length > 1) return withoutGaps;
    return registers.flatMap((wanted) => planReads([wanted], this.#rules));
  }

  #mayLack(register: AnyRegister): boolean {
    const { mayLack = [] } = this.#options;
    return register.optional === true || mayLack.includes(register);
  }

  async #readPatiently(read: PlannedFetch, untilMs: number): Promise<Result<RegisterAnswer, BusFault>> {
    let answer = await this.#readOnce(read, untilMs);
    for (let tries = 1; tries < TRIES && !answer.ok && isWorthRetrying(answer.fault); tries += 1) {
      if (this.#parts.clock.monotonicMs() >= untilMs) return answer;
      answer = await this.#readOnce(read, untilMs);
    }
    return answer;
  }

  async #readOnce(read: PlannedFetch, untilMs: number): Promise<Result<RegisterAnswer, BusFault>> {
    const { bus, clock } = this.#parts;
    const { map, unit, priority } = this.#options;
    const { functionCode, address, count } = read;
    const leftMs = untilMs - clock.monotonicMs();
    if (leftMs <= 0) return fail({ code: "BUS_SILENT", endpoint: bus.endpoint, unit, waitedMs: 0 });
    const answer = await bus.read({
      ...{ unit, functionCode, address, count, priority },
      deadlineMs: Math.min(REQUEST_DEADLINE_MS, leftMs),
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

function wordsOf(read: PlannedFetch, words: readonly number[]): readonly (readonly [AnyRegister, readonly number[]])[] {
  return read.registers.map(({ register, address, count }) => {
    const from = address - read.address;
    return [register, words.slice(from, from + count)];
  });
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
