/**
 * B04: a miner writes another result than the facts have, or leaves one side's words out. The first makes its block
 * invalid, however it is sent; the second only makes the charge wait: it ends byte for byte as with an honest miner.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { encodeBlock, resultBody, type Block, type ResultBody } from "#core/ledger/block.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { merkleRoot } from "#core/ledger/merkle-tree.ts";
import { syncReply } from "#core/mesh/sync-messages.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { forgeHeader } from "#test/builders/ledger-builder.ts";
import { Liar, sealedIn } from "./liar.ts";
import { MINUTE_MS, Scenario } from "./scenario.ts";

const LIAR = "station-4";

const test = suite("B04 wrong result");

test("B04 a block with a wrong RESULT is invalid, and the charge is settled by the next miner as its facts say", async () => {
  const { scenario, liar, facts, address } = await chargedRegion();
  const [first] = scenario.honest;
  assert.ok(first);
  const chain = scenario.chainOf(first);
  const honest = liar.seal(chain, chain.head, { facts });
  const dearer = withResult(scenario, liar, honest, (result) => ({ ...result, amount: result.amount + 100 }));
  const unsettled = withResult(scenario, liar, honest, (result) => ({ ...result, state: "DISPUTED" }));
  await scenario.runFor(honest.header.sealedAt * 1000 - scenario.world.clock.wallMs());
  const lies = [dearer, unsettled];
  for (const block of lies) {
    liar.announce(block);
    for (const { node, site } of scenario.world.stations) {
      const token = node.running?.mesh.token;
      const reply = encodeShape(syncReply, { blocks: [encodeBlock(block)], facts: [], head: block.header.serial });
      if (token !== undefined) scenario.say({ kind: "reply", token }, reply, [site]);
    }
  }
  await scenario.runFor(1_000);
  assert.ok(scenario.honest.every((node) => lies.every(({ key }) => !scenario.chainOf(node).has(key))));
  assert.ok((scenario.refusals.get("BLOCK_WRONG_RESULT") ?? 0) >= 3, JSON.stringify([...scenario.refusals]));
  await scenario.runUntil("the charge is settled", 2 * MINUTE_MS, () => resultsOf(scenario, address) !== undefined);
  assert.equal(resultsOf(scenario, address), await honestResult(facts, address));
  await scenario.finalityGoesOn(40);
  scenario.end();
});

for (const role of ["station", "vehicle"] as const) {
  test(`B04 a miner that leaves out all words of the ${role} delays the charge and changes nothing of its result`, async () => {
    const { scenario, liar, facts, address } = await chargedRegion();
    const [first] = scenario.honest;
    assert.ok(first);
    const chain = scenario.chainOf(first);
    const kept = facts.filter(({ body }) => !("role" in body) || body.role !== role);
    const block = liar.seal(chain, chain.head, { facts: kept });
    assert.is(block.facts.length, kept.length);
    await scenario.runFor(block.header.sealedAt * 1000 - scenario.world.clock.wallMs());
    liar.announce(block);
    await scenario.runFor(1_000);
    assert.ok(
      scenario.honest.every((node) => scenario.chainOf(node).head.block?.key === block.key),
      "it is valid",
    );
    assert.is(chain.head.state.transactions.get(toHex(address))?.result, undefined);
    await scenario.runUntil("the charge is settled", 2 * MINUTE_MS, () => resultsOf(scenario, address) !== undefined);
    assert.ok(
      facts.every(({ key }) => sealedIn(chain, key) !== undefined),
      "all its words are in blocks",
    );
    assert.equal(resultsOf(scenario, address), await honestResult(facts, address));
    scenario.end();
  });
}

test.run();

/** It is the liar's turn, and a whole charge waits at everybody's. */
async function chargedRegion(): Promise<{
  readonly scenario: Scenario;
  readonly liar: Liar;
  readonly facts: readonly Fact[];
  readonly address: Uint8Array;
}> {
  const scenario = new Scenario({ stations: 4, liars: 1 });
  await scenario.start();
  const liar = new Liar(scenario, LIAR);
  const [post, car] = [scenario.member("post", "station"), scenario.member("car")];
  await liar.untilItsTurn();
  const charge = scenario.charge(post, car, 1);
  const facts = charge.whole({ milliWh: 12_000_000, count: 3 });
  scenario.tell(facts);
  await scenario.runFor(500);
  return { scenario, liar, facts, address: charge.address };
}

/** The one result that all hold; undefined while they do not. */
function resultsOf(scenario: Scenario, address: Uint8Array): ResultBody | undefined {
  const results = scenario.honest.map(
    (node) => scenario.chainOf(node).head.state.transactions.get(toHex(address))?.result,
  );
  return results.every((each) => each !== undefined) && scenario.hasOneHead ? results[0] : undefined;
}

/** Of the same words in the same region, where everybody is honest: its genesis and so its network are the same. */
async function honestResult(facts: readonly Fact[], address: Uint8Array): Promise<ResultBody | undefined> {
  const scenario = new Scenario({ stations: 4 });
  await scenario.start();
  for (const [name, role] of [["post", "station"] as const, ["car", "vehicle"] as const]) scenario.member(name, role);
  scenario.tell(facts);
  await scenario.runUntil("settled", 3 * MINUTE_MS, () => resultsOf(scenario, address) !== undefined);
  const result = resultsOf(scenario, address);
  scenario.end();
  return result;
}

/** The block with another result of the charge, signed by its miner. */
function withResult(scenario: Scenario, liar: Liar, block: Block, change: (result: ResultBody) => ResultBody): Block {
  const results = block.results.map((encoded) => {
    const result = decodeShape(resultBody, encoded);
    if (!result.ok) throw new Error("bug of the test: a result that cannot be read");
    return encodeShape(resultBody, change(result.value));
  });
  assert.is(results.length, 1, "the charge is settled in it");
  const { crypto } = scenario.world.cryptography;
  const resultsRoot = merkleRoot((message) => crypto.sha256(message), results);
  return { ...forgeHeader(scenario.world.genesis.network, block, { resultsRoot }, liar.identity.signer), results };
}
