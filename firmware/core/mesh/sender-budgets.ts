/**
 * How much each sender may send of each class. Asked before a signature is verified, because verifying is what a flood
 * would exhaust; only known members get a budget, so their number bounds the table.
 */
import { TokenBucket, type Rate } from "./token-bucket.ts";
import type { MeshTopic } from "./topics.ts";

export const TRAFFIC_CLASSES = ["fact", "vote", "block", "handshake", "announcement", "sync"] as const;
export type TrafficClass = (typeof TRAFFIC_CLASSES)[number];

/** One block a slot of 6 s; the retries of a handshake come 0.5, 1, 2, 4 and 8 s apart. */
export const SENDER_RATES: Readonly<Record<TrafficClass, Rate>> = {
  fact: { perSecond: 5, burst: 50 },
  vote: { perSecond: 1, burst: 5 },
  block: { perSecond: 1 / 6, burst: 2 },
  handshake: { perSecond: 1, burst: 8 },
  announcement: { perSecond: 1, burst: 10 },
  sync: { perSecond: 5, burst: 50 },
};

/** Senders with a budget at the same time; beyond, the one that was silent for longest starts anew. */
export const SENDERS_MAX = 4096;

export function trafficClass(topic: MeshTopic): TrafficClass {
  switch (topic.kind) {
    case "fact":
    case "vote":
    case "block":
    case "handshake":
      return topic.kind;
    case "offer":
    case "tip":
      return "announcement";
    case "query":
    case "reply":
      return "sync";
  }
}

export class SenderBudgets {
  readonly #rates: Readonly<Record<TrafficClass, Rate>>;
  readonly #sendersMax: number;
  /** In the order of the last message, oldest first. */
  readonly #senders = new Map<string, Map<TrafficClass, TokenBucket>>();

  constructor(rates = SENDER_RATES, sendersMax = SENDERS_MAX) {
    this.#rates = rates;
    this.#sendersMax = sendersMax;
  }

  get size(): number {
    return this.#senders.size;
  }

  /** Whether the sender (its device id as text) may send one more of this class at the monotonic time. */
  take(sender: string, traffic: TrafficClass, nowMs: number): boolean {
    const buckets = this.#senders.get(sender) ?? new Map<TrafficClass, TokenBucket>();
    this.#senders.delete(sender);
    this.#senders.set(sender, buckets);
    if (this.#senders.size > this.#sendersMax) this.#forgetOldest();
    const bucket = buckets.get(traffic) ?? new TokenBucket(this.#rates[traffic], nowMs);
    buckets.set(traffic, bucket);
    return bucket.take(nowMs);
  }

  #forgetOldest(): void {
    for (const oldest of this.#senders.keys()) {
      this.#senders.delete(oldest);
      return;
    }
  }
}
