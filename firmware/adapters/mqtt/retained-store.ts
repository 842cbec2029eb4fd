/**
 * What the embedded broker keeps for its engine: retained messages, within bounds. Sessions are clean, wills are
 * refused and QoS 2 is not spoken, so everything else that the engine would keep for absent clients is nothing.
 *
 * When full, the message that was stored longest ago goes: its owner renews it (an offer holds for ten minutes), while
 * those of somebody who has left do not fill the store for ever.
 */
import { Readable } from "node:stream";
import type { AedesPublishPacket } from "aedes";
import { matchesFilter } from "#core/mesh/topic-filter.ts";

export interface RetainedLimits {
  readonly messagesMax: number;
  readonly bytesMax: number;
  /** A retained message older than this is not given to newcomers. */
  readonly ageMaxMs: number;
}

interface Retained {
  readonly packet: AedesPublishPacket;
  readonly storedMs: number;
}

export class RetainedStore {
  readonly #limits: RetainedLimits;
  /** Oldest first. */
  readonly #retained = new Map<string, Retained>();
  #bytes = 0;

  constructor(limits: RetainedLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#retained.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** An empty payload deletes (MQTT 3.1.1, section 3.3.1.3). */
  storeRetained(packet: AedesPublishPacket): Promise<void> {
    this.#delete(packet.topic);
    const bytes = bytesOf(packet);
    if (bytes > packet.topic.length && bytes <= this.#limits.bytesMax) {
      // A copy of the payload, because the engine's is a window into the connection's buffer.
      const payload = Buffer.from(packet.payload);
      this.#retained.set(packet.topic, { packet: { ...packet, payload }, storedMs: performance.now() });
      this.#bytes += bytes;
    }
    this.#shrink();
    return Promise.resolve();
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    this.#shrink();
    const packets = [...this.#retained.values()].map(({ packet }) => packet);
    return Readable.from(packets.filter(({ topic }) => filters.some((filter) => matchesFilter(filter, topic))));
  }

  /** The engine insists on a function declared `async`. */
  // eslint-disable-next-line @typescript-eslint/require-await
  async setup(): Promise<void> {
    this.#retained.clear();
    this.#bytes = 0;
  }

  subscriptionsByTopic(): Promise<readonly never[]> {
    return Promise.resolve([]);
  }

  subscriptionsByClient(): Promise<readonly never[]> {
    return Promise.resolve([]);
  }

  cleanSubscriptions(): Promise<void> {
    return Promise.resolve();
  }

  outgoingEnqueueCombi(): Promise<void> {
    return Promise.resolve();
  }

  outgoingClearMessageId(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  outgoingStream(): Readable {
    return Readable.from([]);
  }

  /** A PUBREL without its PUBLISH: the engine answers it when it hears that there is no such message. */
  incomingGetPacket(): Promise<never> {
    return Promise.reject(new Error("no message at QoS 2 is kept"));
  }

  incomingDelPacket(): Promise<never> {
    return Promise.reject(new Error("no message at QoS 2 is kept"));
  }

  delWill(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  streamWill(): Readable {
    return Readable.from([]);
  }

  #shrink(): void {
    const nowMs = performance.now();
    for (const [topic, { storedMs }] of this.#retained) {
      const isOver = this.#retained.size > this.#limits.messagesMax || this.#bytes > this.#limits.bytesMax;
      if (!isOver && nowMs - storedMs <= this.#limits.ageMaxMs) return;
      this.#delete(topic);
    }
  }

  #delete(topic: string): void {
    const old = this.#retained.get(topic);
    if (old === undefined) return;
    this.#retained.delete(topic);
    this.#bytes -= bytesOf(old.packet);
  }
}

function bytesOf({ topic, payload }: AedesPublishPacket): number {
  return topic.length + payload.length;
}
