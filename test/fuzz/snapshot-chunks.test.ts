/**
 * F5, snapshot chunks: whatever others answer to a gateway that fetches a state, it takes what is proven or says why not,
 * never throws, never ends up with another state, and can always go on with somebody honest.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { Chain } from "#core/ledger/chain.ts";
import { decodeFrame } from "#core/ledger/snapshot-frame.ts";
import { decodeAbout, decodeUncounted } from "#core/ledger/snapshot-parts.ts";
import { stateRoot } from "#core/ledger/state-root.ts";
import { emptyTables, ROOTED_TABLES } from "#core/ledger/state-tables.ts";
import { takePart } from "#core/ledger/table-part.ts";
import { afterHandoff, trustOfGenesis } from "#core/ledger/trusted-committee.ts";
import { snapshotReply, snapshotRequest, type SnapshotReply } from "#core/mesh/snapshot-messages.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { crypto, sha256 } from "#test/builders/ledger-actors.ts";
import { fetchFor, fetchFrom, offeredState } from "#test/builders/offered-state.ts";

const RUNS = { numRuns: 400, seed: 20_261_123 };
const { builder, points, server } = offeredState(40);
const { genesis } = builder;
const point = points.newest;
if (point === undefined) throw new Error("bug of the test: nothing is offered");
const rightRoot = toHex(stateRoot(sha256, point.state));

const test = suite("F5 snapshot chunks");

/** Which answer is bent, and how: a byte changed, cut off, said twice, left out, from another place. */
const lie = fc.record({
  at: fc.nat(40),
  how: fc.constantFrom("flip", "cut", "double", "drop", "empty", "swap", "total", "another", "last"),
  item: fc.nat(),
  place: fc.nat(),
  bit: fc.nat(7),
});
type Lie = typeof lie extends fc.Arbitrary<infer Value> ? Value : never;

test("one bent answer is refused or changes nothing, and the rest is had from somebody honest", () => {
  fc.assert(
    fc.property(fc.array(lie, { minLength: 1, maxLength: 3 }), (lies) => {
      const fetch = fetchFor(new Chain(crypto, genesis));
      let answers = 0;
      const faults: string[] = [];
      for (let turns = 0; turns < 12; turns += 1) {
        const fault = fetchFrom(fetch, server, (reply) => {
          const told = lies.find(({ at }) => at === answers);
          answers += 1;
          return told === undefined ? reply : bent(reply, told);
        });
        if (fault === undefined) break;
        faults.push(fault.code);
        fetch.giveUp("peer");
      }
      let finished = fetch.finish();
      for (let turns = 0; !finished.ok && turns < 3; turns += 1) {
        assert.is(fetchFrom(fetch, server), undefined);
        finished = fetch.finish();
      }
      assert.ok(finished.ok, JSON.stringify(finished));
      assert.is(toHex(stateRoot(sha256, finished.value.before)), rightRoot, faults.join());
      assert.ok(
        faults.every((code) => /^(SNAPSHOT|FINALITY)_[A-Z_]+$/.test(code)),
        faults.join(),
      );
    }),
    { ...RUNS, numRuns: 25 },
  );
});

test("no bytes make a decoder throw, and what they take has one form", () => {
  const seeds = [
    encodeShape(snapshotRequest, {
      ...{ token: "00".repeat(16), kind: "entries", nonce: new Uint8Array(16), checkpoint: genesis.id },
      ...{ from: 7, wanted: [Uint8Array.of(1, 2)] },
    }),
    ...builder.chain.handoffs.from(0),
    ...["way", "part", "ids", "entries"].map((_, place) => new Uint8Array(place + 1).fill(0x82)),
  ];
  const trust = trustOfGenesis({ crypto, genesis });
  const { form } = emptyTables()[ROOTED_TABLES[0]];
  const wanted = { digits: [], hash: new Uint8Array(32) };
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }))
    .map(([seed, changes]) => {
      const bytes = Uint8Array.from(seed);
      for (const [place, value] of changes) bytes[place % Math.max(1, bytes.length)] = value;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), mutated), (bytes) => {
      for (const shape of [snapshotRequest, snapshotReply] as const) {
        const read = decodeShape<unknown>(shape, bytes);
        if (read.ok) assert.equal(encodeShape<unknown>(shape, read.value), bytes);
      }
      assert.not.ok(takePart(form as never, wanted, bytes, sha256).ok);
      assert.is(decodeAbout(bytes, genesis.id, sha256), undefined);
      decodeUncounted(bytes);
      decodeFrame(bytes);
      const next = afterHandoff({ crypto, genesis }, trust, bytes);
      if (next.ok) assert.is(next.value.epoch, 1);
    }),
    RUNS,
  );
});

test.run();

function bent(reply: SnapshotReply, { how, item, place, bit }: Lie): SnapshotReply {
  const items = [...reply.items];
  const at = items.length === 0 ? 0 : item % items.length;
  const told = Uint8Array.from(items[at] ?? new Uint8Array());
  switch (how) {
    case "flip":
      if (told.length > 0) told[place % told.length] = (told[place % told.length] ?? 0) ^ (1 << bit);
      return { ...reply, items: items.length === 0 ? items : items.with(at, told) };
    case "cut":
      return { ...reply, items: items.length === 0 ? items : items.with(at, told.slice(0, place % (told.length + 1))) };
    case "double":
      return { ...reply, items: items.flatMap((each, index) => (index === at ? [each, each] : [each])).slice(0, 64) };
    case "drop":
      return { ...reply, items: items.filter((_, index) => index !== at) };
    case "empty":
      return { ...reply, items: [] };
    case "swap":
      return { ...reply, items: items.reverse() };
    case "total":
      return { ...reply, total: place };
    case "another":
      return { ...reply, checkpoint: [place, new Uint8Array(32).fill(bit)] };
    case "last": {
      const last = Uint8Array.from(reply.last ?? told);
      if (last.length > 0) last[place % last.length] = (last[place % last.length] ?? 0) ^ (1 << bit);
      return last.length === 0 ? reply : { ...reply, last, items: reply.last === undefined ? [] : items };
    }
  }
}
