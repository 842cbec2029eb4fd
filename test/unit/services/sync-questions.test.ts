/** Whom a gateway asks for what is missing, and how often; and what it need not ask for. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MeshTopic } from "#core/mesh/topics.ts";
import { sketchOf } from "#core/mesh/sync-messages.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { HeldSketches } from "#services/held-sketches.ts";
import { SyncQuestions } from "#services/sync-questions.ts";
import { crypto, ledgerBench, makeIdentity, regionOf } from "#test/builders/hostile-ledger.ts";

const test = suite("sync questions");

const WHO = [makeIdentity("charger-0", "station"), makeIdentity("charger-1", "station")] as const;
const GENESIS = regionOf(WHO);
const PEERS = ["a1", "b2", "c3"].map((each) => each.repeat(32));

interface Bench {
  readonly clock: SimulatedClock;
  readonly questions: SyncQuestions;
  /** Who was asked, in this order. */
  readonly asked: string[];
}

async function benchOf(): Promise<Bench> {
  const clock = new SimulatedClock();
  const { chain } = await ledgerBench(GENESIS, WHO[0]);
  const asked: string[] = [];
  const publish = (topic: MeshTopic): void => {
    if (topic.kind === "query") asked.push(topic.node.slice(0, 2));
  };
  const mesh = { token: "0".repeat(32), publish };
  const questions = new SyncQuestions({ ledger: { chain }, mesh, clock, did: WHO[0].did, reached: () => [] });
  return { clock, questions, asked };
}

function askAll({ questions }: Bench, about: string): void {
  for (const peer of PEERS) questions.ask({ peer, kind: "blocks", about });
}

test("of many who tell the same one is asked, and another one when no answer has come", async () => {
  const bench = await benchOf();
  askAll(bench, "block");
  assert.equal(bench.asked, ["a1"]);
  await bench.clock.runFor(2_000);
  askAll(bench, "block");
  assert.equal(bench.asked, ["a1", "b2"]);
  await bench.clock.runFor(4_000);
  askAll(bench, "block");
  assert.equal(bench.asked, ["a1", "b2", "c3"]);
  await bench.clock.runFor(8_000);
  askAll(bench, "block");
  assert.equal(bench.asked, ["a1", "b2", "c3", "a1"], "question or answer may have been lost");
});

test("another thing is asked for at once, of somebody who was not asked just now", async () => {
  const bench = await benchOf();
  askAll(bench, "block");
  askAll(bench, "other block");
  assert.equal(bench.asked, ["a1", "b2"]);
});

test("somebody who never answers is asked once a minute in the end, whatever comes from others", async () => {
  const bench = await benchOf();
  for (let second = 0; second < 600; second += 1) {
    bench.questions.ask({ peer: PEERS[0] ?? "", kind: "blocks", about: "block that nobody has" });
    bench.questions.noteNews();
    await bench.clock.runFor(1_000);
  }
  assert.ok(bench.asked.length >= 10 && bench.asked.length <= 14, `${bench.asked.length} questions in ten minutes`);
});

test("a set of facts that has been here is held, and so is the present one without one or two", () => {
  const facts = Array.from({ length: 6 }, (_, index) => {
    const id = crypto.sha256(Uint8Array.of(index));
    return { id, key: Buffer.from(id).toString("hex") };
  });
  let waiting = facts.slice(0, 2);
  const chain = { head: {}, mempool: { facts: () => waiting } };
  const held = new HeldSketches(chain as unknown as ConstructorParameters<typeof HeldSketches>[0]);
  held.note();
  waiting = facts.slice(0, 5);
  const toldBy = (them: typeof facts): boolean => held.holds([them.length, sketchOf(them)]);
  assert.ok(toldBy(facts.slice(0, 2)), "an earlier set");
  assert.ok(toldBy(facts.slice(1, 5)), "one of the present ones is missing there");
  assert.ok(toldBy(facts.slice(2, 5)), "two are");
  assert.not(toldBy(facts), "one more");
  assert.not(toldBy([...facts.slice(0, 4), ...facts.slice(5)]), "another one in the place of one");
  chain.head = {};
  assert.not(toldBy(facts.slice(0, 2)), "on another head the earlier set says nothing");
});

test.run();
