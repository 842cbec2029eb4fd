/**
 * The mesh of a region in memory: a broker at each site, links between the brokers that can be cut each way, clients
 * that move from site to site, and every fault that a seed can draw.
 *
 * A message reaches the other sites by the shortest way over links that are up, once, and is delivered there by that
 * site's broker. All waiting is the clock's and all chance the random source's, so one seed gives one history.
 */
import { assert } from "#base/assert.ts";
import { MESH_PAYLOAD_BYTES_MAX } from "#core/limits.ts";
import type { ConnectBus, MessageBusListener, PublishOptions } from "#core/mesh/message-bus.ts";
import { matchesFilter } from "#core/mesh/topic-filter.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { FaultCounts } from "./fault-counts.ts";
import { MeshChance, type Arrivals, type MeshFaults } from "./mesh-chance.ts";

const DIAL_MS = 5;
const RETRY_MS = 1000;
/** More means that the simulation feeds itself. */
const UNDER_WAY_MAX = 200_000;

interface Client extends Arrivals {
  readonly id: string;
  readonly filters: readonly string[];
  readonly listener: MessageBusListener;
  /** The site at whose broker it dials; undefined on the road. */
  readonly home: () => string | undefined;
  site: string | undefined;
  isUp: boolean | undefined;
  isClosed: boolean;
  /** Counts its connections: what was under way on an earlier one is lost. */
  connection: number;
  readonly hears: Map<string, boolean>;
}

interface Broker {
  isUp: boolean;
  readonly retained: Map<string, Message>;
}

interface Message {
  readonly from: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly options: PublishOptions;
}

export interface MeshParts {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly counts: FaultCounts;
  readonly sites: readonly string[];
}

export class RegionMesh {
  readonly #parts: MeshParts;
  readonly #chance: MeshChance;
  readonly #brokers: ReadonlyMap<string, Broker>;
  readonly #clients = new Set<Client>();
  readonly #cut = new Set<string>();
  readonly #deaf = new Set<string>();
  readonly #everywhere = new Set<string>();
  #underWay = 0;
  #delivered = 0;
  #bytes = 0;

  constructor(parts: MeshParts) {
    this.#parts = parts;
    this.#chance = new MeshChance(parts);
    this.#brokers = new Map(parts.sites.map((site) => [site, { isUp: true, retained: new Map<string, Message>() }]));
  }

  get delivered(): number {
    return this.#delivered;
  }

  /** Payload bytes that were published, each message once. */
  get publishedBytes(): number {
    return this.#bytes;
  }

  get underWay(): number {
    return this.#underWay;
  }

  connectAt(home: () => string | undefined): ConnectBus {
    return (clientId, filters, listener) => {
      const client: Client = {
        ...{ id: clientId, filters, listener, home, site: undefined, isUp: undefined, isClosed: false },
        ...{ connection: 0, lastArrivalMs: 0, heldUntilMs: 0, hears: new Map<string, boolean>() },
      };
      this.#clients.add(client);
      this.#dial(client, DIAL_MS);
      return Promise.resolve({
        publish: (topic, payload, options) => {
          if (client.isUp !== true || client.isClosed || client.site === undefined) return;
          if (payload.length > MESH_PAYLOAD_BYTES_MAX) return;
          this.#bytes += payload.length;
          this.#accept(client.site, { from: clientId, topic, payload: payload.slice(), options });
        },
        close: () => {
          client.isClosed = true;
          this.#clients.delete(client);
          return Promise.resolve();
        },
      });
    };
  }

  setFaults(faults: MeshFaults): void {
    this.#chance.faults = faults;
  }

  cut(from: string, to: string): void {
    this.#cut.add(`${from}>${to}`);
  }

