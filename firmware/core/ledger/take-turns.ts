/**
 * Which of the facts that wait a block takes when it has no room for all: stations take turns, each with the facts of
 * its charges. Whoever signs contracts as fast as it can fills its own turns and nobody else's: without that, contracts
 * stand before reports and completions in the order of a block, and a flood of them would keep all of those out.
 */
import { toHex } from "#base/bytes.ts";
import { openedAddress } from "#core/handshake/transaction-address.ts";
import { FACTS_PER_BLOCK_MAX } from "#core/limits.ts";
import type { LedgerContext } from "./apply-block.ts";
import { compareFacts } from "./block-order.ts";
import type { Fact } from "./fact.ts";
import type { LedgerState } from "./state.ts";

export interface BlockRoom {
  readonly bytes: number;
  /** What the encoding adds to each fact. */
  readonly headBytes: number;
}

/** All candidates where there is room for them. Whether each may stand is not looked at. */
export function takeTurns(
  parent: LedgerState,
  candidates: readonly Fact[],
  room: BlockRoom,
  context: LedgerContext,
): readonly Fact[] {
  const sizeOf = (fact: Fact): number => fact.bytes.length + room.headBytes;
  const wanted = candidates.reduce((sum, fact) => sum + sizeOf(fact), 0);
  if (candidates.length <= FACTS_PER_BLOCK_MAX && wanted <= room.bytes) return candidates;
  const queues = [...queuesOf(parent, candidates, context).values()];
  // With more stations than a block has room for, each block begins with another one.
  const first = parent.serial % queues.length;
  const inTurn = [...queues.slice(first), ...queues.slice(0, first)];
  const longest = Math.max(...queues.map(({ length }) => length));
  const taken: Fact[] = [];
  let left = room.bytes;
  for (let turn = 0; turn < longest; turn += 1) {
    for (const fact of inTurn.flatMap((queue) => queue[turn] ?? [])) {
      left -= sizeOf(fact);
      if (left < 0 || taken.length >= FACTS_PER_BLOCK_MAX) return taken;
      taken.push(fact);
    }
  }
  return taken;
}

/** By the station of the charge; what belongs to no charge, by its kind. Each in the order of a block. */
function queuesOf(
  parent: LedgerState,
  candidates: readonly Fact[],
  context: LedgerContext,
): ReadonlyMap<string, readonly Fact[]> {
  const opened = new Map<string, string>();
  for (const fact of candidates) {
    if (fact.kind !== "OPEN") continue;
    opened.set(toHex(openedAddress(context, fact)), toHex(fact.body.station));
  }
  const ownerOf = (fact: Fact): string => {
    if (fact.kind === "OPEN") return toHex(fact.body.station);
    if (!("address" in fact.body)) return fact.kind;
    const address = toHex(fact.body.address);
    const known = parent.transactions.get(address);
    return known === undefined ? (opened.get(address) ?? fact.kind) : toHex(known.open.station);
  };
  const queues = new Map<string, Fact[]>();
  for (const fact of [...candidates].sort(compareFacts)) {
    const owner = ownerOf(fact);
    const queue = queues.get(owner) ?? [];
    queue.push(fact);
    queues.set(owner, queue);
  }
  return queues;
}
