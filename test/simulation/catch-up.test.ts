/** L5: a gateway that was away for n blocks catches up in O(n) bytes: each block comes about once. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { encodeBlock } from "#core/ledger/block.ts";
import { meshRoot, rootName } from "#core/mesh/topics.ts";
import { drawPlan, type RegionPlan } from "./region/region-plan.ts";
import type { RegionNode } from "./region/region-node.ts";
import { RegionWorld } from "./region/region-world.ts";

const test = suite("catching up");

const MINUTE_MS = 60_000;

/** Without charges each half minute has its block, and no block has more in it than another. */
function quietPlan(): RegionPlan {
  const plan = drawPlan(1, { nodes: 4, hours: 3, groups: [], allOn: true, liars: new Map() });
  return { ...plan, rules: { ...plan.rules, emptyBlocks: true } };
}

interface Absence {
  readonly blocks: number;
  /** Of the blocks themselves, and of all answers until the heads were equal again. */
  readonly blockBytes: number;
  readonly answerBytes: number;
}

/** It is killed, and comes back after so long. */
async function absence(world: RegionWorld, node: RegionNode, awayMs: number): Promise<Absence> {
  const from = node.running?.ledger.chain.head.serial ?? 0;
  let answerBytes = 0;
  const replies = `${rootName(meshRoot(world.genesis.network, "sim"))}/r/+`;
  const ear = await world.mesh.connectAt(() => world.siteOf(node))("ear", [replies], {
    onMessage: (_topic, payload) => {
      answerBytes += payload.length;
    },
    onConnection: () => undefined,
  });
  world.crash(node, "kill", awayMs);
  await world.clock.runFor(awayMs - 1_000);
  answerBytes = 0;
  await world.clock.runFor(MINUTE_MS);
  await ear.close();
  const chain = node.running?.ledger.chain;
  assert.ok(chain);
  const heads = new Set(world.nodes.map((each) => toHex(each.running?.ledger.chain.head.id ?? new Uint8Array())));
  assert.is(heads.size, 1, "it has caught up");
  const missed = Array.from({ length: chain.head.serial - from }, (_, place) => chain.at(from + 1 + place)?.block);
  const blockBytes = missed.reduce((sum, block) => sum + (block === undefined ? 0 : encodeBlock(block).length), 0);
  return { blocks: missed.length, blockBytes, answerBytes };
}

test("a gateway that was away is told each block that it lacks about once", async () => {
  const world = new RegionWorld(quietPlan(), "simulated");
  world.begin();
  await world.clock.runFor(5 * MINUTE_MS);
  const node = world.stations[0]?.node;
  assert.ok(node);
  const short = await absence(world, node, 15 * MINUTE_MS);
  const long = await absence(world, node, 60 * MINUTE_MS);
  for (const each of world.nodes) each.stop();
  assert.ok(short.blocks >= 20 && long.blocks >= 3 * short.blocks, `${short.blocks} and ${long.blocks} blocks`);
  for (const { answerBytes, blockBytes, blocks } of [short, long]) {
    assert.ok(answerBytes >= blockBytes, "the blocks have come in the answers");
    const most = 2 * blockBytes + 64 * 1024;
    assert.ok(answerBytes <= most, `${answerBytes} bytes of answers for ${blocks} blocks of ${blockBytes} bytes`);
  }
});

test.run();
