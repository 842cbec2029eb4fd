/** What a gateway between two brokers carries, and what it does not. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MESH_HOPS_MAX, RELAY_OBJECTS_MAX } from "#core/limits.ts";
import {
  CARRYING_FACTS_MAX,
  CARRYING_MAX,
  COPY_WINDOW_MS,
  HEARD_MAX,
  RELAY_SPREAD_MS,
  Relay,
  type Carried,
  type Passage,
} from "#core/mesh/relay.ts";
import type { CarriedTopic } from "#core/mesh/topics.ts";

const test = suite("relay");

const DID = "a5".repeat(32);
const FACT: CarriedTopic = { kind: "fact", class: "rep" };
const VOTE: CarriedTopic = { kind: "vote" };
const OBJECT = Uint8Array.of(0x82, 1, 2);
const SIGNER = "51".repeat(32);
const everyLineIsUp = (): boolean => true;

/** Names as hashes have them: spread over all values. */
function nameOf(number: number): string {
  return (
    (Math.imul(number + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0") + number.toString(16).padStart(24, "0")
  );
}

const NAME = nameOf(0);

class Bystander {
  readonly relay: Relay;
  nowMs = 0;

  constructor(lines = 2, did = DID, objectsMax?: number) {
    this.relay = new Relay(lines, did, objectsMax);
  }

  /** Whether it was to be handled. */
  hear(line: number, hops = 0, name = NAME, carried: Carried | undefined = { topic: FACT, object: OBJECT }): boolean {
    return this.relay.hear(name, { line, hops }, this.nowMs, carried);
  }

  hearAndVerify(line: number, { hops = 0, name = NAME, topic = FACT, signer = SIGNER } = {}): void {
    this.hear(line, hops, name, { topic, object: OBJECT });
    this.relay.verify(name, { topic, object: OBJECT }, { origin: { line, hops }, signer }, this.nowMs);
  }

  carriesAfter(ms: number, isUp: (line: number) => boolean = everyLineIsUp): readonly Passage[] {
    this.nowMs += ms;
    return this.relay.take(this.nowMs, isUp);
  }
}

test("what came over one broker and was verified goes to the other, with one hop more, once", () => {
  const relay = new Bystander();
  relay.hearAndVerify(0, { hops: 2 });
  assert.equal(relay.carriesAfter(RELAY_SPREAD_MS), [{ topic: FACT, object: OBJECT, hops: 3, lines: [1] }]);
  assert.equal(relay.carriesAfter(RELAY_SPREAD_MS), []);
  relay.hear(1, 3);
  relay.nowMs += COPY_WINDOW_MS;
  assert.is(relay.hear(0, 2), true, "the origin says it again");
  assert.equal(relay.carriesAfter(RELAY_SPREAD_MS), []);
});

test("what nobody has verified is not carried, however often it comes", () => {
  const relay = new Bystander();
  for (let time = 0; time < 10; time += 1) relay.hear(time % 2);
  assert.is(relay.relay.isWaiting, false);
  assert.equal(relay.carriesAfter(RELAY_SPREAD_MS), []);
});

test("a message that comes over both brokers is handled once; said again it is handled again", () => {
  const relay = new Bystander();
  assert.is(relay.hear(0), true);
  assert.is(relay.hear(1), false);
  assert.is(relay.hear(0), true, "the same broker: somebody has said it again");
  assert.is(relay.hear(1), false);
  relay.nowMs += COPY_WINDOW_MS;
  assert.is(relay.hear(1), true, "the first broker may have died since");
  assert.is(relay.hear(0), false);
});

test("two messages are two, though they come at the same moment", () => {
  const relay = new Bystander();
  assert.is(relay.hear(0, 0, nameOf(1)), true);
  assert.is(relay.hear(1, 0, nameOf(2)), true);
});

test("what is heard at the other broker in the meantime is not carried there", () => {
  const relay = new Bystander();
  relay.hearAndVerify(0);
  assert.is(relay.hear(1, 1), false);
  assert.equal(relay.carriesAfter(RELAY_SPREAD_MS), []);
  assert.equal(relay.relay.counts, { carried: 0, spared: 1, leftOut: 0 });
});

test("after its last hop an object goes no further", () => {
  const relay = new Bystander();
  relay.hearAndVerify(0, { hops: MESH_HOPS_MAX });
  assert.equal(relay.carriesAfter(RELAY_SPREAD_MS), []);
});

test("who publishes an object with all its hops used up does not keep it from those behind", () => {
  const relay = new Bystander();
  relay.hearAndVerify(0, { hops: MESH_HOPS_MAX });
  assert.equal(relay.carriesAfter(RELAY_SPREAD_MS), []);
  relay.hear(0, 1);
  relay.hear(1, MESH_HOPS_MAX);
  assert.equal(relay.carriesAfter(RELAY_SPREAD_MS), [{ topic: FACT, object: OBJECT, hops: 2, lines: [1] }]);
});

test("one object makes a relay publish at most once for each hop, whatever a liar says of its way", () => {
  const relay = new Bystander();
  relay.hearAndVerify(0, { hops: MESH_HOPS_MAX });
  let passages = 0;
  for (let round = 0; round < 5; round += 1) {
    for (let hops = MESH_HOPS_MAX; hops >= 0; hops -= 1) {
      for (const line of [0, 1]) relay.hear(line, hops);
      relay.hear(0, hops);
      passages += relay.carriesAfter(RELAY_SPREAD_MS).length;
    }
  }
  assert.ok(passages <= MESH_HOPS_MAX, `${passages} times`);
});

test("a broker that is away gets the object when it is back and the origin says it again", () => {
  const relay = new Bystander();
  relay.hearAndVerify(0);
  assert.equal(
    relay.carriesAfter(RELAY_SPREAD_MS, (line) => line === 0),
    [],
  );
  relay.hear(0);
  assert.equal(relay.carriesAfter(RELAY_SPREAD_MS), [{ topic: FACT, object: OBJECT, hops: 1, lines: [1] }]);
});

test("an object that came in a handshake, without having been heard on its topic, is carried as well", () => {
  const relay = new Bystander();
  relay.relay.verify(NAME, { topic: FACT, object: OBJECT }, { origin: { line: 1, hops: 0 }, signer: SIGNER }, 0);
  assert.equal(relay.carriesAfter(RELAY_SPREAD_MS), [{ topic: FACT, object: OBJECT, hops: 1, lines: [0] }]);
});

test("a member that floods spends its own budget, not that of others, and no votes wait for its facts", () => {
  const relay = new Bystander();
  for (let number = 0; number < 500; number += 1) relay.hearAndVerify(0, { name: nameOf(number) });
  relay.hearAndVerify(0, { name: nameOf(1000), signer: "other" });
  relay.hearAndVerify(0, { name: nameOf(1001), topic: VOTE });
  const passages = relay.carriesAfter(RELAY_SPREAD_MS);
  assert.is(passages.filter(({ topic }) => topic.kind === "fact").length, 50 + 1);
  assert.is(passages.filter(({ topic }) => topic.kind === "vote").length, 1);
  assert.is(relay.relay.counts.leftOut, 450);
});

test("many members that flood together leave the gateway room to speak itself", () => {
  const relay = new Bystander();
  let carried = 0;
  for (let second = 0; second < 60; second += 1) {
    for (let number = 0; number < 500; number += 1) {
      const name = nameOf(1000 * second + number);
      relay.hearAndVerify(0, { name, signer: `member ${number}` });
    }
    carried += relay.carriesAfter(1000).length;
  }
  assert.ok(carried <= 500 + 60 * 100, `${carried} in a minute`);
});

test("what waits is bounded, and facts leave room for votes", () => {
  const relay = new Bystander();
  for (let number = 0; number < 2 * CARRYING_MAX; number += 1) {
    relay.hearAndVerify(0, { name: nameOf(number), signer: `member ${number}` });
  }
  for (let number = 0; number < CARRYING_MAX; number += 1) {
    relay.hearAndVerify(0, { name: nameOf(10_000 + number), topic: VOTE, signer: `member ${number}` });
  }
  const { leftOut } = relay.relay.counts;
  assert.is(leftOut, 2 * CARRYING_MAX - CARRYING_FACTS_MAX + CARRYING_FACTS_MAX);
});

test("garbage pushes out garbage only: verified objects are remembered, and no more of them than the bound", () => {
  const relay = new Bystander();
  relay.hearAndVerify(0);
  relay.carriesAfter(RELAY_SPREAD_MS);
  for (let number = 1; number <= 3 * HEARD_MAX; number += 1) relay.hear(0, 0, nameOf(number));
  relay.hear(0);
  assert.equal(relay.carriesAfter(RELAY_SPREAD_MS), [], "it is still known that the other broker has it");
  assert.is(relay.relay.remembered, 1);

  const small = new Bystander(2, DID, 100);
  for (let number = 0; number < 1000; number += 1) small.hearAndVerify(0, { name: nameOf(number) });
  assert.is(small.relay.remembered, 100);
  assert.is(RELAY_OBJECTS_MAX, 65_536);
});

test("the objects that were used last are those that are remembered", () => {
  const relay = new Bystander(2, DID, 2);
  for (const number of [1, 2]) relay.hearAndVerify(0, { name: nameOf(number) });
  relay.carriesAfter(RELAY_SPREAD_MS);
  relay.hear(0, 0, nameOf(1));
  relay.hearAndVerify(0, { name: nameOf(3) });
  assert.is(relay.carriesAfter(RELAY_SPREAD_MS).length, 1);
  relay.hear(1, 0, nameOf(1));
  assert.is(relay.relay.isWaiting, false, "1 is known at both brokers");
});

/** Relays that hear what each other publish, a moment later: brokers by number, relays by the brokers they join. */
function play(
  joins: readonly (readonly number[])[],
  { latencyMs, from }: { readonly latencyMs: number; readonly from: readonly number[] },
): { readonly publications: number; readonly reached: ReadonlySet<number>; readonly hopsMax: number } {
  const relays = joins.map((brokers, index) => {
    const did = ((index * 0x2f1b + 0x0101) % 0xffff).toString(16).padStart(4, "0").padEnd(64, "0");
    return { brokers, relay: new Relay(brokers.length, did), known: false };
  });
  const underWay: { readonly atMs: number; readonly broker: number; readonly hops: number }[] = [];
  const reached = new Set<number>();
  let publications = 0;
  let hopsMax = 0;
  const publish = (atMs: number, broker: number, hops: number): void => {
    publications += 1;
    hopsMax = Math.max(hopsMax, hops);
    reached.add(broker);
    underWay.push({ atMs: atMs + latencyMs, broker, hops });
  };
  for (const broker of from) publish(0, broker, 0);
  for (let nowMs = 0; nowMs < (MESH_HOPS_MAX + 1) * RELAY_SPREAD_MS; nowMs += 1) {
    while (underWay[0]?.atMs === nowMs) {
      const { broker, hops } = underWay.shift() ?? { broker: -1, hops: 0 };
      for (const each of relays) {
        const line = each.brokers.indexOf(broker);
        if (line < 0) continue;
        const carried = { topic: FACT, object: OBJECT };
        each.relay.hear(NAME, { line, hops }, nowMs, carried);
        if (!each.known) each.relay.verify(NAME, carried, { origin: { line, hops }, signer: SIGNER }, nowMs);
        each.known = true;
      }
    }
    for (const { relay, brokers } of relays) {
      for (const { hops, lines } of relay.take(nowMs, everyLineIsUp)) {
        for (const line of lines) publish(nowMs, brokers[line] ?? -1, hops);
      }
    }
  }
  return { publications, reached, hopsMax };
}

test("in a ring of three brokers an object reaches all of them and stops", () => {
  const { publications, reached } = play(
    [
      [0, 1],
      [1, 2],
      [2, 0],
    ],
    { latencyMs: 5, from: [0] },
  );
  assert.is(reached.size, 3);
  assert.ok(publications <= 4, `${publications} publications`);
});

test("a hundred gateways on the same two brokers do not all carry one object", () => {
  const joins = Array.from({ length: 100 }, () => [0, 1]);
  const alone = play(joins, { latencyMs: 5, from: [0] });
  assert.is(alone.reached.size, 2);
  assert.ok(alone.publications <= 8, `${alone.publications} publications`);
  const both = play(joins, { latencyMs: 5, from: [0, 1] });
  assert.is(both.publications, 2, "its origin is on both: nobody carries it");
});

test("a chain of brokers is passed as far as the hops reach", () => {
  const joins = Array.from({ length: 9 }, (_, place) => [place, place + 1]);
  const { reached, publications, hopsMax } = play(joins, { latencyMs: 5, from: [0] });
  assert.is(reached.size, MESH_HOPS_MAX + 1);
  assert.is(publications, MESH_HOPS_MAX + 1);
  assert.is(hopsMax, MESH_HOPS_MAX);
});

test("two relays with one object do not begin at the same moment, and one relay not with all objects", () => {
  const due = (did: string, name: string): number => {
    const relay = new Bystander(2, did);
    relay.hearAndVerify(0, { name });
    for (let ms = 0; ms <= RELAY_SPREAD_MS; ms += 1) if (relay.carriesAfter(1).length > 0) return ms;
    throw new Error("it was never carried");
  };
  const ofRelays = new Set(Array.from({ length: 20 }, (_, index) => due(nameOf(index).repeat(2), NAME)));
  const ofObjects = new Set(Array.from({ length: 20 }, (_, index) => due(DID, nameOf(index))));
  assert.ok(ofRelays.size > 12 && ofObjects.size > 12, `${ofRelays.size} and ${ofObjects.size} different moments`);
});

test.run();
