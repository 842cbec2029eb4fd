/**
 * B02: a miner seals with a rank that is not its own, before its time, and in the future. All of it is refused, nothing
 * of it comes into anybody's tree, and the others seal as if it were not there.
 *
 * Read differently: the design holds a block of the future until its time. Here it is refused and not kept, and taken
 * when it is shown again (ledger README, section 3): nobody's memory is filled with blocks of next year.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { dueAt } from "#core/ledger/schedule.ts";
import { Liar, minerOf, sealedIn } from "./liar.ts";
import { Scenario } from "./scenario.ts";

/** L2 with one dead rank: (1 + 2) x (T + d). */
const SEALED_WITHIN_MS = 3 * 36_000;

const test = suite("B02 out of turn");

test("B02 blocks out of rank, early or from the future are refused, and every fact is sealed in time all the same", async () => {
  const scenario = new Scenario({ stations: 4, liars: 1 });
  await scenario.start();
  const liar = new Liar(scenario, "station-4");
  const [first] = scenario.honest;
  assert.ok(first);
  const chain = scenario.chainOf(first);
  const lies: string[] = [];
  for (let round = 0; round < 12; round += 1) {
    scenario.speak(first);
    await scenario.runFor(200);
    const [fact] = chain.mempool.facts().slice(-1);
    assert.ok(fact);
    lies.push(...tellAll(scenario, liar));
    await scenario.runUntil("the fact in a block", SEALED_WITHIN_MS, () =>
      scenario.honest.every((node) => sealedIn(scenario.chainOf(node), fact.key) !== undefined),
    );
  }
  assert.ok(lies.length > 30, `${lies.length} lies`);
  for (const node of scenario.honest) {
    const { chain: held } = node.running?.ledger ?? {};
    assert.not.ok(
      lies.some((key) => held?.has(key) === true),
      `${node.name} has none of them`,
    );
    for (let serial = 1; serial <= (held?.head.serial ?? 0); serial += 1) {
      assert.is.not(minerOf(held?.at(serial)), liar.identity.key);
    }
  }
  const codes = ["BLOCK_NOT_ITS_TURN", "BLOCK_TOO_EARLY", "CHAIN_FROM_THE_FUTURE"];
  for (const code of codes) assert.ok((scenario.refusals.get(code) ?? 0) > 0, `${code} was told`);
  await scenario.finalityGoesOn(16);
  scenario.end();
});

test("B02 a block that is shown ten seconds before its time is taken when it is shown again in time", async () => {
  const scenario = new Scenario({ stations: 4, liars: 1 });
  await scenario.start();
  const liar = new Liar(scenario, "station-4");
  const [first] = scenario.honest;
  assert.ok(first);
  const chain = scenario.chainOf(first);
  await liar.untilItsTurn();
  scenario.speak(first);
  await scenario.runFor(200);
  const block = liar.seal(chain, chain.head);
  const dueMs = block.header.sealedAt * 1000 - scenario.world.clock.wallMs();
  assert.ok(dueMs > 10_000, `due in ${dueMs} ms`);
  await scenario.runFor(dueMs - 10_000);
  liar.announce(block);
  await scenario.runFor(7_000);
  assert.ok(
    scenario.honest.every((node) => !scenario.chainOf(node).has(block.key)),
    "nobody takes it before",
  );
  await scenario.runFor(3_500);
  liar.announce(block);
  await scenario.runFor(1_000);
  assert.ok(scenario.honest.every((node) => scenario.chainOf(node).head.block?.key === block.key));
  scenario.end();
});

test.run();

/** On the head: the rank of another one, a rank that nobody has, its own before its time, and its own in the future. */
function tellAll(scenario: Scenario, liar: Liar): readonly string[] {
  const [first] = scenario.honest;
  assert.ok(first);
  const chain = scenario.chainOf(first);
  const { head } = chain;
  const own = liar.rankOn(head.state) ?? 0;
  const other = own === 0 ? 1 : 0;
  const due = dueAt(head.state, own);
  const blocks = [
    liar.seal(chain, head, { rank: other, sealedAt: dueAt(head.state, other) }),
    liar.seal(chain, head, { rank: 9, tier: 2, sealedAt: dueAt(head.state, 9) }),
    // Of the past, so that it cannot be refused as one of the future.
    liar.seal(chain, head, { sealedAt: Math.min(due - 1, scenario.nowSeconds) }),
    liar.seal(chain, head, { sealedAt: scenario.nowSeconds + 3_600 }),
  ];
  const isEarly = (sealedAt: number): boolean => sealedAt > head.sealedAt;
  const told = blocks.filter(({ header }) => isEarly(header.sealedAt));
  for (const block of told) liar.announce(block);
  return told.map(({ key }) => key);
}
