/**
 * The order of heads (protocol 2.12): total, so that of any two tips one is better for everybody, and a function of
 * what somebody holds, not of how it came. Held against the order as it is written, worked out from all blocks and
 * certificates at once.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { Block } from "#core/ledger/block.ts";
import { Chain } from "#core/ledger/chain.ts";
import { deliver, grow, shuffled, type Item } from "#test/builders/block-trees.ts";
import { crypto, makeActor } from "#test/builders/ledger-actors.ts";
import { EASY_RULES, VOTING_RULES, type LedgerBuilder } from "#test/builders/ledger-builder.ts";

const FOUR = ["one", "two", "three", "four"].map((name) => makeActor(`voter ${name}`, "station"));
const SILENT = { rules: EASY_RULES, authorities: FOUR };
const VOTING = { rules: { ...VOTING_RULES, checkpointBlocks: 2 }, authorities: FOUR };

/** Where the next block goes, by which rank, and what is voted for: few ranks, so that scores are often equal. */
const steps = fc.array(fc.tuple(fc.nat(99), fc.nat(1), fc.nat(99)), { minLength: 6, maxLength: 12 });
const order = fc.array(fc.nat(), { minLength: 40, maxLength: 40 });

const test = suite("order of heads");

test("P7 of any two tips one is better, the same one whichever came first, and of any number one is the best", () => {
  let ties = 0;
  fc.assert(
    fc.property(steps, order, (drawn, keys) => {
      const { builder, items } = grow(SILENT, drawn);
      const tips = tipsOf(placesOf(builder, items));
      for (const [place, left] of tips.entries()) {
        for (const right of tips.slice(place + 1)) {
          const better = byScore(left, right) < 0 ? left : right;
          ties += left.score === right.score ? 1 : 0;
          assert.is(headAmong(builder, items, [left, right]), better.key);
          assert.is(headAmong(builder, items, [right, left]), better.key);
        }
      }
      const some = shuffled(tips, keys).slice(0, 1 + ((keys[0] ?? 0) % tips.length));
      const [best] = some.toSorted(byScore);
      assert.is(headAmong(builder, items, some), best?.key);
    }),
    { numRuns: 30 },
  );
  assert.ok(ties > 10, `${ties} pairs of equal score`);
});

test("P7 the head is what the order says of all blocks and certificates, in whatever order and how often they came", () => {
  const finals = new Set<number>();
  let contests = 0;
  fc.assert(
    fc.property(steps, order, order, (drawn, first, second) => {
      const { builder, items } = grow(VOTING, drawn);
      const expected = headByTheBook(builder, items);
      assert.is(toHex(builder.chain.head.id), expected.head);
      finals.add(expected.final);
      contests += expected.isScoreOverruled ? 1 : 0;
      for (const keys of [first, second]) {
        const chain = new Chain(crypto, builder.genesis);
        chain.believesSignatures = true;
        // Each twice, and the second time somewhere else.
        deliver(chain, shuffled([...items, ...items], keys));
        assert.is(toHex(chain.head.id), expected.head);
        assert.is(chain.final.serial, expected.final);
      }
    }),
    { numRuns: 20 },
  );
  assert.ok(finals.size > 2, `${[...finals].join()} were final`);
  assert.ok(contests > 1, `${contests} times a better score was overruled`);
});

test("P7 a head is only ever left for a better one", () => {
  let moves = 0;
  fc.assert(
    fc.property(fc.constantFrom(SILENT, VOTING), steps, order, (region, drawn, keys) => {
      const { builder, items } = grow(region, drawn);
      const chain = new Chain(crypto, builder.genesis);
      chain.believesSignatures = true;
      let before = standingOf(chain);
      for (const [place] of items.entries()) {
        // What has come so far: a block that came before its parent is tried again.
        deliver(chain, shuffled(items, keys).slice(0, place + 1));
        const now = standingOf(chain);
        const isSame = now.head === before.head;
        moves += isSame ? 0 : 1;
        assert.ok(isSame || isHigher(now, before), `${JSON.stringify(before)} was left for ${JSON.stringify(now)}`);
        before = now;
      }
    }),
    { numRuns: 20 },
  );
  assert.ok(moves > 40, `${moves} moves`);
});

test.run();

