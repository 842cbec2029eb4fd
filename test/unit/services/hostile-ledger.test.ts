/** What a gateway has once accepted, no branch and no flood takes from it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { schedule } from "#core/ledger/schedule.ts";
import { crypto, Forge, ledgerBench, makeIdentity, regionOf, STATION, VEHICLE } from "#test/builders/hostile-ledger.ts";

const test = suite("hostile ledger");

test("a report that one branch had no place for is taken again when that branch has been left", async () => {
  const other = makeIdentity("charger-2", "station");
  const genesis = regionOf([STATION, other], { cooldownBlocks: 0 });
  const forge = new Forge(genesis);
  const { ledger, chain, clock } = await ledgerBench(genesis, VEHICLE);
  await clock.runFor(200 * 3_600_000);
  const [first, second] = schedule((message) => crypto.sha256(message), chain.head.state).map(({ did }) =>
    [STATION, other].find((who) => toHex(who.did) === did),
  );
  assert.ok(first !== undefined && second !== undefined);
  const { fact: open, address } = forge.open();
  const report = forge.report(VEHICLE, { address, role: "vehicle", previous: open.id });
  const begin = [forge.join(VEHICLE), open];
  for (const fact of [...begin, report]) assert.ok((await ledger.receive(fact.bytes)).ok);
  const root = toHex(genesis.id);
  const late = forge.block(chain, begin, second, { on: root, laterSeconds: 100 * 3600 });
  assert.ok((await ledger.receiveBlock(late)).ok);
  assert.is(chain.pending.transactions.get(toHex(address))?.state, "CANCELLED");
  const better = forge.block(chain, begin, first, { on: root });
  assert.ok((await ledger.receiveBlock(better)).ok);
  assert.is(toHex(chain.head.state.id), better.key);
  await ledger.receive(report.bytes);
  assert.is(chain.pending.transactions.get(toHex(address))?.logs.vehicle.nextSequence, 1);
});

test.run();
