/**
 * Keeps this gateway's ledger equal to everybody else's: takes in facts and blocks, tells what it holds, asks for what
 * others hold and it does not.
 */
import { compareBytes, equalBytes, toHex } from "#base/bytes.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { topicDeviceId } from "#core/identity/device-id.ts";
import { decodeBlock, type Block } from "#core/ledger/block.ts";
import { decodeFact } from "#core/ledger/fact.ts";
import {
  shortIdsOf,
  sketchOf,
  syncReply,
  syncRequest,
  tipBody,
  type SyncRequest,
  type TipBody,
} from "#core/mesh/sync-messages.ts";
import { TokenBucket, type Rate } from "#core/mesh/token-bucket.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { decodeSigned, encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import { answerSync, branchesWith, locatorOf } from "./answer-sync.ts";
import type { Boot } from "./boot.ts";
import type { EmitEvent } from "./events.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { MeshService } from "./mesh-service.ts";
import { PeerTips } from "./peer-tips.ts";
import { readAnnouncement } from "./read-announcement.ts";

/** Anti-entropy: how often a gateway tells what it holds (protocol 2.4). */
export const TIP_EVERY_MS = 10_000;
/** A TIP is signed anew at least so often, by whoever knows the time. */
const TIP_TIME_SECONDS = 60;
/** One request to the same peer at a time; after so long without an answer another may be sent. */
const REQUEST_EVERY_MS = 2_000;
const ASKED_BEFORE_TRADE_MAX = 3;
/** New members that anybody on the mesh may bring: a whole site at once, then one each few seconds. */
const STRANGERS: Rate = { perSecond: 0.2, burst: 64 };
/** Blocks whose parent is not here yet. */
const ORPHANS_MAX = 256;

/** What is not ours on the private reply topic belongs to the handshake. */
export const NOT_A_SYNC_REPLY = "NOT_A_SYNC_REPLY";

export interface SyncServiceParts {
  readonly ledger: LedgerService;
  readonly mesh: MeshService;
  readonly boot: Boot;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly did: Uint8Array;
  readonly emit: EmitEvent;
}

export class SyncService {
  readonly #parts: SyncServiceParts;
  readonly #orphans = new Map<string, Block>();
  readonly #peers = new PeerTips();
  /** Newest blocks of branches that are being fetched and are not better than the head's yet, newest first. */
  #branches: readonly Uint8Array[] = [];
  readonly #strangers: TokenBucket;
  readonly #askedAtMs = new Map<string, number>();
  #tips = 0;
  #tip: { readonly says: string; readonly bytes: Uint8Array } | undefined;
  #cancel: Cancel = () => undefined;
  #lastSyncMs: number | undefined;

