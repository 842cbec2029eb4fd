/**
 * Brings a gateway that is far behind to a final checkpoint by fetching its state instead of all blocks (decision
 * 0044),
 * and answers others that do. Of everything that is asked one piece is under way at a time; who answers wrongly is not
 * asked for a while, who does not answer not for a shorter one, and what is there already stays.
 */
import { toHex } from "#base/bytes.ts";
import {
  SnapshotFetch,
  type FetchedSnapshot,
  type SnapshotFault,
  type SnapshotWant,
} from "#core/ledger/snapshot-fetch.ts";
import type { SnapshotServer } from "#core/ledger/snapshot-server.ts";
import { trustOfGenesis, trustOfState, type TrustedCommittee } from "#core/ledger/trusted-committee.ts";
import { NONCE_BYTES, snapshotReply, snapshotRequest } from "#core/mesh/snapshot-messages.ts";
import type { TipBody } from "#core/mesh/sync-messages.ts";
import { TokenBucket, type Rate } from "#core/mesh/token-bucket.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import type { EmitEvent } from "./events.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { MeshService } from "./mesh-service.ts";

/** Blocks that are fetched one by one: more take longer to apply than a state to fetch. */
export const BLOCKS_BEHIND_MAX = 2048;
const LOOK_EVERY_MS = 1_000;
/** While nothing is being fetched; what is heard makes it look, too. */
const QUIET_LOOK_EVERY_MS = 60_000;
const ANSWER_WITHIN_MS = 5_000;
/** Who did not answer, or has not got it, and who answered wrongly. */
const SILENT_FOR_MS = 30_000;
const LIAR_FOR_MS = 10 * 60_000;
/** Without any progress: then blocks are asked for again, and another state later. */
const STUCK_AFTER_MS = 60_000;
/** A byte string of 16 bytes in CBOR. */
const NONCE_HEAD = 0x40 + NONCE_BYTES;
/** All askers together. An answer takes a few milliseconds and one packet. */
const ANSWERS: Rate = { perSecond: 20, burst: 64 };

export interface SnapshotSyncParts {
  readonly ledger: LedgerService;
  readonly mesh: Pick<MeshService, "token" | "publish">;
  readonly clock: Pick<Clock, "monotonicMs" | "wakeAt">;
  readonly randomness: Randomness;
  readonly server: SnapshotServer;
  /** What others last told, by device id in hex. */
  readonly peers: () => ReadonlyMap<string, TipBody>;
  /** Makes it durable, then the ledger goes on from it. */
  readonly install: (fetched: FetchedSnapshot, trust: TrustedCommittee) => Promise<void>;
  readonly emit: EmitEvent;
  /** Where it is not the usual number. */
  readonly blocksBehindMax?: number | undefined;
}

interface Asked {
  readonly peer: string;
  readonly nonce: string;
  readonly want: SnapshotWant;
  readonly atMs: number;
}

interface Fetching {
  readonly fetch: SnapshotFetch;
  readonly trust: TrustedCommittee;
  asked: Asked | undefined;
  progressMs: number;
}

export class SnapshotSync {
  readonly #parts: SnapshotSyncParts;
  readonly #answers: TokenBucket;
  /** Until when they are not asked, in monotonic ms. */
  readonly #avoided = new Map<string, number>();
  #fetching: Fetching | undefined;
  #isInstalling = false;
  /** Others have told that they have no blocks before this one. */
  #prunedBelow = 0;
  #turn = 0;
  #notBeforeMs = 0;
  #isRunning = false;
  #cancel: Cancel = () => undefined;

  constructor(parts: SnapshotSyncParts) {
    this.#parts = parts;
    this.#answers = new TokenBucket(ANSWERS, parts.clock.monotonicMs());
  }

  start(): void {
    this.#isRunning = true;
    this.#lookLater();
  }