/** A block with what the order looks at; the genesis has none of it. */
interface Place {
  readonly key: string;
  readonly serial: number;
  /** Of the whole chain: 16 less the rank, at least 1, for every block. */
  readonly score: number;
  readonly parent: Place | undefined;
}

/** All blocks among the items, behind the genesis; each after its parent. */
function placesOf({ genesis }: LedgerBuilder, items: readonly Item[]): ReadonlyMap<string, Place> {
  const root: Place = { key: toHex(genesis.id), serial: 0, score: 0, parent: undefined };
  const places = new Map([[root.key, root]]);
  for (const item of items) {
    // The same block may have been made twice.
    if (!("header" in item) || places.has(item.key)) continue;
    const parent = places.get(toHex(item.header.previous));
    assert.ok(parent !== undefined, "items come from a tree that grew");
    const score = parent.score + Math.max(1, 16 - item.header.rank[0]);
    places.set(item.key, { key: item.key, serial: parent.serial + 1, score, parent });
  }
  return places;
}

/** Greater score, then the lower id. */
function byScore(left: Place, right: Place): number {
  return right.score - left.score || (left.key < right.key ? -1 : 1);
}

function isOver(place: Place | undefined, ancestor: Place): boolean {
  return place !== undefined && (place === ancestor || isOver(place.parent, ancestor));
}

/** Those on which nothing stands. */
function tipsOf(places: ReadonlyMap<string, Place>): readonly Place[] {
  const parents = new Set([...places.values()].map(({ parent }) => parent));
  return [...places.values()].filter((place) => !parents.has(place));
}

/** The head of somebody who gets the branches of these tips, one after the other, and nothing else. */
function headAmong({ genesis }: LedgerBuilder, items: readonly Item[], tips: readonly Place[]): string {
  const chain = new Chain(crypto, genesis);
  chain.believesSignatures = true;
  for (const tip of tips) {
    deliver(
      chain,
      items.filter((item) => "header" in item && isOver(tip, placeOf(tip, item))),
    );
  }
  return toHex(chain.head.id);
}

/** The place of the block on the tip's branch; the tip itself is over nothing else than its branch. */
function placeOf(tip: Place, block: Block): Place {
  let each: Place | undefined = tip;
  while (each !== undefined && each.key !== block.key) each = each.parent;
  return each ?? { key: block.key, serial: block.header.serial, score: 0, parent: undefined };
}

interface ByTheBook {
  readonly head: string;
  readonly final: number;
  /** A block with a better score is not the head. */
  readonly isScoreOverruled: boolean;
}

/** The highest final, the highest justified over it, the best over that: from everything at once. */
function headByTheBook(builder: LedgerBuilder, items: readonly Item[]): ByTheBook {
  const places = placesOf(builder, items);
  const [genesis] = places.values();
  assert.ok(genesis !== undefined);
  const links = items.flatMap((item) => ("header" in item ? [] : [item.body]));
  const justified = new Set([genesis]);
  let final = genesis;
  for (let before = 0; before < justified.size;) {
    before = justified.size;
    for (const { source, target } of links) {
      const [from, to] = [source, target].map(({ id }) => places.get(toHex(id)));
      if (from === undefined || to === undefined || !justified.has(from)) continue;
      justified.add(to);
      if (to.serial === from.serial + 2 && from.serial > final.serial) final = from;
    }
  }
  const [highest = final] = [...justified]
    .filter((place) => isOver(place, final))
    .sort((left, right) => right.serial - left.serial || (left.key < right.key ? -1 : 1));
  const [head = highest] = [...places.values()].filter((place) => isOver(place, highest)).sort(byScore);
  const [best] = [...places.values()].sort(byScore);
  return { head: head.key, final: final.serial, isScoreOverruled: best !== head };
}

interface Standing {
  readonly head: string;
  readonly final: number;
  readonly justified: readonly [number, string];
  readonly score: number;
}

function standingOf({ head, final, justified }: Chain): Standing {
  return {
    ...{ head: toHex(head.id), final: final.serial, score: head.score },
    justified: [justified.serial, toHex(justified.id)],
  };
}

function isHigher(now: Standing, before: Standing): boolean {
  if (now.final !== before.final) return now.final > before.final;
  const [[serial, id], [serialBefore, idBefore]] = [now.justified, before.justified];
  if (serial !== serialBefore) return serial > serialBefore;
  if (id !== idBefore) return id < idBefore;
  return now.score === before.score ? now.head < before.head : now.score > before.score;
}
