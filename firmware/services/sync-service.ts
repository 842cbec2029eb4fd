/** Keeps this gateway's ledger equal to everybody else's: takes in facts and blocks, tells and asks who holds what. */
import { compareBytes, equalBytes, toHex } from "#base/bytes.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import type { SignatureVerifier } from "#core/identity/signature-verifier.ts";
import { decodeBlocks, type Block } from "#core/ledger/block.ts";
import { decodeFact } from "#core/ledger/fact.ts";
import {
  shortIdsOf,
  sketchOf,
  syncReply,
  syncRequest,
  tipBody,
  type SyncReply,
  type SyncRequest,
  type TipBody,
} from "#core/mesh/sync-messages.ts";
import { TokenBucket, type Rate } from "#core/mesh/token-bucket.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { decodeSigned, toBeSigned } from "#core/wire/signed.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import { answerQuery, branchesWith, locatorOf, type QueryParts } from "./answer-sync.ts";
import type { Boot } from "./boot.ts";
import type { EmitEvent } from "./events.ts";
import type { FinalityService } from "./finality-service.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { MeshService } from "./mesh-service.ts";
import { OwnTip } from "./own-tip.ts";
import { knowsMore, PeerTips, standsApart } from "./peer-tips.ts";
import { readAnnouncement } from "./read-announcement.ts";
import { Settling } from "./settling.ts";
import { VerifyAhead } from "./verify-ahead.ts";

/** Anti-entropy: how often a gateway tells what it holds (protocol 2.4). */
export const TIP_EVERY_MS = 10_000;
/** One request to the same peer at a time; after so long without an answer another may be sent. */
const REQUEST_EVERY_MS = 2_000;
const ASKED_BEFORE_TRADE_MAX = 3;
/** New members that anybody on the mesh may bring: a whole site at once, then one each few seconds. */
const STRANGERS: Rate = { perSecond: 0.2, burst: 64 };
/** Blocks whose parent is not here yet. */
const ORPHANS_MAX = 256;

/** What is not ours on the private reply topic belongs to the handshake. */
export const NOT_A_SYNC_REPLY = "NOT_A_SYNC_REPLY";

export interface SyncServiceParts extends Pick<QueryParts, "snapshots"> {
  readonly ledger: LedgerService;
  readonly mesh: MeshService;
  readonly boot: Boot;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly did: Uint8Array;
  /** Starts threads for a long way behind; without it everything is verified with the one that applies it. */
  readonly openVerifier?: (() => SignatureVerifier) | undefined;
  /** Takes votes and certificates that come in an answer. */
  readonly finality: Pick<FinalityService, "takeVote" | "takeCertificate">;
  readonly emit: EmitEvent;
}

export class SyncService {
  /** After the start: what this gateway has signed before may not have come back yet. */
  readonly settling: Settling;
  readonly #parts: SyncServiceParts;
  readonly #orphans = new Map<string, Block>();
  readonly #peers = new PeerTips();
  /** Newest blocks of branches that are being fetched and are not better than the head's yet, newest first. */
  #branches: readonly Uint8Array[] = [];
  readonly #strangers: TokenBucket;
  readonly #askedAtMs = new Map<string, number>();
  readonly #tip: OwnTip;
  readonly #ahead: VerifyAhead;
  #cancel: Cancel = () => undefined;
  #lastSyncMs: number | undefined;

