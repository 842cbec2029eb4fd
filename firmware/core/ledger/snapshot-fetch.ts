/**
 * Fetches the state at a final checkpoint from gateways that may lie, say nothing or go away. Each step knows the
 * hash of what it asks for, from what has been proven before:
 *
 *     committees one trusts ──handoffs──▶ that the checkpoint is final ──id──▶ its header
 *     header ──logRoot──▶ ids of all blocks before it
 *     header ──stateRoot──▶ roots of the tables ──▶ parts of the tables ──▶ reports and rotations that they name
 *
 * so a piece is refused when it comes, and may come from anybody. At the end the block is applied to the state as any
 * block is. Nothing is used before all of it is there.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { SNAPSHOT_BLOCKS_MAX, SNAPSHOT_IDS } from "#core/limits.ts";
import { ANY_CHECKPOINT, type SnapshotReply, type SnapshotRequest } from "#core/mesh/snapshot-messages.ts";
import { applyBlock, type BlockFault, type LedgerContext } from "./apply-block.ts";
import { BlockIds } from "./block-ids.ts";
import type { Block } from "./block.ts";
import type { Fact } from "./fact.ts";
import type { Genesis } from "./genesis.ts";
import { merkleRoot, type Hash } from "./merkle-tree.ts";
import { HeadFetch } from "./head-fetch.ts";
import { PART } from "./snapshot-parts.ts";
import type { PieceFault } from "./part-fetch.ts";
import type { RecordFault } from "./record-fetch.ts";
import { StateFetch } from "./state-fetch.ts";
import type { LedgerState } from "./state.ts";
import type { TableFault } from "./table-fetch.ts";
import type { TrustedCommittee } from "./trusted-committee.ts";
import type { ProvenBlock } from "./vouched.ts";
import { WayFetch, type WayFault } from "./way-fetch.ts";

/** What is asked for next, and of whom, if that is not free. */
export interface SnapshotWant extends Pick<SnapshotRequest, "kind" | "checkpoint" | "from" | "wanted"> {
  readonly only: string | undefined;
}

export type SnapshotFault =
  | WayFault
  | PieceFault
  | TableFault
  | RecordFault
  /** The other has not got this checkpoint (any more), or not yet all of it. */
  | { readonly code: "SNAPSHOT_NOT_HERE" }
  | { readonly code: "SNAPSHOT_WRONG_HEAD"; readonly reason: string }
  /** By rules that this software does not know nothing can be judged. */
  | { readonly code: "SNAPSHOT_NEWER_CODE"; readonly version: number }
  | { readonly code: "SNAPSHOT_WRONG_IDS"; readonly from: number }
  /** More than a third of a committee has lied to somebody: what is final here is not what is final there. */
  | { readonly code: "SNAPSHOT_CONTRADICTS_FINAL"; readonly serial: number }
  /** Signatures that no id covers: those who sent them are named. */
  | { readonly code: "SNAPSHOT_UNSIGNED"; readonly liars: readonly string[] }
  | { readonly code: "SNAPSHOT_BAD_BLOCK"; readonly liars: readonly string[]; readonly fault: BlockFault };

export interface FetchContext {
  readonly context: LedgerContext;
  readonly genesis: Genesis;
  /** Whom this gateway believes, and what is final here. */
  readonly trust: TrustedCommittee;
  readonly final: ProvenBlock;
}

/** All of it, proven; the state is that before the block. */
export interface FetchedSnapshot {
  readonly block: Block;
  readonly before: LedgerState;
  readonly after: LedgerState;
  readonly ids: BlockIds;
  /** Facts that the state names, signed by those whose word they are. */
  readonly facts: readonly Fact[];
  /** From the trusted committee on. */
  readonly handoffs: readonly Uint8Array[];
  /** Of all entries together. */
  readonly bytes: number;
}

export class SnapshotFetch {
  readonly #parts: FetchContext;
  readonly #hash: Hash;
  readonly #way: WayFetch;
  readonly #ids = new BlockIds();
  #checkpoint: ProvenBlock | undefined;
  #head: HeadFetch | undefined;
  #state: StateFetch | undefined;

  constructor(parts: FetchContext) {
    this.#parts = parts;
    const { crypto } = parts.context;
    this.#hash = (message) => crypto.sha256(message);
    this.#way = new WayFetch({ crypto, genesis: parts.genesis }, parts.trust, parts.final.serial);
  }

  /** The checkpoint, once it is proven. */
  get target(): ProvenBlock | undefined {
    return this.#way.target;
  }

