/** What gateways tell of what they hold: what is new soon and by few of them, the same now and then, and each sometimes. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { BrokerLine, ConnectBus } from "#core/mesh/message-bus.ts";
import { meshRoot } from "#core/mesh/topics.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { SettableClockState } from "#hal/mock/settable-clock-state.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { FinalityService } from "#services/finality-service.ts";
import { LedgerService } from "#services/ledger-service.ts";
import { MeshService } from "#services/mesh-service.ts";
import { EACH_TELLS_MS } from "#services/own-tip.ts";
import { SyncService } from "#services/sync-service.ts";
import { WorldTime } from "#services/world-time.ts";
import {
  crypto,
  Forge,
  ledgerBench,
  makeIdentity,
  regionOf,
  STARTED_AT,
  type Identity,
} from "#test/builders/hostile-ledger.ts";
import { SimulatedBus } from "#test/simulation/simulated-bus.ts";

const test = suite("own tip");

const WHO = Array.from({ length: 12 }, (_, index) => makeIdentity(`charger-${index}`, "station"));
const GENESIS = regionOf(WHO);
const ROOT = meshRoot(GENESIS.network, "sim");

interface Region {
  readonly clock: SimulatedClock;
  readonly ledgers: readonly LedgerService[];
  /** Who has told its TIP since this was last emptied, each time. */
  readonly told: string[];
  readonly buses: readonly SimulatedBus[];
}

/** `lines`: the brokers of each gateway, all of them the same bus; `withoutTime`: how many do not know the time. */
async function regionWith(lines: number, withoutTime = 0, who = WHO): Promise<Region> {
  const clock = new SimulatedClock({ wallEpochMs: (STARTED_AT + 600) * 1000 });
  const told: string[] = [];
  const buses = Array.from(
    { length: lines },
    (_, index) => new SimulatedBus({ clock, chance: new SeededRandom(index) }),
  );
  const ledgers = await Promise.all(
    who.map((each, index) => startGateway(each, { clock, told, buses, isTimeKnown: index >= withoutTime })),
  );
  return { clock, ledgers, told, buses };
}

interface Started {
  readonly clock: SimulatedClock;
  readonly told: string[];
  readonly buses: readonly SimulatedBus[];
  readonly isTimeKnown: boolean;
}

async function startGateway(who: Identity, { clock, told, buses, isTimeKnown }: Started): Promise<LedgerService> {
  const { chain, journal, boot } = await ledgerBench(GENESIS, who);
  const emit = (): void => undefined;
  const { signer, did } = who;
  const source = new SettableClockState(clock);
  if (!isTimeKnown) source.lose();
  const time = new WorldTime({ clock, source, emit });
  const ledger = new LedgerService({ chain, journal, boot, clock: time, signer, did, emit }, new Set());
  const listening = (connect: ConnectBus): ConnectBus => {
    return async (...dialled) => {
      const bus = await connect(...dialled);
      return {
        close: () => bus.close(),
        publish: (topic, payload, options) => {
          if (topic.includes("/tip/")) told.push(who.name);
          bus.publish(topic, payload, options);
        },
      };
    };
  };
  const connect = buses.map((bus, index): BrokerLine => ({ name: `broker-${index}`, connect: listening(bus.connect) }));
  const token = toHex(crypto.sha256(did).slice(0, 16));
  const mesh = new MeshService({ connect, root: ROOT, did: toHex(did), token, clock, crypto, emit });
  const finality = new FinalityService({ ledger, mesh, boot, clock, signer, did, isSettled: () => false, emit });
  const sync = new SyncService({ ledger, mesh, boot, clock, signer, did, finality, emit });
  mesh.handle("reply", (object) => sync.takeReply(object));
  await mesh.start();
  sync.start();
  return ledger;
}

/** A block that everybody takes in at this moment. */
async function sealOne({ ledgers }: Region): Promise<void> {
  const [first] = ledgers;
  const [miner] = WHO;
  if (first === undefined || miner === undefined) throw new Error("bug: nobody");
  const block = new Forge(GENESIS).block(first.chain, [], miner);
  for (const ledger of ledgers) {
    const taken = await ledger.receiveBlock(block);
    if (!taken.ok) throw new Error(`bug: ${JSON.stringify(taken.fault)}`);
  }
}

test("of twelve gateways that take in the same block a few tell so, within seconds", async () => {
  const region = await regionWith(1);
  await region.clock.runFor(90_000);
  region.told.length = 0;
  await sealOne(region);
  await region.clock.runFor(5_000);
  const speakers = new Set(region.told).size;
  assert.ok(speakers >= 3 && speakers <= 6, `${speakers} told it`);
});

test("who starts with an older head hears the newest one within seconds of its first word", async () => {
  const region = await regionWith(1, 0, WHO.slice(0, -1));
  const { clock, told } = region;
  await clock.runFor(90_000);
  await sealOne(region);
  // Each has just told what it holds, and none is due.
  await clock.runFor(15_000);
  const late = WHO.at(-1);
  if (late === undefined) throw new Error("bug: nobody");
  told.length = 0;
  await startGateway(late, { ...region, isTimeKnown: true });
  for (let second = 0; second < 11 && !told.includes(late.name); second += 1) await clock.runFor(1_000);
  assert.ok(told.includes(late.name), "it has said what it holds");
  told.length = 0;
  await clock.runFor(5_000);
  const speakers = new Set(told.filter((name) => name !== late.name)).size;
  assert.ok(speakers >= 1 && speakers <= 6, `${speakers} told it`);
});

test("each tells what it holds at least every three minutes, and all together a few times a minute", async () => {
  const region = await regionWith(1);
  await region.clock.runFor(300_000);
  for (let round = 0; round < 4; round += 1) {
    region.told.length = 0;
    if (round === 2) await sealOne(region);
    await region.clock.runFor(EACH_TELLS_MS + 1_000);
    assert.is(new Set(region.told).size, WHO.length);
    assert.ok(region.told.length <= 2 * WHO.length, `${region.told.length} words in three minutes`);
  }
});

test("while a member does not know the time, each who knows it tells it once a minute", async () => {
  const region = await regionWith(1, 1);
  await region.clock.runFor(120_000);
  for (let minute = 0; minute < 5; minute += 1) {
    region.told.length = 0;
    await region.clock.runFor(61_000);
    const speakers = new Set(region.told.filter((name) => name !== WHO[0]?.name));
    assert.is(speakers.size, WHO.length - 1);
  }
});

test("a relay tells all that is new itself: on one of its brokers there may be nobody else to tell it", async () => {
  const region = await regionWith(2);
  await region.clock.runFor(60_000);
  region.told.length = 0;
  await sealOne(region);
  await region.clock.runFor(5_000);
  assert.is(new Set(region.told).size, WHO.length);
});

test.run();
