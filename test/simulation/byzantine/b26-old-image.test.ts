/**
 * B26: a card is set back to an older image, or a copy of it runs twice.
 *
 * S9: a gateway with an old image says nothing against what it said before, while one of its peers is honest. A copy
 * that runs beside the first has the same key and says what it likes: that is proven against the device (E1 to E3).
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contradict } from "#core/finality/contradiction.ts";
import type { VoteBody } from "#core/finality/vote.ts";
import { isStruckAt } from "#core/ledger/membership.ts";
import { lastShown } from "#core/ledger/misconduct.ts";
import { assembleArbiter } from "#firmware/assemble-arbiter.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { RegionNode } from "../region/region-node.ts";
import { chargesAt, plugIn, resultsAt, station, vehicle } from "./charging.ts";
import { MINUTE_MS, Scenario } from "./scenario.ts";

const test = suite("B26 old image");

const SET_BACK = { watched: ["S9"] } as const;

async function setBack(scenario: Scenario, node: RegionNode, image: ReturnType<RegionNode["image"]>): Promise<void> {
  node.die("power");
  await scenario.runFor(5_000);
  node.restore(image, "old image");
  await node.start();
}

function votesOf({ world }: Scenario, node: RegionNode): readonly VoteBody[] {
  return world.observation.said.flatMap((said) => (said.kind === "vote" && said.by === node ? [said.vote] : []));
}

test("B26 a voter and sealer with yesterday's card contradicts nothing that it has signed, and takes part again", async () => {
  const scenario = new Scenario({ stations: 4, ...SET_BACK });
  await scenario.start();
  const victim = station(scenario, 3).node;
  await scenario.talk(2 * MINUTE_MS);
  const image = victim.image();
  await scenario.talk(8 * MINUTE_MS, scenario.honest);
  const before = votesOf(scenario, victim);
  assert.ok(before.length >= 2, `${before.length} votes before`);
  await setBack(scenario, victim, image);
  await scenario.talk(12 * MINUTE_MS);
  const after = votesOf(scenario, victim);
  assert.ok(after.length > before.length, "it votes again");
  assert.not.ok(after.some((one, place) => after.slice(0, place).some((other) => contradict(one, other))));
  const { state } = scenario.chainOf(station(scenario).node).head;
  assert.is(state.misconduct.size, 0, "nothing is shown against it");
  assert.is(scenario.chainOf(victim).head.id.join(), state.id.join());
  scenario.end();
});

test("B26 a voter with yesterday's card, on whose old branch only one peer was, is held by that one's word", async () => {
  const scenario = new Scenario({ stations: 4, ...SET_BACK });
  await scenario.start();
  const victim = station(scenario, 3).node;
  await scenario.talk(MINUTE_MS);
  const image = victim.image();
  scenario.part(["station-1", "station-2"], ["station-3", "station-4"]);
  await scenario.talk(5 * MINUTE_MS, [station(scenario, 0).node, station(scenario, 2).node]);
  assert.ok(
    votesOf(scenario, victim).some(({ target }) => target.serial >= 4),
    "it has voted on that branch",
  );
  await setBack(scenario, victim, image);
  scenario.heal();
  await scenario.talk(12 * MINUTE_MS);
  const votes = votesOf(scenario, victim);
  assert.not.ok(votes.some((one, place) => votes.slice(0, place).some((other) => contradict(one, other))));
  scenario.end();
});

for (const who of ["station", "vehicle"] as const) {
  test(`B26 a ${who} whose card is set back in mid-charge signs no second report of a number, and the charge ends`, async () => {
    const scenario = new Scenario({ stations: 1, vehicles: 1, ...SET_BACK });
    await scenario.start();
    const victim = who === "station" ? station(scenario).node : vehicle(scenario).node;
    plugIn(scenario, 3);
    await scenario.runUntil("the contract", 2 * MINUTE_MS, () => chargesAt(victim)[0]?.state === "ACTIVE");
    await scenario.runFor(30_000);
    const image = victim.image();
    await scenario.runFor(8 * MINUTE_MS);
    const signed = chargesAt(victim)[0]?.logs[who].nextSequence ?? 0;
    await setBack(scenario, victim, image);
    await scenario.runFor(6 * MINUTE_MS);
    vehicle(scenario).driver.goHome();
    await scenario.runUntil("the result", 25 * MINUTE_MS, () =>
      scenario.honest.concat(victim).every((node) => resultsAt(node).length === 1),
    );
    assert.ok(signed >= 3, `${signed} reports were signed before`);
    assert.ok((chargesAt(victim)[0]?.logs[who].nextSequence ?? 0) >= signed, "none of them is lost");
    scenario.end();
  });
}

test("B26 a copied card that runs at both sides of a cut seals and votes twice, and it is proven against the device", async () => {
  const scenario = new Scenario({ stations: 4 });
  await scenario.start();
  await scenario.talk(2 * MINUTE_MS);
  const first = station(scenario, 0).node;
  const copy = await startCopy(scenario, first, "site-3");
  scenario.part(["station-1", "station-2"], ["station-3", "station-4"]);
  const talkers = [1, 2].map((place) => station(scenario, place).node);
  await scenario.talk(10 * MINUTE_MS, talkers);
  scenario.heal();
  await scenario.talk(8 * MINUTE_MS, talkers);
  for (const node of talkers) {
    const { state } = scenario.chainOf(node).head;
    const shown = (["headers", "votes"] as const).filter((kind) => lastShown(state, first.identity.key, kind));
    assert.ok(shown.length > 0, "what it has signed twice stands on the chain");
    assert.ok(isStruckAt(state, first.identity.key, state.sealedAt));
    console.log(`${node.name} knows ${shown.join(" and ")}`);
  }
  copy.stop();
  scenario.end();
});

test.run();

/** A second gateway with the card of the first, at another site. */
async function startCopy({ world }: Scenario, of: RegionNode, site: string): Promise<RegionNode> {
  const copy = new RegionNode({
    ...{ identity: { ...of.identity, name: `${of.name}-copy` }, genesis: world.genesis, counts: world.counts },
    ...{ cryptography: world.cryptography, clock: world.clock, random: new SeededRandom("copy") },
    connect: world.mesh.connectAt(() => site),
    makeRole: () => Promise.resolve(assembleArbiter()),
    tell: (line) => {
      world.tell(line);
    },
    onEvent: (node, name, event) => {
      world.tell(`${node.name} ${name} ${JSON.stringify(event)}`);
    },
    onPublish: () => undefined,
    onStart: () => undefined,
  });
  of.setBack = "its card was copied";
  const image = of.image();
  for (const name of image.keys()) copy.cardOf(name);
  copy.restore(image, "a copy");
  await copy.start();
  return copy;
}
