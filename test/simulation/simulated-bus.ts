/**
 * The bus of the mesh in memory: one broker, many clients, and every fault that a seed can draw. It does what the port
 * promises and no more: messages may be lost, repeated, late, out of order or damaged, and nobody is told.
 *
 * All waiting is the clock's and all chance the random source's, so one seed gives one history.
 */
import { MESH_PAYLOAD_BYTES_MAX } from "#core/limits.ts";
import type { ConnectBus, MessageBus, MessageBusListener, PublishOptions } from "#core/mesh/message-bus.ts";
import { matchesFilter } from "#core/mesh/topic-filter.ts";
import type { Clock } from "#hal/ports/clock.ts";

/** Uniform in [0, 1). */
export interface Chance {
  next(): number;
}

/** Probabilities are for each delivery of a message to one receiver. */
export interface BusFaults {
  readonly loss: number;
  readonly duplication: number;
  /** One bit flipped, or the end cut off. */
  readonly corruption: number;
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
  /** Whether a message may overtake an earlier one between the same two clients. */
  readonly reordering: boolean;
  /** A fault of one's own, such as losing one class of messages: true loses the message. */
  readonly swallows?: (message: CarriedMessage) => boolean;
}

export interface CarriedMessage {
  readonly topic: string;
  readonly from: string;
  readonly to: string;
}

export interface BusCounts {
  /** Handed to a listener, damaged ones included. */
  readonly delivered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly corrupted: number;
  /** Not delivered because sender and receiver were in different groups. */
  readonly parted: number;
  /** Published while the sender was not connected. */
  readonly away: number;
  readonly tooLong: number;
}

/** A line that does nothing wrong, with the delay of a local network. */
export const NO_FAULTS: BusFaults = {
  loss: 0,
  duplication: 0,
  corruption: 0,
  delayMinMs: 1,
  delayMaxMs: 1,
  reordering: false,
};

const RETRY_MS = 1000;
const DIAL_MS = 5;
/** Far above what a simulated mesh has under way; more means that the simulation feeds itself. */
const UNDER_WAY_MAX = 200_000;

interface SimulatedClient {
  readonly id: string;
  readonly filters: readonly string[];
  readonly listener: MessageBusListener;
  isUp: boolean | undefined;
  isClosed: boolean;
  /** Counts its connections: what was under way on an earlier one is lost. */
  connection: number;
  /** When the last message of each sender arrives: nothing overtakes it unless reordering is on. */
  readonly lastArrivalMs: Map<string, number>;
}

interface Retained {
  readonly from: string;
  readonly payload: Uint8Array;
}

export class SimulatedBus {
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #clients = new Set<SimulatedClient>();
  readonly #retained = new Map<string, Retained>();
  readonly #counts = { delivered: 0, lost: 0, duplicated: 0, corrupted: 0, parted: 0, away: 0, tooLong: 0 };
  #faults: BusFaults;
  #groupOf: ReadonlyMap<string, number> | undefined;
  #everywhere: ReadonlySet<string> = new Set();
  #isBrokerUp = true;
  #underWay = 0;

  constructor(dependencies: { readonly clock: Clock; readonly chance: Chance }, faults: Partial<BusFaults> = {}) {
    this.#clock = dependencies.clock;
    this.#chance = dependencies.chance;
    this.#faults = { ...NO_FAULTS, ...faults };
  }

  get counts(): BusCounts {
    return { ...this.#counts };
  }

  /** Messages that will still arrive. */
  get underWay(): number {
    return this.#underWay;
  }

  readonly connect: ConnectBus = (clientId, filters, listener) => {
    const client: SimulatedClient = {
      id: clientId,
      filters,
      listener,
      isUp: undefined,
      isClosed: false,
      connection: 0,
      lastArrivalMs: new Map(),
    };
    this.#clients.add(client);
    this.#dialIn(client, DIAL_MS);
    const bus: MessageBus = {
      publish: (topic, payload, options) => {
        this.#publish(client, { topic, payload: Uint8Array.from(payload), options });
      },
      close: () => {
        client.isClosed = true;
        this.#clients.delete(client);
        return Promise.resolve();
      },
    };
    return Promise.resolve(bus);
  };

  /** For all messages published from now on. */
  setFaults(faults: Partial<BusFaults>): void {
    this.#faults = { ...NO_FAULTS, ...faults };
  }

  /**
   * Parts the clients: only members of one group hear each other, and who is in no group hears nobody. Messages under
   * way between groups are lost. `everywhere` are liars with lines of their own into every group.
   */
  part(groups: readonly (readonly string[])[], everywhere: readonly string[] = []): void {
    this.#groupOf = new Map(groups.flatMap((group, index) => group.map((clientId) => [clientId, index] as const)));
    this.#everywhere = new Set(everywhere);
  }

  heal(): void {
    this.#groupOf = undefined;
    this.#everywhere = new Set();
  }

  /** Stops the broker. Messages under way and retained ones are lost, as with a broker that keeps them in memory. */
  stopBroker(): void {
    this.#isBrokerUp = false;
    this.#retained.clear();
    for (const client of [...this.#clients]) this.#drop(client);
  }

  startBroker(): void {
    this.#isBrokerUp = true;
  }

  /** Breaks one client's connection; it dials again. */
  dropClient(clientId: string): void {
    for (const client of [...this.#clients]) if (client.id === clientId) this.#drop(client);
  }

  /** Puts a message on the bus as nobody's: a broker that lies, or one that repeats what it has kept. */
  inject(topic: string, payload: Uint8Array, to: readonly string[]): void {
    for (const client of this.#clients) {
      if (to.includes(client.id) && hears(client, topic)) this.#send("", client, topic, Uint8Array.from(payload));
    }
  }

  #drop(client: SimulatedClient): void {
    if (client.isUp !== true) return;
    client.lastArrivalMs.clear();
    client.connection += 1;
    this.#tell(client, false);
    this.#dialIn(client, RETRY_MS);
  }

  #dialIn(client: SimulatedClient, delayMs: number): void {
    this.#clock.wakeAt(this.#clock.monotonicMs() + delayMs, () => {
      if (client.isClosed || client.isUp === true) return;
      const isTaken = [...this.#clients].some(
        (other) => other !== client && other.id === client.id && other.isUp === true,
      );
      if (!this.#isBrokerUp || isTaken) {
        this.#tell(client, false);
        this.#dialIn(client, RETRY_MS);
        return;
      }
      this.#tell(client, true);
      for (const [topic, { from, payload }] of this.#retained) {
        if (hears(client, topic)) this.#carry(from, client, topic, payload);
      }
    });
  }

  #tell(client: SimulatedClient, isUp: boolean): void {
    if (client.isUp === isUp) return;
    client.isUp = isUp;
    client.listener.onConnection(isUp);
  }

