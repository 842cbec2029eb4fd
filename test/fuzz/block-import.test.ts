/** Blocks of anybody's making, taken in by a chain: only the one that was sealed is followed, and the others leave no trace. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { decodeBlock, encodeBlock, type Block, type HeaderBody } from "#core/ledger/block.ts";
import { Chain } from "#core/ledger/chain.ts";
import { stateRoot } from "#core/ledger/state-root.ts";
import { certify, hear, linkAt } from "#test/builders/committee-votes.ts";
import { crypto, makeActor, sha256 } from "#test/builders/ledger-actors.ts";
import { forgeHeader, LedgerBuilder, STATION, VEHICLE, VOTING_RULES } from "#test/builders/ledger-builder.ts";

const FOUR = ["one", "two", "three", "four"].map((name) => makeActor(`voter ${name}`, "station"));

/** Six blocks with a charge in them; the next one holds facts, results and a certificate. */
const builder = new LedgerBuilder({ rules: { ...VOTING_RULES, checkpointBlocks: 2 }, authorities: FOUR });
const { genesis } = builder;
builder.join(STATION, VEHICLE);
const before: readonly Block[] = Array.from({ length: 6 }, () => builder.seal());
hear(builder, certify(builder, [linkAt(builder, 0), linkAt(builder, 4)]));
builder.submit(...builder.charge().whole({ milliWh: 9_000_000 }));
const next = builder.make();
const sealer = builder.actorOf(toHex(next.header.miner));

const test = suite("block import, any input");

test("F4 the block that was sealed is taken, with all that it holds", () => {
  const chain = readBack();
  assert.ok(next.facts.length > 3 && next.results.length > 0 && next.certificates.length > 0);
  const read = decodeBlock(chain.context, encodeBlock(next));
  assert.ok(read.ok && chain.addBlock(read.value, undefined).ok);
  assert.is(toHex(chain.head.id), next.key);
});

test("F4 a block with bytes changed, cut off or put in is refused, and nothing of it stays", () => {
  const chain = readBack();
  const untouched = standing(chain);
  const encoded = encodeBlock(next);
  const codes = new Set<string>();
  const change = fc.tuple(fc.nat(encoded.length - 1), fc.nat(255), fc.nat(2));
  fc.assert(
    fc.property(change, ([at, value, how]) => {
      const bytes =
        how === 0
          ? encoded.with(at, value)
          : how === 1
            ? encoded.slice(0, at)
            : Uint8Array.of(...encoded.subarray(0, at), value, ...encoded.subarray(at));
      const isSame = how === 0 && encoded[at] === value;
      if (isSame) return;
      const read = decodeBlock(chain.context, bytes);
      const added = read.ok ? chain.addBlock(read.value, undefined) : read;
      assert.not.ok(added.ok, `byte ${at}, ${value}, ${how}`);
      codes.add(added.ok ? "" : added.fault.code);
      assert.equal(standing(chain), untouched);
    }),
    { numRuns: 600 },
  );
  assert.ok(codes.size > 3, [...codes].join());
});

/** What a header says of its place and of what it holds; its time is its sealer's to choose. */
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const lies: fc.Arbitrary<Partial<HeaderBody>> = fc.oneof(
  fc.integer({ min: 1, max: 2 ** 40 }).map((serial) => ({ serial })),
  hash.map((previous) => ({ previous })),
  hash.map((factsRoot) => ({ factsRoot })),
  hash.map((resultsRoot) => ({ resultsRoot })),
  hash.map((root) => ({ stateRoot: root })),
  hash.map((logRoot) => ({ logRoot })),
  hash.map((miner) => ({ miner })),
  fc.constantFrom(...FOUR.map(({ did }) => ({ miner: did }))),
  fc.tuple(fc.nat(0xffff), fc.nat(3)).map((rank) => ({ rank })),
  fc.nat(2 ** 40).map((slot) => ({ slot })),
  fc.nat(200).map((factCount) => ({ factCount })),
  fc.constantFrom(-1, -100, -1_000_000).map((seconds) => ({ sealedAt: next.header.sealedAt + seconds })),
);

test("F4 a header with one thing in it that is not so is refused although its own sealer has signed it", () => {
  const chain = readBack();
  const untouched = standing(chain);
  const codes = new Set<string>();
  fc.assert(
    fc.property(lies, (changes) => {
      const forged = forgeHeader(genesis.network, next, changes, sealer.signer);
      if (forged.key === next.key) return;
      const added = chain.addBlock(forged, undefined);
      assert.not.ok(added.ok, JSON.stringify(changes));
      codes.add(added.ok ? "" : added.fault.code);
      assert.equal(standing(chain), untouched);
    }),
    { numRuns: 400 },
  );
  assert.ok(codes.size > 3, [...codes].join());
});

test("F4 the same block with any facts or results left out, doubled or exchanged is refused", () => {
  const chain = readBack();
  const untouched = standing(chain);
  const places = fc.array(fc.nat(), { maxLength: 12 });
  fc.assert(
    fc.property(fc.constantFrom("facts", "results", "certificates"), places, (part, chosen) => {
      const parts: readonly unknown[] = next[part];
      const other = chosen.map((place) => parts[place % parts.length]);
      if (other.length === parts.length && other.every((each, at) => each === parts[at])) return;
      const added = chain.addBlock({ ...next, [part]: other }, undefined);
      assert.not.ok(added.ok, `${part}: ${chosen.join()}`);
      assert.equal(standing(chain), untouched);
    }),
    { numRuns: 300 },
  );
});

test.run();

function readBack(): Chain {
  const chain = new Chain(crypto, genesis);
  for (const block of before) assert.ok(chain.addBlock(block, undefined).ok);
  return chain;
}

function standing(chain: Chain): unknown {
  const { head, final, tallest, mempool } = chain;
  return [toHex(head.id), toHex(stateRoot(sha256, head.state)), final.serial, tallest, mempool.size];
}