  constructor(parts: SyncServiceParts) {
    this.#parts = parts;
    const { ledger, mesh, clock } = parts;
    this.#tip = new OwnTip({ ...parts, peers: this.#peers });
    this.#ahead = new VerifyAhead(parts.openVerifier);
    this.settling = new Settling(clock);
    this.#strangers = new TokenBucket(STRANGERS, clock.monotonicMs());
    ledger.listen({
      onFact: () => undefined,
      onBlock: () => undefined,
      onHead: () => {
        this.#tip.noteNews();
      },
    });
    mesh.handle("fact", (object) => this.#takeFact(object));
    mesh.handle("block", (object) => this.#takeAnnouncement(object));
    mesh.handle("tip", (object) => this.#takeTip(object));
    mesh.handle("query", (object) => Promise.resolve(answerQuery(parts, object)));
    mesh.whenConnected(() => {
      this.#tip.tell();
    });
  }

  start(): void {
    this.#tick();
  }

  stop(): void {
    this.#cancel();
    this.#tip.stop();
    void this.#ahead.rest();
  }

  /** Peers by device id in hex, with what they last told. */
  get peers(): ReadonlyMap<string, TipBody> {
    return this.#peers.all;
  }

  /** When a peer last told that it holds nothing that we lack, in monotonic ms; undefined before the first. */
  get lastSyncMs(): number | undefined {
    return this.#lastSyncMs;
  }

  /**
   * Asks for the newest chain, as everybody does before a trade (the paper, II.E): the given node, or those last heard
   * of. Returns how many were asked; `lastSyncMs` says when an answer has come.
   */
  requestLatest(peer?: string): number {
    const asked = peer === undefined ? [...this.#peers.all.keys()].slice(-ASKED_BEFORE_TRADE_MAX) : [peer];
    for (const did of asked) {
      this.#askedAtMs.delete(`${did} blocks`);
      this.#ask(did, "blocks");
    }
    return asked.length;
  }

  /** Blocks or facts that came in answer to a request; NOT_A_SYNC_REPLY for anything else on the reply topic. */
  async takeReply(object: Uint8Array): Promise<string | undefined> {
    const reply = decodeShape(syncReply, object);
    if (!reply.ok) return NOT_A_SYNC_REPLY;
    this.#parts.snapshots?.hearPruned(reply.value.pruned ?? 0);
    for (const encoded of reply.value.facts) await this.#takeFact(encoded);
    await this.#takeVotes(reply.value);
    if (reply.value.votes !== undefined) this.settling.noteVotes();
    const { chain } = this.#parts.ledger;
    const decoded = decodeBlocks(chain.context, reply.value.blocks);
    const verifying = this.#ahead.prepare(chain, decoded.blocks);
    if (verifying !== undefined) await verifying;
    let last: Block | undefined;
    let isNew = false;
    for (const block of decoded.blocks) {
      isNew ||= !chain.has(block.key);
      const code = await this.#takeBlock(block);
      if (code !== undefined) return code;
      last = block;
    }
    if (decoded.fault !== undefined) return decoded.fault;
    this.#askedAtMs.clear();
    if (last !== undefined) this.#branches = branchesWith(chain, this.#branches, last);
    if (reply.value.facts.length > 0) this.settling.noteLevel();
    if (isNew) this.settling.noteBehind();
    // Only what was new may lead to a further question, or two gateways could ask and answer for ever.
    const ahead = isNew ? this.#peers.next((tip) => this.#isNews(tip)) : undefined;
    if (ahead !== undefined) this.#ask(ahead, "blocks");
    else void this.#ahead.rest();
    if (reply.value.head <= this.#parts.ledger.chain.head.state.serial) {
      this.#lastSyncMs = this.#parts.clock.monotonicMs();
    }
    return undefined;
  }

  /** Each is judged for itself: one that does not hold says nothing of the others. */
  async #takeVotes({ certificates = [], votes = [] }: SyncReply): Promise<void> {
    const { finality } = this.#parts;
    for (const certificate of certificates) await finality.takeCertificate(certificate);
    for (const vote of votes) await finality.takeVote(vote);
  }

  /**
   * Whether the peer's head is a block that is not here. Its serial does not matter: a chain with fewer blocks may be
   * the better one, and its gateway will never want ours.
   */
  #isNews({ head }: TipBody): boolean {
    return !this.#parts.ledger.chain.has(toHex(head));
  }

  async #takeFact(object: Uint8Array): Promise<string | undefined> {
    const { ledger, clock } = this.#parts;
    // A JOIN costs its sender nothing but a new key, and stays in everybody's chain for ever.
    const fact = decodeFact(ledger.chain.context, object);
    if (!fact.ok) return fact.fault.code;
    const isStranger = fact.value.kind === "JOIN" && !ledger.holdsFact(fact.value.key);
    if (isStranger && !this.#strangers.take(clock.monotonicMs())) return "SYNC_TOO_MANY_JOINS";
    const received = await ledger.receive(object);
    if (received.ok || received.fault.code === "FACT_KNOWN") return undefined;
    return received.fault.code;
  }

  async #takeAnnouncement(object: Uint8Array): Promise<string | undefined> {
    const announced = readAnnouncement(this.#parts.ledger.chain, object);
    if (!announced.ok) return announced.fault.code;
    const { isKnown, block, miner } = announced.value;
    if (block !== undefined) return this.#takeBlock(block);
    if (!isKnown) this.#ask(miner, "blocks");
    return undefined;
  }

  async #takeBlock(block: Block): Promise<string | undefined> {
    const { ledger } = this.#parts;
    const received = await ledger.receiveBlock(block);
    if (received.ok) {
      const waiting = [...this.#orphans.values()].filter(({ header }) => equalBytes(header.previous, block.id));
      for (const orphan of waiting) {
        this.#orphans.delete(orphan.key);
        await this.#takeBlock(orphan);
      }
      return undefined;
    }
    if (received.fault.code !== "CHAIN_UNKNOWN_PARENT") return received.fault.code;
    this.#orphans.set(block.key, block);
    const [oldest] = this.#orphans.keys();
    if (this.#orphans.size > ORPHANS_MAX && oldest !== undefined) this.#orphans.delete(oldest);
    const miner = toHex(block.header.miner);
    if (ledger.chain.pending.members.get(miner) !== undefined) this.#ask(miner, "blocks");
    return undefined;
  }

  async #takeTip(object: Uint8Array): Promise<string | undefined> {
    const { ledger, did } = this.#parts;
    const envelope = decodeSigned(object, 1);
    if (!envelope.ok) return envelope.fault.code;
    const { payload, signatures } = envelope.value;
    const tip = decodeShape(tipBody, payload);
    if (!tip.ok) return tip.fault.code;
    const peer = toHex(tip.value.did);
    if (equalBytes(tip.value.did, did)) return undefined;
    // Most come again and again as they were: what would not be taken need not be verified.
    if (this.#peers.isOld(peer, tip.value)) return undefined;
    const { crypto, network } = ledger.chain.context;
    const member = ledger.chain.pending.members.get(peer);
    const message = toBeSigned(network, PURPOSE.TIP, payload);
    // Whoever is not a member yet may still be ahead of us: its word only makes us ask, and answers are checked.
    if (member !== undefined && !crypto.verify(member.publicKey, message, signatures[0] ?? new Uint8Array())) {
      // Its newest key may stand in a block that is not here: so it is asked, and its word is not kept.
      if (this.#isNews(tip.value)) this.#ask(peer, "blocks");
      return "TIP_BAD_SIGNATURE";
    }
    const isFirst = !this.#peers.all.has(peer);
    if (!this.#peers.take(peer, tip.value, member !== undefined)) return undefined;
    // Among the votes that others hold there may be some of our own that we have lost.
    if (isFirst && tip.value.final !== undefined) this.#ask(peer, "votes");
    if (member !== undefined && tip.value.at > 0) ledger.time.hearMember(peer, tip.value.at);
    this.#parts.emit("peerSeen", { did: peer, serial: tip.value.serial });
    this.#compare(peer, tip.value);
    return Promise.resolve(undefined);
  }

  #compare(peer: string, tip: TipBody): void {
    const { chain } = this.#parts.ledger;
    const { id } = chain.head.state;
    if (this.#isNews(tip)) {
      this.settling.noteBehind();
      this.#ask(peer, "blocks");
      if (standsApart(tip, chain)) this.#ask(peer, "votes");
      return;
    }
    if (knowsMore(tip, chain) || (tip.final && this.settling.lacksVotes)) this.#ask(peer, "votes");
    const [count, sketch] = tip.waiting;
    const own = sketchOf(chain.mempool.facts());
    const isSame = equalBytes(tip.head, id);
    if (count > 0 && isSame && compareBytes(own, sketch) !== 0) {
      this.#ask(peer, "facts");
      return;
    }
    if (isSame) this.settling.noteLevel();
    this.#lastSyncMs = this.#parts.clock.monotonicMs();
  }

  #ask(peer: string, kind: SyncRequest["kind"]): void {
    const { ledger, mesh, clock, did } = this.#parts;
    if (peer === toHex(did) || (kind === "blocks" && this.#parts.snapshots?.takesOver() === true)) return;
    const now = clock.monotonicMs();
    const last = this.#askedAtMs.get(`${peer} ${kind}`);
    if (last !== undefined && now - last < REQUEST_EVERY_MS) return;
    this.#askedAtMs.set(`${peer} ${kind}`, now);
    const waiting = ledger.chain.mempool.facts().map((fact) => fact.id);
    const request: SyncRequest = {
      token: mesh.token,
      kind,
      locator: locatorOf(ledger.chain, this.#branches),
      known: kind === "facts" ? shortIdsOf(waiting.slice(0, 4096)) : new Uint8Array(),
    };
    mesh.publish({ kind: "query", node: peer.slice(0, 16) }, encodeShape(syncRequest, request));
  }

  #tick(): void {
    const { clock } = this.#parts;
    this.#cancel = clock.wakeAt(clock.monotonicMs() + TIP_EVERY_MS, () => {
      this.#tip.tellAgain();
      for (const [peer, tip] of this.#peers.all) this.#compare(peer, tip);
      this.#tick();
    });
  }
}
