/** Who joins by a state gets of each member what a receipt needs, also where an office has renewed its certificate. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Chain } from "#core/ledger/chain.ts";
import { blockRecordOf, factRecord } from "#core/ledger/journal-record.ts";
import { recordKeys } from "#core/ledger/record-keys.ts";
import { SnapshotPoints } from "#core/ledger/snapshot-points.ts";
import { makeReceipt, verifyReceipt } from "#records/receipt.ts";
import { sealAndCertify } from "#test/builders/committee-votes.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, STARTED_AT, STATION, VEHICLE, VOTING_RULES } from "#test/builders/ledger-builder.ts";
import { CERTIFIED, certifiedJoin, renewal } from "#test/builders/membership-facts.ts";
import { EVERY, fetchFor, fetchFrom, serverOf, VOTERS } from "#test/builders/offered-state.ts";

const DAY = 86_400;
const test = suite("joining after renewals");

test("the first word of each member comes with the newest certificate, and receipts hold by both", () => {
  const builder = new LedgerBuilder({ rules: VOTING_RULES, authorities: VOTERS, membership: CERTIFIED });
  const { chain, genesis } = builder;
  const { network } = genesis;
  const points = new SnapshotPoints(chain, EVERY);
  for (const actor of [STATION, VEHICLE]) {
    builder.submit(certifiedJoin(network, builder.know(actor)));
    sealAndCertify(builder, 1);
    for (const days of [15, 25]) builder.submit(renewal(network, actor, { notAfter: STARTED_AT + days * DAY }));
  }
  for (let count = 0; count < 3 * EVERY; count += 1) {
    sealAndCertify(builder, 1);
    points.follow();
  }
  const archive = new Map<string, Uint8Array>();
  const store = (record: Uint8Array): void => {
    for (const key of recordKeys(chain.context, record)) archive.set(key, record);
  };
  const read = (key: string): Uint8Array | undefined => archive.get(key);
  const stored = { note: () => undefined, has: (key: string) => archive.has(key), read, hasRotten: () => false };
  const joined = new Chain(crypto, genesis, undefined, { archive: stored });
  const fetch = fetchFor(joined);
  assert.is(fetchFrom(fetch, serverOf(chain, points)), undefined);
  const fetched = fetch.finish();
  assert.ok(fetched.ok, JSON.stringify(fetched));
  const { block, after, ids, handoffs, facts } = fetched.value;
  for (const fact of [...facts, ...block.facts]) store(factRecord(fact));
  store(blockRecordOf(block));
  joined.restart({ block, state: after, score: 0, ids }, []);
  joined.handoffs.begin(handoffs);
  const charge = builder.charge(undefined, { startedAt: builder.state.sealedAt });
  builder.submit(...charge.whole({ milliWh: 5_000_000 }));
  sealAndCertify(builder, 12);
  for (let serial = block.header.serial + 1; serial <= chain.head.serial; serial += 1) {
    const next = chain.at(serial)?.block;
    assert.ok(next);
    for (const fact of next.facts) store(factRecord(fact));
    store(blockRecordOf(next));
    assert.ok(joined.addBlock(next, undefined).ok);
  }
  const receipt = makeReceipt(joined, charge.address);
  assert.ok(receipt, "a receipt");
  const verified = verifyReceipt(crypto, receipt);
  assert.ok(verified.ok && verified.value.finality.kind === "final");
});

test.run();
