/**
 * The gateway's end of the mesh: names topics, wraps and unwraps messages, and lets them in one after the other, the
 * most important lane first. What a message means is for those who registered for its topic.
 *
 * With several brokers it says its own on all of them, hears each message once, and carries on what has been verified.
 */
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { BrokerLine, ConnectBus } from "#core/mesh/message-bus.ts";
import { PriorityLanes, laneOf } from "#core/mesh/priority-lanes.ts";
import type { RelayCounts } from "#core/mesh/relay.ts";
import type { CarriedTopic, MeshRoot, MeshTopic } from "#core/mesh/topics.ts";
import { decodeWrapper, encodeWrapper } from "#core/mesh/wrapper.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { BrokerLines } from "./broker-lines.ts";
import type { EmitEvent } from "./events.ts";
import { RelayService } from "./relay-service.ts";

/**
 * Answers up to this go back over every broker: a handshake, or that nothing is missing, must not hang on the one
 * broker that was the faster to bring the question and keeps back the answer. Blocks are not sent twice.
 */
const SHORT_ANSWER_BYTES = 4096;

export interface MeshServiceParts {
  /** One bus, or each broker's with its name. */
  readonly connect: ConnectBus | readonly BrokerLine[];
  readonly root: MeshRoot;
  /** Device id in hex: the client id. */
  readonly did: string;
  /** Names the private reply topic of this process: 32 hex digits. */
  readonly token: string;
  readonly clock: Clock;
  readonly crypto: Pick<Cryptography, "sha256">;
  readonly emit: EmitEvent;
}

/** Undefined when all is well, else the code of what was wrong with the object. */
export type Handler<Topic extends MeshTopic> = (object: Uint8Array, topic: Topic) => Promise<string | undefined>;

type Handlers = { [Kind in MeshTopic["kind"]]?: Handler<Extract<MeshTopic, { kind: Kind }>> };

interface Arrived {
  readonly line: number;
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
  readonly #brokers: BrokerLines;
  /** Of a gateway with several brokers. */
  readonly #relay: RelayService | undefined;
  /** The message that is being handled, and with how many hops it came. */
  #handled: (Arrived & { readonly hops: number }) | undefined;
  /** The broker that has just come (back), while those who wanted to know are told. */
  #greeted: number | undefined;
  #pumping = false;
  /** Since when a broker is there, in monotonic ms. */
  #connectedSinceMs: number | undefined;
  /** For how long one was there before. */
  #connectedMs = 0;

  constructor(parts: MeshServiceParts) {
    const { connect, root, did, token, crypto, clock } = parts;
    this.#parts = parts;
    this.token = token;
    this.#brokers = new BrokerLines({ connect, root, did, token });
    const isAlone = this.#brokers.count === 1;
    this.#relay = isAlone ? undefined : new RelayService({ lines: this.#brokers, crypto, clock, did, root });
  }

