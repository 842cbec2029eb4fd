/** What one gateway tells another that asks what it is missing, and how the asker says what it has. */
import { fromHex, toHex } from "#base/bytes.ts";
import {
  MESH_PAYLOAD_BYTES_MAX,
  SYNC_BLOCKS_MAX,
  SYNC_CERTIFICATES_MAX,
  SYNC_FACTS_MAX,
  SYNC_VOTES_MAX,
} from "#core/limits.ts";
import { encodeBlock, type Block } from "#core/ledger/block.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { horizonOf, isHeld } from "#core/ledger/stored-blocks.ts";
import {
  LOCATOR_IDS_MAX,
  splitShortIds,
  syncReply,
  syncRequest,
  type SyncReply,
  type SyncRequest,
} from "#core/mesh/sync-messages.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import type { MeshService } from "./mesh-service.ts";
import type { SnapshotSync } from "./snapshot-sync.ts";

/** Ids that lie one apart, before they lie ever further apart. */
const LOCATOR_NEAR = 8;
/** Branches whose blocks are fetched at the same time, and blocks of one's own chain up to which others share it. */
const BRANCHES_MAX = 8;
const SHARED_MAX = 8;
/** What wrapper, keys and heads add to the blocks or facts of a reply. */
const REPLY_OVERHEAD_BYTES = 1024;
const PART_OVERHEAD_BYTES = 5;

/**
 * Ids of the head's chain, so that the two find where they part in one message, with those at which earlier answers
 * have ended: the other takes the highest that is of its own chain, and goes on from there.
 */
export function locatorOf(chain: Chain, reached: readonly Uint8Array[] = []): readonly Uint8Array[] {
  const serials = new Map<string, number>();
  for (const key of reached.map(toHex)) {
    const link = chain.link(key);
    if (link !== undefined) serials.set(key, link.serial);
  }
  for (const serial of toldSerials(chain)) {
    const key = chain.idAt(serial);
    if (key !== undefined) serials.set(key, serial);
  }
  const newestFirst = [...serials].sort(([, left], [, right]) => right - left).slice(0, LOCATOR_IDS_MAX);
  return newestFirst.flatMap(([key]) => fromHex(key) ?? []);
}

/** The head's, those just below it, then ever fewer; the genesis'; and the final one's, which everybody shares. */
function toldSerials({ head, final }: Chain): readonly number[] {
  const serials = [final.serial];
  for (let serial = head.serial, step = 1; serial > 0; serial -= step) {
    serials.push(serial);
    if (serials.length > LOCATOR_NEAR) step *= 2;
  }
  return [...serials, 0];
}

/**
 * The blocks at which answers have ended and the head has not been reached, with the last one that came: the next
 * question must begin there, or the same blocks would be sent for ever. Such a block stands on another branch, which
 * may be longer than one answer; or on one's own chain, where two chains part further above the id that was told than
 * one answer reaches.
 */
export function reachedWith(chain: Chain, reached: readonly Uint8Array[], last: Block): readonly Uint8Array[] {
  const aside: Uint8Array[] = [];
  const shared: Uint8Array[] = [];
  for (const id of [last.id, ...reached.filter((each) => toHex(each) !== last.key)]) {
    const link = chain.link(toHex(id));
    if (link === undefined || link === chain.head) continue;
    (chain.isOfHead(link) ? shared : aside).push(id);
  }
  return [...aside.slice(0, BRANCHES_MAX), ...shared.slice(0, SHARED_MAX)];
}

/** Answers a request of anybody's making; the code of what is wrong with it. */
export function answerQuery({ ledger, mesh, snapshots }: QueryParts, object: Uint8Array): string | undefined {
  const request = decodeShape(syncRequest, object);
  if (!request.ok) return snapshots === undefined ? request.fault.code : snapshots.answer(object);
  const { token } = request.value;
  if (!/^[0-9a-f]{32}$/.test(token)) return "SYNC_BAD_TOKEN";
  mesh.publish({ kind: "reply", token }, encodeShape(syncReply, answerSync(ledger.chain, request.value)));
  return undefined;
}

export interface QueryParts {
  readonly ledger: { readonly chain: Chain };
  readonly mesh: Pick<MeshService, "publish">;
  /** Absent where states are neither fetched nor offered. */
  readonly snapshots?: Pick<SnapshotSync, "answer" | "takesOver" | "hearPruned"> | undefined;
}

/** As much as one packet holds. An answer without content says that the asker has everything. */
export function answerSync(chain: Chain, request: SyncRequest): SyncReply {
  const head = chain.head.state.serial;
  if (request.kind === "facts") return { blocks: [], facts: missingFacts(chain, request), head };
  if (request.kind === "votes") return { blocks: [], facts: [], head, ...heldVotes(chain) };
  const from = firstMissing(chain, request);
  const blocks = blocksFrom(chain, from);
  // A gateway that keeps no blocks of that age any more, or never had them, says from where on it has them.
  const isCut = blocks.length === 0 && from <= head;
  return { blocks, facts: [], head, ...(isCut && { pruned: horizonOf(chain) }) };
}

/** What has been voted for above the final checkpoint, and the certificates by which it is final. */
function heldVotes(chain: Chain): Pick<SyncReply, "votes" | "certificates"> {
  const certificates = chain.certificatesAbove(0).slice(-SYNC_CERTIFICATES_MAX);
  const votes = chain.votes.newest().slice(0, SYNC_VOTES_MAX);
  return { certificates: certificates.map(({ bytes }) => bytes), votes: votes.map(({ bytes }) => bytes) };
}

function missingFacts(chain: Chain, { known }: SyncRequest): readonly Uint8Array[] {
  const held = new Set(splitShortIds(known));
  const missing = chain.mempool.facts().filter((fact) => !held.has(fact.key.slice(0, 16)));
  return withinPacket(missing.slice(0, SYNC_FACTS_MAX).map((fact) => fact.bytes));
}

/** Behind the newest block that both hold. */
function firstMissing(chain: Chain, { locator }: SyncRequest): number {
  for (const id of locator) {
    const link = chain.link(toHex(id));
    if (link !== undefined && chain.isOfHead(link)) return link.serial + 1;
  }
  return 1;
}

function blocksFrom(chain: Chain, first: number): readonly Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let serial = first; blocks.length < SYNC_BLOCKS_MAX; serial += 1) {
    const block = isHeld(chain, serial) ? chain.at(serial)?.block : undefined;
    if (block === undefined) break;
    blocks.push(encodeBlock(block));
  }
  return withinPacket(blocks);
}

/** The first of them that fit one packet together: blocks must come without a gap. */
function withinPacket(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  let room = MESH_PAYLOAD_BYTES_MAX - REPLY_OVERHEAD_BYTES;
  const end = parts.findIndex((part) => (room -= part.length + PART_OVERHEAD_BYTES) < 0);
  return end < 0 ? parts : parts.slice(0, end);
}
