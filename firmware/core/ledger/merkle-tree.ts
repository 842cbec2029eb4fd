/**
 * Merkle trees of RFC 6962, section 2.1: leaves are hashed behind 0x00, inner nodes behind 0x01, and the left subtree
 * is the largest power of two that is smaller than the number of leaves.
 */
import { concatBytes, equalBytes } from "#base/bytes.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";

export type Hash = (message: Uint8Array) => Uint8Array;

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export function merkleRoot(hash: Hash, leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return hash(new Uint8Array());
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return hash(concatBytes(LEAF, only));
  const split = splitOf(leaves.length);
  return joined(hash, merkleRoot(hash, leaves.slice(0, split)), merkleRoot(hash, leaves.slice(split)));
}

/** The root of a tree from the roots of its parts in turn, all perfect and of one size but the last. */
export function rootOfParts(hash: Hash, parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only === undefined) return hash(new Uint8Array());
  if (parts.length === 1) return only;
  const split = splitOf(parts.length);
  return joined(hash, rootOfParts(hash, parts.slice(0, split)), rootOfParts(hash, parts.slice(split)));
}

/** The sibling hashes from the leaf up to the root (section 2.1.1). */
export function inclusionPath(hash: Hash, leaves: readonly Uint8Array[], index: number): readonly Uint8Array[] {
  if (leaves.length <= 1) return [];
  const split = splitOf(leaves.length);
  return index < split
    ? [...inclusionPath(hash, leaves.slice(0, split), index), merkleRoot(hash, leaves.slice(split))]
    : [...inclusionPath(hash, leaves.slice(split), index - split), merkleRoot(hash, leaves.slice(0, split))];
}

export interface InclusionProof {
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly path: readonly Uint8Array[];
}

/** Whether the proof leads from the leaf, at its index in a tree of its size, to the root (RFC 9162, 2.1.3.2). */
export function provesInclusion(hash: Hash, proof: InclusionProof, root: Uint8Array): boolean {
  const found = inclusionRoot(hash, proof);
  return found !== undefined && equalBytes(found, root);
}

/** The root to which a proof leads; undefined when its path has not the length for its index and size. */
export function inclusionRoot(hash: Hash, proof: InclusionProof): Uint8Array | undefined {
  if (proof.index < 0 || proof.index >= proof.size) return undefined;
  let node = hash(concatBytes(LEAF, proof.leaf));
  let place = proof.index;
  let last = proof.size - 1;
  for (const sibling of proof.path) {
    if (last === 0) return undefined;
    if (place % 2 === 1 || place === last) {
      node = joined(hash, sibling, node);
      while (place % 2 === 0 && place !== 0) {
        place = Math.floor(place / 2);
        last = Math.floor(last / 2);
      }
    } else {
      node = joined(hash, node, sibling);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? node : undefined;
}

/**
 * The roots of the perfect subtrees of a log, largest first: all that is needed to append a leaf and to know the root,
 * in O(log n) space. `size` says which powers of two they are.
 */
export interface LogFrontier {
  readonly size: number;
  readonly peaks: readonly Uint8Array[];
}

export const EMPTY_LOG: LogFrontier = { size: 0, peaks: [] };

export function appendLeaf(hash: Hash, log: LogFrontier, leaf: Uint8Array): LogFrontier {
  const peaks = [...log.peaks];
  let node = hash(concatBytes(LEAF, leaf));
  for (let rest = log.size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
    const left = peaks.pop();
    if (left !== undefined) node = joined(hash, left, node);
  }
  return { size: log.size + 1, peaks: [...peaks, node] };
}

export function logRoot(hash: Hash, log: LogFrontier): Uint8Array {
  if (log.peaks.length === 0) return hash(new Uint8Array());
  return log.peaks.reduceRight((right, left) => joined(hash, left, right));
}

function joined(hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) return hash(concatBytes(NODE, left, right));
  INNER.set(left, 1);
  INNER.set(right, 1 + HASH_BYTES);
  return hash(INNER);
}

/** The message of an inner node, written anew for each: a log's root takes some ten of them with every block. */
const INNER = new Uint8Array(1 + 2 * HASH_BYTES);
INNER.set(NODE);

function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}
