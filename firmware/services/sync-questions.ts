/**
 * What this gateway asks others for, and how often. Many say the same at about the same time, and each of them would
 * answer with the same: so one is asked first, another one when no answer has come, and nobody for ever.
 */
import { toHex } from "#base/bytes.ts";
import { shortIdsOf, syncRequest, type SyncRequest } from "#core/mesh/sync-messages.ts";
import { encodeShape } from "#core/wire/schema.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { locatorOf } from "./answer-sync.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { MeshService } from "./mesh-service.ts";
import type { SnapshotSync } from "./snapshot-sync.ts";

/** So long an answer may take; then another one is asked for the same, and then ever more rarely. */
export const ANSWER_WITHIN_MS = 2_000;
/** All together are asked for one thing at least so often while it is missing. */
const SAME_AGAIN_LAST_MS = 10_000;
/** The same peer, after two others at the earliest, and at least so often: its word may be all that there is. */
const SAME_PEER_FIRST_MS = 8_000;
const SAME_PEER_LAST_MS = 60_000;
/** Each of a region's gateways for each kind; of things that are missing there are few at a time. */
const ASKED_MAX = 1_024;
const WAITING_SENT_MAX = 4_096;

export interface SyncQuestionsParts {
  readonly ledger: Pick<LedgerService, "chain">;
  readonly mesh: Pick<MeshService, "token" | "publish">;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly did: Uint8Array;
  readonly snapshots?: Pick<SnapshotSync, "takesOver"> | undefined;
  /** Blocks at which answers have ended below a head that is still to come. */
  readonly reached: () => readonly Uint8Array[];
}

export interface Question {
  /** Device id in hex. */
  readonly peer: string;
  readonly kind: SyncRequest["kind"];
  /** What is missing, by any name that is the same whoever tells of it. */
  readonly about: string;
}

interface Asked {
  readonly about: string;
  readonly atMs: number;
  readonly waitMs: number;
}

export class SyncQuestions {
  readonly #parts: SyncQuestionsParts;
  readonly #own: string;
  /** By peer and kind, and by kind and what is missing. */
  readonly #peers = new Map<string, Asked>();
  readonly #things = new Map<string, Asked>();

  constructor(parts: SyncQuestionsParts) {
    this.#parts = parts;
    this.#own = toHex(parts.did);
  }

  /**
   * Something new has come: whatever is still missing may be asked for at once, but not of those who did not answer
   * when they were asked for just that.
   */
  noteNews(): void {
    this.#things.clear();
  }

  /** Asks, unless this was asked too short a time ago. */
  ask(question: Question): void {
    const { peer, kind, about } = question;
    if (peer === this.#own || (kind === "blocks" && this.#parts.snapshots?.takesOver() === true)) return;
    const now = this.#parts.clock.monotonicMs();
    const thing = this.#things.get(`${kind} ${about}`);
    const last = this.#peers.get(`${peer} ${kind}`);
    const same = last?.about === about ? last : undefined;
    const isBusy = last !== undefined && now < last.atMs + (same?.waitMs ?? ANSWER_WITHIN_MS);
    if (isBusy || (thing !== undefined && now < thing.atMs + thing.waitMs)) return;
    const thingMs = Math.min(SAME_AGAIN_LAST_MS, 2 * (thing?.waitMs ?? ANSWER_WITHIN_MS / 2));
    const peerMs = Math.min(SAME_PEER_LAST_MS, 2 * (same?.waitMs ?? SAME_PEER_FIRST_MS / 2));
    keep(this.#things, `${kind} ${about}`, { about, atMs: now, waitMs: thingMs });
    keep(this.#peers, `${peer} ${kind}`, { about, atMs: now, waitMs: peerMs });
    this.#send(question);
  }

  /** Asks in any case: somebody waits for the answer. */
  askNow(question: Question): void {
    this.#peers.delete(`${question.peer} ${question.kind}`);
    this.#things.delete(`${question.kind} ${question.about}`);
    this.ask(question);
  }

  #send({ peer, kind }: Question): void {
    const { ledger, mesh } = this.#parts;
    const waiting = kind === "facts" ? ledger.chain.mempool.facts().map((fact) => fact.id) : [];
    const request: SyncRequest = {
      token: mesh.token,
      kind,
      locator: kind === "blocks" ? locatorOf(ledger.chain, this.#parts.reached()) : [],
      known: shortIdsOf(waiting.slice(0, WAITING_SENT_MAX)),
    };
    mesh.publish({ kind: "query", node: peer.slice(0, 16) }, encodeShape(syncRequest, request));
  }
}

function keep(all: Map<string, Asked>, key: string, asked: Asked): void {
  all.delete(key);
  all.set(key, asked);
  const [oldest] = all.keys();
  if (all.size > ASKED_MAX && oldest !== undefined) all.delete(oldest);
}
