/**
 * How a gateway that joins asks others for the state at a final checkpoint, piece by piece. Nothing in an answer is
 * believed: each piece is held against a hash that is proven already.
 */
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { SNAPSHOT_REPLY_BYTES_MAX, SNAPSHOT_WANTED_MAX } from "#core/limits.ts";
import {
  bytes,
  choice,
  field,
  list,
  nullable,
  optional,
  record,
  text,
  tuple,
  unsigned,
  where,
  type ValueOf,
} from "#core/wire/schema.ts";

export const NONCE_BYTES = 16;
/** In a request: whatever checkpoint the other offers. */
export const ANY_CHECKPOINT = new Uint8Array(HASH_BYTES);

export const snapshotRequest = record({
  token: field(1, text(32)),
  kind: field(2, choice({ way: 11, part: 12, entries: 13, ids: 14, records: 15 })),
  /** Chosen anew for each request; the answer repeats it. */
  nonce: field(3, bytes(NONCE_BYTES)),
  /** Id of the checkpoint, or `ANY_CHECKPOINT` for the newest. */
  checkpoint: field(4, bytes(HASH_BYTES)),
  /** way: the epoch from which on. part: offset. entries: number of the table. ids: serial of the first. records: 0. */
  from: field(5, unsigned),
  /** part: its number in one byte. entries: half bytes, each in a byte. records: ids. */
  wanted: field(6, list(bytes(0, 128), SNAPSHOT_WANTED_MAX)),
});
export type SnapshotRequest = ValueOf<typeof snapshotRequest>;

export const snapshotReply = where(
  record({
    nonce: field(1, bytes(NONCE_BYTES)),
    /** The checkpoint that this is about; another than was asked for when that is not here; null when none is. */
    checkpoint: field(2, nullable(tuple(unsigned, bytes(HASH_BYTES)))),
    /** As many as fit, in the order in which they were asked for. */
    items: field(3, list(bytes(0, SNAPSHOT_REPLY_BYTES_MAX), SNAPSHOT_WANTED_MAX)),
    /** part: bytes of the whole of it. */
    total: field(4, unsigned),
    /** way: behind the last handoff, that the checkpoint is final. */
    last: optional(5, bytes(1, SNAPSHOT_REPLY_BYTES_MAX)),
  }),
  ({ items, last }) => {
    const joined = items.reduce((sum, { length }) => sum + length, last?.length ?? 0);
    return joined <= SNAPSHOT_REPLY_BYTES_MAX;
  },
  `at most ${SNAPSHOT_REPLY_BYTES_MAX} bytes`,
);
export type SnapshotReply = ValueOf<typeof snapshotReply>;
