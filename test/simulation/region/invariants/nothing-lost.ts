/**
 * S15: what an honest gateway has taken in is in its chain, or waits, or its charge has a result. `durable`: whoever
 * comes back can read its store, and still knows every contract and report that it published.
 */
import { toHex } from "#base/bytes.ts";
import { offenderOf } from "#core/evidence/offender.ts";
import { readPiece } from "#core/evidence/read-piece.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { lastShown } from "#core/ledger/misconduct.ts";
import type { OpenBody } from "#core/session/facts.ts";
import { addressOf } from "../observation.ts";
import type { FaultGroup } from "../fault-groups.ts";
import { LOST_STORE, type RegionNode } from "../region-node.ts";
import type { RegionWorld } from "../region-world.ts";
import type { Invariant, Report } from "./invariant.ts";

/** A fact may have been taken in a moment ago and stand in a block that is being stored. */
const SETTLING_MS = 10_000;

export function nothingLost(world: RegionWorld): Invariant {
  /** Of each block, by key: the facts in it. */
  const factsOf = new Map<string, readonly string[]>();
  const look = (report: Report): void => {
    for (const node of world.honest) {
      const lost = lostAt(node, factsOf, world.nowMs - SETTLING_MS);
      if (lost !== undefined) report(lost);
    }
  };
  return {
    name: "S15",
    onHead: (_node, change) => {
      for (const { block } of change?.added ?? []) {
        if (block !== undefined)
          factsOf.set(
            block.key,
            block.facts.map(({ key }) => key),
          );
      }
    },
    rarely: look,
    atEnd: look,
  };

  function lostAt(
    node: RegionNode,
    known: ReadonlyMap<string, readonly string[]>,
    untilMs: number,
  ): string | undefined {
    const chain = node.running?.ledger.chain;
    // What it alone had may have been what rotted.
    if (chain === undefined || node.hasRotted) return undefined;
    const inChain = new Set<string>();
    for (let serial = 1; serial <= chain.head.serial; serial += 1) {
      const inBlock = known.get(chain.idAt(serial) ?? "") ?? chain.at(serial)?.block?.facts.map((each) => each.key);
      for (const fact of inBlock ?? []) inChain.add(fact);
    }
    for (const [key, { fact, atMs }] of world.observation.acceptedBy(node)) {
      if (atMs > untilMs || inChain.has(key) || chain.mempool.get(key) !== undefined) continue;
      if (isShownAnyway(fact, chain)) continue;
      const address = addressOf(fact);
      const result = address === undefined ? undefined : chain.pending.transactions.get(address)?.result;
      if (result === undefined) return `${node.name} has lost a ${fact.kind} (${key.slice(0, 8)}) that it had taken in`;
    }
    return undefined;
  }
}

/** Whose card is sound finds its store as it left it, whenever it loses its power. */
const CARD_FAULTS: readonly FaultGroup[] = ["bit-rot", "failed-flash", "full-flash"];

export function remembers(world: RegionWorld): Invariant {
  const isCardSound = !CARD_FAULTS.some((group) => world.plan.groups.has(group));
  return {
    name: "durable",
    often: (report) => {
      for (const { name, setBack } of isCardSound ? world.nodes : []) {
        if (setBack?.startsWith(LOST_STORE) === true) report(`${name} has lost its power, and by that its store`);
      }
    },
    onEvent: (node, { name, content }, report) => {
      const isStore = name === "refused" && "what" in content && content.what === "ledger store";
      if (isStore && isCardSound) report(`${node.name} finds ${JSON.stringify(content)} on a card that is sound`);
    },
    onHead: (node, change, report) => {
      // Only when it has just started: what it holds then is what its card held.
      if (change !== undefined || !world.isHonest(node)) return;
      const state = node.running?.ledger.chain.pending;
      if (state === undefined) return;
      for (const said of world.observation.ownWordsOf(node)) {
        const { fact } = said;
        if (fact.kind !== "REPORT" && fact.kind !== "OPEN") continue;
        const key = fact.kind === "REPORT" ? toHex(fact.body.address) : undefined;
        if (key === undefined) {
          const isThere = node.running?.ledger.holdsFact(fact.key) === true;
          if (!isThere) report(`${node.name} has forgotten its OPEN ${said.fact.key.slice(0, 8)}`);
          continue;
        }
        if (fact.kind !== "REPORT" || fact.body.role !== node.identity.role) continue;
        const transaction = state.transactions.get(key);
        const known = transaction?.logs[fact.body.role].nextSequence ?? 0;
        // The branch that won may have ended the charge before it: then it is only kept.
        const isTooLate = transaction?.isClosed === true && node.running?.ledger.holdsFact(fact.key) === true;
        if (known <= fact.body.sequence && !isTooLate)
          report(`${node.name} has forgotten its report ${fact.body.sequence}`);
      }
    },
  };
}

/** Of two pieces against one device one is written down: what they show is known, and that must not be lost. */
function isShownAnyway(fact: Fact, { context, pending }: Chain): boolean {
  if (fact.kind !== "EVIDENCE") return false;
  const piece = readPiece(context, fact.body);
  const openAt = (address: Uint8Array): OpenBody | undefined => pending.transactions.get(toHex(address))?.open;
  if (!piece.ok) return false;
  // About one side of one charge one piece counts, whether it shows two reports or a last word.
  if (piece.value.kind === "reports" || piece.value.kind === "endings") {
    const { address, role } = piece.value.first.body;
    return pending.transactions.get(toHex(address))?.contradicted[role] !== undefined;
  }
  const offender = offenderOf(context.crypto, piece.value, openAt);
  return offender !== undefined && lastShown(pending, toHex(offender), fact.body.kind) !== undefined;
}
