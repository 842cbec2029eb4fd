/** A fact that may not stand: what comes before it, and why. */
import type { FactFault } from "#core/ledger/apply-fact.ts";
import type { Fact } from "#core/ledger/fact.ts";
import type { ChargeBuilder } from "#test/builders/charge-builder.ts";
import { ARBITER, LedgerBuilder, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";

/** The members are there; nothing has begun. */
export const region = new LedgerBuilder();
region.join(STATION, VEHICLE, ARBITER);

export type Told = readonly [...Fact[], Fact];

export interface Refusal {
  readonly claim: string;
  readonly code: FactFault["code"];
  /** Facts that stand before, and the one that may not. */
  readonly story: (charge: ChargeBuilder) => Told;
}