  #lookLater(): void {
    if (!this.#isRunning) return;
    const { clock } = this.#parts;
    const waitMs = this.#fetching === undefined ? QUIET_LOOK_EVERY_MS : LOOK_EVERY_MS;
    this.#cancel();
    this.#cancel = clock.wakeAt(clock.monotonicMs() + waitMs, () => {
      this.#look();
      this.#lookLater();
    });
  }

  stop(): void {
    this.#isRunning = false;
    this.#cancel();
    this.#fetching = undefined;
  }

  /**
   * Whether a state is being fetched, so that blocks would only be in its way: once its checkpoint is proven, and
   * before for as long as an answer may take. Begins with it if there is reason to.
   */
  takesOver(): boolean {
    const now = this.#parts.clock.monotonicMs();
    if (this.#fetching === undefined && !this.#isInstalling) this.#beginIfBehind(now);
    const fetching = this.#fetching;
    if (this.#isInstalling || fetching === undefined) return this.#isInstalling;
    return fetching.fetch.target !== undefined || now - fetching.progressMs < ANSWER_WITHIN_MS;
  }

  /** Somebody who was asked for blocks has none before this one; 0 from who had what was asked for. */
  hearPruned(serial: number): void {
    if (serial > 0) this.#prunedBelow = serial;
  }

  /** Answers what another gateway asks; the code of what was wrong with it. */
  answer(object: Uint8Array): string | undefined {
    const { clock, mesh, server } = this.#parts;
    const request = decodeShape(snapshotRequest, object);
    if (!request.ok) return request.fault.code;
    const { token } = request.value;
    if (!/^[0-9a-f]{32}$/.test(token)) return "SYNC_BAD_TOKEN";
    if (!this.#answers.take(clock.monotonicMs())) return "SNAPSHOT_TOO_MANY_REQUESTS";
    mesh.publish({ kind: "reply", token }, encodeShape(snapshotReply, server.answer(request.value)));
    return undefined;
  }

  /** Takes an answer; `notMine` for anything else on the reply topic. */
  takeReply(object: Uint8Array, notMine: string): string | undefined {
    // It begins with a map whose key 1 is the nonce: blocks need not be read twice.
    const reply = object[1] === 1 && object[2] === NONCE_HEAD ? decodeShape(snapshotReply, object) : undefined;
    if (reply?.ok !== true) return notMine;
    const fetching = this.#fetching;
    const asked = fetching?.asked;
    if (fetching === undefined || asked?.nonce !== toHex(reply.value.nonce)) return "SNAPSHOT_NOT_ASKED_FOR";
    fetching.asked = undefined;
    const taken = fetching.fetch.take(asked.want, reply.value, asked.peer);
    if (taken.ok) fetching.progressMs = this.#parts.clock.monotonicMs();
    else this.#blame(taken.fault, asked.peer);
    this.#goOn();
    return taken.ok || taken.fault.code === "SNAPSHOT_NOT_HERE" ? undefined : taken.fault.code;
  }

  #look(): void {
    const now = this.#parts.clock.monotonicMs();
    const fetching = this.#fetching;
    if (this.#isInstalling) return;
    if (fetching === undefined) {
      this.#beginIfBehind(now);
      return;
    }
    if (now - fetching.progressMs > STUCK_AFTER_MS) {
      this.#abandon(now);
      return;
    }
    const { asked } = fetching;
    if (asked !== undefined && now - asked.atMs < ANSWER_WITHIN_MS) return;
    if (asked !== undefined) this.#avoid(asked.peer, SILENT_FOR_MS);
    fetching.asked = undefined;
    this.#goOn();
  }

  #beginIfBehind(now: number): void {
    const { ledger } = this.#parts;
    const { chain } = ledger;
    const { genesis, context } = chain;
    if (genesis.body.rules.finality === "off" || now < this.#notBeforeMs) return;
    // What others are ahead by cannot be judged here before an update.
    if (chain.newerCode !== undefined) return;
    if (this.#next(() => true) === undefined) return;
    const { state } = chain.final;
    const isKnown = chain.handoffs.epoch >= state.finality.epoch;
    const trust = isKnown ? trustOfState(state) : trustOfGenesis({ crypto: context.crypto, genesis });
    const final = { serial: chain.final.serial, id: chain.final.id };
    const fetch = new SnapshotFetch({ context, genesis, trust, final });
    this.#fetching = { fetch, trust, asked: undefined, progressMs: now };
    this.#lookLater();
    this.#goOn();
  }

  #goOn(): void {
    const fetching = this.#fetching;
    if (fetching === undefined || this.#isInstalling) return;
    const want = fetching.fetch.next();
    if (want === undefined) {
      this.#finish(fetching);
      return;
    }
    const peer = this.#peerFor(fetching.fetch, want);
    // Whoever has sent a part of it may have been given up just now.
    const now = fetching.fetch.next();
    if (peer !== undefined && now !== undefined) this.#ask(fetching, now, peer);
  }

  /** Who is asked for it; what only one of them could go on with may be wanted anew after that. */
  #peerFor(fetch: SnapshotFetch, { only }: SnapshotWant): string | undefined {
    if (only !== undefined && !this.#isAvoided(only)) return only;
    if (only !== undefined) fetch.giveUp(only);
    const least = fetch.target?.serial ?? 0;
    return this.#next((tip) => (tip.final?.[0] ?? 0) >= least);
  }

  #ask(fetching: Fetching, { kind, checkpoint, from, wanted }: SnapshotWant, peer: string): void {
    const { mesh, clock, randomness } = this.#parts;
    const nonce = randomness.bytes(NONCE_BYTES);
    const want = { kind, checkpoint, from, wanted };
    fetching.asked = { peer, nonce: toHex(nonce), want: { ...want, only: peer }, atMs: clock.monotonicMs() };
    const request = encodeShape(snapshotRequest, { token: mesh.token, nonce, ...want });
    mesh.publish({ kind: "query", node: peer.slice(0, 16) }, request);
  }

  #finish(fetching: Fetching): void {
    const finished = fetching.fetch.finish();
    if (!finished.ok) {
      this.#blame(finished.fault, undefined);
      return;
    }
    this.#isInstalling = true;
    this.#parts
      .install(finished.value, fetching.trust)
      .catch((failure: unknown) => {
        const code = failure instanceof Error && "code" in failure ? String(failure.code) : "SNAPSHOT_NOT_STORED";
        this.#parts.emit("refused", { what: "snapshot from others", code, count: 1 });
        this.#notBeforeMs = this.#parts.clock.monotonicMs() + LIAR_FOR_MS;
      })
      .finally(() => {
        this.#isInstalling = false;
        this.#fetching = undefined;
      });
  }

  /** What a fault says of those who have answered. */
  #blame(fault: SnapshotFault, peer: string | undefined): void {
    switch (fault.code) {
      case "SNAPSHOT_NOT_HERE":
      case "SNAPSHOT_NOT_OFFERED":
        if (peer !== undefined) this.#avoid(peer, SILENT_FOR_MS);
        return;
      case "SNAPSHOT_UNSIGNED":
      case "SNAPSHOT_BAD_BLOCK":
        for (const liar of fault.liars) this.#avoid(liar, LIAR_FOR_MS);
        break;
      case "SNAPSHOT_TOO_LARGE":
      case "SNAPSHOT_TOO_MANY_RECORDS":
      case "SNAPSHOT_CONTRADICTS_FINAL":
      case "SNAPSHOT_NEWER_CODE":
        this.#abandon(this.#parts.clock.monotonicMs() + LIAR_FOR_MS);
        break;
      case "FINALITY_UNREADABLE":
      case "FINALITY_NOT_PROVEN":
      case "SNAPSHOT_WRONG_PIECE":
      case "SNAPSHOT_WRONG_HEAD":
      case "SNAPSHOT_WRONG_IDS":
      case "SNAPSHOT_WRONG_PART":
      case "SNAPSHOT_WRONG_RECORD":
        if (peer !== undefined) this.#avoid(peer, LIAR_FOR_MS);
    }
    this.#parts.emit("refused", { what: "snapshot from others", code: fault.code, count: 1 });
  }

  #abandon(nowMs: number): void {
    this.#fetching = undefined;
    this.#notBeforeMs = nowMs + STUCK_AFTER_MS;
  }

  #avoid(peer: string, forMs: number): void {
    this.#avoided.set(peer, this.#parts.clock.monotonicMs() + forMs);
  }

  #isAvoided(peer: string): boolean {
    return (this.#avoided.get(peer) ?? 0) > this.#parts.clock.monotonicMs();
  }

  /** One of those who say that they are far ahead, another one each time. */
  #next(suits: (tip: TipBody) => boolean): string | undefined {
    const { ledger, peers, blocksBehindMax = BLOCKS_BEHIND_MAX } = this.#parts;
    const { final, head } = ledger.chain;
    const isCut = this.#prunedBelow > head.serial;
    const least = isCut ? final.serial : head.serial + blocksBehindMax;
    const able = [...peers()].filter(([peer, tip]) => {
      return (tip.final?.[0] ?? 0) > least && suits(tip) && !this.#isAvoided(peer);
    });
    this.#turn += 1;
    return able[this.#turn % Math.max(1, able.length)]?.[0];
  }
}
