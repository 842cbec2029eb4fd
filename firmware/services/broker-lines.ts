/** The gateway's connections to its brokers: one as a rule, several at once where its configuration names them. */
import { assert } from "#base/assert.ts";
import { MESH_BROKERS_MAX } from "#core/limits.ts";
import type { BrokerLine, ConnectBus, MessageBus } from "#core/mesh/message-bus.ts";
import {
  gatewayFilters,
  parseTopic,
  publishOptions,
  topicName,
  type MeshRoot,
  type MeshTopic,
} from "#core/mesh/topics.ts";

export interface BrokerLinesParts {
  /** One bus, or each broker's with its name. */
  readonly connect: ConnectBus | readonly BrokerLine[];
  readonly root: MeshRoot;
  /** Device id in hex: the client id. */
  readonly did: string;
  /** Names the private reply topic of this process: 32 hex digits. */
  readonly token: string;
}

/** Lines are named by their place, from 0. */
export interface LinesListener {
  /** `topic` is undefined for a name that is none of the mesh's. */
  onMessage(line: number, topic: MeshTopic | undefined, payload: Uint8Array): void;
  onConnection(line: number, up: boolean): void;
}

/** Payloads without their topics and what MQTT adds; a message to two brokers counts twice. */
export interface SaidCount {
  readonly messages: number;
  readonly bytes: number;
}

interface Line {
  readonly name: string;
  readonly connect: ConnectBus;
  readonly root: MeshRoot;
  bus: MessageBus | undefined;
  isUp: boolean;
}

export class BrokerLines {
  readonly #parts: BrokerLinesParts;
  readonly #lines: readonly Line[];
  readonly #said = new Map<MeshTopic["kind"], SaidCount>();

  constructor(parts: BrokerLinesParts) {
    this.#parts = parts;
    const { connect, root } = parts;
    const lines = typeof connect === "function" ? [{ name: "broker", connect }] : connect;
    assert(lines.length > 0 && lines.length <= MESH_BROKERS_MAX, `${lines.length} brokers`);
    this.#lines = lines.map(({ name, connect: dial, site = root.site }) => {
      return { name, connect: dial, root: { ...root, site }, bus: undefined, isUp: false };
    });
  }

  get count(): number {
    return this.#lines.length;
  }

  /** Every broker with its name, in the order of the configuration. */
  get states(): readonly { readonly name: string; readonly isUp: boolean }[] {
    return this.#lines.map(({ name, isUp }) => ({ name, isUp }));
  }

  /** What has been given to brokers since the start, by kind of topic. */
  get said(): ReadonlyMap<MeshTopic["kind"], SaidCount> {
    return this.#said;
  }

  isUp(line: number): boolean {
    return this.#lines[line]?.isUp === true;
  }

  async open(listener: LinesListener): Promise<void> {
    const { did, token } = this.#parts;
    for (const [place, line] of this.#lines.entries()) {
      line.bus = await line.connect(did, gatewayFilters(line.root, did.slice(0, 16), token), {
        onMessage: (name, payload) => {
          listener.onMessage(place, parseTopic(line.root, name), payload);
        },
        onConnection: (up) => {
          if (line.isUp === up) return;
          line.isUp = up;
          listener.onConnection(place, up);
        },
      });
    }
  }

  async close(): Promise<void> {
    const buses = this.#lines.flatMap(({ bus }) => (bus === undefined ? [] : [bus]));
    for (const line of this.#lines) line.bus = undefined;
    await Promise.all(buses.map((bus) => bus.close()));
  }

  /** On these lines; on all of them when none are named. */
  publish(topic: MeshTopic, payload: Uint8Array, lines?: readonly number[]): void {
    for (const [place, { bus, root }] of this.#lines.entries()) {
      if (lines?.includes(place) === false) continue;
      if (bus === undefined) continue;
      const { messages, bytes } = this.#said.get(topic.kind) ?? { messages: 0, bytes: 0 };
      this.#said.set(topic.kind, { messages: messages + 1, bytes: bytes + payload.length });
      bus.publish(topicName(root, topic), payload, publishOptions(topic));
    }
  }
}
