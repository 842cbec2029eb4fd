/**
 * Whoever holds any part of a chain, and perhaps a branch of its own, comes by the questions and answers of the mesh to
 * the state that everybody else has.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import type { Block } from "#core/ledger/block.ts";
import { bringTogether, fetchAll, stateOf } from "#test/builders/chain-sync.ts";
import { certify, hear } from "#test/builders/committee-votes.ts";
import { makeActor } from "#test/builders/ledger-actors.ts";
import {
  EASY_RULES,
  LedgerBuilder,
  STATION,
  VEHICLE,
  VOTING_RULES,
  type Region,
} from "#test/builders/ledger-builder.ts";

const FOUR = ["one", "two", "three", "four"].map((name) => makeActor(`voter ${name}`, "station"));
const BLOCKS = 24;
const REGIONS = {
  "nobody votes": { rules: EASY_RULES, authorities: FOUR },
  "four vote": { rules: { ...VOTING_RULES, checkpointBlocks: 4 }, authorities: FOUR },
} as const;

type Item = Block | QuorumCertificate;

/** A node with a part of the items, and blocks of its own on it. */
interface Side {
  readonly length: number;
  readonly own: number;
  readonly rank: number;
}

/** Charges that settle, that are in dispute, and that are open when the chain ends; certificates lag behind. */
function chronicle(region: Region): readonly Item[] {
  const builder = quickBuilder(region);
  const items: Item[] = [];
  builder.join(STATION, VEHICLE);
  for (let serial = 1; serial <= BLOCKS; serial += 1) {
    if (serial % 3 === 2) {
      const salt = new Uint8Array(16).fill(serial);
      const charge = builder.charge(undefined, { salt, startedAt: builder.state.sealedAt });
      const said = charge.whole({ milliWh: 5_000_000, ...(serial % 2 === 0 ? { vehicleShare: 0.5 } : {}) });
      builder.submit(...(serial % 5 === 0 ? said.slice(0, 4) : said));
    }
    items.push(builder.seal());
    const { head, justified } = builder.chain;
    if (region.rules?.finality !== "votes" || head.serial % 4 !== 0 || head.serial === 12) continue;
    const certificate = certify(builder, [justified, head]);
    hear(builder, certificate);
    items.push(certificate);
  }
  return items;
}

const test = suite("sync from any prefix");

for (const [what, region] of Object.entries(REGIONS)) {
  const items = chronicle(region);
  const whole = nodeWith(region, items);

  test(`P11 from any prefix, where ${what}: the same head, state root and final block`, () => {
    for (let length = 0; length <= items.length; length += 1) {
      const joining = nodeWith(region, items.slice(0, length));
      fetchAll(joining.chain, whole.chain);
      assert.equal(stateOf(joining.chain), stateOf(whole.chain), `from ${length} of ${items.length}`);
    }
  });

  test(`P11 from any two prefixes with branches of one's own, where ${what}: both come to one state`, () => {
    const side = fc.record({ length: fc.nat(items.length), own: fc.nat(6), rank: fc.nat(3) });
    // A branch from the genesis that ends above what is final elsewhere: the last of its blocks have no parent there.
    const beyondFinal = [5, 6].map((own): [Side, Side] => [
      { length: 10, own: 0, rank: 0 },
      { length: 0, own, rank: 0 },
    ]);
    let branched = 0;
    fc.assert(
      fc.property(side, side, (one, other) => {
        const [left, right] = [one, other].map(({ length, own, rank }) => {
          const node = nodeWith(region, items.slice(0, length));
          for (let count = 0; count < own; count += 1) node.seal({ rank, facts: [], certificates: [] });
          return node;
        });
        assert.ok(left !== undefined && right !== undefined);
        branched += left.chain.has(right.chain.head.block?.key ?? "") ? 0 : 1;
        bringTogether(left.chain, right.chain);
        assert.equal(stateOf(left.chain), stateOf(right.chain));
      }),
      { numRuns: 17, examples: beyondFinal },
    );
    assert.ok(branched > 3, `${branched} pairs had something to tell`);
  });
}

test("P11 whoever holds everything is told nothing, in one answer", () => {
  const items = chronicle(REGIONS["four vote"]);
  const [one, other] = [nodeWith(REGIONS["four vote"], items), nodeWith(REGIONS["four vote"], items)];
  assert.is(fetchAll(one.chain, other.chain), 1);
});

test.run();

function nodeWith(region: Region, items: readonly Item[]): LedgerBuilder {
  const builder = quickBuilder(region);
  for (const item of items) {
    if ("header" in item) builder.add(item);
    else hear(builder, item);
  }
  return builder;
}

function quickBuilder(region: Region): LedgerBuilder {
  const builder = new LedgerBuilder(region);
  builder.chain.believesSignatures = true;
  return builder;
}
