/**
 * What must not be forgotten between two starts, in the safety register: how often the gateway has started, the last
 * slot in which it sealed, and how far its own logs of open charges have come.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { SafetyRegister } from "#core/ledger/record-log.ts";
import {
  boolean,
  bytes,
  decodeShape,
  encodeShape,
  field,
  integer,
  list,
  record,
  signed,
  tuple,
  unsigned,
} from "#core/wire/schema.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { toHex } from "#base/bytes.ts";

const OPEN_LOGS_MAX = 16;

const content = record({
  boots: field(1, unsigned),
  lastSlot: field(2, signed),
  /** Address and next sequence of each own log that is still open, newest last. */
  logs: field(3, list(tuple(bytes(HASH_BYTES), integer(0, 0xffff)), OPEN_LOGS_MAX)),
  /** The car that was charged last is still plugged in: it is not to be charged again by itself. */
  served: field(4, boolean),
});

export interface BootFault {
  readonly code: "REGISTER_UNREADABLE";
}

/** How far the register can be relied on, and the time by which doubt is made up for. */
export interface Memory {
  readonly isSure: boolean;
  readonly nowSeconds: number;
  readonly slotNow: number;
}

export class Boot {
  readonly #register: SafetyRegister;
  #boots: number;
  #lastSlot: number;
  #logs: readonly (readonly [Uint8Array, number])[];
  #served: boolean;

  private constructor(
    register: SafetyRegister,
    value: { boots: number; lastSlot: number; logs: Boot["logs"]; served: boolean },
  ) {
    this.#register = register;
    this.#boots = value.boots;
    this.#lastSlot = value.lastSlot;
    this.#logs = value.logs;
    this.#served = value.served;
  }

  /**
   * Reads the register and counts this start; resolves when the count is durable.
   *
   * A memory that may have lost its newest value must not sign in a place where it may have signed before: sealing
   * waits for the next slot, and the count of starts, by which peers tell newer words from older ones, jumps ahead of
   * every count there can have been.
   */
  static async begin(register: SafetyRegister, memory: Memory): Promise<Result<Boot, BootFault>> {
    const before = register.value === undefined ? undefined : decodeShape(content, register.value);
    if (before?.ok === false) return fail({ code: "REGISTER_UNREADABLE" });
    const boot = new Boot(register, before?.value ?? { boots: 0, lastSlot: -1, logs: [], served: false });
    boot.#boots = memory.isSure ? boot.#boots + 1 : Math.max(boot.#boots + 1, memory.nowSeconds);
    if (!memory.isSure) boot.#lastSlot = Math.max(boot.#lastSlot, memory.slotNow);
    await boot.#write();
    return ok(boot);
  }

  /** 1 for the first start. */
  get count(): number {
    return this.#boots;
  }

  get lastSlot(): number {
    return this.#lastSlot;
  }

  get logs(): readonly (readonly [Uint8Array, number])[] {
    return this.#logs;
  }

  get served(): boolean {
    return this.#served;
  }

  async markServed(served: boolean): Promise<void> {
    if (served === this.#served) return;
    this.#served = served;
    await this.#write();
  }

  /** Writes again what stands there, to learn whether the flash still takes it. */
  async rewrite(): Promise<void> {
    await this.#write();
  }

  async useSlot(slot: number): Promise<void> {
    this.#lastSlot = Math.max(slot, this.#lastSlot);
    await this.#write();
  }

  /** The next sequence of this gateway's own log at an address; before a report with a lower one is signed. */
  async useSequence(address: Uint8Array, next: number): Promise<void> {
    const others = this.#logs.filter(([known]) => toHex(known) !== toHex(address));
    this.#logs = [...others, [address, next] as const].slice(-OPEN_LOGS_MAX);
    await this.#write();
  }

  nextSequence(address: Uint8Array): number {
    return this.#logs.find(([known]) => toHex(known) === toHex(address))?.[1] ?? 0;
  }

  async #write(): Promise<void> {
    const value = { boots: this.#boots, lastSlot: this.#lastSlot, logs: this.#logs, served: this.#served };
    await this.#register.write(encodeShape(content, value));
  }
}
