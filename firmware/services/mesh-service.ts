/**
 * The gateway's end of the mesh: names topics, wraps and unwraps messages, and lets them in one after the other, the
 * most important lane first. What a message means is for those who registered for its topic.
 */
import type { ConnectBus, MessageBus } from "#core/mesh/message-bus.ts";
import { PriorityLanes, laneOf } from "#core/mesh/priority-lanes.ts";
import {
  gatewayFilters,
  parseTopic,
  publishOptions,
  topicName,
  type MeshRoot,
  type MeshTopic,
} from "#core/mesh/topics.ts";
import { decodeWrapper, encodeWrapper } from "#core/mesh/wrapper.ts";
import type { EmitEvent } from "./events.ts";

export interface MeshServiceParts {
  readonly connect: ConnectBus;
  readonly root: MeshRoot;
  /** Device id in hex: the client id. */
  readonly did: string;
  /** Names the private reply topic of this process: 32 hex digits. */
  readonly token: string;
  readonly emit: EmitEvent;
}

/** Undefined when all is well, else the code of what was wrong with the object. */
export type Handler<Topic extends MeshTopic> = (object: Uint8Array, topic: Topic) => Promise<string | undefined>;

type Handlers = { [Kind in MeshTopic["kind"]]?: Handler<Extract<MeshTopic, { kind: Kind }>> };

interface Arrived {
  readonly topic: MeshTopic;
  readonly payload: Uint8Array;
}

export class MeshService {
  readonly token: string;
  readonly #parts: MeshServiceParts;
  readonly #handlers: Handlers = {};
  readonly #lanes = new PriorityLanes<Arrived>();
  readonly #refused = new Map<string, number>();
  readonly #onConnection: (() => void)[] = [];
  #bus: MessageBus | undefined;
  #pumping = false;
  #connected = false;

  constructor(parts: MeshServiceParts) {
    this.#parts = parts;
    this.token = parts.token;
  }

  handle<Kind extends MeshTopic["kind"]>(kind: Kind, handler: Handler<Extract<MeshTopic, { kind: Kind }>>): void {
    Object.assign(this.#handlers, { [kind]: handler });
  }

  /** Called each time the bus has come (back). */
  whenConnected(call: () => void): void {
    this.#onConnection.push(call);
  }

  async start(): Promise<void> {
    const { connect, root, did, token } = this.#parts;
    this.#bus = await connect(did, gatewayFilters(root, did.slice(0, 16), token), {
      onMessage: (topic, payload) => {
        this.#arrive(topic, payload);
      },
      onConnection: (up) => {
        this.#changeConnection(up);
      },
    });
  }

  async stop(): Promise<void> {
    await this.#bus?.close();
    this.#bus = undefined;
  }

  get isConnected(): boolean {
    return this.#connected;
  }

  /** How often what was refused, by code. */
  get refusals(): ReadonlyMap<string, number> {
    return this.#refused;
  }

  publish(topic: MeshTopic, object: Uint8Array): void {
    this.#bus?.publish(topicName(this.#parts.root, topic), encodeWrapper(0, object), publishOptions(topic));
  }

  /** Takes back a retained message of one's own. */
  withdraw(topic: MeshTopic): void {
    this.#bus?.publish(topicName(this.#parts.root, topic), new Uint8Array(), publishOptions(topic));
  }

  #changeConnection(up: boolean): void {
    if (up === this.#connected) return;
    this.#connected = up;
    this.#parts.emit("meshConnected", { up });
    if (up) for (const call of this.#onConnection) call();
  }

  #arrive(name: string, payload: Uint8Array): void {
    const topic = parseTopic(this.#parts.root, name);
    if (topic === undefined) {
      this.#refuse("topic", "MESH_FOREIGN_TOPIC");
      return;
    }
    for (const dropped of this.#lanes.push(laneOf(topic), { topic, payload }, payload.length)) {
      this.#refuse(dropped.topic.kind, "MESH_CROWDED");
    }
    if (!this.#pumping) void this.#pump();
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    try {
      for (let next = this.#lanes.take(); next !== undefined; next = this.#lanes.take()) {
        const code = await this.#dispatch(next);
        if (code !== undefined) this.#refuse(next.topic.kind, code);
      }
    } finally {
      // A handler that fails (flash that cannot be written) ends the gateway; until then it must still hear the others.
      this.#pumping = false;
    }
  }

  async #dispatch({ topic, payload }: Arrived): Promise<string | undefined> {
    const handler = this.#handlers[topic.kind] as Handler<MeshTopic> | undefined;
    if (handler === undefined) return undefined;
    if (payload.length === 0) return topic.kind === "offer" ? handler(payload, topic) : "MESH_EMPTY";
    const wrapped = decodeWrapper(payload);
    if (!wrapped.ok) return wrapped.fault.code;
    return handler(wrapped.value.object, topic);
  }

  /** Counted always, told at the first and then ever more rarely: a flood must not become a flood of lines. */
  #refuse(what: string, code: string): void {
    const key = `${what} ${code}`;
    const count = (this.#refused.get(key) ?? 0) + 1;
    this.#refused.set(key, count);
    if (Number.isInteger(Math.log10(count))) this.#parts.emit("refused", { what, code, count });
  }
}
