/**
 * S6: billed is at most what the station has signed, within the contract, and changes after the end only by what both
 * or the arbiter have signed. `once`: all bills of a station together are no more than what has passed its meter. S14:
 * nobody seals while it trades, but as the last resort.
 */
import { toHex } from "#base/bytes.ts";
import type { RegionWorld } from "../region-world.ts";
import type { Invariant } from "./invariant.ts";

export function boundedBills(): Invariant {
  return {
    name: "S6",
    onHead: (node, change, report) => {
      for (const { results, state, parent } of change?.added ?? []) {
        for (const result of results) {
          const key = toHex(result.address);
          const transaction = state.transactions.get(key);
          const who = `${node.name}: ${key.slice(0, 8)}`;
          if (result.billedMilliWh > result.stationMilliWh)
            report(`${who} is billed above what the station has signed`);
          const { energyMaxMilliWh = 0 } = transaction?.open.terms ?? {};
          if (result.billedMilliWh > energyMaxMilliWh * 1.01) report(`${who} is billed above the contract's limit`);
          const before = parent?.state.transactions.get(key)?.result;
          if (before === undefined || before.billedMilliWh === result.billedMilliWh || transaction === undefined)
            continue;
          const { completes, ruling, proposals } = transaction;
          const byBoth = completes.station !== undefined && completes.vehicle !== undefined;
          const isAgreed = proposals.station.length > 0 && proposals.vehicle.length > 0;
          if (!byBoth && !isAgreed && ruling === undefined)
            report(`${who} is billed anew, and not by both nor an arbiter`);
        }
      }
    },
  };
}

export function billedOnce(world: RegionWorld): Invariant {
  return {
    name: "once",
    rarely: (report) => {
      for (const { node, outlet } of world.stations) {
        if (!world.isHonest(node) || node.running === undefined) continue;
        const transactions = [...node.running.ledger.chain.head.state.transactions.entries().values()];
        const own = transactions.filter(({ open }) => toHex(open.station) === node.identity.key);
        const billed = own.reduce((sum, { result }) => sum + (result?.billedMilliWh ?? 0), 0);
        const passed = outlet.deliveredMilliWh * outlet.shownShare + own.length * REGISTER_STEP_MILLI_WH;
        if (billed > passed)
          report(`${node.name} bills ${billed} mWh of ${Math.round(passed)} that have passed its meter`);
      }
    },
  };
}

const REGISTER_STEP_MILLI_WH = 1_000;

export function tradeOrMine(): Invariant {
  const looked = new Set<string>();
  return {
    name: "S14",
    onHead: (_node, change, report) => {
      for (const { block, parent } of change?.added ?? []) {
        if (block === undefined || parent === undefined || looked.has(block.key)) continue;
        looked.add(block.key);
        const miner = toHex(block.header.miner);
        const trading = [...parent.state.unsettled].some((key) => {
          const transaction = parent.state.transactions.get(key);
          if (transaction?.state !== "OPEN" && transaction?.state !== "ACTIVE") return false;
          return toHex(transaction.open.station) === miner || toHex(transaction.open.vehicle) === miner;
        });
        if (trading && block.header.rank[1] !== 3)
          report(`the sealer of block ${block.header.serial} was trading, and not of the last tier`);
      }
    },
  };
}
