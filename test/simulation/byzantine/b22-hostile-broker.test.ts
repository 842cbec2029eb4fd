/**
 * B22: one of two brokers drops a class of messages, reorders, duplicates, is an hour late, and serves what it has kept.
 * L1 holds by the other one; nothing that has expired is accepted.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { ChargeSimulation, type ChargeFaults } from "../charge-world.ts";
import { resultsOf } from "../simulate-charge.ts";
import type { BusFaults } from "../simulated-bus.ts";

const test = suite("B22 hostile broker");

const QUIET: ChargeFaults = { bus: {}, crash: undefined, stationLies: 1, vehicleLies: 1, chargeMs: 600_000 };
/** L1: both have the contract within so long after the plug. */
const AGREED_MS = 10_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const OFFER_SECONDS = 600;

const CLASSES = ["offer", "hs", "r", "tx/open", "tx/rep", "tx/fin", "tx/mem", "blk", "vote", "tip", "q"] as const;

function dropping(...classes: readonly string[]): Partial<BusFaults> {
  return { swallows: ({ topic }) => classes.some((name) => topic.includes(`/sim/${name}`)) };
}

async function pluggedIn(seed: number, faults: Partial<ChargeFaults>): Promise<ChargeSimulation> {
  const simulation = new ChargeSimulation(seed, { ...QUIET, ...faults });
  const { clock, world, station, vehicle } = simulation;
  await clock.runUntilSettled(Promise.all([station.start(), vehicle.start()]));
  await clock.runFor(5_000);
  world.plugIn("car", 1);
  return simulation;
}

function signedBy({ story }: ChargeSimulation): number {
  return new Set(story.filter((line) => line.includes("contractSigned")).map((line) => line.split(" ")[1])).size;
}

test("B22 whichever class one broker drops, and if it drops all, both agree within ten seconds by the other", async () => {
  for (const dropped of [...CLASSES.map((name) => [name]), CLASSES]) {
    const simulation = await pluggedIn(3, { bus: dropping(...dropped), otherBus: {} });
    await simulation.clock.runFor(AGREED_MS);
    assert.is(signedBy(simulation), 2, `without ${dropped.join()}`);
  }
});

test("B22 without the other broker a dropped handshake is no contract: it is the other that carries it", async () => {
  for (const dropped of ["offer", "hs", "r"]) {
    const simulation = await pluggedIn(3, { bus: dropping(dropped) });
    await simulation.clock.runFor(AGREED_MS);
    assert.is(signedBy(simulation), 0, `without ${dropped}`);
  }
});

test("B22 one broker reorders, duplicates and is an hour late: the charge settles, and the late words change nothing", async () => {
  const late = { delayMinMs: HOUR_MS, delayMaxMs: HOUR_MS + MINUTE_MS, reordering: true, duplication: 0.5 };
  const simulation = await pluggedIn(4, { bus: late, otherBus: {} });
  const { clock, world, station, vehicle, bus } = simulation;
  await clock.runFor(AGREED_MS);
  assert.is(signedBy(simulation), 2);
  await clock.runFor(8 * MINUTE_MS);
  world.change(() => {
    world.vehicle("car").endCharge();
  });
  await clock.runFor(3 * MINUTE_MS);
  world.unplug("car");
  await clock.runFor(20 * MINUTE_MS);
  const before = pictures(simulation);
  assert.equal(
    [station, vehicle].map((node) => resultsOf(node).map(({ state }) => state)),
    [["SETTLED"], ["SETTLED"]],
  );
  const delivered = bus.counts.delivered;
  await clock.runFor(50 * MINUTE_MS);
  assert.ok(bus.counts.delivered - delivered > 100, `${bus.counts.delivered - delivered} late messages`);
  assert.equal(pictures(simulation), before);
  assert.is(simulation.story.filter((line) => line.includes("contractSigned")).length, 2);
});

test("B22 a broker that shows a stale OFFER and a stale TIP is not believed: nobody greets, and no peer goes back", async () => {
  const kept = new Map<string, Uint8Array>();
  const simulation = await pluggedIn(5, { otherBus: {} });
  const { clock, world, bus, station, vehicle } = simulation;
  const everybody = [station, vehicle].map(({ identity }) => toHex(identity.did));
  const hellos: string[] = [];
  await bus.connect("an ear", ["#"], {
    onMessage: (topic, payload) => {
      if (/\/(offer|tip)\//.test(topic) && payload.length > 2 && !kept.has(topic)) kept.set(topic, payload.slice());
      if (topic.includes("/hs/")) hellos.push(topic);
    },
    onConnection: () => undefined,
  });
  await clock.runFor(AGREED_MS);
  assert.is(signedBy(simulation), 2);
  world.unplug("car");
  await clock.runFor((OFFER_SECONDS + 300) * 1_000);
  // The station has moved on and shows nothing; then it is gone.
  const peer = vehicle.running?.sync.peers.get(everybody[0] ?? "");
  station.die("kill");
  hellos.length = 0;
  assert.ok([...kept.keys()].some((topic) => topic.includes("/offer/")) && kept.size >= 3, [...kept.keys()].join());
  world.plugIn("car", 1);
  for (let round = 0; round < 20; round += 1) {
    for (const [topic, payload] of kept) bus.inject(topic, payload, everybody);
    await clock.runFor(5_000);
  }
  assert.equal(hellos, [], "an expired offer is not greeted");
  const after = vehicle.running?.sync.peers.get(everybody[0] ?? "");
  assert.ok(peer !== undefined && after !== undefined);
  assert.ok(after.at >= peer.at, `the peer's word of ${after.at} after that of ${peer.at}`);
  assert.equal(after, peer, "an old word is not a newer one's");
});

test.run();

/** Charges and members at both, and what waits. */
function pictures({ station, vehicle }: ChargeSimulation): readonly string[] {
  return [station, vehicle].map(({ running }) => {
    const { chain } = running?.ledger ?? {};
    const charges = [...(chain?.pending.transactions.entries().values() ?? [])];
    const shown = charges.map(({ address, state, result }) => [toHex(address), state, result]);
    return JSON.stringify([shown, chain?.pending.members.entries().size, chain?.mempool.size]);
  });
}
