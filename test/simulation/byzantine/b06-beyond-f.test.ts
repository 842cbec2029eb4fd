/**
 * B06: one liar more than a committee bears. Then S1 breaks here, as it must be able to; and E2 names as many as it took,
 * on the chain of each part, and nobody else.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { isStruckAt } from "#core/ledger/membership.ts";
import { lastShown } from "#core/ledger/misconduct.ts";
import type { LedgerState } from "#core/ledger/state.ts";
import { DoubleVoters } from "./double-voters.ts";
import { Liar } from "./liar.ts";
import { MINUTE_MS, Scenario } from "./scenario.ts";

const test = suite("B06 beyond f");

test("B06 two of four voters lie and S1 breaks: E2 on the chain of each part names both of them, and nobody honest", async () => {
  // S1 is what breaks here.
  const scenario = new Scenario({ stations: 4, liars: 2, unwatched: ["S1"] });
  await scenario.start();
  const liars = ["station-3", "station-4"].map((name) => new Liar(scenario, name));
  const voters = new DoubleVoters(scenario, liars);
  scenario.part(["station-1"], ["station-2"]);
  await voters.runFor(7 * MINUTE_MS, scenario.honest);
  const finals = scenario.honest.map((node) => scenario.chainOf(node).final);
  assert.ok(finals.every(({ serial }) => serial >= 4));
  const [one, other] = scenario.honest.map((node) => toHex(scenario.chainOf(node).at(4)?.id ?? new Uint8Array()));
  assert.is.not(one, other, "two blocks of one height are final: S1 is broken");

  scenario.heal();
  const isNamed = (state: LedgerState): boolean =>
    liars.every(({ identity }) => lastShown(state, identity.key, "votes") !== undefined);
  const states = (): readonly LedgerState[] => scenario.honest.map((node) => scenario.chainOf(node).head.state);
  for (const node of scenario.honest) scenario.speak(node);
  await scenario.runUntil("E2 on both chains", 4 * MINUTE_MS, () => states().every(isNamed));
  for (const state of states()) {
    const struck = scenario.world.nodes.filter(({ identity }) => isStruckAt(state, identity.key, state.sealedAt));
    assert.equal(
      struck.map(({ name }) => name),
      ["station-3", "station-4"],
    );
    assert.ok(liars.every((liar) => liar.rankOn(state) === undefined));
  }
  scenario.end();
});

test.run();
