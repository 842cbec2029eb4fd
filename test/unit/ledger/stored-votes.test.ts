/** Votes about blocks so old that their states are no longer in memory. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { signVote } from "#core/finality/vote.ts";
import type { Block } from "#core/ledger/block.ts";
import type { Chain, ChainLink } from "#core/ledger/chain.ts";
import { blockRecordOf, genesisRecord } from "#core/ledger/journal.ts";
import { Link } from "#core/ledger/link.ts";
import { StoredJournal } from "#core/ledger/stored-journal.ts";
import { voteOf } from "#test/builders/committee-votes.ts";
import { crypto, makeActor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, VOTING_RULES } from "#test/builders/ledger-builder.ts";

const FOUR = ["one", "two", "three", "four"].map((name) => makeActor(`voter ${name}`, "station"));
/** More than are kept with their state. */
const BLOCKS = 320;

const test = suite("votes for old blocks");

test("a vote for an old checkpoint of the head's chain counts; for one of another branch it comes too late", () => {
  const builder = new LedgerBuilder({ rules: { ...VOTING_RULES, checkpointBlocks: 2 }, authorities: FOUR });
  builder.chain.believesSignatures = true;
  const root = builder.chain.head;
  const blocks: Block[] = [];
  let aside: ChainLink = root;
  for (let count = 0; count < 2; count += 1) {
    const block = builder.make({ parent: aside, rank: 1, facts: [] });
    builder.add(block);
    blocks.push(block);
    aside = builder.linkOf(block);
  }
  let own: ChainLink = root;
  for (let count = 0; count < BLOCKS; count += 1) {
    const block = builder.make({ parent: own, facts: [] });
    builder.add(block);
    blocks.push(block);
    own = builder.linkOf(block);
  }
  const chain = readBack([genesisRecord(builder.genesis), ...blocks.map(blockRecordOf)]);
  assert.is(chain.head.serial, BLOCKS);
  const [first, second] = FOUR;
  assert.ok(first && second);
  const old = builder.chain.at(4);
  assert.ok(old);
  for (const link of [chain.at(4), chain.link(aside.block?.key ?? "")]) {
    assert.ok(link instanceof Link && !link.hasState, "the test is about such a block");
  }
  assert.ok(chain.addVote(voteOf(builder, [root, old], first)).ok);
  // Whoever names an epoch that never was is told so, and not that the vote came too late.
  const { body } = voteOf(builder, [root, old], second);
  const strange = signVote({ crypto, network: builder.genesis.network }, { ...body, epoch: 7 }, second.signer);
  const fault = { code: "QUORUM_WRONG_EPOCH", epoch: 7, expected: 0 };
  assert.equal(chain.addVote(strange), { ok: false, fault });
  const late = chain.addVote(voteOf(builder, [root, aside], second));
  assert.equal(late, { ok: false, fault: { code: "VOTE_TOO_OLD", serial: 2, final: 0 } });
});

test.run();

function readBack(records: readonly Uint8Array[]): Chain {
  const places = new Map<string, number>();
  const journal = new StoredJournal(crypto, {
    note: (key, place) => void places.set(key, place),
    has: (key) => places.has(key),
    hasRotten: () => false,
    read: (key) => records[places.get(key) ?? -1],
  });
  for (const [place, record] of records.entries()) assert.ok(journal.take(record, place).ok);
  const chain = journal.finish();
  assert.ok(chain.ok);
  return chain.value;
}