  constructor(parts: SyncServiceParts) {
    this.#parts = parts;
    const { ledger, mesh, clock } = parts;
    this.#strangers = new TokenBucket(STRANGERS, clock.monotonicMs());
    ledger.listen({
      onFact: () => undefined,
      onBlock: () => undefined,
      onHead: () => {
        this.#tellTip();
      },
    });
    mesh.handle("fact", (object) => this.#takeFact(object));
    mesh.handle("block", (object) => this.#takeAnnouncement(object));
    mesh.handle("tip", (object) => this.#takeTip(object));
    mesh.handle("query", (object) => this.#answer(object));
    mesh.whenConnected(() => {
      this.#tellTip();
    });
  }

  start(): void {
    this.#tick();
  }

  stop(): void {
    this.#cancel();
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
    for (const encoded of reply.value.facts) await this.#takeFact(encoded);
    const { chain } = this.#parts.ledger;
    let last: Block | undefined;
    let isNew = false;
    for (const encoded of reply.value.blocks) {
      const block = decodeBlock(chain.context, encoded);
      if (!block.ok) return block.fault.code;
      isNew ||= !chain.has(block.value.key);
      const code = await this.#takeBlock(block.value);
      if (code !== undefined) return code;
      last = block.value;
    }
    this.#askedAtMs.clear();
    if (last !== undefined) this.#branches = branchesWith(chain, this.#branches, last);
    // Only what was new may lead to a further question, or two gateways could ask and answer for ever.
    if (isNew) this.#askAgain();
    if (reply.value.head <= this.#parts.ledger.chain.head.state.serial) {
      this.#lastSyncMs = this.#parts.clock.monotonicMs();
    }
    return undefined;
  }

  #askAgain(): void {
    const ahead = this.#peers.next((tip) => this.#isNews(tip));
    if (ahead !== undefined) this.#ask(ahead, "blocks");
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
    const { crypto, network } = ledger.chain.context;
    const member = ledger.chain.pending.members.get(peer);
    const message = toBeSigned(network, PURPOSE.TIP, payload);
    // Whoever is not a member yet may still be ahead of us: its word only makes us ask, and answers are checked.
    if (member !== undefined && !crypto.verify(member.publicKey, message, signatures[0] ?? new Uint8Array())) {
      // Its newest key may stand in a block that is not here: so it is asked, and its word is not kept.
      if (this.#isNews(tip.value)) this.#ask(peer, "blocks");
      return "TIP_BAD_SIGNATURE";
    }
    if (!this.#peers.take(peer, tip.value, member !== undefined)) return undefined;
    if (member !== undefined && tip.value.at > 0) ledger.time.hearMember(peer, tip.value.at);
    this.#parts.emit("peerSeen", { did: peer, serial: tip.value.serial });
    this.#compare(peer, tip.value);
    return Promise.resolve(undefined);
  }

  #compare(peer: string, tip: TipBody): void {
    const { chain } = this.#parts.ledger;
    const { id } = chain.head.state;
    if (this.#isNews(tip)) {
      this.#ask(peer, "blocks");
      return;
    }
    const [count, sketch] = tip.waiting;
    const own = sketchOf(chain.mempool.facts().map((fact) => fact.id));
    if (count > 0 && equalBytes(tip.head, id) && compareBytes(own, sketch) !== 0) this.#ask(peer, "facts");
    else this.#lastSyncMs = this.#parts.clock.monotonicMs();
  }

  #ask(peer: string, kind: SyncRequest["kind"]): void {
    const { ledger, mesh, clock, did } = this.#parts;
    if (peer === toHex(did)) return;
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

  #answer(object: Uint8Array): Promise<string | undefined> {
    const { ledger, mesh } = this.#parts;
    const request = decodeShape(syncRequest, object);
    if (!request.ok) return Promise.resolve(request.fault.code);
    const { token } = request.value;
    if (!/^[0-9a-f]{32}$/.test(token)) return Promise.resolve("SYNC_BAD_TOKEN");
    mesh.publish({ kind: "reply", token }, encodeShape(syncReply, answerSync(ledger.chain, request.value)));
    return Promise.resolve(undefined);
  }

  /** Signed when it says something new; said again as it is, for whoever missed it. */
  #tellTip(): void {
    const { ledger, mesh, did } = this.#parts;
    const { state } = ledger.chain.head;
    const waiting = ledger.chain.mempool.facts().map((fact) => fact.id);
    const sketch = sketchOf(waiting);
    // Who does not know the time takes it from here, so that it must not be an old one.
    const minute = Math.floor(ledger.knownSeconds / TIP_TIME_SECONDS);
    const says = `${toHex(state.id)} ${waiting.length} ${toHex(sketch)} ${minute}`;
    if (this.#tip?.says !== says) this.#tip = { says, bytes: this.#signTip([waiting.length, sketch]) };
    mesh.publish({ kind: "tip", node: topicDeviceId(did) }, this.#tip.bytes);
  }

  #signTip(waiting: TipBody["waiting"]): Uint8Array {
    const { ledger, signer, did, boot } = this.#parts;
    const { state } = ledger.chain.head;
    const { network } = ledger.chain.context;
    this.#tips += 1;
    const payload = encodeShape(tipBody, {
      ...{ version: 1, network, did, serial: state.serial, head: state.id, waiting },
      order: [boot.count, this.#tips],
      at: ledger.knownSeconds,
    });
    return encodeSigned(payload, [signer.sign(toBeSigned(network, PURPOSE.TIP, payload))]);
  }

  #tick(): void {
    const { clock } = this.#parts;
    this.#cancel = clock.wakeAt(clock.monotonicMs() + TIP_EVERY_MS, () => {
      this.#tellTip();
      for (const [peer, tip] of this.#peers.all) this.#compare(peer, tip);
      this.#tick();
    });
  }
}
