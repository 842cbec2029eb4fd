/**
 * A card in memory: it forgets what was not synced when the power is cut, fills up, fails, rots and is slow, each when
 * a test says so. The card outlives the processes that open it; of a process that died no call takes effect or settles.
 */
import { assert } from "#base/assert.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { FlashError } from "#hal/ports/flash.ts";
import type { Flash, FlashErrorCode } from "#hal/ports/flash.ts";
import { CardFlash } from "./card-flash.ts";
import type { CardAccess, FlashOperation } from "./card-flash.ts";
import { FlashImage, type LostPages } from "./flash-image.ts";
import { SeededRandom } from "./seeded-random.ts";

export interface FlashCardOptions {
  readonly seed?: number | string;
  /** Sum of the sizes of all files; without it the card has no end. */
  readonly capacityBytes?: number;
  /** How long each call takes. Without it a call takes a turn of the promise queue and no time. */
  readonly latency?: { readonly clock: Clock; readonly callMs: number; readonly syncMs: number };
}

/** What a card held at some time, as a copy of it would. */
export type FlashSnapshot = ReadonlyMap<string, Uint8Array>;

export interface FlashCounts {
  readonly writes: number;
  readonly syncs: number;
}

export class FlashCard {
  readonly #random: SeededRandom;
  readonly #latency: FlashCardOptions["latency"];
  readonly #files = new Map<string, FlashImage>();
  readonly #faults: Fault[] = [];
  #capacityBytes: number;
  #owner: Session | undefined;
  #cut: PlannedCut | undefined;
  #writes = 0;
  #syncs = 0;
  #lostPages: LostPages = { lost: 0, torn: 0 };

  constructor(options: FlashCardOptions = {}) {
    this.#random = new SeededRandom(options.seed ?? 0);
    this.#latency = options.latency;
    this.#capacityBytes = options.capacityBytes ?? Infinity;
  }

  /** A process takes the card; FLASH_IN_USE while another one has it. */
  async open(): Promise<Flash> {
    await this.#pass("open");
    if (this.#owner !== undefined) throw new FlashError("FLASH_IN_USE", "card");
    const session: Session = { isAlive: true };
    this.#owner = session;
    return new CardFlash(this.#accessOf(session));
  }

  /** Of all processes so far. */
  get counts(): FlashCounts {
    return { writes: this.#writes, syncs: this.#syncs };
  }

  /** What the power cuts so far have cost. */
  get lostPages(): LostPages {
    return this.#lostPages;
  }

  get usedBytes(): number {
    return [...this.#files.values()].reduce((sum, image) => sum + image.sizeBytes, 0);
  }

  /** The process dies like after kill -9: what it wrote is still there, synced or not. */
  killOwner(): void {
    if (this.#owner !== undefined) this.#owner.isAlive = false;
    this.#owner = undefined;
  }

  /** The process dies, and of what was not synced any part may be there. */
  cutPower(): void {
    this.killOwner();
    this.#cut = undefined;
    for (const image of this.#files.values()) {
      const { lost, torn } = image.cutPower(this.#random);
      this.#lostPages = { lost: this.#lostPages.lost + lost, torn: this.#lostPages.torn + torn };
    }
  }

  /** Cuts the power during the n-th (from 1) write, sync or either from now on; resolves when that has happened. */
  cutPowerAt(count: number, at: "write" | "sync" | "either" = "either"): Promise<void> {
    assert(count >= 1, "a cut lies ahead");
    return new Promise((resolve) => {
      this.#cut = { left: count, at, happened: resolve };
    });
  }

  /**
   * Lets the n-th (from 1) call of this kind from now on fail, in the way such calls do (a write half done, a sync
   * forgotten).
   */
  failAt(operation: FlashOperation, code: FlashErrorCode, count = 1): void {
    this.#faults.push({ operation, code, left: count });
  }

  /** No call is to fail and no power cut is planned any more. */
  forgiveFaults(): void {
    this.#faults.length = 0;
    this.#cut = undefined;
  }

  /** From now on there is room for so much and no more. */
  resize(capacityBytes: number): void {
    this.#capacityBytes = capacityBytes;
  }

  /** Turns over the bits of `mask` in one byte of a file. */
  rot(name: string, offset: number, mask: number): void {
    const image = this.#files.get(name);
    assert(image !== undefined && offset < image.sizeBytes, `${name} has a byte ${offset}`);
    image.rot(offset, mask);
  }

  snapshot(): FlashSnapshot {
    return new Map([...this.#files].map(([name, image]) => [name, image.copy()]));
  }

  /** Puts back what the card held then, as somebody would who copies an old image on it. The owner dies. */
  restore(snapshot: FlashSnapshot): void {
    this.killOwner();
    this.#files.clear();
    for (const [name, bytes] of snapshot) this.#files.set(name, new FlashImage(bytes));
  }

  #accessOf(session: Session): CardAccess {
    return {
      call: (operation, action) => this.#call(session, operation, action),
      files: this.#files,
      random: this.#random,
      roomBytes: () => this.#capacityBytes - this.usedBytes,
      release: () => {
        if (this.#owner === session) this.#owner = undefined;
      },
    };
  }

  async #call<Value>(
    session: Session,
    operation: FlashOperation,
    action: (fault: FlashErrorCode | undefined) => Value,
  ): Promise<Value> {
    await this.#pass(operation);
    if (!session.isAlive) return never();
    if (operation === "write") this.#writes += 1;
    if (operation === "sync") this.#syncs += 1;
    const fault = this.#dueFault(operation);
    if (!this.#isCutDue(operation)) return action(fault);
    // The power fails before the call had any effect or after all of it. A sync has none: what it would have made
    // durable is then a matter of chance, page by page.
    if (operation !== "sync" && this.#random.chance(0.8)) attempt(() => action(fault));
    const happened = this.#cut?.happened;
    this.cutPower();
    happened?.();
    return never();
  }

  async #pass(operation: FlashOperation): Promise<void> {
    const latency = this.#latency;
    if (latency === undefined) {
      await Promise.resolve();
      return;
    }
    const ms = operation === "sync" || operation === "create" ? latency.syncMs : latency.callMs;
    await new Promise<void>((resolve) => latency.clock.wakeAt(latency.clock.monotonicMs() + ms, resolve));
  }

  #dueFault(operation: FlashOperation): FlashErrorCode | undefined {
    for (const fault of this.#faults) {
      if (fault.operation !== operation) continue;
      fault.left -= 1;
      if (fault.left > 0) continue;
      this.#faults.splice(this.#faults.indexOf(fault), 1);
      return fault.code;
    }
    return undefined;
  }

  #isCutDue(operation: FlashOperation): boolean {
    if (this.#cut === undefined) return false;
    const isWrite = operation === "write" || operation === "create" || operation === "remove";
    const isCounted = (isWrite && this.#cut.at !== "sync") || (operation === "sync" && this.#cut.at !== "write");
    if (isCounted) this.#cut.left -= 1;
    return isCounted && this.#cut.left === 0;
  }
}

interface Session {
  isAlive: boolean;
}

interface Fault {
  readonly operation: FlashOperation;
  readonly code: FlashErrorCode;
  left: number;
}

interface PlannedCut {
  left: number;
  readonly at: "write" | "sync" | "either";
  readonly happened: () => void;
}

/** The promise of a process that is no more. */
function never<Value>(): Promise<Value> {
  return new Promise(() => undefined);
}

/** Nobody is left to be told of a failure. */
function attempt(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof FlashError)) throw error;
  }
}
