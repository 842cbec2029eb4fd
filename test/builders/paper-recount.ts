/**
 * The paper's rules, counted from the blocks of a chain alone: who traded with whom, how long each history is, and which
 * miner that names. Knows nothing of the ledger's state, its schedule or its reputation.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import type { ChainLink } from "#core/ledger/chain.ts";
import type { OpenBody } from "#core/session/facts.ts";

export interface Recounted {
  readonly serial: number;
  readonly miner: string;
  /** Those whom the paper allows: the longest histories among the relatives that are free, or among all. */
  readonly allowed: readonly string[];
  readonly isDuringTrade: boolean;
  /** Different histories among those who were looked at: more than one makes it a choice. */
  readonly histories: readonly number[];
}

interface Trade {
  readonly open: OpenBody;
  readonly address: Uint8Array;
  state: "trading" | "completing" | "settled" | "over";
}

/**
 * @param links the blocks from the first on
 * @param addressOf of a contract, by the id of its OPEN in hex
 * @param historyMin L
 */
export function recountMiners(
  links: readonly ChainLink[],
  addressOf: ReadonlyMap<string, Uint8Array>,
  historyMin: number,
): readonly Recounted[] {
  const trades: Trade[] = [];
  return links.map(({ block, results, serial }) => {
    if (block === undefined) throw new Error("bug of the test: a block is missing");
    const found = { serial, miner: toHex(block.header.miner), ...allowedBy(trades, historyMin) };
    for (const { kind, key, body } of block.facts) {
      const address = kind === "OPEN" ? addressOf.get(key) : undefined;
      if (kind === "OPEN" && address !== undefined) trades.push({ open: body, address, state: "trading" });
      if (kind === "COMPLETE") setState(trades, body.address, "completing");
    }
    for (const { address, state } of results) setState(trades, address, state === "SETTLED" ? "settled" : "over");
    return found;
  });
}

function setState(trades: readonly Trade[], address: Uint8Array, state: Trade["state"]): void {
  for (const trade of trades) if (equalBytes(trade.address, address)) trade.state = state;
}

function allowedBy(
  trades: readonly Trade[],
  historyMin: number,
): Pick<Recounted, "allowed" | "isDuringTrade" | "histories"> {
  const settled = trades.filter(({ state }) => state === "settled").map(partiesOf);
  const busy = new Set(trades.filter(({ state }) => state === "trading").flatMap(partiesOf));
  const oldest = trades.find(({ state }) => state === "trading" || state === "completing");
  const lengthOf = (did: string): number => settled.filter((parties) => parties.includes(did)).length;
  const able = [...new Set(settled.flat())].filter((did) => lengthOf(did) >= historyMin && !busy.has(did));
  const traders = oldest === undefined ? undefined : partiesOf(oldest);
  const isRelative = (did: string): boolean =>
    settled.some((parties) => parties.includes(did) && parties.some((each) => each !== did && traders?.includes(each)));
  const relatives = traders === undefined ? able : able.filter(isRelative);
  const among = relatives.length > 0 ? relatives : able;
  const longest = Math.max(0, ...among.map(lengthOf));
  return {
    allowed: among.filter((did) => lengthOf(did) === longest),
    isDuringTrade: oldest !== undefined && relatives.length > 0,
    histories: [...new Set(among.map(lengthOf))],
  };
}

function partiesOf({ open }: Trade): readonly string[] {
  return [toHex(open.station), toHex(open.vehicle)];
}
