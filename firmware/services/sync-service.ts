/**
 * Keeps this gateway's ledger equal to everybody else's: takes in facts and blocks, tells what it holds, asks for what
 * others hold and it does not.
 */
import { compareBytes, equalBytes, toHex } from "#base/bytes.ts";
import { SYNC_BLOCKS_MAX, SYNC_FACTS_MAX, MESH_PAYLOAD_BYTES_MAX } from "#core/limits.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { topicDeviceId } from "#core/identity/device-id.ts";
import { decodeBlock, decodeHeader, encodeBlock, type Block } from "#core/ledger/block.ts";
import type { Fact } from "#core/ledger/fact.ts";
import {
  blockAnnouncement,
  LOCATOR_IDS_MAX,
  shortIdsOf,
  sketchOf,
  splitShortIds,
  syncReply,
  syncRequest,
  tipBody,
  type SyncReply,
  type SyncRequest,
  type TipBody,
} from "#core/mesh/sync-messages.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { decodeSigned, encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { Boot } from "./boot.ts";
import type { EmitEvent } from "./events.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { MeshService } from "./mesh-service.ts";

/** Anti-entropy: how often a gateway tells what it holds (protocol 2.4). */
export const TIP_EVERY_MS = 10_000;
/** One request to the same peer at a time; after so long without an answer another may be sent. */
const REQUEST_EVERY_MS = 2_000;
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
  readonly #peers = new Map<string, TipBody>();
  readonly #askedAtMs = new Map<string, number>();
  #tips = 0;
  #tip: { readonly says: string; readonly bytes: Uint8Array } | undefined;
  #cancel: Cancel = () => undefined;
  #lastSyncMs: number | undefined;

  constructor(parts: SyncServiceParts) {
    this.#parts = parts;
    const { ledger, mesh } = parts;
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
    return this.#peers;
  }

  /** When a peer last told that it holds nothing that we lack, in monotonic ms; undefined before the first. */
  get lastSyncMs(): number | undefined {
    return this.#lastSyncMs;
  }

  /** Blocks or facts that came in answer to a request; NOT_A_SYNC_REPLY for anything else on the reply topic. */
  async takeReply(object: Uint8Array): Promise<string | undefined> {
    const reply = decodeShape(syncReply, object);
    if (!reply.ok) return NOT_A_SYNC_REPLY;
    for (const encoded of reply.value.facts) await this.#parts.ledger.receive(encoded);
    for (const encoded of reply.value.blocks) {
      const block = decodeBlock(this.#parts.ledger.chain.context, encoded);
      if (!block.ok) return block.fault.code;
      const code = await this.#takeBlock(block.value);
      if (code !== undefined) return code;
    }
    this.#askedAtMs.clear();
    if (reply.value.blocks.length > 0) this.#askAgain(reply.value);
    return undefined;
  }

  #askAgain(reply: SyncReply): void {
    if (reply.head <= this.#parts.ledger.chain.head.state.serial) return;
    const ahead = [...this.#peers].find(([, tip]) => tip.serial > this.#parts.ledger.chain.head.state.serial);
    if (ahead !== undefined) this.#ask(ahead[0], "blocks");
  }

  async #takeFact(object: Uint8Array): Promise<string | undefined> {
    const received = await this.#parts.ledger.receive(object);
    if (received.ok || received.fault.code === "FACT_KNOWN") return undefined;
    return received.fault.code;
  }

  async #takeAnnouncement(object: Uint8Array): Promise<string | undefined> {
    const { chain } = this.#parts.ledger;
    const announcement = decodeShape(blockAnnouncement, object);
    if (!announcement.ok) return announcement.fault.code;
    const header = decodeHeader(chain.context, announcement.value.header);
    if (!header.ok) return header.fault.code;
    if (chain.has(header.value.key)) return undefined;
    const miner = toHex(header.value.header.miner);
    const held = new Map(chain.mempool.facts().map((fact) => [fact.key.slice(0, 16), fact]));
    const facts = splitShortIds(announcement.value.shortIds).map((shortId) => held.get(shortId));
    const complete = facts.filter((fact): fact is Fact => fact !== undefined);
    const block = complete.length === facts.length ? chain.assemble(header.value, complete) : undefined;
    if (block?.ok !== true) {
      this.#ask(miner, "blocks");
      return undefined;
    }
    return this.#takeBlock(block.value);
  }

  async #takeBlock(block: Block): Promise<string | undefined> {
    const { ledger } = this.#parts;
    const received = await ledger.receiveBlock(block);
    if (received.ok) {
      const waiting = [...this.#orphans.values()].find(({ header }) => equalBytes(header.previous, block.id));
      if (waiting === undefined) return undefined;
      this.#orphans.delete(waiting.key);
      return this.#takeBlock(waiting);
    }
    if (received.fault.code !== "CHAIN_UNKNOWN_PARENT") return received.fault.code;
    this.#orphans.set(block.key, block);
    const [oldest] = this.#orphans.keys();
    if (this.#orphans.size > ORPHANS_MAX && oldest !== undefined) this.#orphans.delete(oldest);
    this.#ask(toHex(block.header.miner), "blocks");
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
      return "TIP_BAD_SIGNATURE";
    }
    const before = this.#peers.get(peer);
    if (before !== undefined && compareOrder(before, tip.value) >= 0) return undefined;
    this.#peers.set(peer, tip.value);
    this.#parts.emit("peerSeen", { did: peer, serial: tip.value.serial });
    this.#compare(peer, tip.value);
    return Promise.resolve(undefined);
  }

  #compare(peer: string, tip: TipBody): void {
    const { chain } = this.#parts.ledger;
    const { serial, id } = chain.head.state;
    if (tip.serial > serial || (tip.serial === serial && !equalBytes(tip.head, id) && !chain.has(toHex(tip.head)))) {
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
      locator: this.#locator(),
      known: kind === "facts" ? shortIdsOf(waiting.slice(0, 4096)) : new Uint8Array(),
    };
    mesh.publish({ kind: "query", node: peer.slice(0, 16) }, encodeShape(syncRequest, request));
  }

  #locator(): readonly Uint8Array[] {
    const { chain } = this.#parts.ledger;
    const ids: Uint8Array[] = [];
    for (let serial = chain.head.state.serial, step = 1; ids.length < LOCATOR_IDS_MAX; serial -= step) {
      const link = chain.at(Math.max(0, serial));
      if (link !== undefined) ids.push(link.state.id);
      if (serial <= 0) break;
      if (ids.length >= 8) step *= 2;
    }
    return ids;
  }

  async #answer(object: Uint8Array): Promise<string | undefined> {
    const { ledger, mesh } = this.#parts;
    const request = decodeShape(syncRequest, object);
    if (!request.ok) return request.fault.code;
    const { token, kind, locator, known } = request.value;
    if (!/^[0-9a-f]{32}$/.test(token)) return "SYNC_BAD_TOKEN";
    const head = ledger.chain.head.state.serial;
    const send = (content: Pick<SyncReply, "blocks" | "facts">): void => {
      mesh.publish({ kind: "reply", token }, encodeShape(syncReply, { ...content, head }));
    };
    if (kind === "facts") {
      const held = new Set(splitShortIds(known));
      const missing = ledger.chain.mempool.facts().filter((fact) => !held.has(fact.key.slice(0, 16)));
      const batch = withinPacket(missing.slice(0, SYNC_FACTS_MAX).map((fact) => fact.bytes));
      if (batch.length > 0) send({ blocks: [], facts: batch });
      return Promise.resolve(undefined);
    }
    const common = locator
      .map((id) => ledger.chain.link(toHex(id)))
      .find((link) => {
        return link !== undefined && ledger.chain.at(link.state.serial) === link;
      });
    const from = (common?.state.serial ?? 0) + 1;
    const blocks: Uint8Array[] = [];
    for (let serial = from; serial <= head && blocks.length < SYNC_BLOCKS_MAX; serial += 1) {
      const block = ledger.chain.at(serial)?.block;
      if (block !== undefined) blocks.push(encodeBlock(block));
    }
    const batch = withinPacket(blocks);
    if (batch.length > 0) send({ blocks: batch, facts: [] });
    return Promise.resolve(undefined);
  }

  /** Signed when it says something new; said again as it is, for whoever missed it. */
  #tellTip(): void {
    const { ledger, mesh, did } = this.#parts;
    const { state } = ledger.chain.head;
    const waiting = ledger.chain.mempool.facts().map((fact) => fact.id);
    const sketch = sketchOf(waiting);
    const says = `${toHex(state.id)} ${waiting.length} ${toHex(sketch)}`;
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
      at: ledger.nowSeconds,
    });
    return encodeSigned(payload, [signer.sign(toBeSigned(network, PURPOSE.TIP, payload))]);
  }

  #tick(): void {
    const { clock } = this.#parts;
    this.#cancel = clock.wakeAt(clock.monotonicMs() + TIP_EVERY_MS, () => {
      this.#tellTip();
      for (const [peer, tip] of this.#peers) this.#compare(peer, tip);
      this.#tick();
    });
  }
}

function withinPacket(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  let room = MESH_PAYLOAD_BYTES_MAX - 1024;
  return parts.filter((part) => (room -= part.length + 5) >= 0);
}

function compareOrder(left: TipBody, right: TipBody): number {
  return left.order[0] - right.order[0] || left.order[1] - right.order[1];
}
