/**
 * The safety register on flash: what must never be forgotten before something is signed. Two slots, written in turn, so
 * that an interrupted write leaves the one before.
 */
import { assert } from "#base/assert.ts";
import type { SafetyRegister } from "#core/ledger/record-log.ts";
import type { Flash, FlashFile } from "#hal/ports/flash.ts";
import { FIRST_COUNTER, readRegister } from "./read-register.ts";
import type { RegisterReading, RegisterState } from "./read-register.ts";
import { REGISTER_VALUE_BYTES_MAX, SLOT_BYTES, encodeSlot } from "./register-slot.ts";
import type { RegisterSlot } from "./register-slot.ts";
import { StoreError } from "./store-error.ts";

export interface OpenedSafetyRegister {
  readonly register: FlashSafetyRegister;
  /** As found. A register that is `new` beside a log with records has been lost: that is amnesia as well. */
  readonly state: RegisterState;
}

export const REGISTER_NAME = "safety-register";

/** Rejects with a FlashError when the flash fails. No content of the file makes it reject. */
export async function openSafetyRegister(flash: Flash): Promise<OpenedSafetyRegister> {
  const isThere = (await flash.list()).includes(REGISTER_NAME);
  const file = isThere ? await flash.open(REGISTER_NAME) : await flash.create(REGISTER_NAME, 2 * SLOT_BYTES);
  const isWhole = file.sizeBytes === 2 * SLOT_BYTES;
  const reading = isWhole ? readRegister(await readSlots(file)) : LOST;
  const register = new FlashSafetyRegister(flash, file, reading);
  await register.settle();
  return { register, state: reading.state };
}

export async function readSlots(file: Pick<FlashFile, "read">): Promise<readonly [Uint8Array, Uint8Array]> {
  return [await file.read(0, SLOT_BYTES), await file.read(SLOT_BYTES, SLOT_BYTES)];
}

export class FlashSafetyRegister implements SafetyRegister {
  readonly #flash: Flash;
  #file: FlashFile;
  #state: RegisterState;
  #value: Uint8Array | undefined;
  #position: number;
  #counter: number;
  /** Only the newest value waits; whoever wrote an older one is served by it, too. */
  #waiting: Waiting | undefined;
  #draining: Promise<void> | undefined;
  #refusal: Error | undefined;

  /** Use `openSafetyRegister`. */
  constructor(flash: Flash, file: FlashFile, reading: RegisterReading) {
    this.#flash = flash;
    this.#file = file;
    this.#state = reading.state;
    this.#value = reading.newest?.value;
    // A register without any good slot goes on in slot 1: only its first one starts with slot 0 (see readRegister).
    this.#position = reading.newest?.position ?? 0;
    this.#counter = reading.newest?.counter ?? FIRST_COUNTER;
  }

  get value(): Uint8Array | undefined {
    return this.#value?.slice();
  }

  write(value: Uint8Array): Promise<void> {
    assert(value.length <= REGISTER_VALUE_BYTES_MAX, "a value fits its slot");
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    return new Promise((resolve, reject) => {
      const callers = [...(this.#waiting?.callers ?? []), { resolve, reject }];
      this.#waiting = { value: value.slice(), callers };
      this.#draining ??= this.#drain();
    });
  }

  /** Lets the waiting write become durable and gives the file up. The flash stays open. */
  async close(): Promise<void> {
    this.#refusal ??= new StoreError("STORE_CLOSED");
    await this.#draining;
    await this.#file.close();
  }

  /**
   * Makes what was found durable, once, after opening: the process that wrote it may have been killed before its sync,
   * or have had its sync fail. The newest slot is written over with its own bytes, and the other one not touched: until
   * this has been synced, it may be the only one that survives a power cut. Amnesia is left as it is: nothing may look
   * sound before a value has been written.
   */
  async settle(): Promise<void> {
    if (this.#state === "amnesia") return;
    await this.#writeSlot(this.#position, { counter: this.#counter, value: this.#value });
  }

  async #drain(): Promise<void> {
    for (let next = this.#waiting; next !== undefined; next = this.#waiting) {
      this.#waiting = undefined;
      try {
        await this.#writeValue(next.value);
        for (const { resolve } of next.callers) resolve();
      } catch (error) {
        this.#refuseAll(error instanceof Error ? error : new Error("the flash failed", { cause: error }), next);
      }
    }
    this.#draining = undefined;
  }

  async #writeValue(value: Uint8Array): Promise<void> {
    const wasLost = this.#state === "amnesia";
    if (wasLost && this.#file.sizeBytes !== 2 * SLOT_BYTES) await this.#makeAnew();
    this.#state = "sound";
    await this.#writeNext(value);
    // Both slots were bad; the next start shall not take the other one for an interrupted write.
    if (wasLost) await this.#writeNext(value);
    this.#value = value;
  }

  async #writeNext(value: Uint8Array | undefined): Promise<void> {
    await this.#writeSlot(1 - this.#position, { counter: this.#counter + 1, value });
  }

  async #writeSlot(position: number, slot: RegisterSlot): Promise<void> {
    await this.#file.write(position * SLOT_BYTES, encodeSlot(position, slot));
    await this.#file.sync();
    this.#position = position;
    this.#counter = slot.counter;
  }

  async #makeAnew(): Promise<void> {
    await this.#file.close();
    await this.#flash.remove(REGISTER_NAME);
    this.#file = await this.#flash.create(REGISTER_NAME, 2 * SLOT_BYTES);
  }

  #refuseAll(failure: Error, failed: Waiting): void {
    this.#refusal = failure;
    const callers = [...failed.callers, ...(this.#waiting?.callers ?? [])];
    this.#waiting = undefined;
    for (const { reject } of callers) reject(failure);
  }
}

/** A file of another size than the one it was made with. */
const LOST: RegisterReading = { state: "amnesia", newest: undefined, faults: [] };

interface Caller {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface Waiting {
  readonly value: Uint8Array;
  readonly callers: readonly Caller[];
}
