/** Pumps the relay of a gateway with several brokers: names what comes, and publishes what is to be carried on. */
import { concatBytes, toHex } from "#base/bytes.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { MESH_HOPS_MAX } from "#core/limits.ts";
import { Relay, type RelayCounts, type VerifiedBy } from "#core/mesh/relay.ts";
import { isCarried, topicName, type CarriedTopic, type MeshRoot, type MeshTopic } from "#core/mesh/topics.ts";
import { decodeWrapper, encodeWrapper } from "#core/mesh/wrapper.ts";
import { encodeUtf8 } from "#core/wire/utf8.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { BrokerLines } from "./broker-lines.ts";

/** How often the relay looks what is due; a fraction of what it waits. */
const LOOK_MS = 50;

export interface RelayServiceParts {
  readonly lines: BrokerLines;
  readonly crypto: Pick<Cryptography, "sha256">;
  readonly clock: Clock;
  /** Device id in hex. */
  readonly did: string;
  readonly root: MeshRoot;
}

export class RelayService {
  readonly #parts: RelayServiceParts;
  readonly #relay: Relay;
  #cancel: Cancel | undefined;

  constructor(parts: RelayServiceParts) {
    this.#parts = parts;
    this.#relay = new Relay(parts.lines.count, parts.did);
  }

  get counts(): RelayCounts {
    return this.#relay.counts;
  }

  /** Whether what has come is to be handled: a copy over another broker is not. */
  hear(topic: MeshTopic, payload: Uint8Array, line: number): boolean {
    const wrapped = decodeWrapper(payload);
    const { object, hops } = wrapped.ok ? wrapped.value : { object: payload, hops: MESH_HOPS_MAX };
    const carried = isCarried(topic) ? { topic, object } : undefined;
    const isNew = this.#relay.hear(this.#nameOf(topic, object), { line, hops }, this.#nowMs, carried);
    this.#lookSoon();
    return isNew;
  }

  /** The object has been verified, and is new here. */
  carry(topic: CarriedTopic, object: Uint8Array, by: VerifiedBy): void {
    this.#relay.verify(this.#nameOf(topic, object), { topic, object }, by, this.#nowMs);
    this.#lookSoon();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  get #nowMs(): number {
    return this.#parts.clock.monotonicMs();
  }

  #nameOf(topic: MeshTopic, object: Uint8Array): string {
    const { crypto, root } = this.#parts;
    const named = concatBytes(encodeUtf8(`${topicName(root, topic)} `), object);
    return toHex(crypto.sha256(named).subarray(0, NAME_BYTES));
  }

  #lookSoon(): void {
    if (this.#cancel !== undefined || !this.#relay.isWaiting) return;
    const { clock, lines } = this.#parts;
    this.#cancel = clock.wakeAt(this.#nowMs + LOOK_MS, () => {
      this.#cancel = undefined;
      for (const { topic, object, hops, lines: places } of this.#relay.take(this.#nowMs, (line) => lines.isUp(line))) {
        lines.publish(topic, encodeWrapper(hops, object), places);
      }
      this.#lookSoon();
    });
  }
}

/** A second object with the name of another is not to be found. */
const NAME_BYTES = 16;
