/**
 * What must not be forgotten between two starts, in the safety register: how often the gateway has started, the last
 * slot in which it sealed, how far its own logs of open charges have come, and how far it has voted.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { NO_VOTES, type VoteRegister } from "#core/finality/vote-rule.ts";
import { VOTE_BYTES_MAX } from "#core/limits.ts";
import type { SafetyRegister } from "#core/ledger/record-log.ts";
import {
  boolean,
  bytes,
  decodeShape,
  encodeShape,
  field,
  integer,
  list,
  nullable,
  optional,
  record,
  signed,
  tuple,
  unsigned,
  type ValueOf,
} from "#core/wire/schema.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { assert } from "#base/assert.ts";
import { equalBytes } from "#base/bytes.ts";

const OPEN_LOGS_MAX = 16;

const content = record({
  boots: field(1, unsigned),
  lastSlot: field(2, signed),
  /** Address and next sequence of each own log that is still open, newest last. */
  logs: field(3, list(tuple(bytes(HASH_BYTES), integer(0, 0xffff)), OPEN_LOGS_MAX)),
  /** The car that was charged last is still plugged in: it is not to be charged again by itself. */
  served: field(4, boolean),
  /** Serials of source and target of the newest vote; absent while this gateway has never voted. */
  lastSource: optional(5, unsigned),
  lastTarget: optional(6, unsigned),
  /** That vote as it is signed: the same may be said again, and nothing else for its target. */
  vote: optional(7, bytes(1, VOTE_BYTES_MAX)),
  /**
   * There may be votes that are not known here: none is cast before the head has this serial; null while it is open.
   */
  doubt: optional(8, nullable(unsigned)),
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
  #voted: VoteRegister;
  #vote: Uint8Array | undefined;
  #doubt: number | null | undefined;

  private constructor(register: SafetyRegister, value: Remembered) {
    this.#register = register;
    this.#boots = value.boots;
    this.#lastSlot = value.lastSlot;
    this.#logs = value.logs;
    this.#served = value.served;
    const { lastSource = NO_VOTES.lastSource, lastTarget = NO_VOTES.lastTarget } = value;
    this.#voted = { lastSource, lastTarget };
    this.#vote = value.vote;
    this.#doubt = value.doubt;
  }

  /**
   * Reads the register and counts this start; resolves when the count is durable.
   *
   * A memory that may have lost its newest value must not sign in a place where it may have signed before: sealing
   * waits for the next slot, and the count of starts, by which peers tell newer words from older ones, jumps ahead of
   * every count there can have been. Votes wait until it is known how far they may have gone (`FinalityService`).
   */
  static async begin(register: SafetyRegister, memory: Memory): Promise<Result<Boot, BootFault>> {
    const before = register.value === undefined ? undefined : decodeShape(content, register.value);
    if (before?.ok === false) return fail({ code: "REGISTER_UNREADABLE" });
    const boot = new Boot(register, before?.value ?? { boots: 0, lastSlot: -1, logs: [], served: false });
    boot.#boots = memory.isSure ? boot.#boots + 1 : Math.max(boot.#boots + 1, memory.nowSeconds);
    if (!memory.isSure) {
      boot.#lastSlot = Math.max(boot.#lastSlot, memory.slotNow);
      boot.#doubt = null;
    }
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
    const others = this.#logs.filter(([known]) => !equalBytes(known, address));
    this.#logs = [...others, [address, next] as const].slice(-OPEN_LOGS_MAX);
    await this.#write();
  }

  nextSequence(address: Uint8Array): number {
    return this.#logs.find(([known]) => equalBytes(known, address))?.[1] ?? 0;
  }

  /** How far it has voted. */
  get voted(): VoteRegister {
    return this.#voted;
  }

  /** The newest vote as it was, or was to be, signed; undefined when there is none, or it is not known. */
  get vote(): Uint8Array | undefined {
    return this.#vote;
  }

  /**
   * Whether there may be votes of this gateway that it does not know: then from which block on it votes again, null
   * while that is not known either.
   */
  get voteDoubt(): number | null | undefined {
    return this.#doubt;
  }

  /** Before a vote is signed; resolves when it is durable that this one, and none beside it, may be. */
  async useVote(voted: VoteRegister, payload: Uint8Array): Promise<void> {
    const { lastSource, lastTarget } = this.#voted;
    assert(voted.lastTarget > lastTarget && voted.lastSource >= lastSource, "votes go forward");
    this.#voted = voted;
    this.#vote = payload;
    await this.#write();
  }

  /** Votes of this gateway are known that are not in its register; none is cast before the head has that serial. */
  async doubtVotes(heard: VoteRegister, untilSerial: number): Promise<void> {
    const { lastSource, lastTarget } = this.#voted;
    if (heard.lastTarget > lastTarget) this.#vote = undefined;
    this.#voted = {
      lastSource: Math.max(lastSource, heard.lastSource),
      lastTarget: Math.max(lastTarget, heard.lastTarget),
    };
    this.#doubt = Math.max(untilSerial, this.#doubt ?? 0);
    await this.#write();
  }

  /** The doubt is over. */
  async trustVotes(): Promise<void> {
    this.#doubt = undefined;
    await this.#write();
  }

  async #write(): Promise<void> {
    const { lastSource, lastTarget } = this.#voted;
    const value: Remembered = {
      ...{ boots: this.#boots, lastSlot: this.#lastSlot, logs: this.#logs, served: this.#served },
      ...(lastTarget === 0 ? {} : { lastSource, lastTarget }),
      ...(this.#vote === undefined ? {} : { vote: this.#vote }),
      ...(this.#doubt === undefined ? {} : { doubt: this.#doubt }),
    };
    await this.#register.write(encodeShape(content, value));
  }
}

type Remembered = ValueOf<typeof content>;
