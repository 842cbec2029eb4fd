/** How many voters stand behind a block is what its proof says, in each epoch, and where governors have named them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { keysOf } from "#core/ledger/membership.ts";
import { checkFinalityProof, makeFinalityProof } from "#records/finality-proof.ts";
import { highestLevel, sealedFinality } from "#records/sealed-finality.ts";
import { linkAt, sealAndCertify } from "#test/builders/committee-votes.ts";
import { GOVERNORS, reconfigFact } from "#test/builders/governors.ts";
import { crypto, makeActor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, VOTING_RULES } from "#test/builders/ledger-builder.ts";

const RULES = { ...VOTING_RULES, checkpointBlocks: 2, epochCheckpoints: 4 };
const FIRST = [1, 2, 3, 4].map((number) => makeActor(`voter ${number}`, "station"));
const NAMED = [1, 2, 3].map((number) => makeActor(`new voter ${number}`, "station"));

const test = suite("voters of old blocks");

/** Governors name them; the serial of the block that says so. */
function nameVoters(builder: LedgerBuilder): number {
  const dids = NAMED.map(({ did }) => did);
  builder.submit(reconfigFact(builder.genesis.network, builder.chain.final, dids));
  return builder.seal({ certificates: [] }).header.serial;
}

function said({ chain }: LedgerBuilder, serial: number): unknown {
  const found = sealedFinality(chain, serial);
  return found.kind === "final" ? found.voters : found.kind;
}

function proven(builder: LedgerBuilder, serial: number): unknown {
  const { chain, genesis } = builder;
  const { block } = linkAt(builder, serial);
  const made = block && makeFinalityProof(chain, block);
  if (block === undefined || made === undefined) return "not yet";
  const { state } = chain.head;
  const context = { crypto, genesis, keysOf: (did: string) => keysOf(state, did) };
  const checked = checkFinalityProof(context, { serial, id: block.id }, made.bytes);
  return checked.ok && checked.value.kind === "final" ? checked.value.voters : checked;
}

test("in every epoch of a region", () => {
  const builder = new LedgerBuilder({ rules: RULES, authorities: FIRST });
  builder.join(...NAMED);
  sealAndCertify(builder, 40);
  assert.ok(builder.chain.handoffs.epoch > 2);
  for (let serial = 1; serial <= builder.chain.head.serial; serial += 1) {
    assert.equal(said(builder, serial), proven(builder, serial), `block ${serial}`);
  }
});

test("of those whom governors have named, from the block on that says so", () => {
  const builder = new LedgerBuilder({ rules: RULES, authorities: FIRST, governors: GOVERNORS });
  const { chain } = builder;
  builder.join(...NAMED);
  sealAndCertify(builder, 8);
  const before = chain.final.serial;
  builder.seal();
  const named = nameVoters(builder);
  sealAndCertify(builder, 14);
  for (let serial = 1; serial <= chain.head.serial; serial += 1) {
    if (serial <= before || serial >= named) assert.equal(said(builder, serial), proven(builder, serial), `${serial}`);
  }
  assert.equal([said(builder, before), said(builder, named)], [4, 3]);
});

test("of a region that nobody votes in until governors have named somebody", () => {
  const office = makeActor("office car", "vehicle", "south");
  const builder = new LedgerBuilder({ rules: RULES, authorities: [office], governors: GOVERNORS });
  const { chain } = builder;
  builder.join(...NAMED);
  builder.seal();
  assert.equal([highestLevel(chain), said(builder, 1)], ["C1", "never"]);
  const named = nameVoters(builder);
  assert.equal([highestLevel(chain), said(builder, named)], ["C2", "not yet"]);
  sealAndCertify(builder, 8);
  assert.equal([highestLevel(chain), said(builder, named)], ["C2", 3]);
});

test.run();
