/** One charge controller on a register bus: its unit, pace and patience, and faults in the words of the port. */
import { fail, ok, type Result } from "#base/result.ts";
import type { ChargePointFault } from "#hal/ports/charge-point.ts";
import type { BusFault, BusPriority, RegisterBus } from "#hal/ports/register-bus.ts";
import { isNotThere } from "#hal/protocols/modbus/exception-text.ts";
import { busChargePointFault } from "./bus-charge-point-fault.ts";
import type { ChargePointMap, DeviceSetting, RegisterWrite, StateRead } from "./charge-point-map.ts";
import { decodeForm, wordsOf, type StateWords } from "./charge-point-words.ts";

const PATIENCE = { answerMs: 500, deadlineMs: 3_000 } as const;

type Outcome = Result<void, ChargePointFault>;

export interface RegisterPortOptions {
  readonly unit: number;
  /** Rest between two requests, where it is not the model's. */
  readonly pauseMs?: number;
}

export class RegisterPort {
  readonly #bus: RegisterBus;
  readonly #map: ChargePointMap;
  readonly #request: { readonly unit: number; readonly pauseMs: number } & typeof PATIENCE;

  constructor(bus: RegisterBus, map: ChargePointMap, options: RegisterPortOptions) {
    this.#bus = bus;
    this.#map = map;
    this.#request = { unit: options.unit, pauseMs: options.pauseMs ?? map.pauseMs, ...PATIENCE };
  }

  /** All that a look asks for, or the first fault. */
  async readAll(): Promise<Result<StateWords, ChargePointFault>> {
    const reads: (readonly number[] | undefined)[] = [];
    for (const read of this.#map.reads) {
      const words = await this.#read(read);
      if (!words.ok) return words;
      reads.push(words.value);
    }
    return ok(reads);
  }

  /** @param counts for the words that are the current */
  async write(write: RegisterWrite, counts: number, priority: BusPriority): Promise<Outcome> {
    const { functionCode, address } = write;
    const words = wordsOf(write, counts, this.#map.current);
    const written = await this.#bus.write({ ...this.#request, functionCode, address, words, priority });
    return written.ok ? ok(undefined) : fail(this.#faultOf(written.fault));
  }

  /** Looks at each setting, and writes those that are otherwise: some are kept in memory that wears out. */
  async ensureSettings(): Promise<Outcome> {
    for (const setting of this.#map.settings ?? []) {
      const ensured = await this.#ensure(setting);
      if (!ensured.ok) return ensured;
    }
    return ok(undefined);
  }

  async #ensure({ read, form, value, write }: DeviceSetting): Promise<Outcome> {
    const words = await this.#read(read);
    if (!words.ok) return words;
    const isAbsent = words.value === undefined;
    if (isAbsent || decodeForm(words.value, 0, form) === value) return ok(undefined);
    return await this.write(write, 0, "normal");
  }

  async #read(read: StateRead): Promise<Result<readonly number[] | undefined, ChargePointFault>> {
    const { functionCode, address, count, optional } = read;
    const answer = await this.#bus.read({ ...this.#request, functionCode, address, count, priority: "normal" });
    if (answer.ok) return ok(answer.value.words);
    const { fault } = answer;
    const isAbsent = optional === true && fault.code === "BUS_EXCEPTION" && isNotThere(fault.exception);
    return isAbsent ? ok(undefined) : fail(this.#faultOf(fault));
  }

  #faultOf(fault: BusFault): ChargePointFault {
    return busChargePointFault(fault, this.#bus.endpoint, this.#request.unit);
  }
}
