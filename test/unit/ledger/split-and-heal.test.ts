/**
 * A region whose two halves do not hear each other for a while (S5): each goes on with what it hears, and when they
 * hear each other again both come to one state, which says of every charge what a region would that was never apart.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { bringTogether, fetchAll, stateOf } from "#test/builders/chain-sync.ts";
import type { ChargeBuilder } from "#test/builders/charge-builder.ts";
import { makeActor } from "#test/builders/ledger-actors.ts";
import { ARBITER, EASY_RULES, LedgerBuilder, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";

const TWO = ["north", "south"].map((name) => makeActor(`operator ${name}`, "station"));
const REGION = { rules: EASY_RULES, authorities: TWO };
const STORIES: readonly ((charge: ChargeBuilder) => readonly Fact[])[] = [
  (charge) => charge.whole({ milliWh: 20_000_000, count: 3 }),
  (charge) => charge.whole({ milliWh: 20_000_000, vehicleShare: 0.5 }),
  (charge) => [charge.open, charge.cancel("station"), charge.cancel("vehicle")],
  (charge) => charge.whole({ milliWh: 9_000_000 }).slice(0, -1),
  (charge) => [
    ...charge.whole({ milliWh: 16_000_000, vehicleShare: 0.5 }),
    ...[charge.propose("station", 12_000_000, 500), charge.propose("vehicle", 12_000_000, 500)],
  ],
];

const root = beginning();
const { terms } = root.charge().open.body;
const charges = STORIES.map((_, place) =>
  root.charge(undefined, { terms: { ...terms, arbiter: ARBITER.did }, salt: new Uint8Array(16).fill(place + 1) }),
);
const facts = charges.flatMap((charge, place) => STORIES[place]?.(charge) ?? []);
const apart = outcomesOf(together().chain);

/** Where each fact is heard: on the one side, on the other, or on both; and after which block. */
const hearing = fc.array(fc.tuple(fc.constantFrom("north", "south", "both"), fc.nat(3)), {
  minLength: facts.length,
  maxLength: facts.length,
});

const test = suite("split and heal");

test("P2 halves that heard any parts of what was said heal to one state, and to the same ends of all charges", () => {
  let reorganised = 0;
  fc.assert(
    fc.property(hearing, fc.tuple(fc.nat(4), fc.nat(4)), (heard, lengths) => {
      const north = half("north", heard, lengths[0]);
      const south = half("south", heard, lengths[1]);
      const before = [toHex(north.chain.head.id), toHex(south.chain.head.id)];
      bringTogether(north.chain, south.chain);
      assert.equal(stateOf(north.chain), stateOf(south.chain));
      reorganised += before.some((id) => !north.chain.isOfHead(north.chain.link(id) ?? north.chain.head)) ? 1 : 0;
      sealWhatWaits(north);
      fetchAll(south.chain, north.chain);
      assert.equal(stateOf(south.chain), stateOf(north.chain));
      assert.equal(outcomesOf(south.chain), apart);
      assert.is(north.chain.mempool.size, 0);
    }),
    { numRuns: 25 },
  );
  assert.ok(reorganised > 10, `${reorganised} times a half left its branch`);
});

test.run();

function beginning(): LedgerBuilder {
  const builder = new LedgerBuilder(REGION);
  builder.chain.believesSignatures = true;
  builder.join(STATION, VEHICLE, ARBITER);
  builder.seal();
  return builder;
}

/** The region that was never apart. */
function together(): LedgerBuilder {
  const builder = beginning();
  hear(builder, facts);
  sealWhatWaits(builder);
  assert.is(builder.chain.mempool.size, 0);
  return builder;
}

/** A half that seals on its own: the north by rank 0, the south by rank 1. */
function half(side: "north" | "south", heard: readonly (readonly [string, number])[], blocks: number): LedgerBuilder {
  const builder = beginning();
  for (let round = 0; round <= blocks; round += 1) {
    const now = facts.filter((_, place) => isHeard(heard[place], side) && (heard[place]?.[1] ?? 0) === round);
    hear(builder, now);
    if (round < blocks) builder.seal({ rank: side === "north" ? 0 : 1 });
  }
  // The rest comes while the halves are still apart, and waits.
  hear(
    builder,
    facts.filter((_, place) => isHeard(heard[place], side)),
  );
  return builder;
}

function isHeard(heard: readonly [string, number] | undefined, side: "north" | "south"): boolean {
  return heard?.[0] === side || heard?.[0] === "both";
}

/** What may not stand yet is heard again later, as it is on the mesh. */
function hear({ chain }: LedgerBuilder, said: readonly Fact[]): void {
  for (const fact of said) chain.addFact(fact, chain.head.sealedAt);
}

/** Also what came before that on which it builds: everybody says it again. */
function sealWhatWaits(builder: LedgerBuilder): void {
  for (let round = 0; round < 3; round += 1) {
    hear(builder, facts);
    builder.seal();
  }
}

/** How all charges stand; how often a result was revised says only when facts came. */
function outcomesOf({ head }: Chain): readonly unknown[] {
  return charges.map(({ address }) => {
    const transaction = head.state.transactions.get(toHex(address));
    return [transaction?.state, { ...transaction?.result, revision: undefined }];
  });
}
