/** Gateways as on a board, between several brokers: what one of them hears, all come to hold. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { makeGenesis } from "#core/ledger/genesis.ts";
import { HARDENED_RULES } from "#core/ledger/rules.ts";
import type { ConnectBus } from "#core/mesh/message-bus.ts";
import { meshRoot } from "#core/mesh/topics.ts";
import { decodeWrapper } from "#core/mesh/wrapper.ts";
import { assembleArbiter } from "#firmware/assemble-arbiter.ts";
import { assembleGateway, type Gateway } from "#firmware/assemble-gateway.ts";
import { FlashCard } from "#hal/mock/flash.ts";
import { SeededRandom, SeededRandomness } from "#hal/mock/seeded-random.ts";
import { SettableClockState } from "#hal/mock/settable-clock-state.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { EmitEvent } from "#services/events.ts";
import { SimulatedBus, type BusFaults } from "./simulated-bus.ts";
import { crypto, makeIdentity } from "./simulated-gateway.ts";

const test = suite("several brokers, simulated");

const WALL_EPOCH_MS = Date.UTC(2026, 5, 1, 8);
const MINUTE_MS = 60_000;
const SITES = ["left", "middle", "right"] as const;

interface Told {
  readonly who: string;
  readonly name: string;
  readonly event: object;
}

class Region {
  readonly clock = new SimulatedClock({ wallEpochMs: WALL_EPOCH_MS });
  readonly brokers: readonly SimulatedBus[];
  readonly gateways = new Map<string, Gateway>();
  readonly told: Told[] = [];
  /** Publications with hops, by broker and object. */
  readonly carried = new Map<string, number>();
  readonly #seed: number;
  readonly #genesis;

  constructor(seed: number, authorities: readonly string[]) {
    this.#seed = seed;
    const random = new SeededRandom(seed);
    this.brokers = SITES.map((site) => new SimulatedBus({ clock: this.clock, chance: random.fork(site) }));
    this.#genesis = makeGenesis(crypto, {
      version: 1,
      name: "brokers",
      startedAt: WALL_EPOCH_MS / 1000 - 60,
      rules: HARDENED_RULES,
      authorities: authorities.map((name) => [makeIdentity(name, "station").inception, name]),
    });
  }

  setFaults(faults: Partial<BusFaults>): void {
    for (const broker of this.brokers) broker.setFaults(faults);
  }

  /** On each of these brokers, whose topics bear the name of their own site. */
  async start(name: string, places: readonly number[]): Promise<Gateway> {
    const identity = makeIdentity(name, "station");
    const cards = new Map<string, FlashCard>();
    const emit: EmitEvent = (event, content) => void this.told.push({ who: name, name: event, event: content });
    const [home = 0] = places;
    const started = assembleGateway(
      {
        ...{ ...identity, organisation: name, crypto, genesis: this.#genesis, clock: this.clock, emit },
        root: meshRoot(this.#genesis.network, SITES[home] ?? "left"),
        clockState: new SettableClockState(this.clock),
        toMonotonicMs: (stampMs) => stampMs,
        randomness: new SeededRandomness(`${this.#seed} ${name}`),
        connect: places.map((place) => {
          const site = SITES[place] ?? "left";
          return { name: site, site, connect: this.#overhearing(place) };
        }),
        openFolder: (folder) => {
          const card = cards.get(folder) ?? new FlashCard({ seed: `${this.#seed} ${name} ${folder}` });
          cards.set(folder, card);
          return card.open();
        },
      },
      () => Promise.resolve(assembleArbiter()),
    );
    const gateway = await this.clock.runUntilSettled(started);
    this.gateways.set(name, gateway);
    return gateway;
  }

  #overhearing(place: number): ConnectBus {
    const { connect } = known(this.brokers[place]);
    return async (clientId, filters, listener) => {
      const bus = await connect(clientId, filters, listener);
      return {
        close: () => bus.close(),
        publish: (topic, payload, options) => {
          const wrapped = decodeWrapper(payload);
          if (wrapped.ok && wrapped.value.hops > 0) {
            const key = `${place} ${toHex(crypto.sha256(wrapped.value.object))}`;
            this.carried.set(key, (this.carried.get(key) ?? 0) + 1);
          }
          bus.publish(topic, payload, options);
        },
      };
    };
  }

  get heads(): readonly string[] {
    return [...new Set([...this.gateways.values()].map(({ ledger }) => toHex(ledger.chain.head.state.id)))];
  }

  /** Every gateway knows every other as a member, by a block. */
  get isWhole(): boolean {
    const all = [...this.gateways.values()];
    return all.every(({ ledger }) =>
      all.every(({ did }) => ledger.chain.head.state.members.get(toHex(did)) !== undefined),
    );
  }

  async untilOne(atMostMs: number): Promise<boolean> {
    const endMs = this.clock.monotonicMs() + atMostMs;
    const isOne = (): boolean => this.heads.length === 1 && this.isWhole;
    while (!isOne() && this.clock.monotonicMs() < endMs) await this.clock.runFor(1000);
    return isOne();
  }

  async close(): Promise<void> {
    for (const gateway of this.gateways.values()) await this.clock.runUntilSettled(gateway.stop());
  }
}

/** left – relay – middle – relay – right, an authority at each end. */
async function chainOfBrokers(seed: number): Promise<Region> {
  const region = new Region(seed, ["authority-left", "authority-right"]);
  await region.start("authority-left", [0]);
  await region.start("relay-left", [0, 1]);
  await region.start("relay-right", [1, 2]);
  await region.start("authority-right", [2]);
  return region;
}

test("what is said at one end of three brokers is held at the other, and all seal one chain", async () => {
  const region = await chainOfBrokers(1);
  await region.start("newcomer", [0]);
  assert.ok(await region.untilOne(5 * MINUTE_MS), `${region.heads.length} heads`);
  const right = region.gateways.get("authority-right");
  assert.ok((right?.ledger.chain.head.state.serial ?? 0) > 0);
  assert.ok((region.gateways.get("relay-left")?.mesh.relayCounts?.carried ?? 0) > 0);
  assert.is(region.gateways.get("newcomer")?.mesh.relayCounts, undefined, "with one broker nothing is carried");
  await region.close();
});

test("a fact crosses two relays within two seconds, without waiting for anybody to ask", async () => {
  const region = await chainOfBrokers(2);
  await region.untilOne(5 * MINUTE_MS);
  const newcomer = await region.start("newcomer", [0]);
  await region.clock.runFor(2000);
  const { ledger } = known(region.gateways.get("authority-right"));
  assert.ok(ledger.chain.pending.members.get(toHex(newcomer.did)) !== undefined);
  await region.close();
});

test("in a ring of brokers nothing goes round: no relay publishes an object twice at one broker", async () => {
  const region = await chainOfBrokers(3);
  await region.start("relay-back", [2, 0]);
  await region.start("second-relay-left", [1, 0]);
  assert.ok(await region.untilOne(5 * MINUTE_MS));
  await region.clock.runFor(5 * MINUTE_MS);
  assert.ok(region.carried.size > 0);
  // At each broker three relays end; each of them may have carried an object there before it heard of another's.
  const most = Math.max(...region.carried.values());
  assert.ok(most <= 3, `one object was carried ${most} times to one broker`);
  await region.close();
});

test("when one of two brokers dies, all goes on over the other, and the event says which one it was", async () => {
  const region = new Region(4, ["authority-1", "authority-2"]);
  for (const name of ["authority-1", "authority-2", "third"]) await region.start(name, [0, 1]);
  assert.ok(await region.untilOne(5 * MINUTE_MS));
  region.brokers[0]?.stopBroker();
  const before = region.gateways.get("third")?.ledger.chain.head.state.serial ?? 0;
  await region.start("fourth", [0, 1]);
  assert.ok(await region.untilOne(10 * MINUTE_MS), "a newcomer becomes a member over the broker that is left");
  assert.ok((region.gateways.get("third")?.ledger.chain.head.state.serial ?? 0) > before);
  const third = region.told.filter(({ who }) => who === "third");
  assert.not.ok(third.some(({ name, event }) => name === "meshConnected" && "up" in event && event.up === false));
  assert.ok(third.some(({ event }) => "broker" in event && "up" in event && event.broker === "left" && !event.up));
  assert.equal(region.gateways.get("third")?.mesh.brokers, [
    { name: "left", isUp: false },
    { name: "middle", isUp: true },
  ]);
  region.brokers[0]?.startBroker();
  await region.clock.runFor(MINUTE_MS);
  assert.ok(region.gateways.get("third")?.mesh.brokers.every(({ isUp }) => isUp));
  await region.close();
});

test("gateways that are all on the same two brokers carry nothing for each other", async () => {
  const region = new Region(5, ["authority-1"]);
  for (const name of ["authority-1", "b", "c", "d", "e", "f"]) await region.start(name, [0, 1]);
  assert.ok(await region.untilOne(5 * MINUTE_MS));
  const counts = [...region.gateways.values()].map(({ mesh }) => mesh.relayCounts);
  assert.is(
    counts.reduce((sum, each) => sum + (each?.carried ?? 0), 0),
    0,
  );
  assert.ok(counts.reduce((sum, each) => sum + (each?.spared ?? 0), 0) >= 5);
  await region.close();
});

test("two halves that were cut apart for five minutes hold one chain again, and lose nothing", async () => {
  const region = await chainOfBrokers(6);
  assert.ok(await region.untilOne(5 * MINUTE_MS));
  region.brokers[1]?.stopBroker();
  const left = await region.start("newcomer-left", [0]);
  const right = await region.start("newcomer-right", [2]);
  await region.clock.runFor(5 * MINUTE_MS);
  assert.ok(region.heads.length > 1, "each half has gone on by itself");
  region.brokers[1]?.startBroker();
  assert.ok(await region.untilOne(10 * MINUTE_MS), `${region.heads.length} heads`);
  for (const { ledger } of region.gateways.values()) {
    for (const { did } of [left, right]) assert.ok(ledger.chain.head.state.members.get(toHex(did)) !== undefined);
  }
  await region.close();
});

test("brokers that lose, repeat, delay and damage delay the one chain, and no more", async () => {
  for (const seed of [11, 12]) {
    const region = await chainOfBrokers(seed);
    const [loss, duplication, corruption] = [0.1, 0.1, 0.02];
    region.setFaults({ loss, duplication, corruption, delayMinMs: 1, delayMaxMs: 3000, reordering: true });
    await region.start("newcomer-left", [0]);
    await region.start("newcomer-right", [2, 1]);
    await region.clock.runFor(10 * MINUTE_MS);
    region.setFaults({});
    assert.ok(await region.untilOne(10 * MINUTE_MS), `seed ${seed}: ${region.heads.length} heads`);
    await region.close();
  }
});

test.run();

function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("bug: the test names what is not there");
  return value;
}