  /** The link is up again, and brings what the other side's broker has retained. */
  mend(from: string, to: string): void {
    if (!this.#cut.delete(`${from}>${to}`)) return;
    const retained = this.#brokers.get(from)?.retained.values() ?? [];
    for (const message of [...retained]) this.#carry(message, [to]);
  }

  isCut(from: string, to: string): boolean {
    return this.#cut.has(`${from}>${to}`);
  }

  /** Liars with lines of their own to and from every site, whatever is cut. */
  reachEverywhere(clientId: string): void {
    this.#everywhere.add(clientId);
  }

  deafen(clientId: string, isDeaf: boolean): void {
    if (isDeaf) this.#deaf.add(clientId);
    else this.#deaf.delete(clientId);
  }

  /** What comes for the client is held until then, and comes all at once. */
  clog(clientId: string, untilMs: number): void {
    for (const client of this.#clients) if (client.id === clientId) client.heldUntilMs = untilMs;
  }

  stopBroker(site: string, keeps: "retained" | "nothing"): void {
    const broker = this.#brokers.get(site);
    assert(broker !== undefined, `${site} has a broker`);
    broker.isUp = false;
    if (keeps === "nothing") broker.retained.clear();
    for (const client of [...this.#clients]) if (client.site === site) this.#drop(client);
  }

  startBroker(site: string): void {
    const broker = this.#brokers.get(site);
    if (broker !== undefined) broker.isUp = true;
  }

  isBrokerUp(site: string): boolean {
    return this.#brokers.get(site)?.isUp === true;
  }

  /** Ends the client's connection: it moved, or somebody else came with its id. It dials again. */
  drop(clientId: string): void {
    for (const client of [...this.#clients]) if (client.id === clientId) this.#drop(client);
  }

  /** A message that somebody without a client of the mesh's own making puts on a site's broker. */
  inject(site: string, topic: string, payload: Uint8Array): void {
    this.#local(site, { from: "", topic, payload, options: { qos: 0, retain: false } });
  }

  #drop(client: Client): void {
    if (client.isUp !== true) return;
    client.connection += 1;
    client.lastArrivalMs = 0;
    this.#tell(client, false);
    this.#dial(client, RETRY_MS);
  }

  #dial(client: Client, delayMs: number): void {
    const { clock } = this.#parts;
    clock.wakeAt(clock.monotonicMs() + delayMs, () => {
      if (client.isClosed || client.isUp === true) return;
      client.site = client.home();
      const broker = client.site === undefined ? undefined : this.#brokers.get(client.site);
      if (broker?.isUp !== true || this.#isTaken(client)) {
        this.#tell(client, false);
        this.#dial(client, client.site === undefined ? 60 * RETRY_MS : RETRY_MS);
        return;
      }
      this.#tell(client, true);
      for (const message of broker.retained.values()) this.#deliver(client, message);
    });
  }

  #isTaken(client: Client): boolean {
    return [...this.#clients].some(
      (other) => other !== client && other.id === client.id && other.isUp === true && other.site === client.site,
    );
  }

  #tell(client: Client, isUp: boolean): void {
    if (client.isUp === isUp) return;
    client.isUp = isUp;
    client.listener.onConnection(isUp);
  }

  /** By the publisher's own broker, which hands it on to the others. */
  #accept(site: string, message: Message): void {
    if (this.#brokers.get(site)?.isUp !== true) return;
    this.#local(site, message);
    const reached = this.#everywhere.has(message.from) ? this.#parts.sites : this.#reachable(site);
    this.#carry(message, reached, site);
    if (reached.length === this.#parts.sites.length) return;
    for (const client of this.#clients) {
      const isCutOff = client.site !== undefined && !reached.includes(client.site);
      if (isCutOff && this.#everywhere.has(client.id)) this.#deliver(client, message);
    }
  }

  #carry(message: Message, sites: readonly string[], origin?: string): void {
    const { clock } = this.#parts;
    for (const site of sites) {
      if (site === origin || this.#chance.isLost()) continue;
      const copies = this.#chance.copies();
      for (let copy = 0; copy < copies; copy += 1) {
        this.#underWay += 1;
        assert(this.#underWay < UNDER_WAY_MAX, "the mesh does not feed itself");
        clock.wakeAt(clock.monotonicMs() + this.#chance.linkMs(), () => {
          this.#underWay -= 1;
          this.#local(site, message);
        });
      }
    }
  }

  /** Sites to which there is a way from this one, over any number of links. */
  #reachable(origin: string): readonly string[] {
    if (this.#cut.size === 0) return this.#parts.sites;
    const found = new Set([origin]);
    for (const from of found) {
      for (const to of this.#parts.sites) {
        if (!found.has(to) && !this.isCut(from, to) && this.#brokers.get(to)?.isUp === true) found.add(to);
      }
    }
    const lost = this.#parts.sites.length - found.size;
    if (lost > 0) this.#parts.counts.count("parted message", lost);
    return [...found];
  }

  #local(site: string, message: Message): void {
    const broker = this.#brokers.get(site);
    if (broker?.isUp !== true) return;
    const { topic, payload, options } = message;
    if (options.retain && payload.length === 0) broker.retained.delete(topic);
    else if (options.retain) broker.retained.set(topic, message);
    for (const client of this.#clients) if (client.site === site) this.#deliver(client, message);
  }

  #deliver(client: Client, message: Message): void {
    if (client.isUp !== true || !hears(client, message.topic)) return;
    const isSpared = client.id === message.from || this.#everywhere.has(message.from);
    if (this.#deaf.has(client.id)) {
      this.#parts.counts.count("deaf");
      return;
    }
    if (!isSpared && this.#chance.isLost()) return;
    const copies = isSpared ? 1 : this.#chance.copies();
    for (let copy = 0; copy < copies; copy += 1) this.#send(client, message);
  }

  #send(client: Client, { topic, payload }: Message): void {
    const { clock } = this.#parts;
    const bytes = this.#chance.damaged(payload);
    const { connection } = client;
    this.#underWay += 1;
    assert(this.#underWay < UNDER_WAY_MAX, "the mesh does not feed itself");
    clock.wakeAt(this.#chance.arrivalMs(client), () => {
      this.#underWay -= 1;
      if (client.isClosed || client.connection !== connection) return;
      this.#delivered += 1;
      client.listener.onMessage(topic, bytes);
    });
  }
}

function hears(client: Client, topic: string): boolean {
  const known = client.hears.get(topic);
  if (known !== undefined) return known;
  const found = client.filters.some((filter) => matchesFilter(filter, topic));
  // Reply topics have a new name with each start of a gateway.
  if (client.hears.size > 512) client.hears.clear();
  client.hears.set(topic, found);
  return found;
}
