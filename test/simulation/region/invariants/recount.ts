/**
 * S13: the history by which miners are chosen is that of a recount from the genesis, by other means. S5: the same facts
 * in another order give the same results.
 */
import { toHex } from "#base/bytes.ts";
import { Chain } from "#core/ledger/chain.ts";
import { applyFact } from "#core/ledger/apply-fact.ts";
import type { Block, ResultBody } from "#core/ledger/block.ts";
import { chargeFactsOf } from "#core/ledger/close-transactions.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { nextLayer, type LedgerState } from "#core/ledger/state.ts";
import { settle } from "#core/session/settle.ts";
import { historyOf } from "#core/ledger/reputation.ts";
import type { OpenBody } from "#core/session/facts.ts";
import { merkleRoot } from "#core/ledger/merkle-tree.ts";
import { sealBlock } from "#core/ledger/seal-block.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { Tier } from "#core/ledger/schedule.ts";
import { addressOf } from "../observation.ts";
import type { RegionNode } from "../region-node.ts";
import type { RegionWorld } from "../region-world.ts";
import type { Invariant } from "./invariant.ts";

interface Counted {
  readonly parties: readonly [string, string];
  readonly startedAt: number;
}

export function recountedHistory(world: RegionWorld): Invariant {
  const organisationOf = (did: string): string =>
    world.nodes.find(({ identity }) => identity.key === did)?.identity.organisation ?? "";
  return {
    name: "S13",
    rarely: (report) => {
      const node = world.honest.find(({ running, hasRotted }) => running !== undefined && !hasRotted);
      const chain = node?.running?.ledger.chain;
      if (node === undefined || chain === undefined) return;
      const counted = countedSessions(chain, organisationOf);
      const { state } = chain.head;
      const horizon = state.sealedAt - (state.rules.historyDays ?? Infinity) * 86_400;
      for (const { identity } of world.nodes) {
        const perPair = new Map<string, number>();
        // Whoever was struck has lost the history of what began before.
        const struckAt = state.misconduct.get(identity.key)?.struckAt ?? -Infinity;
        for (const { parties, startedAt } of counted) {
          if (!parties.includes(identity.key) || startedAt < horizon || startedAt <= struckAt) continue;
          const other = parties.find((did) => did !== identity.key) ?? "";
          perPair.set(other, (perPair.get(other) ?? 0) + 1);
        }
        const cap = state.rules.pairCap ?? Infinity;
        const recount = [...perPair.values()].reduce((sum, count) => sum + Math.min(cap, count), 0);
        const held = historyOf(state, identity.key, state.sealedAt);
        if (held !== recount) report(`${node.name} counts ${held} sessions for ${identity.name}; there are ${recount}`);
      }
    },
  };
}

/** Only what is final by the chain's own certificates counts, where there is finality. */
function countedSessions(chain: Chain, organisationOf: (did: string) => string): readonly Counted[] {
  const opens = new Map<string, OpenBody>();
  const settled = new Map<string, ResultBody>();
  const { state } = chain.head;
  const last = state.rules.finality === "off" ? chain.head.serial : state.finality.final.serial;
  for (let serial = 1; serial <= last; serial += 1) {
    const link = chain.at(serial);
    for (const result of link?.results ?? []) {
      const key = toHex(result.address);
      const open = chain.head.state.transactions.get(key)?.open;
      if (open !== undefined) opens.set(key, open);
      // The first time that it is settled counts, whatever is said of it later.
      if (result.state === "SETTLED" && !settled.has(key)) settled.set(key, result);
    }
  }
  const { countedMilliWhMin } = chain.genesis.body.rules;
  return [...settled].flatMap(([key, { billedMilliWh }]) => {
    const open = opens.get(key);
    if (open === undefined || billedMilliWh < countedMilliWhMin) return [];
    const parties = [toHex(open.station), toHex(open.vehicle)] as const;
    if (organisationOf(parties[0]) === organisationOf(parties[1])) return [];
    return [{ parties, startedAt: open.startedAt }];
  });
}

