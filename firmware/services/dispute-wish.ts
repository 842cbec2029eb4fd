/** Whether what a person wants to say about a dispute can be said, and what exactly it then is. */
import { fail, ok, type Result } from "#base/result.ts";
import { chargeFactsOf } from "#core/ledger/close-transactions.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { REASON_BYTES_MAX } from "#core/limits.ts";
import type { Proposal } from "#core/session/agreed-proposal.ts";
import { chargeCost } from "#core/session/charge-cost.ts";
import { adjudicateBody, otherRole, type FaultSide, type Role } from "#core/session/facts.ts";
import { settle } from "#core/session/settle.ts";
import { readShape } from "#core/wire/schema.ts";

/** Energies in mWh, amounts in minor units; what is not said follows by the tariff. */
export type Wish =
  /** Of several proposals of the other side, the one that is best for this one. */
  | { readonly kind: "accept" }
  | { readonly kind: "energy"; readonly energyMilliWh: number; readonly amount: number | undefined }
  /** So much is paid, for as much energy as it buys. */
  | { readonly kind: "amount"; readonly amount: number };

export interface Ruling {
  readonly energyMilliWh: number;
  readonly fault: FaultSide;
  readonly reason: string;
}

export type WishFault =
  | { readonly code: "DISPUTE_ENERGY_OUTSIDE"; readonly leastMilliWh: number; readonly mostMilliWh: number }
  | {
      readonly code: "DISPUTE_AMOUNT_OUTSIDE";
      readonly least: number;
      readonly most: number;
      readonly currency: string;
      readonly currencyDigits: number;
    }
  | { readonly code: "DISPUTE_NOTHING_TO_ACCEPT"; readonly by: Role }
  | { readonly code: "DISPUTE_NO_PROPOSAL_LEFT"; readonly max: number }
  | { readonly code: "DISPUTE_ALREADY_JUDGED"; readonly energyMilliWh: number; readonly fault: FaultSide }
  | { readonly code: "DISPUTE_BAD_REASON"; readonly bytesMax: number };

export function judgeWish(transaction: Transaction, role: Role, wish: Wish): Result<Proposal, WishFault> {
  const charge = chargeFactsOf(transaction);
  const { stationMilliWh } = settle(charge, true);
  const priceOf = (milliWh: number): number => chargeCost(charge, milliWh).minorUnits;
  const most = priceOf(stationMilliWh);
  const { currency, currencyDigits } = charge.open.terms;
  const outside = (least: number): Result<Proposal, WishFault> =>
    fail({ code: "DISPUTE_AMOUNT_OUTSIDE", least, most, currency, currencyDigits });
  switch (wish.kind) {
    case "accept": {
      const offers = transaction.proposals[otherRole(role)];
      if (offers.length === 0) return fail({ code: "DISPUTE_NOTHING_TO_ACCEPT", by: otherRole(role) });
      // Whoever accepts unseen must not sign more than the contract could ever have cost.
      const sound = offers.filter((each) => each.energyMilliWh <= stationMilliWh && each.amount <= most);
      const best = sound.toSorted((left, right) => left.amount - right.amount).at(role === "station" ? -1 : 0);
      return best === undefined ? outside(0) : ok({ energyMilliWh: best.energyMilliWh, amount: best.amount });
    }
    case "energy": {
      const { energyMilliWh, amount = priceOf(Math.min(energyMilliWh, stationMilliWh)) } = wish;
      if (energyMilliWh > stationMilliWh) {
        return fail({ code: "DISPUTE_ENERGY_OUTSIDE", leastMilliWh: 0, mostMilliWh: stationMilliWh });
      }
      return amount > most ? outside(0) : ok({ energyMilliWh, amount });
    }
    case "amount": {
      const { amount } = wish;
      const least = priceOf(0);
      if (amount > most || amount < least) return outside(least);
      return ok({ energyMilliWh: mostFor(amount, stationMilliWh, priceOf), amount });
    }
  }
}

/** "said before": the same ruling stands already. */
export function judgeRuling(transaction: Transaction, ruling: Ruling): Result<"new" | "said before", WishFault> {
  // Half of a pair of surrogates has no UTF-8: it is no text, and nothing must try to write it.
  const isText = !/[\ud800-\udfff]/u.test(ruling.reason);
  const body = { address: transaction.address, ...ruling };
  if (!isText || !readShape(adjudicateBody, adjudicateBody.write(body)).ok) {
    return fail({ code: "DISPUTE_BAD_REASON", bytesMax: REASON_BYTES_MAX });
  }
  const known = transaction.ruling;
  if (known !== undefined) {
    const { energyMilliWh, fault, reason } = known;
    const isSame = energyMilliWh === ruling.energyMilliWh && fault === ruling.fault && reason === ruling.reason;
    return isSame ? ok("said before") : fail({ code: "DISPUTE_ALREADY_JUDGED", energyMilliWh, fault });
  }
  const { undisputedMilliWh: leastMilliWh, stationMilliWh: mostMilliWh } = settle(chargeFactsOf(transaction), true);
  if (ruling.energyMilliWh < leastMilliWh || ruling.energyMilliWh > mostMilliWh) {
    return fail({ code: "DISPUTE_ENERGY_OUTSIDE", leastMilliWh, mostMilliWh });
  }
  return ok("new");
}

/** The most energy that costs at most so much; by halves, since more energy never costs less. */
function mostFor(amount: number, mostMilliWh: number, priceOf: (milliWh: number) => number): number {
  let [bought, above] = [0, mostMilliWh + 1];
  while (above - bought > 1) {
    const middle = bought + Math.floor((above - bought) / 2);
    if (priceOf(middle) <= amount) bought = middle;
    else above = middle;
  }
  return bought;
}
