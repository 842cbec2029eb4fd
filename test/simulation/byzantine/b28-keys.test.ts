/**
 * B28: a vehicle's key is stolen. Its owner rotates to the promised one while a charge runs under the old one: the charge
 * settles, and whoever still has the old key gets no other. That a revocation in mid-charge cancels nothing, that of two
 * rotations one stands, and that a strike follows the device are played in test/unit/ledger (membership, rotation,
 * evidence), with blocks and keys and no gateways.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { rotateBody } from "#core/identity/membership-facts.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { lastShown } from "#core/ledger/misconduct.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { named, signFact } from "#test/builders/ledger-actors.ts";
import type { RegionNode } from "../region/region-node.ts";
import { chargesAt, plugIn, resultsAt, station, vehicle } from "./charging.ts";
import { MINUTE_MS, Scenario } from "./scenario.ts";

const test = suite("B28 keys");

function keyOf({ world }: Scenario, node: RegionNode, number: number): Signer {
  return world.cryptography.signerOf(named(`${node.name} K${number}`));
}

/** To the key that the inception has promised. */
function rotationOf(scenario: Scenario, node: RegionNode, next = 2): Fact {
  const { network } = scenario.world.genesis;
  const [first, second] = [keyOf(scenario, node, 0), keyOf(scenario, node, 1)];
  const { crypto } = scenario.world.cryptography;
  const body = {
    ...{ network, device: node.identity.did, number: 1, publicKey: second.publicKey, by: "owner" as const },
    nextKeyDigest: crypto.sha256(keyOf(scenario, node, next).publicKey),
  };
  return signFact(network, { kind: "ROTATE", shape: rotateBody, body }, [first, second]);
}

for (const who of ["vehicle", "station"] as const) {
  test(`B28 a ${who}'s key is replaced in mid-charge: the charge settles, and the old key opens no other`, async () => {
    const scenario = new Scenario({ stations: 2, sites: 2, vehicles: 1 });
    await scenario.start();
    const { node } = station(scenario);
    const owner = who === "vehicle" ? vehicle(scenario).node : node;
    plugIn(scenario, 1);
    await scenario.runUntil("power", 2 * MINUTE_MS, () => chargesAt(node)[0]?.state === "ACTIVE");
    await scenario.runFor(MINUTE_MS);
    scenario.tell([rotationOf(scenario, owner)]);
    await scenario.runUntil("the rotation in a block everywhere", 2 * MINUTE_MS, () =>
      scenario.honest.every((each) => {
        const member = scenario.chainOf(each).head.state.members.get(owner.identity.key);
        return member?.keys.length === 2;
      }),
    );
    await scenario.runFor(5 * MINUTE_MS);
    assert.is(chargesAt(node)[0]?.state, "ACTIVE", "it goes on");
    vehicle(scenario).driver.goHome();
    await scenario.runUntil("a result", 10 * MINUTE_MS, () =>
      scenario.honest.every((each) => resultsAt(each).length === 1),
    );
    assert.is(resultsAt(node)[0]?.state, "SETTLED");
    // The gateway has the old key only: it is the thief now.
    plugIn(scenario, 1);
    await scenario.runFor(5 * MINUTE_MS);
    assert.is(chargesAt(node).length, 1, "no contract with the old key");
    vehicle(scenario).driver.goHome();
    scenario.end();
  });
}

test("B28 owner and thief rotate at once to the promised key: one stands, the same everywhere, and the race is told of", async () => {
  // One of the two words cannot come to stand: it is lost but for the evidence that shows it.
  const scenario = new Scenario({ stations: 3, unwatched: ["S15"] });
  await scenario.start();
  const owner = station(scenario, 2).node;
  owner.setBack = "somebody else has its key";
  await scenario.talk(MINUTE_MS);
  scenario.part(["station-1"], ["station-2", "station-3"]);
  const [one, other] = [rotationOf(scenario, owner, 2), rotationOf(scenario, owner, 3)];
  scenario.tell([one], ["site-1"]);
  scenario.tell([other], ["site-2", "site-3"]);
  await scenario.talk(2 * MINUTE_MS);
  scenario.heal();
  await scenario.talk(6 * MINUTE_MS);
  const states = scenario.honest.map((node) => scenario.chainOf(node).head.state);
  const digests = states.map(({ members }) => members.get(owner.identity.key)?.keys.at(-1)?.nextKeyDigest.join());
  assert.is(new Set(digests).size, 1);
  assert.ok(digests[0] !== undefined && scenario.hasOneHead);
  const isShown = states.map((state) => lastShown(state, owner.identity.key, "rotations") !== undefined);
  assert.ok(isShown.every(Boolean));
  scenario.end();
});

test.run();
