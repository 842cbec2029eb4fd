/**
 * `contract`: power flows only by a contract of which both have signed the start. S7: the station never has more at
 * risk than the exposure and what flows until its lease ends.
 */
import { chargeFactsOf } from "#core/ledger/close-transactions.ts";
import { toHex } from "#base/bytes.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { settle } from "#core/session/settle.ts";
import type { RegionWorld } from "../region-world.ts";
import { POWER_MAX_W } from "../residents.ts";
import type { Invariant } from "./invariant.ts";

/** A lease that nobody renews ends after 30 s; a look at it is ten seconds apart. */
const SLACK_SECONDS = 120;

export function contractBeforePower(world: RegionWorld): Invariant {
  return {
    name: "contract",
    often: (report) => {
      for (const { node, outlet } of world.stations) {
        const state = node.running?.ledger.chain.pending;
        if (state === undefined || outlet.powerW < 100 || world.plan.liars.has(node.name)) continue;
        // A gateway that lost its card has lost its contracts; its lease runs out.
        if (node.setBack !== undefined) continue;
        if ([...state.unsettled].some((key) => isUnderWay(state.transactions.get(key), node.identity.key))) continue;
        const own = [...state.transactions.entries().values()].filter(
          ({ open }) => toHex(open.station) === node.identity.key,
        );
        const open = own.findLast(({ state: each }) => each !== "CANCELLED");
        if (open === undefined) report(`power flows at ${node.name} without a contract`);
        else if (open.state === "OPEN") report(`power flows at ${node.name} before both start registers are signed`);
      }
    },
  };
}

/** Past both start registers; there are thousands of others to look through when none is. */
function isUnderWay(transaction: Transaction | undefined, station: string): boolean {
  if (transaction === undefined || toHex(transaction.open.station) !== station) return false;
  return transaction.state !== "OPEN" && transaction.state !== "CANCELLED";
}

export function boundedExposure(world: RegionWorld): Invariant {
  /** There are several looks between two reports, each of which makes another transaction. */
  const undisputed = new WeakMap<Transaction, number>();
  const undisputedOf = (transaction: Transaction): number => {
    const milliWh = undisputed.get(transaction) ?? settle(chargeFactsOf(transaction), false).undisputedMilliWh;
    undisputed.set(transaction, milliWh);
    return milliWh;
  };
  return {
    name: "S7",
    often: (report) => {
      for (const { node, outlet } of world.stations) {
        const state = node.running?.ledger.chain.pending;
        if (state === undefined || outlet.powerW < 100 || !world.isHonest(node)) continue;
        for (const key of state.unsettled) {
          const transaction = state.transactions.get(key);
          if (transaction === undefined || transaction.result !== undefined) continue;
          const { open } = transaction;
          if (toHex(open.station) !== node.identity.key || transaction.completes.station !== undefined) continue;
          const ownMilliWh = outlet.shownMilliWh - open.startMilliWh[0];
          const slackMilliWh = (POWER_MAX_W * 1000 * SLACK_SECONDS) / 3600;
          const atRisk = ownMilliWh - undisputedOf(transaction);
          if (atRisk > open.terms.exposureMilliWh + slackMilliWh) {
            report(`${node.name} has ${(atRisk / 1e6).toFixed(2)} kWh at risk`);
          }
        }
      }
    },
  };
}