  #publish(
    sender: SimulatedClient,
    message: { readonly topic: string; readonly payload: Uint8Array; readonly options: PublishOptions },
  ): void {
    const { topic, payload, options } = message;
    if (sender.isUp !== true || sender.isClosed) {
      this.#counts.away += 1;
      return;
    }
    if (payload.length > MESH_PAYLOAD_BYTES_MAX) {
      this.#counts.tooLong += 1;
      return;
    }
    if (options.retain && payload.length === 0) this.#retained.delete(topic);
    else if (options.retain) this.#retained.set(topic, { from: sender.id, payload });
    for (const client of this.#clients) if (hears(client, topic)) this.#carry(sender.id, client, topic, payload);
  }

  /** Draws the fate of one delivery. */
  #carry(from: string, client: SimulatedClient, topic: string, payload: Uint8Array): void {
    if (!this.#reaches(from, client.id)) {
      this.#counts.parted += 1;
      return;
    }
    if (this.#draws(this.#faults.loss) || this.#faults.swallows?.({ topic, from, to: client.id }) === true) {
      this.#counts.lost += 1;
      return;
    }
    const isTwice = this.#draws(this.#faults.duplication);
    if (isTwice) this.#counts.duplicated += 1;
    for (let copy = 0; copy < (isTwice ? 2 : 1); copy += 1) this.#send(from, client, topic, this.#damaged(payload));
  }

  #send(from: string, client: SimulatedClient, topic: string, payload: Uint8Array): void {
    this.#underWay += 1;
    if (this.#underWay > UNDER_WAY_MAX) throw new Error(`bug: more than ${UNDER_WAY_MAX} messages under way`);
    const { connection } = client;
    this.#clock.wakeAt(this.#arrivalMs(from, client), () => {
      this.#underWay -= 1;
      if (client.isClosed || client.connection !== connection) return;
      if (!this.#reaches(from, client.id)) {
        this.#counts.parted += 1;
        return;
      }
      this.#counts.delivered += 1;
      client.listener.onMessage(topic, payload);
    });
  }

  #arrivalMs(from: string, client: SimulatedClient): number {
    const { delayMinMs, delayMaxMs, reordering } = this.#faults;
    const delayMs = delayMinMs + (delayMaxMs - delayMinMs) * this.#chance.next();
    const drawnMs = this.#clock.monotonicMs() + delayMs;
    if (reordering) return drawnMs;
    const inOrderMs = Math.max(drawnMs, client.lastArrivalMs.get(from) ?? 0);
    client.lastArrivalMs.set(from, inOrderMs);
    return inOrderMs;
  }

  /** A copy of its own for each receiver, because a receiver may change its bytes. */
  #damaged(payload: Uint8Array): Uint8Array {
    const copy = Uint8Array.from(payload);
    if (copy.length === 0 || !this.#draws(this.#faults.corruption)) return copy;
    this.#counts.corrupted += 1;
    const at = Math.floor(this.#chance.next() * copy.length);
    if (this.#draws(0.25)) return copy.slice(0, at);
    copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(this.#chance.next() * 8));
    return copy;
  }

  #draws(probability: number): boolean {
    return this.#chance.next() < probability;
  }

  #reaches(from: string, to: string): boolean {
    if (this.#groupOf === undefined || from === "" || from === to) return true;
    if (this.#everywhere.has(from) || this.#everywhere.has(to)) return true;
    const group = this.#groupOf.get(from);
    return group !== undefined && group === this.#groupOf.get(to);
  }
}

function hears(client: SimulatedClient, topic: string): boolean {
  return !client.isClosed && client.isUp === true && client.filters.some((filter) => matchesFilter(filter, topic));
}
