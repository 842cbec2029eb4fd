/**
 * What a person wants to say about a dispute becomes exactly one proposal or ruling, or is refused with its figures.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { chargeFactsOf } from "#core/ledger/close-transactions.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { chargeCost } from "#core/session/charge-cost.ts";
import type { Role } from "#core/session/facts.ts";
import { judgeRuling, judgeWish, type Wish } from "#services/dispute-wish.ts";
import type { ChargeBuilder } from "#test/builders/charge-builder.ts";
import { ARBITER, LedgerBuilder, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";

const MILLI_WH = 20_000_000;
/** All of it at 0.45 EUR. */
const MOST = 900;
const test = suite("dispute wishes");

test("accepting takes the other side's proposal that is best for this one", () => {
  const offers = [
    [12_000_000, 540],
    [15_000_000, 675],
    [9_000_000, 405],
  ] as const;
  assert.equal(wished("vehicle", { kind: "accept" }, offers), { energyMilliWh: 9_000_000, amount: 405 });
  assert.equal(wished("station", { kind: "accept" }, offers), { energyMilliWh: 15_000_000, amount: 675 });
});

test("accepting unseen never takes what the contract could not have cost", () => {
  const trap = [
    [1_000_000, 90_000_000],
    [MILLI_WH + 1, 1],
  ] as const;
  assert.is(wished("vehicle", { kind: "accept" }, trap), "DISPUTE_AMOUNT_OUTSIDE");
  assert.equal(wished("vehicle", { kind: "accept" }, [...trap, [MILLI_WH, MOST]]), {
    energyMilliWh: MILLI_WH,
    amount: MOST,
  });
  assert.is(wished("vehicle", { kind: "accept" }, []), "DISPUTE_NOTHING_TO_ACCEPT");
});

test("an energy is priced by the tariff unless an amount is said", () => {
  const energy = (energyMilliWh: number, amount?: number): Wish => ({ kind: "energy", energyMilliWh, amount });
  assert.equal(wished("vehicle", energy(16_000_000)), { energyMilliWh: 16_000_000, amount: 720 });
  assert.equal(wished("vehicle", energy(16_000_000, 1)), { energyMilliWh: 16_000_000, amount: 1 });
  assert.equal(wished("vehicle", energy(0)), { energyMilliWh: 0, amount: 0 });
  assert.is(wished("vehicle", energy(MILLI_WH + 1)), "DISPUTE_ENERGY_OUTSIDE");
  assert.is(wished("vehicle", energy(1, MOST + 1)), "DISPUTE_AMOUNT_OUTSIDE");
});

test("an amount buys as much energy as it pays for, and no more", () => {
  const transaction = disputed([]);
  const priceOf = (milliWh: number): number => chargeCost(chargeFactsOf(transaction), milliWh).minorUnits;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MOST }), (amount) => {
      const wish = judgeWish(transaction, "vehicle", { kind: "amount", amount });
      assert.ok(wish.ok);
      const { energyMilliWh } = wish.value;
      assert.is(wish.value.amount, amount);
      assert.is(priceOf(energyMilliWh), amount);
      assert.ok(energyMilliWh === MILLI_WH || priceOf(energyMilliWh + 1) > amount);
    }),
    { numRuns: 30, seed: 20_261_122 },
  );
  assert.is(wished("vehicle", { kind: "amount", amount: MOST + 1 }), "DISPUTE_AMOUNT_OUTSIDE");
});

test("a ruling is about what is contested, in words that can be signed", () => {
  const transaction = disputed([]);
  const code = (energyMilliWh: number, reason: string): string => {
    const judged = judgeRuling(transaction, { energyMilliWh, fault: "none", reason });
    return judged.ok ? judged.value : judged.fault.code;
  };
  assert.is(code(MILLI_WH / 2, "x"), "new");
  assert.is(code(MILLI_WH, "x"), "new");
  assert.is(code(MILLI_WH / 2 - 1, "x"), "DISPUTE_ENERGY_OUTSIDE");
  assert.is(code(MILLI_WH + 1, "x"), "DISPUTE_ENERGY_OUTSIDE");
  for (const reason of ["", "  ", "a\nb", "\u202e", "x".repeat(513), "\ud800", "half \udc00 pair"]) {
    assert.is(code(MILLI_WH, reason), "DISPUTE_BAD_REASON");
  }
  assert.is(code(MILLI_WH, "\u{1f50c}"), "new");
});

test.run();

type Offers = readonly (readonly [energyMilliWh: number, amount: number])[];

/** A charge of which half is contested, with these proposals of one side. */
function disputed(offers: Offers, by: Role = "station"): Transaction {
  const builder = new LedgerBuilder();
  builder.join(STATION, VEHICLE, ARBITER);
  builder.seal();
  const charge: ChargeBuilder = builder.charge();
  builder.submit(...charge.whole({ milliWh: MILLI_WH, vehicleShare: 0.5 }));
  builder.seal();
  builder.submit(...offers.map(([energy, amount], number) => charge.propose(by, energy, amount, { number })));
  const transaction = builder.chain.pending.transactions.get(toHex(charge.address));
  assert.ok(transaction);
  return transaction;
}

function wished(role: Role, wish: Wish, offers: Offers = []): unknown {
  const judged = judgeWish(disputed(offers, role === "station" ? "vehicle" : "station"), role, wish);
  return judged.ok ? judged.value : judged.fault.code;
}
