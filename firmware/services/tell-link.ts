/** Tells what a block of the head's chain has brought. */
import { toHex } from "#base/bytes.ts";
import type { Chain, ChainLink } from "#core/ledger/chain.ts";
import { biasOf } from "#core/ledger/reputation.ts";
import type { EmitEvent } from "./events.ts";

/** @param own this gateway has sealed it */
export function tellLink(emit: EmitEvent, link: ChainLink, own: boolean): void {
  const { block, results } = link;
  if (block === undefined) return;
  const [rank, tier] = block.header.rank;
  const { serial, miner } = block.header;
  emit("blockAppended", {
    serial,
    id: block.key,
    miner: toHex(miner),
    rank,
    tier,
    facts: block.facts.length,
    own,
  });
  for (const result of results) {
    emit("resultRecorded", {
      address: toHex(result.address),
      serial,
      state: result.state,
      verdict: result.verdict,
      billedMilliWh: result.billedMilliWh,
      amount: result.amount,
    });
    tellBias(emit, link, toHex(result.address));
  }
}

/** Of a block of a long branch that has taken over the state may not be at hand: it is not computed for this. */
function tellBias(emit: EmitEvent, link: ChainLink, address: string): void {
  const { parent } = link;
  if (!link.hasState || parent?.hasState !== true) return;
  const { state } = link;
  const open = state.transactions.get(address)?.open;
  if (open === undefined) return;
  for (const role of ["station", "vehicle"] as const) {
    const did = toHex(open[role]);
    const { isAlarm, sumMilli } = biasOf(state, did);
    if (isAlarm && !biasOf(parent.state, did).isAlarm) emit("biasFound", { did, role, sumMilli });
  }
}

/** Tells once that the governors have decided for a version of the code that this release does not know. */
export class CodeNews {
  #told: number | undefined;

  tell({ newerCode, codeVersion }: Pick<Chain, "newerCode" | "codeVersion">, emit: EmitEvent): void {
    if (newerCode !== undefined && newerCode !== this.#told) {
      emit("codeOutdated", { version: newerCode, known: codeVersion });
    }
    this.#told = newerCode;
  }
}
