/** What a charge brought each side, in energy: what was delivered against what was billed (S11). */
import { toHex } from "#base/bytes.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { chargesAt, plugIn, station, vehicle } from "./charging.ts";
import { MINUTE_MS, type Scenario } from "./scenario.ts";

export interface ChargePlay {
  readonly energyKwh: number;
  readonly stayMs: number;
  /** While the car stands at the outlet, each ten seconds. */
  readonly meanwhile?: (sinceMs: number) => void;
  /** In the moment in which the plug is pulled. */
  readonly atEnd?: () => void;
}

export interface PlayedCharge {
  readonly transaction: Transaction;
  readonly result: ResultBody;
  /** True energy, from the plug to its end. */
  readonly deliveredMilliWh: number;
  /** What the vehicle got for nothing, and what the station was paid for nothing: below 0 when it lost. */
  readonly gainMilliWh: { readonly vehicle: number; readonly station: number };
  readonly exposureMilliWh: number;
}

const LOOK_MS = 10_000;

/** The first car charges at the first site, and goes home; plays until the result is on the chain of `judge`. */
export async function playCharge(scenario: Scenario, judge: string, play: ChargePlay): Promise<PlayedCharge> {
  const { outlet } = station(scenario);
  plugIn(scenario, play.energyKwh);
  for (let sinceMs = 0; sinceMs < play.stayMs; sinceMs += LOOK_MS) {
    await scenario.runFor(LOOK_MS);
    play.meanwhile?.(sinceMs + LOOK_MS);
  }
  vehicle(scenario).driver.goHome();
  play.atEnd?.();
  const { deliveredMilliWh } = outlet;
  const node = scenario.node(judge);
  const found = (): Transaction | undefined => {
    const [charge] = chargesAt(node);
    const key = charge === undefined ? "" : toHex(charge.address);
    return scenario.chainOf(node).head.state.transactions.get(key);
  };
  await scenario.runUntil("the result", 40 * MINUTE_MS, () => found()?.result !== undefined);
  const transaction = found();
  if (transaction?.result === undefined) throw new Error("bug of the test: no result");
  const { result } = transaction;
  const gain = deliveredMilliWh - result.billedMilliWh;
  return {
    ...{ transaction, result, deliveredMilliWh, gainMilliWh: { vehicle: gain, station: -gain } },
    exposureMilliWh: transaction.open.terms.exposureMilliWh,
  };
}
