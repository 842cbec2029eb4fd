/** When a gateway whose turn it is seals, and when it lets the chain rest. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PAPER_RULES } from "#core/ledger/rules.ts";
import { GRACE_SECONDS } from "#test/builders/charge-builder.ts";
import { joinFact } from "#test/builders/ledger-actors.ts";
import { voteOf } from "#test/builders/committee-votes.ts";
import { EASY_RULES, OPERATOR, STATION, VEHICLE, VOTING_RULES } from "#test/builders/ledger-builder.ts";
import { operatorOf } from "#test/builders/operator-ledger.ts";

const test = suite("quiescence");

test("without a fact nothing is sealed; with one a block comes when it is due, and a sign of life every 20 T", async () => {
  const { region, chain, ledger, clock } = await operatorOf(EASY_RULES);
  await clock.runFor(3_600_000);
  assert.is(chain.head.state.serial, 0);
  assert.ok((await ledger.receive(joinFact(region.genesis.network, STATION).bytes)).ok);
  await clock.runFor(2_000);
  assert.is(chain.head.state.serial, 1);
  const sealedAt = chain.head.state.sealedAt;
  await clock.runFor(20 * 30_000 - 3_000);
  assert.is(chain.head.state.serial, 1);
  await clock.runFor(4_000);
  assert.is(chain.head.state.serial, 2);
  assert.is(chain.head.state.sealedAt, sealedAt + 20 * 30);
  assert.equal(chain.head.block?.facts, []);
});

test("a charge whose grace is over is sealed although no fact waits", async () => {
  const { region, chain, ledger, clock } = await operatorOf({ ...EASY_RULES, heartbeatBlocks: 10_000 });
  const charge = region.charge();
  const { network } = region.genesis;
  const facts = [
    joinFact(network, STATION),
    joinFact(network, VEHICLE),
    ...charge.whole({ milliWh: 20_000_000 }).slice(0, -1),
  ];
  for (const { bytes } of facts) assert.ok((await ledger.receive(bytes)).ok);
  await clock.runFor(60_000);
  assert.is(chain.head.state.serial, 1);
  await clock.runFor(1000 * GRACE_SECONDS);
  assert.is(chain.head.state.serial, 2);
  assert.is(chain.head.results[0]?.state, "ABANDONED");
});

test("on the paper's profile a block is sealed each T, with nothing in it", async () => {
  const { chain, clock } = await operatorOf(PAPER_RULES);
  await clock.runFor(600_000);
  assert.is(chain.head.state.serial, 20);
});

test("where there are votes empty blocks follow until the fact is final, and then the chain rests", async () => {
  const { region, chain, ledger, clock } = await operatorOf(VOTING_RULES);
  assert.ok((await ledger.receive(joinFact(region.genesis.network, STATION).bytes)).ok);
  await clock.runFor(8 * 30_000 + 5_000);
  assert.is(chain.head.serial, 8);
  for (const [from, to] of [
    [0, 4],
    [4, 8],
  ] as const) {
    const [source, target] = [chain.at(from), chain.at(to)];
    assert.ok(source !== undefined && target !== undefined);
    assert.ok((await ledger.receiveVote(voteOf(region, [source, target], OPERATOR))).ok);
  }
  assert.is(chain.final.serial, 4);
  await clock.runFor(10 * 30_000);
  assert.is(chain.head.serial, 8);
});

test("without votes only so many empty blocks follow, and then a sign of life as ever", async () => {
  const { region, chain, ledger, clock } = await operatorOf(VOTING_RULES);
  assert.ok((await ledger.receive(joinFact(region.genesis.network, STATION).bytes)).ok);
  await clock.runFor(13 * 30_000 + 5_000);
  assert.is(chain.head.serial, 1 + 3 * VOTING_RULES.checkpointBlocks);
  await clock.runFor(19 * 30_000 - 10_000);
  assert.is(chain.head.serial, 13);
  await clock.runFor(40_000);
  assert.is(chain.head.serial, 14);
});

test("nobody seals out of turn", async () => {
  const { chain, ledger, region, clock } = await operatorOf(EASY_RULES, STATION);
  assert.ok((await ledger.receive(joinFact(region.genesis.network, STATION).bytes)).ok);
  await clock.runFor(600_000);
  assert.is(chain.head.state.serial, 0);
  assert.is(chain.mempool.size, 1);
});

test.run();
