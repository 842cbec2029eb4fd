/** B05: as many voters as a committee bears vote on all branches, over partitions. S1 holds, and L3 when they meet. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DoubleVoters } from "./double-voters.ts";
import { Liar } from "./liar.ts";
import { MINUTE_MS, NEW_FINAL_WITHIN, Scenario } from "./scenario.ts";

const test = suite("B05 double voters");

test("B05 two of seven voters vote on all branches over partitions: S1 holds, and L3 when the parts meet", async () => {
  // The first committee has four seats, since nobody has a history: the seven come with the next.
  const scenario = new Scenario({ stations: 7, liars: 2, rules: { epochCheckpoints: 3 } });
  await scenario.start();
  const names = scenario.honest.map(({ name }) => name);
  const [one = "", two = "", three = "", four = "", five = ""] = names;
  const voters = new DoubleVoters(
    scenario,
    ["station-6", "station-7"].map((name) => new Liar(scenario, name)),
  );
  const vote = (): void => {
    voters.voteOnce();
  };
  await scenario.giveHistories(vote);
  const seats = (): number => scenario.chainOf(scenario.node(one)).head.state.finality.committees.at(-1)?.length ?? 0;
  for (let talks = 0; seats() < 7; talks += 1) {
    assert.ok(talks < 40, "a committee of seven");
    vote();
    await scenario.talk(MINUTE_MS / 2);
  }
  const partitions = [
    [
      [one, two, three],
      [four, five],
    ],
    [[one, four], [two, five], [three]],
    [
      [one, two],
      [three, four, five],
    ],
  ];
  for (const groups of partitions) {
    scenario.part(...groups);
    const talking = groups.flatMap((group) => group.slice(0, 1)).map((name) => scenario.node(name));
    await voters.runFor(4 * MINUTE_MS, talking);
  }
  assert.ok(voters.forkedHeights.length >= 2, `they have voted against themselves at ${voters.forkedHeights.join()}`);
  scenario.heal();
  const blocks = await scenario.finalityGoesOn(NEW_FINAL_WITHIN.withLiars);
  assert.ok(blocks > 0);
  scenario.end();
});

test.run();