  handle<Kind extends MeshTopic["kind"]>(kind: Kind, handler: Handler<Extract<MeshTopic, { kind: Kind }>>): void {
    Object.assign(this.#handlers, { [kind]: handler });
  }

  /** Called each time a broker has come (back); what is published meanwhile goes to that one. */
  whenConnected(call: () => void): void {
    this.#onConnection.push(call);
  }

  async start(): Promise<void> {
    await this.#brokers.open({
      onMessage: (line, topic, payload) => {
        this.#arrive(line, topic, payload);
      },
      onConnection: (line, up) => {
        this.#changeConnection(line, up);
      },
    });
  }

  async stop(): Promise<void> {
    this.#relay?.stop();
    await this.#brokers.close();
  }

  /** With one broker at least. */
  get isConnected(): boolean {
    return this.#connectedSinceMs !== undefined;
  }

  /** For how long there has been one broker at least since the start, all in all. */
  get connectedMs(): number {
    const now = this.#parts.clock.monotonicMs();
    return this.#connectedMs + now - (this.#connectedSinceMs ?? now);
  }

  /** Every broker with its name, in the order of the configuration. */
  get brokers(): BrokerLines["states"] {
    return this.#brokers.states;
  }

  /** Undefined for a gateway with one broker, which carries nothing. */
  get relayCounts(): RelayCounts | undefined {
    return this.#relay?.counts;
  }

  /** What has been given to brokers since the start, by kind of topic. */
  get said(): BrokerLines["said"] {
    return this.#brokers.said;
  }

  /** How often what was refused, by code. */
  get refusals(): ReadonlyMap<string, number> {
    return this.#refused;
  }

  /** On every broker; a long answer goes back only where the question came from. */
  publish(topic: MeshTopic, object: Uint8Array): void {
    this.#publish(topic, encodeWrapper(0, object));
  }

  /** Takes back a retained message of one's own. */
  withdraw(topic: MeshTopic): void {
    this.#publish(topic, new Uint8Array());
  }

  /**
   * Carries on what has come from somebody else. To be called while a message is handled, by whoever has verified the
   * object and found it new; `signer` is the device id in hex of who signed it. What was asked for is not carried: it
   * may be a year's blocks, and others ask for themselves.
   */
  carry(topic: CarriedTopic, object: Uint8Array, signer: string): void {
    const origin = this.#handled;
    if (origin === undefined || origin.topic.kind === "reply") return;
    this.#relay?.carry(topic, object, { origin, signer });
  }

  #publish(topic: MeshTopic, payload: Uint8Array): void {
    const isLongAnswer = topic.kind === "reply" && payload.length > SHORT_ANSWER_BYTES;
    const only = this.#greeted ?? (isLongAnswer ? this.#handled?.line : undefined);
    this.#brokers.publish(topic, payload, only === undefined ? undefined : [only]);
  }

  #changeConnection(line: number, up: boolean): void {
    const { emit } = this.#parts;
    const broker = this.#brokers.states[line]?.name ?? "";
    if (this.#relay !== undefined) emit("brokerConnected", { broker, up });
    const isConnected = this.#brokers.states.some(({ isUp }) => isUp);
    if (isConnected !== this.isConnected) {
      this.#connectedMs = this.connectedMs;
      this.#connectedSinceMs = isConnected ? this.#parts.clock.monotonicMs() : undefined;
      emit("meshConnected", { up: isConnected });
    }
    if (!up) return;
    this.#greeted = line;
    try {
      for (const call of this.#onConnection) call();
    } finally {
      this.#greeted = undefined;
    }
  }

  #arrive(line: number, topic: MeshTopic | undefined, payload: Uint8Array): void {
    if (topic === undefined) {
      this.#refuse("topic", "MESH_FOREIGN_TOPIC");
      return;
    }
    if (this.#relay?.hear(topic, payload, line) === false) return;
    for (const dropped of this.#lanes.push(laneOf(topic), { line, topic, payload }, payload.length)) {
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

  async #dispatch(arrived: Arrived): Promise<string | undefined> {
    const { topic, payload } = arrived;
    const handler = this.#handlers[topic.kind] as Handler<MeshTopic> | undefined;
    if (handler === undefined) return undefined;
    if (payload.length === 0) return topic.kind === "offer" ? handler(payload, topic) : "MESH_EMPTY";
    const wrapped = decodeWrapper(payload);
    if (!wrapped.ok) return wrapped.fault.code;
    const { hops, object } = wrapped.value;
    this.#handled = { ...arrived, hops };
    try {
      return await handler(object, topic);
    } finally {
      this.#handled = undefined;
    }
  }

  /** Counted always, told at the first and then ever more rarely: a flood must not become a flood of lines. */
  #refuse(what: string, code: string): void {
    const key = `${what} ${code}`;
    const count = (this.#refused.get(key) ?? 0) + 1;
    this.#refused.set(key, count);
    if (Number.isInteger(Math.log10(count))) this.#parts.emit("refused", { what, code, count });
  }
}
