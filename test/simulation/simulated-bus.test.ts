/** The simulated bus does the harm it was told to do, no other, and the same each time. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { SimulatedBus, type BusFaults } from "./simulated-bus.ts";

const test = suite("simulated bus");

interface World {
  readonly clock: SimulatedClock;
  readonly bus: SimulatedBus;
  /** Everything that was heard: who, at which time, what. */
  readonly history: string[];
  say(from: string, topic: string, text: string, retain?: boolean): void;
}

async function worldOf(names: readonly string[], faults: Partial<BusFaults> = {}, seed = 1): Promise<World> {
  const clock = new SimulatedClock();
  const bus = new SimulatedBus({ clock, chance: new SeededRandom(seed) }, faults);
  const history: string[] = [];
  const buses = new Map<string, Awaited<ReturnType<typeof bus.connect>>>();
  for (const name of names) {
    const connected = await bus.connect(name, ["#"], {
      onMessage: (topic, payload) => {
        const text = new TextDecoder("latin1").decode(payload);
        history.push(`${name} ${topic} ${text} @${Math.round(clock.monotonicMs())}`);
      },
      onConnection: () => undefined,
    });
    buses.set(name, connected);
  }
  await clock.runUntil(100);
  return {
    clock,
    bus,
    history,
    say: (from, topic, text, retain = false) =>
      buses.get(from)?.publish(topic, new TextEncoder().encode(text), { qos: 1, retain }),
  };
}

const heardBy = (world: World, name: string): number =>
  world.history.filter((line) => line.startsWith(`${name} `)).length;

async function chatter(faults: Partial<BusFaults>, seed = 1): Promise<World> {
  const world = await worldOf(["anna", "bert"], faults, seed);
  for (let count = 0; count < 1000; count += 1) {
    world.say("anna", "t", `message ${count}`);
    await world.clock.runFor(10);
  }
  await world.clock.runUntilIdle();
  return world;
}

const STORM: Partial<BusFaults> = {
  loss: 0.1,
  duplication: 0.1,
  corruption: 0.1,
  delayMinMs: 1,
  delayMaxMs: 500,
  reordering: true,
};

test("one seed gives one history, another seed another", async () => {
  const [first, again, other] = [await chatter(STORM, 7), await chatter(STORM, 7), await chatter(STORM, 8)];
  assert.equal(first.history, again.history);
  assert.equal(first.bus.counts, again.bus.counts);
  assert.is.not(first.history.join(), other.history.join());
});

test("every delivery is accounted for", async () => {
  const { bus, history } = await chatter(STORM);
  const { delivered, lost, duplicated, corrupted } = bus.counts;
  assert.is(delivered, 2000 - lost + duplicated);
  assert.is(history.length, delivered);
  for (const count of [lost, duplicated, corrupted]) assert.ok(count > 100 && count < 300, String(count));
  assert.is(bus.underWay, 0);
});

test("without reordering messages are late but in order; with it they overtake", async () => {
  const order = ({ history }: World): readonly number[] =>
    history.filter((line) => line.startsWith("bert")).map((line) => Number(/message (\d+)/.exec(line)?.[1]));
  const sorted = [...Array(1000).keys()];
  const inOrder = await chatter({ delayMinMs: 1, delayMaxMs: 500 });
  assert.equal(order(inOrder), sorted);
  const mixed = order(await chatter({ delayMinMs: 1, delayMaxMs: 500, reordering: true }));
  assert.is.not(mixed.join(), sorted.join());
  assert.equal(
    [...mixed].sort((left, right) => left - right),
    sorted,
  );
});

test("a damaged message differs for its receiver only", async () => {
  const world = await worldOf(["anna", "bert", "carl"], { corruption: 1 });
  world.say("anna", "t", "a message of some length");
  await world.clock.runUntilIdle();
  assert.is(world.history.length, 3);
  assert.ok(world.history.every((line) => !line.includes("a message of some length")));
  assert.is(new Set(world.history.map((line) => line.slice(5))).size, 3);
});

test("parted groups hear their own only, a liar everywhere hears and is heard by all", async () => {
  const world = await worldOf(["anna", "bert", "carl", "liar", "lost"]);
  world.bus.part([["anna", "bert"], ["carl"]], ["liar"]);
  world.say("anna", "t", "one");
  await world.clock.runUntilIdle();
  assert.equal(
    ["anna", "bert", "carl", "liar", "lost"].map((name) => heardBy(world, name)),
    [1, 1, 0, 1, 0],
  );
  world.say("liar", "t", "two");
  await world.clock.runUntilIdle();
  assert.equal(
    ["anna", "bert", "carl", "liar", "lost"].map((name) => heardBy(world, name)),
    [2, 2, 1, 2, 1],
  );
  assert.is(world.bus.counts.parted, 2);
  world.bus.heal();
  world.say("carl", "t", "three");
  await world.clock.runUntilIdle();
  assert.equal(
    ["anna", "bert", "carl", "liar", "lost"].map((name) => heardBy(world, name)),
    [3, 3, 2, 3, 2],
  );
});

test("a parting also cuts what is under way", async () => {
  const world = await worldOf(["anna", "bert"], { delayMinMs: 1000, delayMaxMs: 1000 });
  world.say("anna", "t", "late");
  await world.clock.runFor(500);
  world.bus.part([["anna"], ["bert"]]);
  await world.clock.runUntilIdle();
  assert.equal([heardBy(world, "anna"), heardBy(world, "bert")], [1, 0]);
});

test("a dropped client loses what was under way and hears what is retained when it is back", async () => {
  const world = await worldOf(["anna", "bert"], { delayMinMs: 100, delayMaxMs: 100 });
  world.say("anna", "kept", "offer", true);
  world.say("anna", "t", "passing");
  world.bus.dropClient("bert");
  world.say("bert", "t", "into the void");
  assert.is(world.bus.counts.away, 1);
  await world.clock.runFor(5000);
  assert.equal(
    world.history.filter((line) => line.startsWith("bert")).map((line) => line.split(" ")[1]),
    ["kept"],
  );
});

test("one class of messages can be swallowed, and old messages injected", async () => {
  const world = await worldOf(["anna", "bert"], { swallows: ({ topic, to }) => topic === "vote" && to === "bert" });
  world.say("anna", "vote", "lost");
  world.say("anna", "fact", "kept");
  world.bus.inject("offer", Uint8Array.of(0x6f, 0x6c, 0x64), ["bert"]);
  await world.clock.runUntilIdle();
  const heard = world.history.filter((line) => line.startsWith("bert")).map((line) => line.split(" @")[0]);
  assert.equal(heard.sort(), ["bert fact kept", "bert offer old"]);
});

test("a receiver that changes its bytes changes nobody else's", async () => {
  const clock = new SimulatedClock();
  const bus = new SimulatedBus({ clock, chance: new SeededRandom(1) });
  const heard: number[] = [];
  const listener = {
    onMessage: (_: string, payload: Uint8Array): void => {
      heard.push(payload[0] ?? 0);
      payload.fill(9);
    },
    onConnection: (): void => undefined,
  };
  const anna = await bus.connect("anna", ["t"], listener);
  await bus.connect("bert", ["t"], listener);
  await clock.runFor(100);
  const payload = Uint8Array.of(1);
  anna.publish("t", payload, { qos: 0, retain: true });
  payload.fill(8);
  await clock.runUntilIdle();
  await bus.connect("carl", ["t"], listener);
  await clock.runUntilIdle();
  assert.equal(heard, [1, 1, 1]);
});

test.run();
