/**
 * Blocks become final by votes, and stay so: whatever the mesh does to the votes, and whenever a voter loses its power.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inspectRegister, REGISTER_NAME } from "#adapters/flash-store/index.ts";
import { decodeCbor, isMap } from "#core/wire/cbor.ts";
import { FinalityWorld, type FinalityWorldOptions } from "./finality-world.ts";
import type { SimulatedGateway } from "./simulated-gateway.ts";

const MINUTE_MS = 60_000;
const BLOCK_MS = 30_000;
/** Key of the register (services/boot.ts). */
const LAST_TARGET = 6;

const test = suite("finality");

async function worldOf(options: FinalityWorldOptions): Promise<FinalityWorld> {
  const world = new FinalityWorld(options);
  await world.start();
  return world;
}

function node(world: FinalityWorld, place: number): SimulatedGateway {
  const found = world.nodes[place];
  if (found === undefined) throw new Error("bug: no such gateway");
  return found;
}

/** Serial of the target that the register on the card holds, as the next start will read it. */
function registeredTarget({ cards }: SimulatedGateway): number {
  const { newest } = inspectRegister(Uint8Array.from(cards.ledger.snapshot().get(REGISTER_NAME) ?? []));
  const content = newest?.value === undefined ? undefined : decodeCbor(Uint8Array.from(newest.value));
  const target = content?.ok === true && isMap(content.value) ? content.value.get(LAST_TARGET) : undefined;
  return typeof target === "number" ? target : 0;
}

/** Says something every so often, so that there are blocks. */
async function talk(world: FinalityWorld, ms: number, by: readonly number[] = [0]): Promise<void> {
  for (let left = ms; left > 0; left -= BLOCK_MS) {
    for (const place of by) if (node(world, place).running !== undefined) world.speak(node(world, place));
    await world.runFor(Math.min(BLOCK_MS, left));
  }
}

test("a station alone makes what it has sealed final by its own vote, and then is quiet", async () => {
  const world = await worldOf({ stations: 1 });
  world.speak(node(world, 0));
  const chain = world.chainOf(node(world, 0));
  const holds = (): number => chain.head.serial;
  await world.runUntil("a final block", 6 * MINUTE_MS, () => chain.final.serial > 0);
  const head = holds();
  assert.ok(head <= 8, `${head} blocks until the first ones were final`);
  await world.runFor(5 * MINUTE_MS);
  assert.is(holds(), head, "nothing more to seal");
  assert.is(chain.levelOf(1), "C2");
});

test("four voters agree on what is final though a fifth of all messages is lost, repeated or overtaken", async () => {
  const bus = { loss: 0.2, duplication: 0.2, delayMinMs: 5, delayMaxMs: 2_000, reordering: true };
  const world = await worldOf({ stations: 4, bus });
  await talk(world, 8 * MINUTE_MS);
  assert.ok(world.final >= 4, `final up to ${world.final}`);
});

test("a minority makes nothing final, a majority goes on, and both are one again when they meet", async () => {
  const world = await worldOf({ stations: 4 });
  await talk(world, 4 * MINUTE_MS);
  const apart = world.final;
  world.part([0, 1, 2], [3]);
  await talk(world, 6 * MINUTE_MS, [0, 3]);
  const alone = world.chainOf(node(world, 3));
  const most = world.chainOf(node(world, 0));
  assert.ok(alone.final.serial <= apart + 4, `the minority: final ${alone.final.serial} after ${apart}`);
  assert.ok(most.final.serial > apart + 4, `the majority: final ${most.final.serial} after ${apart}`);
  assert.ok(alone.head.serial > alone.final.serial, "the minority seals all the same");
  const before = most.head.serial;
  const final = most.final.serial;
  world.bus.heal();
  world.speak(node(world, 3));
  await world.runUntil("one chain with a new final", 12 * MINUTE_MS, () => world.hasOneHead && world.final > final);
  assert.ok(most.head.serial - before <= 16, `${most.head.serial - before} blocks until then`);
});

test("two halves without a quorum make nothing final, and everything when they meet", async () => {
  const world = await worldOf({ stations: 4 });
  world.part([0, 1], [2, 3]);
  await talk(world, 6 * MINUTE_MS, [0, 2]);
  const finals = world.nodes.map((each) => world.chainOf(each).final.serial);
  assert.equal(finals, [0, 0, 0, 0]);
  world.bus.heal();
  world.speak(node(world, 0));
  await world.runUntil("one final chain", 16 * BLOCK_MS + MINUTE_MS, () => world.hasOneHead && world.final > 0);
});

