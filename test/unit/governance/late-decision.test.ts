/** What governors have decided and nobody has sealed in time waits in somebody's journal: it is no damage there. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { factRecord, blockRecordOf, genesisRecord } from "#core/ledger/journal-record.ts";
import { readJournal } from "#core/ledger/journal.ts";
import type { LedgerRules } from "#core/ledger/rules.ts";
import { sealAndCertify } from "#test/builders/committee-votes.ts";
import { GOVERNORS, paramsFact, reconfigFact } from "#test/builders/governors.ts";
import { crypto, makeActor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, VOTING_RULES } from "#test/builders/ledger-builder.ts";
import { readStored } from "#test/builders/memory-archive.ts";

const test = suite("late decision");
const RULES: LedgerRules = { ...VOTING_RULES, checkpointBlocks: 2, epochCheckpoints: 2 };
const VOTERS = [1, 2, 3, 4].map((number) => makeActor(`late voter ${number}`, "station"));

function region(): LedgerBuilder {
  const builder = new LedgerBuilder({ rules: RULES, authorities: VOTERS, governors: GOVERNORS });
  sealAndCertify(builder, 2);
  return builder;
}

test("a decision that stood when it came and stands no more keeps nobody from reading the journal", () => {
  // Two times the same region: here it waits, there it was never heard of.
  const [here, builder] = [region(), region()];
  const { network } = builder.genesis;
  const { epoch } = builder.state.finality;
  const decided = [
    paramsFact(network, { number: 1, activeFromEpoch: epoch + 2, rules: { blockSeconds: 45 } }),
    reconfigFact(
      network,
      builder.chain.final,
      VOTERS.slice(0, 2).map(({ did }) => did),
    ),
  ];
  for (const fact of decided) assert.ok(here.chain.addFact(fact, here.state.sealedAt).ok, fact.kind);
  const before = builder.chain.head.serial;
  const records: Uint8Array[] = [genesisRecord(builder.genesis)];
  const store = (from: number): void => {
    for (let serial = from; serial <= builder.chain.head.serial; serial += 1) {
      const block = builder.chain.at(serial)?.block;
      if (block !== undefined) records.push(...block.facts.map(factRecord), blockRecordOf(block));
    }
  };
  store(1);
  records.push(...decided.map(factRecord));
  while (builder.state.finality.epoch < epoch + 4) sealAndCertify(builder, 1);
  store(before + 1);
  const late = decided.map((fact) => builder.chain.addFact(fact, builder.state.sealedAt));
  assert.equal(
    late.map((added) => (added.ok ? "stands" : added.fault.code)),
    ["FACT_TOO_SOON", "FACT_CONTRADICTS_FINAL"],
  );
  assert.is(readStored(records).chain.head.serial, builder.chain.head.serial);
  const read = readJournal(crypto, records, "from anybody");
  assert.ok(read.ok, JSON.stringify(read.ok ? "" : read.fault));
});

test.run();
