/**
 * What a gateway with several brokers remembers of what it hears: a message that comes over two of them is handled
 * once, and an object that it has verified is carried to each broker that does not have it yet, with one hop more. The
 * rules and their reasons are in the README, "Several brokers".
 *
 * Messages are named by a hash of their topic and the object's bytes, so a copy that bears the name of a verified
 * object is that object, byte for byte.
 */
import { assert } from "#base/assert.ts";
import { MESH_HOPS_MAX, RELAY_OBJECTS_MAX } from "#core/limits.ts";
import { BoundedMap } from "./bounded-map.ts";
import { RelayBudget } from "./relay-budget.ts";
import type { CarriedTopic } from "./topics.ts";

export interface Carried {
  readonly topic: CarriedTopic;
  /** The object as it was verified. */
  readonly object: Uint8Array;
}

/** Where a message came from. */
export interface Origin {
  /** Place of the broker among this gateway's, from 0. */
  readonly line: number;
  readonly hops: number;
}

export interface Passage extends Carried {
  readonly hops: number;
  readonly lines: readonly number[];
}

export interface RelayCounts {
  /** Publications on a further broker. */
  readonly carried: number;
  /** Heard there in the meantime, from its origin or another relay. */
  readonly spared: number;
  /** Not carried for want of room or of budget. Synchronisation makes up for it. */
  readonly leftOut: number;
}

/** A relay waits up to so long: of many between the same two brokers, the first spares the others the work. */
export const RELAY_SPREAD_MS = 500;
/** What comes over another broker within this time is the same publication; later it is another. */
export const COPY_WINDOW_MS = 1000;
/** Messages that nobody has verified (yet). Garbage pushes out garbage only. */
export const HEARD_MAX = 4096;
/** Verified objects that wait for their moment to be carried; facts, of which most are, leave room for the rest. */
export const CARRYING_MAX = 1024;
export const CARRYING_FACTS_MAX = 768;
export const CARRYING_BYTES_MAX = 4 * 1024 * 1024;

/** The fewest hops with which the object has been seen at each broker; NEVER where it has not. */
interface Trace {
  readonly hops: Uint8Array;
  /** The broker whose copy was handled last, and when. */
  line: number;
  atMs: number;
}

interface Verified extends Trace {
  /** Who has signed it. */
  readonly signer: string;
}

interface Waiting extends Carried {
  readonly dueMs: number;
}

export class Relay {
  readonly #lines: number;
  readonly #ownMark: number;
  readonly #heard: BoundedMap<Trace>;
  readonly #verified: BoundedMap<Verified>;
  readonly #waiting = new Map<string, Waiting>();
  readonly #budget: RelayBudget;
  readonly #counts = { carried: 0, spared: 0, leftOut: 0 };
  #waitingBytes = 0;

  /** For so many brokers; the device id in hex makes each gateway's waiting times its own. */
  constructor(lines: number, did: string, objectsMax = RELAY_OBJECTS_MAX) {
    assert(lines > 0, "a gateway has a broker");
    this.#lines = lines;
    this.#ownMark = mark(did);
    this.#heard = new BoundedMap(HEARD_MAX);
    this.#verified = new BoundedMap(objectsMax);
    this.#budget = new RelayBudget();
  }

