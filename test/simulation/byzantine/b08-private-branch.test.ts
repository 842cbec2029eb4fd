/**
 * B08: a miner seals a hundred blocks for itself, more than the region has, and shows them when the region's own are
 * final: each by an announcement, its head by a TIP, and all of them to whoever asks. Nobody follows it. Where nobody
 * votes everybody does: so it is the votes that hold it off.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { Chain } from "#core/ledger/chain.ts";
import { syncReply, syncRequest, tipBody, type TipBody } from "#core/mesh/sync-messages.ts";
import { meshRoot, topicId, topicName } from "#core/mesh/topics.ts";
import { decodeWrapper } from "#core/mesh/wrapper.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import { answerSync } from "#services/answer-sync.ts";
import { Liar } from "./liar.ts";
import { MINUTE_MS, Scenario } from "./scenario.ts";

const BLOCKS = 100;

const test = suite("B08 private branch");

test("B08 a private branch of 100 blocks that is released after finality is ignored, and the region goes on", async () => {
  const scenario = new Scenario({ stations: 4, liars: 1 });
  const { branch, asked } = await play(scenario);
  const heads = scenario.honest.map((node) => scenario.chainOf(node).head);
  assert.ok(branch.head.score > 4 * Math.max(...heads.map(({ score }) => score)), "it would be the best one by score");
  assert.ok(asked.count > 0, "they have asked for it");
  for (const node of scenario.honest) {
    const chain = scenario.chainOf(node);
    const held = Array.from({ length: BLOCKS }, (_, place) => branch.at(place + 1)).filter(
      (link) => link !== undefined && chain.has(toHex(link.id)),
    );
    assert.equal(held, [], `${node.name} has none of it in its tree`);
  }
  const refused = scenario.refusals.get("CHAIN_CONTRADICTS_FINAL") ?? 0;
  assert.ok(refused > 0, JSON.stringify([...scenario.refusals]));
  await scenario.finalityGoesOn(40);
  scenario.end();
});

test("B08 where nobody votes the same branch is everybody's head: what holds it off is finality", async () => {
  const scenario = new Scenario({ stations: 4, liars: 1, rules: { finality: "off" } });
  const { branch } = await play(scenario);
  const follows = (): boolean =>
    scenario.honest.every((node) => scenario.chainOf(node).at(BLOCKS)?.id.join() === branch.at(BLOCKS)?.id.join());
  await scenario.runUntil("all follow it", 5 * MINUTE_MS, follows);
  scenario.end();
});

test.run();

/** The region seals some blocks and is quiet; the liar seals its hundred meanwhile; then it shows them. */
async function play(scenario: Scenario): Promise<{ readonly branch: Chain; readonly asked: { count: number } }> {
  await scenario.start();
  const { clock, cryptography, genesis } = scenario.world;
  const liar = new Liar(scenario, "station-4");
  await scenario.talk(3 * MINUTE_MS);
  const branch = new Chain(cryptography.crypto, genesis);
  while (branch.head.serial < BLOCKS) {
    const added = branch.addBlock(liar.seal(branch, branch.head), undefined);
    assert.ok(added.ok, "its blocks are valid");
  }
  await scenario.runFor(branch.head.sealedAt * 1000 - clock.wallMs() + 5_000);
  assert.ok(genesis.body.rules.finality === "off" || scenario.final >= 4, `final up to ${scenario.final}`);
  const asked = await answerFor(scenario, liar, branch);
  for (let serial = 1; serial <= BLOCKS; serial += 1) {
    const block = branch.at(serial)?.block;
    if (block !== undefined) liar.announce(block);
    await scenario.runFor(100);
  }
  scenario.say({ kind: "tip", node: topicId(liar.identity.key) }, tipOf(scenario, liar, branch), scenario.world.sites);
  await scenario.runFor(2 * MINUTE_MS);
  return { branch, asked };
}

/** Tells the branch to whoever asks the liar, as any gateway would. */
async function answerFor(scenario: Scenario, liar: Liar, branch: Chain): Promise<{ count: number }> {
  const { mesh, genesis } = scenario.world;
  const root = meshRoot(genesis.network, "sim");
  const asked = { count: 0 };
  const filters = [topicName(root, { kind: "query", node: topicId(liar.identity.key) })];
  await mesh.connectAt(() => "site-4")(liar.identity.key, filters, {
    onConnection: () => undefined,
    onMessage: (_topic, payload) => {
      const wrapped = decodeWrapper(payload);
      const request = wrapped.ok ? decodeShape(syncRequest, wrapped.value.object) : wrapped;
      if (!request.ok) return;
      asked.count += 1;
      const reply = encodeShape(syncReply, answerSync(branch, request.value));
      scenario.say({ kind: "reply", token: request.value.token }, reply, scenario.world.sites);
    },
  });
  await scenario.runFor(1_000);
  return asked;
}

function tipOf({ world: { genesis } }: Scenario, { identity }: Liar, { head }: Chain): Uint8Array {
  const tip: TipBody = {
    ...{ version: 1, network: genesis.network, did: identity.did, serial: head.serial, head: head.id },
    ...{ waiting: [0, new Uint8Array(32)], order: [1, 1], at: 0 },
  };
  const payload = encodeShape(tipBody, tip);
  return encodeSigned(payload, [identity.signer.sign(toBeSigned(genesis.network, PURPOSE.TIP, payload))]);
}