  /** How many ids of blocks and bytes of entries have come. */
  get progress(): { readonly ids: number; readonly bytes: number } {
    return { ids: this.#ids.size, bytes: this.#state?.bytes ?? 0 };
  }

  /** Undefined when all has come: then `finish`. */
  next(): SnapshotWant | undefined {
    const checkpoint = this.#checkpoint?.id ?? ANY_CHECKPOINT;
    const { target } = this.#way;
    if (target === undefined) return { kind: "way", checkpoint, from: this.#way.epoch, wanted: [], only: undefined };
    const head = this.#headOf(target);
    const part = head.next();
    if (part !== undefined) {
      const wanted = [Uint8Array.of(PART[part.name])];
      return { kind: "part", checkpoint, from: part.offset, wanted, only: part.from };
    }
    if (this.#ids.size < target.serial) {
      return { kind: "ids", checkpoint, from: this.#ids.size, wanted: [], only: undefined };
    }
    const state = (this.#state ??= new StateFetch(this.#parts, head.found));
    const wanted = state.next();
    return wanted && { ...wanted, checkpoint, only: undefined };
  }

  /** Goes on without whoever was the only one to be asked. */
  giveUp(peer: string): void {
    this.#head?.giveUp(peer);
  }

  /** Takes an answer to what was wanted. After a fault `next` says what is still wanted, of somebody else. */
  take(want: SnapshotWant, reply: SnapshotReply, peer: string): Result<void, SnapshotFault> {
    if (want.kind === "way") return this.#takeWay(reply);
    const { target } = this.#way;
    const isHere = target !== undefined && reply.checkpoint !== null && equalBytes(reply.checkpoint[1], target.id);
    if (!isHere) return fail({ code: "SNAPSHOT_NOT_HERE" });
    const [first] = reply.items;
    if (want.kind === "records" || want.kind === "entries") {
      return this.#state?.take(want.kind, reply.items, peer) ?? ok(undefined);
    }
    if (first === undefined) return fail({ code: "SNAPSHOT_NOT_HERE" });
    if (want.kind === "part") return this.#headOf(target).take(first, reply.total, peer);
    return this.#takeIds(first, target.serial);
  }

  /** The whole of it. After a fault something of it is wanted once more. */
  finish(): Result<FetchedSnapshot, SnapshotFault> {
    const { context, final } = this.#parts;
    if (this.#head === undefined || this.#state === undefined) return fail({ code: "SNAPSHOT_NOT_HERE" });
    const { block } = this.#head.found;
    const before = this.#state.finish(this.#ids);
    if (!before.ok) return before;
    if (final.serial > 0 && this.#ids.at(final.serial) !== toHex(final.id)) {
      return fail({ code: "SNAPSHOT_CONTRADICTS_FINAL", serial: final.serial });
    }
    const applied = applyBlock(before.value, block, context);
    if (!applied.ok) {
      const liars = this.#head.dropBlock();
      return fail({ code: "SNAPSHOT_BAD_BLOCK", liars, fault: applied.fault });
    }
    const { facts } = this.#state;
    const { handoffs } = this.#way;
    const states = { before: before.value, after: applied.value.state };
    return ok({ block, ...states, ids: this.#ids, facts, handoffs, bytes: this.#state.bytes });
  }

  #takeWay(reply: SnapshotReply): Result<void, SnapshotFault> {
    if (this.#checkpoint !== undefined) {
      const isSame = reply.checkpoint !== null && equalBytes(reply.checkpoint[1], this.#checkpoint.id);
      // The one that was begun with is not offered any more: the handoffs hold for every other, too.
      if (!isSame) this.#checkpoint = undefined;
      if (!isSame) return fail({ code: "SNAPSHOT_NOT_HERE" });
    }
    const taken = this.#way.take(reply);
    if (!taken.ok) return taken;
    if (reply.checkpoint !== null) this.#checkpoint = { serial: reply.checkpoint[0], id: reply.checkpoint[1] };
    if ((this.#way.target?.serial ?? 0) > SNAPSHOT_BLOCKS_MAX) return fail({ code: "SNAPSHOT_TOO_LARGE", bytes: 0 });
    return taken;
  }

  #headOf(target: ProvenBlock): HeadFetch {
    return (this.#head ??= new HeadFetch(this.#parts.context, target));
  }

  #takeIds(bytes: Uint8Array, size: number): Result<void, SnapshotFault> {
    const from = this.#ids.size;
    const length = Math.min(SNAPSHOT_IDS, size - from);
    const wrong = fail({ code: "SNAPSHOT_WRONG_IDS" as const, from });
    const root = this.#head?.logRoots[from / SNAPSHOT_IDS];
    if (bytes.length !== length * ID_BYTES || root === undefined) return wrong;
    const ids = Array.from({ length }, (_, place) => bytes.subarray(place * ID_BYTES, (place + 1) * ID_BYTES));
    if (!equalBytes(merkleRoot(this.#hash, ids), root)) return wrong;
    this.#ids.push(bytes);
    return ok(undefined);
  }
}

const ID_BYTES = 32;