  get counts(): RelayCounts {
    return { ...this.#counts };
  }

  /** Verified objects that are remembered. */
  get remembered(): number {
    return this.#verified.size;
  }

  /** Whether something waits for its moment: then `take` is to be called now and then. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /**
   * A message has come. Whether it is to be handled: not when it is the copy of one that has just come over another
   * broker. `carried` is what would be carried on, where its topic is one that is.
   */
  hear(name: string, { line, hops }: Origin, nowMs: number, carried?: Carried): boolean {
    const verified = this.#verified.use(name);
    const known = verified ?? this.#heard.use(name);
    if (known === undefined) {
      this.#heard.set(name, { hops: this.#noneBut({ line, hops }), line, atMs: nowMs });
      return true;
    }
    known.hops[line] = Math.min(known.hops[line] ?? NEVER, hops);
    if (verified !== undefined && carried !== undefined) this.#consider(name, verified, carried, nowMs);
    if (known.line !== line && nowMs - known.atMs < COPY_WINDOW_MS) return false;
    known.line = line;
    known.atMs = nowMs;
    return true;
  }

  /**
   * The object of this name has been verified and is new here. `origin` is where the message came from by which it
   * became known; `signer` pays for its being carried.
   */
  verify(name: string, carried: Carried, { origin, signer }: VerifiedBy, nowMs: number): void {
    if (this.#verified.use(name) !== undefined) return;
    const heard = this.#heard.delete(name) ?? { hops: this.#noneBut(origin), line: origin.line, atMs: nowMs };
    const verified: Verified = { hops: heard.hops, line: heard.line, atMs: heard.atMs, signer };
    this.#verified.set(name, verified);
    this.#consider(name, verified, carried, nowMs);
  }

  /** What is to be published now on further brokers, of those that are up. */
  take(nowMs: number, isUp: (line: number) => boolean): readonly Passage[] {
    const due = [...this.#waiting].filter(([, { dueMs }]) => dueMs <= nowMs);
    for (const [name, { object }] of due) {
      this.#waiting.delete(name);
      this.#waitingBytes -= object.length;
    }
    return due.flatMap(([name, { topic, object }]) => {
      const passage = this.#passageOf(name, topic.kind, { nowMs, isUp });
      return passage === undefined ? [] : [{ topic, object, ...passage }];
    });
  }

  #passageOf(
    name: string,
    kind: CarriedTopic["kind"],
    { nowMs, isUp }: { readonly nowMs: number; readonly isUp: (line: number) => boolean },
  ): Pick<Passage, "hops" | "lines"> | undefined {
    const verified = this.#verified.get(name);
    if (verified === undefined) return undefined;
    const lacking = this.#lacking(verified);
    if (lacking.length === 0) this.#counts.spared += 1;
    const lines = lacking.filter(isUp);
    if (lines.length === 0) return undefined;
    if (!this.#budget.take(kind, verified.signer, nowMs)) {
      this.#counts.leftOut += 1;
      return undefined;
    }
    const hops = fewest(verified) + 1;
    for (const line of lines) verified.hops[line] = hops;
    this.#counts.carried += lines.length;
    return { hops, lines };
  }

  #consider(name: string, verified: Verified, { topic, object }: Carried, nowMs: number): void {
    if (this.#waiting.has(name) || this.#lacking(verified).length === 0) return;
    const max = topic.kind === "fact" ? CARRYING_FACTS_MAX : CARRYING_MAX;
    if (this.#waiting.size >= max || this.#waitingBytes + object.length > CARRYING_BYTES_MAX) {
      this.#counts.leftOut += 1;
      return;
    }
    this.#waiting.set(name, { topic, object, dueMs: nowMs + this.#delayMs(name) });
    this.#waitingBytes += object.length;
  }

  /**
   * Brokers that do not have the object, or only with more hops than from here: somebody who published it there with
   * all its hops used up must not keep it from those behind.
   */
  #lacking(verified: Verified): readonly number[] {
    const hops = fewest(verified) + 1;
    if (hops > MESH_HOPS_MAX) return [];
    return [...verified.hops.keys()].filter((line) => (verified.hops[line] ?? NEVER) > hops);
  }

  /** Differs from gateway to gateway and from object to object, and is the same in each simulated history. */
  #delayMs(name: string): number {
    return ((mark(name) ^ this.#ownMark) * RELAY_SPREAD_MS) >> 16;
  }

  #noneBut({ line, hops }: Origin): Uint8Array {
    const all = new Uint8Array(this.#lines).fill(NEVER);
    all[line] = hops;
    return all;
  }
}

export interface VerifiedBy {
  readonly origin: Origin;
  /** Device id in hex. */
  readonly signer: string;
}

const NEVER = 0xff;

function fewest({ hops }: Trace): number {
  return Math.min(...hops);
}

/** The first 16 bits of what is told in hex. */
function mark(hex: string): number {
  return Number.parseInt(hex.slice(0, 4), 16);
}
