/** B01: a miner signs two blocks in one slot, one for each half of the region. E1 on the chain, strike, S1, L3. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isStruckAt } from "#core/ledger/membership.ts";
import { lastShown } from "#core/ledger/misconduct.ts";
import { Liar } from "./liar.ts";
import { MINUTE_MS, NEW_FINAL_WITHIN, Scenario } from "./scenario.ts";

const test = suite("B01 two blocks in a slot");

test("B01 a miner signs two blocks in one slot for two halves: E1 is on the chain, it is struck, S1 and L3 hold", async () => {
  const scenario = new Scenario({ stations: 4, liars: 1 });
  await scenario.start();
  const liar = new Liar(scenario, "station-4");
  const { key } = liar.identity;
  await scenario.talk(3 * MINUTE_MS);
  const twins = await sealTwins(scenario, liar);
  await scenario.talk(2 * MINUTE_MS, scenario.honest);
  const followed = scenario.honest.map((node) => twins.findIndex((twin) => scenario.chainOf(node).has(twin.key)));
  assert.equal(followed, [0, 1, 1], "each half has taken the block that it was shown");
  assert.ok(
    scenario.honest.every((node) => lastShown(scenario.chainOf(node).head.state, key, "headers") === undefined),
  );

  scenario.heal();
  const isShown = (): boolean =>
    scenario.hasOneHead &&
    scenario.honest.every((node) => lastShown(scenario.chainOf(node).head.state, key, "headers") !== undefined);
  scenario.speak(scenario.node("station-1"));
  await scenario.runUntil("E1 on the chain of everybody", 4 * MINUTE_MS, isShown);
  for (const node of scenario.honest) {
    const { state } = scenario.chainOf(node).head;
    assert.ok(isStruckAt(state, key, state.sealedAt), `struck at ${node.name}`);
    assert.is(liar.rankOn(state), undefined, "it has no place any more");
  }
  const blocks = await scenario.finalityGoesOn(NEW_FINAL_WITHIN.withLiars);
  assert.ok(blocks > 0);
  const { head } = scenario.chainOf(scenario.node("station-1"));
  const struck = liar.seal(scenario.chainOf(scenario.node("station-1")), head, { rank: 0, facts: [] });
  await scenario.runFor(40_000);
  liar.announce(struck);
  await scenario.runFor(5_000);
  assert.ok(
    scenario.honest.every((node) => !scenario.chainOf(node).has(struck.key)),
    "nobody takes a further block",
  );
  scenario.end();
});

test.run();

/** Waits until it is the liar's turn, parts the region, and shows each half a block of its own. */
async function sealTwins(scenario: Scenario, liar: Liar): Promise<ReturnType<Liar["sealTwice"]>> {
  const [first] = scenario.honest;
  assert.ok(first);
  const chain = scenario.chainOf(first);
  await liar.untilItsTurn();
  scenario.speak(first);
  await scenario.runFor(100);
  scenario.part(["station-1"], ["station-2", "station-3"]);
  const twins = liar.sealTwice(chain, chain.head);
  const dueMs = twins[1].header.sealedAt * 1000 - scenario.world.clock.wallMs();
  await scenario.runFor(Math.max(0, dueMs));
  liar.announce(twins[0], ["site-1"]);
  liar.announce(twins[1], ["site-2", "site-3"]);
  await scenario.runFor(1_000);
  return twins;
}
