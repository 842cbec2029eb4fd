/**
 * One hash of everything that a chain says up to one block. Every checkpoint's header has the one of the state that it
 * builds on, and everybody computes it again: who holds the same final checkpoint holds the same state (invariant S4).
 */
import type { FinalityState } from "#core/finality/finality-state.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import type { Hash } from "./merkle-tree.ts";
import { finalityShape, headOf, stateHead, type StateHead } from "./state-head.ts";
import type { LedgerState } from "./state.ts";
import { ROOTED_TABLES } from "./state-tables.ts";

const LABEL = "TALLY1/state";

/** Computes what has changed since the last time, nothing else; the state may not change any more. */
export function stateRoot(hash: Hash, state: LedgerState): Uint8Array {
  const known = ROOTS.get(state);
  if (known !== undefined) return known;
  const root = joinedRoot(hash, {
    tables: ROOTED_TABLES.map((name) => state[name].root(hash)),
    uncounted: state.uncounted.root(hash),
    finality: finalityHash(hash, state.finality),
    head: headOf(state),
  });
  ROOTS.set(state, root);
  return root;
}

/** What the root of a state joins. */
export interface RootedParts {
  readonly tables: readonly Uint8Array[];
  readonly uncounted: Uint8Array;
  readonly finality: Uint8Array;
  readonly head: StateHead;
}

export function joinedRoot(hash: Hash, { tables, uncounted, finality, head }: RootedParts): Uint8Array {
  return hash(encodeCbor([LABEL, [...tables], uncounted, finality, stateHead.write(head)]));
}

const ROOTS = new WeakMap<LedgerState, Uint8Array>();
const FINALITY = new WeakMap<FinalityState, Uint8Array>();

/** It changes with checkpoints only, and can be long while nothing becomes final. */
export function finalityHash(hash: Hash, finality: FinalityState): Uint8Array {
  const known = FINALITY.get(finality) ?? hash(encodeCbor(finalityShape.write(finality)));
  FINALITY.set(finality, known);
  return known;
}
