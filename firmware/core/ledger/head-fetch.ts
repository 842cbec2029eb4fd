/** Fetches the block of a checkpoint, what the root of its state joins, and the roots of its log. */
import { assert } from "#base/assert.ts";
import { equalBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { SNAPSHOT_IDS } from "#core/limits.ts";
import type { FinalityState } from "#core/finality/finality-state.ts";
import { otherContent } from "./block-content.ts";
import { newerCode, type LedgerContext } from "./apply-block.ts";
import { decodeBlock, type Block } from "./block.ts";
import { rootOfParts, type Hash } from "./merkle-tree.ts";
import { PartFetch, type PieceFault } from "./part-fetch.ts";
import { decodeFinality } from "./snapshot-frame.ts";
import { decodeAbout, decodeUncounted, type AboutState, type PartName } from "./snapshot-parts.ts";
import type { UncountedSession } from "./uncounted-sessions.ts";
import { UncountedSessions } from "./uncounted-sessions.ts";
import type { ProvenBlock } from "./vouched.ts";

export type HeadFault =
  | PieceFault
  | { readonly code: "SNAPSHOT_WRONG_HEAD"; readonly reason: string }
  /** It is right, and what comes behind it only a newer release can judge. */
  | { readonly code: "SNAPSHOT_NEWER_CODE"; readonly version: number };

export interface FoundHead {
  readonly block: Block;
  readonly about: AboutState;
  readonly finality: FinalityState;
  readonly uncounted: readonly UncountedSession[];
}

export class HeadFetch {
  readonly #context: LedgerContext;
  readonly #target: ProvenBlock;
  readonly #hash: Hash;
  readonly #fetches = new Map<PartName, PartFetch>();
  readonly #found: { -readonly [Name in keyof FoundHead]?: FoundHead[Name] } = {};
  readonly logRoots: Uint8Array[] = [];
  #hasLog = false;

  constructor(context: LedgerContext, target: ProvenBlock) {
    this.#context = context;
    this.#target = target;
    this.#hash = (message) => context.crypto.sha256(message);
  }

  /** The part that is wanted next; undefined when all are there. */
  next(): PartFetch | undefined {
    const name = this.#wanted();
    if (name === undefined) return undefined;
    const fetch = this.#fetches.get(name) ?? new PartFetch(name);
    this.#fetches.set(name, fetch);
    return fetch;
  }

  get found(): FoundHead {
    const { block, about, finality, uncounted } = this.#found;
    assert(block !== undefined && about !== undefined, "all parts are there");
    assert(finality !== undefined && uncounted !== undefined, "all parts are there");
    return { block, about, finality, uncounted };
  }

  giveUp(peer: string): void {
    for (const fetch of this.#fetches.values()) if (fetch.from === peer && this.#wanted() === fetch.name) fetch.begin();
  }

  /** Wants the block once more; who has sent it. */
  dropBlock(): readonly string[] {
    delete this.#found.block;
    const from = this.#fetches.get("block")?.from;
    this.#fetches.delete("block");
    return from === undefined ? [] : [from];
  }

  take(piece: Uint8Array, total: number, peer: string): Result<void, HeadFault> {
    const fetch = this.next();
    if (fetch === undefined) return ok(undefined);
    if (fetch.from !== undefined && fetch.from !== peer) fetch.begin();
    const whole = fetch.take(piece, total, peer);
    if (!whole.ok) fetch.begin();
    if (!whole.ok || whole.value === undefined) return whole.ok ? ok(undefined) : whole;
    const reason = this.#check(fetch.name, whole.value);
    const { finality } = this.#found;
    const newer = reason === undefined && finality !== undefined ? newerCode({ finality }, this.#context) : undefined;
    if (newer !== undefined) return fail({ code: "SNAPSHOT_NEWER_CODE", version: newer.version });
    if (reason === undefined) return ok(undefined);
    fetch.begin();
    return fail({ code: "SNAPSHOT_WRONG_HEAD", reason });
  }

  #wanted(): PartName | undefined {
    const { block, about, finality, uncounted } = this.#found;
    if (block === undefined) return "block";
    if (about === undefined) return "about";
    if (finality === undefined) return "finality";
    if (uncounted === undefined) return "uncounted";
    return this.#hasLog ? undefined : "log";
  }

  /** Takes a whole part; why it is not the right one. */
  #check(name: PartName, encoded: Uint8Array): string | undefined {
    switch (name) {
      case "block":
        return this.#takeBlock(encoded);
      case "about":
        return this.#takeAbout(encoded);
      case "finality":
        return this.#takeFinality(encoded);
      case "uncounted":
        return this.#takeUncounted(encoded);
      case "log":
        return this.#takeLog(encoded);
    }
  }

  /** What of it the id covers; its signatures are looked at when it is applied. */
  #takeBlock(encoded: Uint8Array): string | undefined {
    const block = decodeBlock(this.#context, encoded);
    if (!block.ok) return block.fault.code;
    const { header, id } = block.value;
    if (!equalBytes(id, this.#target.id) || header.serial !== this.#target.serial) return "another block";
    if (header.stateRoot === undefined) return "no checkpoint";
    const other = otherContent(this.#hash, block.value);
    if (other !== undefined) return `other ${other}`;
    this.#found.block = block.value;
    return undefined;
  }

  #takeAbout(encoded: Uint8Array): string | undefined {
    const { block } = this.#found;
    const about = decodeAbout(encoded, block?.header.stateRoot ?? NOTHING, this.#hash);
    if (about === undefined) return "another state";
    this.#found.about = about;
    return undefined;
  }

  #takeFinality(encoded: Uint8Array): string | undefined {
    const finality = decodeFinality(encoded);
    const isRight = equalBytes(this.#hash(encoded), this.#found.about?.finality ?? NOTHING);
    if (finality === undefined || !isRight) return "other committees";
    this.#found.finality = finality;
    return undefined;
  }

  #takeUncounted(encoded: Uint8Array): string | undefined {
    const sessions = decodeUncounted(encoded);
    const joined = new UncountedSessions();
    for (const session of sessions ?? []) joined.add(session);
    const isRight = equalBytes(joined.root(this.#hash), this.#found.about?.uncounted ?? NOTHING);
    if (sessions === undefined || !isRight) return "other sessions";
    this.#found.uncounted = sessions;
    return undefined;
  }

  #takeLog(encoded: Uint8Array): string | undefined {
    const count = Math.ceil(this.#target.serial / SNAPSHOT_IDS);
    const roots = Array.from({ length: count }, (_, at) => encoded.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES));
    const isRight = equalBytes(rootOfParts(this.#hash, roots), this.#found.block?.header.logRoot ?? NOTHING);
    if (encoded.length !== count * HASH_BYTES || !isRight) return "another log";
    this.logRoots.splice(0, this.logRoots.length, ...roots);
    this.#hasLog = true;
    return undefined;
  }
}

const NOTHING = new Uint8Array();