test("votes that were lost for a while are said again, and make final what waited", async () => {
  const world = await worldOf({ stations: 4 });
  world.bus.setFaults({ swallows: ({ topic }) => topic.endsWith("/vote") });
  await talk(world, 4 * MINUTE_MS);
  assert.is(world.final, 0);
  world.bus.setFaults({});
  world.speak(node(world, 0));
  await world.runUntil("a final", 12 * MINUTE_MS, () => world.final > 0);
});

test("a voter that loses its power at any write votes on, and never beside what it has said", async () => {
  let votesCut = 0;
  for (let atWrite = 1; atWrite <= 40; atWrite += 1) {
    const world = await worldOf({ stations: 1, seed: atWrite });
    const victim = node(world, 0);
    await world.runFor(10_000);
    const life = { isOver: false };
    void victim.cards.ledger.cutPowerAt(atWrite).then(() => {
      life.isOver = true;
      victim.die("power");
    });
    while (!life.isOver) await talk(world, BLOCK_MS);
    const said = world.highestVoteOf(victim);
    const registered = registeredTarget(victim);
    assert.ok(registered >= said, `cut at ${atWrite}: a vote for ${said} is not in the register`);
    if (registered > said) votesCut += 1;
    if (registered === said && atWrite % 12 > 0) continue;
    await victim.start();
    await world.runUntil(`cut at ${atWrite}: the vote`, 3 * MINUTE_MS, () => world.highestVoteOf(victim) >= registered);
    world.speak(victim);
    await world.runUntil(`cut at ${atWrite}: a final`, 14 * MINUTE_MS, () => world.final >= 4);
  }
  assert.ok(votesCut > 0, "at least once between register and mesh");
});

test("a voter that has lost its register votes for nothing that it may have voted for, and votes again later", async () => {
  const world = await worldOf({ stations: 4 });
  await talk(world, 5 * MINUTE_MS);
  const victim = node(world, 3);
  const said = (): number => world.votes.get(victim.identity.name)?.size ?? 0;
  victim.die("power");
  for (const offset of [30, 4096 + 30]) victim.cards.ledger.rot(REGISTER_NAME, offset, 1);
  const before = said();
  assert.ok(before > 0, "it has voted");
  await victim.start();
  await talk(world, MINUTE_MS);
  assert.is(said(), before, "it is silent at first");
  await talk(world, 8 * MINUTE_MS);
  assert.ok(said() > before, "it votes again");
});

test("a voter whose card is an older copy does not contradict what it has said on a branch that was left", async () => {
  const world = await worldOf({ stations: 4 });
  await talk(world, MINUTE_MS);
  const victim = node(world, 3);
  const old = victim.cards.ledger.snapshot();
  // Only one other hears what it votes for there, and both leave that branch afterwards, or all others do.
  world.part([0, 1], [2, 3]);
  await talk(world, 4 * MINUTE_MS, [0, 2]);
  assert.ok(world.highestVoteOf(victim) >= 4, "it has voted");
  victim.die("power");
  victim.cards.ledger.restore(old);
  world.forgetFinalOf(victim);
  world.bus.heal();
  await victim.start();
  await talk(world, 12 * MINUTE_MS);
  assert.ok(world.final >= 8, `final up to ${world.final}`);
});

test("a vehicle that drives between two sites carries what the one has made final to the other", async () => {
  const world = await worldOf({ stations: 4, vehicles: 1 });
  const sites = [
    [[0, 1, 2, 4], [3]],
    [
      [0, 1, 2],
      [3, 4],
    ],
  ] as const;
  await talk(world, MINUTE_MS);
  world.part(...sites[0]);
  await talk(world, 6 * MINUTE_MS);
  const far = world.chainOf(node(world, 3));
  const { serial } = world.chainOf(node(world, 0)).final;
  assert.ok(serial >= 4, `final at the first site up to ${serial}`);
  assert.ok(far.final.serial < serial, "the second site does not know");
  world.part(...sites[1]);
  await world.runUntil("the second site knows it", 2 * MINUTE_MS, () => far.final.serial >= serial);
});

test.run();
