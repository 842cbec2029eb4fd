/**
 * How gateways compare what they hold and ask each other for what is missing. Messages need not arrive: whoever misses
 * something sees it in the next TIP and asks again.
 */
import { toHex } from "#base/bytes.ts";
import { DEVICE_ID_BYTES } from "#core/identity/device-id.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import {
  BLOCK_BYTES_MAX,
  BLOCK_HEADER_BYTES_MAX,
  FACT_BYTES_MAX,
  CERTIFICATE_BYTES_MAX,
  CERTIFICATES_PER_BLOCK_MAX,
  FACTS_PER_BLOCK_MAX,
  SHORT_ID_BYTES,
  SYNC_BLOCKS_MAX,
  SYNC_CERTIFICATES_MAX,
  SYNC_FACTS_MAX,
  SYNC_VOTES_MAX,
  VOTE_BYTES_MAX,
} from "#core/limits.ts";
import {
  bytes,
  choice,
  field,
  integer,
  list,
  optional,
  record,
  text,
  tuple,
  unsigned,
  where,
  type Shape,
  type ValueOf,
} from "#core/wire/schema.ts";

const hash = bytes(HASH_BYTES);

/** What a node holds, signed by it and retained by the broker. */
export const tipBody = record({
  version: field(1, integer(1, 1)),
  network: field(2, bytes(8)),
  did: field(3, bytes(DEVICE_ID_BYTES)),
  serial: field(4, unsigned),
  head: field(5, hash),
  /** Facts that wait for a block: how many, and all their ids joined by exclusive or. */
  waiting: field(6, tuple(unsigned, hash)),
  /** Start of the process and a counter in it: an older TIP does not replace a newer one. */
  order: field(7, tuple(unsigned, unsigned)),
  /** Unix seconds by a clock that is synchronised; 0 from a gateway that does not know the time. */
  at: field(8, unsigned),
  /** Highest checkpoints that are justified and final here: [serial, id]. Absent in a region without finality. */
  justified: optional(9, tuple(unsigned, hash)),
  final: optional(10, tuple(unsigned, hash)),
});
export type TipBody = ValueOf<typeof tipBody>;

/** Ids of the asker's own chain, newest first and then ever further apart: the answer starts where both agree. */
export const LOCATOR_IDS_MAX = 64;

export const syncRequest = record({
  token: field(1, text(32)),
  kind: field(2, choice({ blocks: 1, facts: 2, votes: 3 })),
  locator: field(3, list(hash, LOCATOR_IDS_MAX)),
  /** First bytes of the ids of waiting facts that the asker holds already. */
  known: field(4, shortIds(4096)),
});
export type SyncRequest = ValueOf<typeof syncRequest>;

/** Blocks, or facts that wait, or votes and certificates above the answerer's final checkpoint. */
export const syncReply = record({
  blocks: field(1, list(bytes(1, BLOCK_BYTES_MAX), SYNC_BLOCKS_MAX)),
  facts: field(2, list(bytes(1, FACT_BYTES_MAX), SYNC_FACTS_MAX)),
  /** Serial of the answerer's head: with more to come the asker asks again. */
  head: field(3, unsigned),
  /** Envelopes of VOTE. */
  votes: optional(4, list(bytes(1, VOTE_BYTES_MAX), SYNC_VOTES_MAX)),
  /** Quorum certificates that may be in no block yet, lowest target first. */
  certificates: optional(5, list(bytes(1, CERTIFICATE_BYTES_MAX), SYNC_CERTIFICATES_MAX)),
  /** Instead of blocks that are not kept any more: serial of the first that is. The state can be had by a snapshot. */
  pruned: optional(6, unsigned),
});
export type SyncReply = ValueOf<typeof syncReply>;

/** A new block without its facts, which its receivers hold already as a rule. */
export const blockAnnouncement = record({
  header: field(1, bytes(1, BLOCK_HEADER_BYTES_MAX)),
  shortIds: field(2, shortIds(FACTS_PER_BLOCK_MAX)),
  /** Quorum certificates are sent whole: their receivers may hold other signatures for the same links. */
  certificates: field(3, list(bytes(1, CERTIFICATE_BYTES_MAX), CERTIFICATES_PER_BLOCK_MAX)),
});

/** At most so many short ids, one after the other. */
function shortIds(max: number): Shape<Uint8Array> {
  const isWhole = (joined: Uint8Array): boolean => joined.length % SHORT_ID_BYTES === 0;
  return where(bytes(0, max * SHORT_ID_BYTES), isWhole, `ids of ${SHORT_ID_BYTES} bytes`);
}

export function shortIdsOf(ids: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(ids.length * SHORT_ID_BYTES);
  for (const [place, id] of ids.entries()) joined.set(id.subarray(0, SHORT_ID_BYTES), place * SHORT_ID_BYTES);
  return joined;
}

/** The short ids, each as hex. */
export function splitShortIds(joined: Uint8Array): readonly string[] {
  const count = Math.floor(joined.length / SHORT_ID_BYTES);
  return Array.from({ length: count }, (_, place) => {
    return toHex(joined.subarray(place * SHORT_ID_BYTES, (place + 1) * SHORT_ID_BYTES));
  });
}

/** All ids joined by exclusive or: equal for equal sets, whatever their order. A list must not change afterwards. */
export function sketchOf(facts: readonly { readonly id: Uint8Array }[]): Uint8Array {
  const known = SKETCHES.get(facts);
  if (known !== undefined) return known;
  const sketch = new Uint8Array(HASH_BYTES);
  for (const { id } of facts) {
    for (let place = 0; place < HASH_BYTES; place += 1) sketch[place] = (sketch[place] ?? 0) ^ (id[place] ?? 0);
  }
  SKETCHES.set(facts, sketch);
  return sketch;
}

/** Every tip that is heard is compared with what waits here, and many are heard for each fact. */
const SKETCHES = new WeakMap<object, Uint8Array>();
