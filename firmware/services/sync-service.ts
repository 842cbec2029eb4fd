/** Keeps this gateway's ledger equal to everybody else's: takes in facts and blocks, tells and asks who holds what. */
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import type { SignatureVerifier } from "#core/identity/signature-verifier.ts";
import { decodeBlocks, type Block } from "#core/ledger/block.ts";
import { syncReply, tipBody, type SyncReply, type SyncRequest, type TipBody } from "#core/mesh/sync-messages.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { decodeShape } from "#core/wire/schema.ts";
import { decodeSigned, toBeSigned } from "#core/wire/signed.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { reachedWith, type QueryParts } from "./answer-sync.ts";
import type { Boot } from "./boot.ts";
import type { EmitEvent } from "./events.ts";
import { FactIntake } from "./fact-intake.ts";
import type { FinalityService } from "./finality-service.ts";
import { HeldSketches } from "./held-sketches.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { MeshService } from "./mesh-service.ts";
import { OwnTip } from "./own-tip.ts";
import { finalityOf, knowsMore, PeerTips, standsApart } from "./peer-tips.ts";
import { QueryAnswers } from "./query-answers.ts";
import { readAnnouncement } from "./read-announcement.ts";
import { Settling } from "./settling.ts";
import { SoonestWake } from "./soonest-wake.ts";
import { ANSWER_WITHIN_MS, SyncQuestions } from "./sync-questions.ts";
import { VerifyAhead } from "./verify-ahead.ts";

