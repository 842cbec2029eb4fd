/**
 * What a snapshot has beside its tables: the checkpoint's block, and what the root of the state joins.
 *
 *     1 block      the block as it travels: its id is what was proven to be final
 *     2 about      { 1: [root of each table], 2: root of uncounted, 3: H(finality), 4: head }: joined by `stateRoot`
 *     3 finality   as in the root
 *     4 uncounted  [session…]
 *     5 log        the roots of each 1024 ids of the blocks before it, which together give its `logRoot`
 */
import { concatBytes, equalBytes } from "#base/bytes.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { BLOCK_BYTES_MAX, SNAPSHOT_BLOCKS_MAX, SNAPSHOT_IDS } from "#core/limits.ts";
import { decodeShape, encodeShape, field, list, record, bytes, type ValueOf } from "#core/wire/schema.ts";
import type { Hash } from "./merkle-tree.ts";
import { FINALITY_BYTES_MAX, UNCOUNTED_MAX } from "./snapshot-frame.ts";
import { headOf, stateHead, uncountedSession } from "./state-head.ts";
import { finalityHash, joinedRoot } from "./state-root.ts";
import type { LedgerState } from "./state.ts";
import { ROOTED_TABLES } from "./state-tables.ts";

export const PART = { block: 1, about: 2, finality: 3, uncounted: 4, log: 5 } as const;
export type PartName = keyof typeof PART;

/** Whatever an answer says of its length: a longer part is refused before the second piece is asked for. */
export const PART_BYTES_MAX: Readonly<Record<PartName, number>> = {
  block: BLOCK_BYTES_MAX,
  about: 16 * 1024,
  finality: FINALITY_BYTES_MAX,
  uncounted: UNCOUNTED_MAX * 256,
  log: (SNAPSHOT_BLOCKS_MAX / SNAPSHOT_IDS) * HASH_BYTES,
};

const hash32 = bytes(HASH_BYTES);

export const aboutState = record({
  tables: field(1, list(hash32, ROOTED_TABLES.length, ROOTED_TABLES.length)),
  uncounted: field(2, hash32),
  finality: field(3, hash32),
  head: field(4, stateHead),
});
export type AboutState = ValueOf<typeof aboutState>;

const uncountedSessions = list(uncountedSession, UNCOUNTED_MAX);

export function encodeAbout(state: LedgerState, hash: Hash): Uint8Array {
  return encodeShape(aboutState, {
    tables: ROOTED_TABLES.map((name) => state[name].root(hash)),
    uncounted: state.uncounted.root(hash),
    finality: finalityHash(hash, state.finality),
    head: headOf(state),
  });
}

/** Undefined when it is not what the root joins. */
export function decodeAbout(encoded: Uint8Array, root: Uint8Array, hash: Hash): AboutState | undefined {
  const read = decodeShape(aboutState, encoded);
  return read.ok && equalBytes(joinedRoot(hash, read.value), root) ? read.value : undefined;
}

export function encodeUncounted(state: LedgerState): Uint8Array {
  return encodeShape(uncountedSessions, state.uncounted.entries());
}

export function decodeUncounted(encoded: Uint8Array): ValueOf<typeof uncountedSessions> | undefined {
  const read = decodeShape(uncountedSessions, encoded);
  return read.ok ? read.value : undefined;
}

/** The roots as one part. */
export function encodeLog(roots: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...roots);
}