/** Each block of the chain again, its facts taken in by chance: it must come out as it was. */
export function orderOfFacts(world: RegionWorld): Invariant {
  return {
    name: "S5",
    atEnd: (report) => {
      const node = world.honest.find(({ running, hasRotted }) => running !== undefined && !hasRotted);
      const found = node === undefined ? undefined : replayShuffled(world, node);
      if (found !== undefined) report(found);
    },
  };
}

function replayShuffled(world: RegionWorld, node: RegionNode): string | undefined {
  const { crypto } = world.cryptography;
  const original = node.running?.ledger.chain;
  if (original === undefined) return undefined;
  const random = new SeededRandom(`order ${world.plan.seed}`);
  const chain = new Chain(crypto, world.genesis);
  const signer = { publicKey: new Uint8Array(), sign: () => new Uint8Array(64) };
  for (let serial = 1; serial <= original.head.serial; serial += 1) {
    const block = original.at(serial)?.block;
    if (block === undefined) return `${node.name} has no block ${serial}`;
    const { sealedAt, miner, rank } = block.header;
    let waiting = block.facts.map((fact) => ({ fact, at: random.next() })).sort((left, right) => left.at - right.at);
    for (let before = -1; before !== waiting.length;) {
      before = waiting.length;
      waiting = waiting.filter(({ fact }) => !chain.addFact(fact, sealedAt).ok);
    }
    const lost = waiting.find(({ fact }) => chain.mempool.get(fact.key) === undefined);
    if (lost !== undefined) return `a ${lost.fact.kind} of block ${serial} does not stand in another order`;
    const differing = differsFromOrder(chain, block);
    if (differing !== undefined) return differing;
    const seal = { miner, signer, rank: rank[0], tier: tierOf(rank[1]), sealedAt, certificates: block.certificates };
    const again = sealBlock(chain.head.state, chain.mempool.facts(), seal, chain.context);
    const hash = (message: Uint8Array): Uint8Array => crypto.sha256(message);
    const roots = [again.results, block.results].map((results) => toHex(merkleRoot(hash, results)));
    if (roots[0] !== roots[1]) return `block ${serial} has other results when its facts come in another order`;
    if (again.key !== block.key) return `block ${serial} comes out as another one when its facts come in another order`;
    const added = chain.addBlock(block, undefined);
    if (!added.ok) return `block ${serial} does not stand again: ${JSON.stringify(added.fault)}`;
  }
  return undefined;
}

/**
 * What follows from the facts of a charge, taken in by chance, in the block's order and in the opposite one: of two that
 * stand in one block either comes first once.
 */
function differsFromOrder(chain: Chain, { facts, header }: Block): string | undefined {
  const states = [appliedIn(facts, chain, header.sealedAt), appliedIn(facts.toReversed(), chain, header.sealedAt)];
  const addresses = new Set(facts.flatMap((fact) => addressOf(fact) ?? []));
  for (const address of addresses) {
    const found = [...states, chain.pending].map((state) => {
      const transaction = state.transactions.get(address);
      if (transaction === undefined) return "";
      const { logs, completes } = transaction;
      const lengths = [logs.station.nextSequence, logs.vehicle.nextSequence, Object.keys(completes).sort()];
      return JSON.stringify([lengths, settle(chargeFactsOf(transaction), false)]);
    });
    if (new Set(found).size > 1)
      return `${address.slice(0, 8)} in block ${header.serial} depends on the order of its facts`;
  }
  return undefined;
}

/** On the head; what cannot stand yet is tried again after the others. */
function appliedIn(facts: readonly Fact[], chain: Chain, now: number): LedgerState {
  const state = nextLayer(chain.head.state);
  let waiting = facts;
  for (let before = -1; before !== waiting.length;) {
    before = waiting.length;
    waiting = waiting.filter((fact) => !applyFact(state, fact, { ...chain.context, now }).ok);
  }
  return state;
}

function tierOf(tier: number): Tier {
  return tier === 0 || tier === 1 || tier === 2 ? tier : 3;
}