/** How often others' words are looked at again while something that they tell of is missing here. */
const LOOK_LAST_MS = 10_000;
const ASKED_BEFORE_TRADE_MAX = 3;
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
  /** Blocks at which answers have ended below a head that is still to come. */
  #reached: readonly Uint8Array[] = [];
  readonly #facts: FactIntake;
  readonly #questions: SyncQuestions;
  readonly #held: HeldSketches;
  readonly #tip: OwnTip;
  readonly #ahead: VerifyAhead;
  /** When others' words are looked at again; undefined while nothing is missing. */
  readonly #look: SoonestWake;
  #isRunning = false;
  #lastSyncMs: number | undefined;

  constructor(parts: SyncServiceParts) {
    this.#parts = parts;
    const { ledger, mesh, clock } = parts;
    this.#tip = new OwnTip({ ...parts, peers: this.#peers });
    this.#questions = new SyncQuestions({ ...parts, reached: () => this.#reached });
    this.#held = new HeldSketches(ledger.chain);
    this.#ahead = new VerifyAhead(parts.openVerifier);
    this.settling = new Settling({ clock, connectedMs: () => mesh.connectedMs });
    this.#look = new SoonestWake(clock);
    this.#facts = new FactIntake(parts);
    ledger.listen({
      onFact: () => {
        this.#held.note();
        this.#tip.noteNews();
      },
      onBlock: () => undefined,
      onHead: () => {
        this.#held.note();
        this.#tip.noteNews();
        // Others may have told before what they hold on this head.
        this.#lookAfter(LOOK_LAST_MS);
      },
    });
    const answers = new QueryAnswers(parts);
    mesh.handle("fact", (object) => this.#facts.take(object));
    mesh.handle("block", (object) => this.#takeAnnouncement(object));
    mesh.handle("tip", (object) => this.#takeTip(object));
    mesh.handle("query", (object) => Promise.resolve(answers.answer(object)));
    mesh.whenConnected(() => {
      this.#tip.tell();
    });
  }

  start(): void {
    this.#isRunning = true;
    this.#tip.start();
    this.#lookAfter(LOOK_LAST_MS);
  }

  stop(): void {
    this.#isRunning = false;
    this.#look.cancel();
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
    for (const did of asked) this.#questions.askNow({ peer: did, kind: "blocks", about: did });
    return asked.length;
  }

  /** Blocks or facts that came in answer to a request; NOT_A_SYNC_REPLY for anything else on the reply topic. */
  async takeReply(object: Uint8Array): Promise<string | undefined> {
    const reply = decodeShape(syncReply, object);
    if (!reply.ok) return NOT_A_SYNC_REPLY;
    this.#parts.snapshots?.hearPruned(reply.value.pruned ?? 0);
    for (const encoded of reply.value.facts) await this.#facts.take(encoded);
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
    const before = new Set(this.#reached.map(toHex));
    if (last !== undefined) this.#reached = reachedWith(chain, this.#reached, last);
    const isFurther = isNew || this.#reached.some((id) => !before.has(toHex(id)));
    if (reply.value.facts.length > 0) this.settling.noteLevel();
    if (isNew) this.settling.noteBehind();
    if (isFurther || reply.value.facts.length > 0) this.#questions.noteNews();
    // Only what leads further may make us ask again, or two gateways could ask and answer for ever.
    const ahead = isFurther ? this.#peers.next((tip) => this.#isNews(tip)) : undefined;
    if (ahead !== undefined) this.#questions.askNow({ peer: ahead, kind: "blocks", about: ahead });
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
  #isNews({ head, serial }: TipBody): boolean {
    const { chain } = this.#parts.ledger;
    if (equalBytes(head, chain.head.id)) return false;
    const key = toHex(head);
    if (chain.idAt(serial) === key) return false;
    // Blocks that this software cannot judge are of no use to it, whoever has them.
    return chain.newerCode === undefined && !chain.has(key);
  }

  async #takeAnnouncement(object: Uint8Array): Promise<string | undefined> {
    const announced = readAnnouncement(this.#parts.ledger.chain, object);
    if (!announced.ok) return announced.fault.code;
    const { isKnown, block, miner, key } = announced.value;
    if (block !== undefined) return this.#takeBlock(block);
    if (!isKnown) this.#ask(miner, "blocks", key);
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
    if (ledger.chain.pending.members.get(miner) !== undefined) this.#ask(miner, "blocks", block.key);
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
      if (this.#isNews(tip.value)) this.#ask(peer, "blocks", toHex(tip.value.head));
      return "TIP_BAD_SIGNATURE";
    }
    const isFirst = !this.#peers.all.has(peer);
    const isProven = member !== undefined;
    if (!this.#peers.take(peer, tip.value, { isProven, nowMs: this.#parts.clock.monotonicMs() })) return undefined;
    // Among the votes that others hold there may be some of our own that we have lost.
    if (isFirst && tip.value.final !== undefined) this.#ask(peer, "votes", peer);
    if (isProven && tip.value.at > 0) ledger.time.hearMember(peer, tip.value.at);
    if (isProven && tip.value.at === 0) this.#tip.noteTimeWanted();
    this.#parts.emit("peerSeen", { did: peer, serial: tip.value.serial });
    if (this.#compare(peer, tip.value, true)) this.#lookAfter(ANSWER_WITHIN_MS);
    return Promise.resolve(undefined);
  }

  /** Asks for what the peer has told of and is not here. Whether there is anything of the kind. */
  #compare(peer: string, tip: TipBody, isJustHeard = false): boolean {
    const { chain } = this.#parts.ledger;
    if (this.#isNews(tip)) {
      this.settling.noteBehind();
      // The next block, or what has just been published, is on its way here as a rule.
      const mayCome = isJustHeard && tip.serial === chain.head.serial + 1;
      if (!mayCome) this.#ask(peer, "blocks", toHex(tip.head));
      if (standsApart(tip, chain)) this.#ask(peer, "votes", finalityOf(tip));
      return true;
    }
    const lacksVotes = tip.final !== undefined && this.settling.lacksVotes;
    const isBehind = knowsMore(tip, chain);
    if (lacksVotes) this.#ask(peer, "votes", "at the start");
    else if (isBehind && !isJustHeard) this.#ask(peer, "votes", finalityOf(tip));
    const [count, sketch] = tip.waiting;
    const isSame = equalBytes(tip.head, chain.head.id);
    if (count > 0 && isSame && !this.#held.holds(tip.waiting)) {
      if (!isJustHeard) this.#ask(peer, "facts", toHex(sketch));
      return true;
    }
    if (isSame) this.settling.noteLevel();
    else if (isJustHeard) this.#tip.noteBehind();
    this.#lastSyncMs = this.#parts.clock.monotonicMs();
    return isBehind || lacksVotes;
  }

  #ask(peer: string, kind: SyncRequest["kind"], about: string): void {
    this.#questions.ask({ peer, kind, about });
  }

  /** Looks at what others told after so long, or before if that was meant already. */
  #lookAfter(waitMs: number): void {
    if (!this.#isRunning) return;
    this.#look.at(this.#parts.clock.monotonicMs() + waitMs, () => {
      let isMissing = false;
      for (const [peer, tip] of this.#peers.all) isMissing = this.#compare(peer, tip) || isMissing;
      if (isMissing || !this.settling.isOver) this.#lookAfter(Math.min(LOOK_LAST_MS, 2 * waitMs));
    });
  }
}
