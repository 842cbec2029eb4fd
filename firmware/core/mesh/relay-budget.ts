/**
 * How much a relay publishes for others. Counted by who has signed, which is known for certain as only verified objects
 * are carried (of unverified ones it is not: decision 0020), and for all together, so that what a gateway has to say
 * itself finds room within what a broker allows one client. Facts, blocks and votes have budgets of their own: a flood
 * of one does not use up that of another.
 */
import { BoundedMap } from "./bounded-map.ts";
import { TokenBucket, type Rate } from "./token-bucket.ts";
import type { CarriedTopic } from "./topics.ts";

type CarriedKind = CarriedTopic["kind"];

/** Protocol 2.4: facts 5 a second and 50 at once, votes 1 a second, blocks 1 a slot. */
export const CARRIED_OF_SIGNER: Readonly<Record<CarriedKind, Rate>> = {
  fact: { perSecond: 5, burst: 50 },
  vote: { perSecond: 1, burst: 16 },
  block: { perSecond: 0.2, burst: 8 },
};
/** The embedded broker reads 250 packets a second of one client. */
export const CARRIED_OF_ALL: Readonly<Record<CarriedKind, Rate>> = {
  fact: { perSecond: 100, burst: 500 },
  vote: { perSecond: 50, burst: 100 },
  block: { perSecond: 5, burst: 50 },
};
/** A region has at most 300 gateways and some cars that pass, each with three kinds. */
const BUCKETS_MAX = 2048;

export class RelayBudget {
  readonly #signers = new BoundedMap<TokenBucket>(BUCKETS_MAX);
  readonly #all = new Map<CarriedKind, TokenBucket>();

  /** Takes one passage at this monotonic time, if the signer and all together have it left. */
  take(kind: CarriedKind, signer: string, nowMs: number): boolean {
    const key = `${kind} ${signer}`;
    const own = this.#signers.use(key) ?? new TokenBucket(CARRIED_OF_SIGNER[kind], nowMs);
    const all = this.#all.get(kind) ?? new TokenBucket(CARRIED_OF_ALL[kind], nowMs);
    this.#signers.set(key, own);
    this.#all.set(kind, all);
    return own.take(nowMs) && all.take(nowMs);
  }
}
