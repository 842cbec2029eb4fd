/**
 * A part of a table as it travels: everything whose key begins with some half bytes. Who asks for it knows its hash
 * already, from the part above or from the root of the state; so each part is checked when it comes.
 *
 *     part = [0, [[key, value]…]]   its entries, in the order of their keys
 *          | [1, [hash × 16]]       too large: the hashes of what is below it, 32 zero bytes for nothing
 */
import { compareBytes, concatBytes, equalBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { SNAPSHOT_REPLY_BYTES_MAX } from "#core/limits.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import { bytes, decodeShape, integer, list, tuple } from "#core/wire/schema.ts";
import { BRANCH, leafHash, NOTHING, type TableForm, type TableNode } from "./authenticated-map.ts";
import type { Hash } from "./merkle-tree.ts";

/** No entry is shorter than its key. */
const ENTRIES_MAX = SNAPSHOT_REPLY_BYTES_MAX / HASH_BYTES;
const SLOTS = 16;
/** Half bytes of the longest key. */
export const DIGITS_MAX = 128;

const entriesPart = tuple(integer(0, 0), list(tuple(bytes(1, 64), bytes(1, SNAPSHOT_REPLY_BYTES_MAX)), ENTRIES_MAX, 1));
const branchPart = tuple(integer(1, 1), list(bytes(HASH_BYTES), SLOTS, SLOTS));

export interface WantedPart {
  /** Half bytes with which its keys begin. */
  readonly digits: readonly number[];
  readonly hash: Uint8Array;
}

/** An entry of a table: its key as the table has it, and both as bytes. */
export type PartEntry = readonly [key: string, keyBytes: Uint8Array, encoded: Uint8Array];

export interface TakenPart {
  readonly entries: readonly PartEntry[];
  readonly below: readonly WantedPart[];
}

export interface PartFault {
  readonly code: "SNAPSHOT_WRONG_PART";
  readonly reason: string;
}

export function encodePart(node: TableNode): Uint8Array {
  return encodeCbor(
    node.kind === "entries" ? entriesPart.write([0, node.entries]) : branchPart.write([1, [...node.hashes]]),
  );
}

/** What a part brings, if it is the one that was asked for. */
export function takePart(
  form: TableForm<never>,
  wanted: WantedPart,
  encoded: Uint8Array,
  hash: Hash,
): Result<TakenPart, PartFault> {
  const branch = decodeShape(branchPart, encoded);
  if (branch.ok) return takeBranch(wanted, branch.value[1], hash);
  const read = decodeShape(entriesPart, encoded);
  if (!read.ok) return wrong(read.fault.code);
  const entries: PartEntry[] = [];
  let before: Uint8Array | undefined;
  for (const [keyBytes, value] of read.value[1]) {
    const key = form.keyOf(keyBytes);
    if (key === undefined || !wanted.digits.every((digit, level) => form.digitAt(key, level) === digit)) {
      return wrong("a key of another part");
    }
    if (before !== undefined && compareBytes(before, keyBytes) >= 0) return wrong("keys out of order");
    before = keyBytes;
    entries.push([key, keyBytes, value]);
  }
  const found = partHash(form, entries, wanted.digits.length, hash);
  return equalBytes(found, wanted.hash) ? ok({ entries, below: [] }) : wrong("other entries");
}

function takeBranch(
  { digits, hash: expected }: WantedPart,
  hashes: readonly Uint8Array[],
  hash: Hash,
): Result<TakenPart, PartFault> {
  if (!equalBytes(branchHash(hashes, hash), expected)) return wrong("other parts below");
  if (digits.length >= DIGITS_MAX) return wrong("deeper than any key");
  const below = hashes.flatMap((each, digit): readonly WantedPart[] => {
    return equalBytes(each, NOTHING) ? [] : [{ digits: [...digits, digit], hash: each }];
  });
  return ok({ entries: [], below });
}

/** The hash of the part with just these entries: each key once, all alike up to the level. */
function partHash(form: TableForm<never>, entries: readonly PartEntry[], level: number, hash: Hash): Uint8Array {
  const [first, second] = entries;
  if (first === undefined) return NOTHING;
  if (second === undefined) return leafHash(first[1], first[2], hash);
  const below: PartEntry[][] = Array.from({ length: SLOTS }, () => []);
  for (const entry of entries) below[form.digitAt(entry[0], level)]?.push(entry);
  return branchHash(
    below.map((each) => partHash(form, each, level + 1, hash)),
    hash,
  );
}

function branchHash(hashes: readonly Uint8Array[], hash: Hash): Uint8Array {
  return hash(concatBytes(Uint8Array.of(BRANCH), ...hashes));
}

function wrong(reason: string): { readonly ok: false; readonly fault: PartFault } {
  return fail({ code: "SNAPSHOT_WRONG_PART", reason });
}
