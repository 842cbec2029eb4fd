/**
 * Makes blocks final: hears the votes of the committee, casts this gateway's own, and says the last one again and ever
 * more rarely until its target is justified. What votes and certificates mean, the chain decides.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { certifiedVotes } from "#core/finality/certified-votes.ts";
import { committeesOf } from "#core/finality/finality-state.ts";
import { decodeCertificate, type QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { decodeVote, isSignedBy, type Vote } from "#core/finality/vote.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { keysOf } from "#core/ledger/membership.ts";
import { VOTE_BYTES_MAX } from "#core/limits.ts";
import { TokenBucket, type Rate } from "#core/mesh/token-bucket.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { Boot } from "./boot.ts";
import type { EmitEvent } from "./events.ts";
import { LastVote } from "./last-vote.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { MeshService } from "./mesh-service.ts";
import { OwnVotes } from "./own-votes.ts";
import { SoonestWake } from "./soonest-wake.ts";
import { SpokenVotes } from "./spoken-votes.ts";

/** How often while time alone may let this gateway vote. */
const LOOK_MS = 1_000;
/** Votes of one member that are taken in: an honest one casts one each few blocks. */
const VOTES: Rate = { perSecond: 1, burst: 10 };
/** Votes that were heard lately are not verified again. */
const HEARD_MAX = 512;

export interface FinalityServiceParts {
  readonly ledger: LedgerService;
  readonly mesh: MeshService;
  readonly boot: Boot;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly signerOf?: (publicKey: Uint8Array) => Signer | undefined;
  readonly did: Uint8Array;
  /** Whether own votes that were lost have had the time to come back. */
  readonly isSettled: () => boolean;
  /** A member has signed two votes that no honest one signs both of: for whoever makes evidence of it. */
  readonly onContradiction?: (first: Vote, second: Vote) => void;
  readonly emit: EmitEvent;
}

export class FinalityService {
  readonly #parts: FinalityServiceParts;
  readonly #own: OwnVotes;
  /** Of each member with a seat, by did in hex. */
  readonly #buckets = new Map<string, TokenBucket>();
  /** Newest vote of each member for a block that is not here yet. */
  readonly #early = new Map<string, Vote>();
  readonly #heard = new Set<string>();
  readonly #spoken = new SpokenVotes();
  readonly #last: LastVote;
  #finalSerial = 0;
  #isRunning = false;
  readonly #wake: SoonestWake;

  constructor(parts: FinalityServiceParts) {
    this.#parts = parts;
    const { ledger, mesh, boot, clock, signer, signerOf, did, isSettled, emit } = parts;
    this.#wake = new SoonestWake(clock);
    this.#last = new LastVote({ chain: ledger.chain, mesh, clock });
    this.#own = new OwnVotes({
      ...{ chain: ledger.chain, boot, clock, signer, signerOf, did, isSettled, emit },
      isConnected: () => mesh.isConnected,
      stored: () => ledger.stored,
      say: (vote) => this.#say(vote),
    });
    mesh.handle("vote", (object) => this.takeVote(object));
    if (!this.#isOn) return;
    ledger.listen({
      onFact: () => undefined,
      onBlock: (block) => {
        void this.#hearVotesIn(block.certificates);
      },
      onHead: () => {
        this.#follow();
      },
    });
    mesh.whenConnected(() => {
      this.#last.sayNow();
    });
  }

  async start(): Promise<void> {
    if (!this.#isOn) return;
    this.#finalSerial = this.#parts.ledger.chain.final.serial;
    this.#isRunning = true;
    await this.#own.start();
    this.#wakeLater();
  }

  stop(): void {
    this.#isRunning = false;
    this.#wake.cancel();
  }

  /** A vote from the mesh or out of an answer; the code of what was wrong with it. */
  async takeVote(object: Uint8Array): Promise<string | undefined> {
    if (!this.#isOn) return "VOTE_WITHOUT_FINALITY";
    if (object.length > VOTE_BYTES_MAX) return "VOTE_TOO_LONG";
    const { ledger, did, clock } = this.#parts;
    const { crypto, network } = ledger.chain.context;
    const vote = decodeVote(crypto, network, object);
    if (!vote.ok) return vote.fault.code;
    const { body, key, payload } = vote.value;
    if (this.#heard.has(key)) return undefined;
    const member = toHex(body.member);
    if (!this.#hasSeat(member)) return "VOTE_WITHOUT_SEAT";
    if (!isSignedBy(crypto, vote.value, this.#keysOf(member))) return "VOTE_BAD_SIGNATURE";
    // Only what a member has signed itself uses up its budget (decision 0020).
    if (!this.#bucketOf(member).take(clock.monotonicMs())) return "VOTE_TOO_MANY";
    this.#remember(key);
    this.#hearSpoken(vote.value);
    if (equalBytes(body.member, did)) await this.#hearOwn(body, payload);
    return this.#count(vote.value);
  }

  /** A certificate out of an answer. */
  async takeCertificate(object: Uint8Array): Promise<string | undefined> {
    if (!this.#isOn) return "VOTE_WITHOUT_FINALITY";
    const certificate = decodeCertificate(object);
    if (!certificate.ok) return certificate.fault.code;
    const taken = await this.#parts.ledger.receiveCertificate(certificate.value);
    if (!taken.ok) return MAY_COME_LATE.has(taken.fault.code) ? undefined : taken.fault.code;
    await this.#hearVotesIn([certificate.value]);
    this.#follow();
    return undefined;
  }

  get #isOn(): boolean {
    return this.#parts.ledger.chain.genesis.body.rules.finality === "votes";
  }

  /** Takes the vote to the others; one whose target is not here waits for it. */
  async #count(vote: Vote): Promise<string | undefined> {
    const taken = await this.#parts.ledger.receiveVote(vote);
    if (!taken.ok) {
      if (taken.fault.code === "VOTE_UNKNOWN_TARGET") this.#early.set(toHex(vote.body.member), vote);
      return MAY_COME_LATE.has(taken.fault.code) ? undefined : taken.fault.code;
    }
    const { pool } = taken.value;
    const { mesh, did } = this.#parts;
    const isOurs = equalBytes(vote.body.member, did);
    if (pool !== "known" && pool !== "refused" && !isOurs) {
      mesh.carry({ kind: "vote" }, vote.bytes, toHex(vote.body.member));
    }
    this.#follow();
    return undefined;
  }

  /** The signature is good. */
  #hearSpoken(second: Vote): void {
    const first = this.#spoken.hear(second);
    if (first === undefined) return;
    const targets = [first.body.target.serial, second.body.target.serial];
    this.#parts.emit("contradictionFound", { member: toHex(first.body.member), targets });
    this.#parts.onContradiction?.(first, second);
  }

  /** Head, justified or final checkpoint may have moved. */
  #follow(): void {
    const { chain } = this.#parts.ledger;
    for (const [member, vote] of this.#early) {
      if (!chain.has(toHex(vote.body.target.id))) continue;
      this.#early.delete(member);
      void this.#count(vote);
    }
    void this.#tellFinal();
    if (!this.#isRunning) return;
    void this.#own.look();
    this.#wakeLater();
  }

  /** Told when it is durable: what is final stays so after a power cut. */
  async #tellFinal(): Promise<void> {
    const { ledger, emit } = this.#parts;
    const { final } = ledger.chain;
    if (final.serial <= this.#finalSerial) return;
    this.#finalSerial = final.serial;
    await ledger.stored;
    emit("finalMoved", { serial: final.serial, id: toHex(final.id) });
  }

  async #say(vote: Vote): Promise<void> {
    this.#remember(vote.key);
    this.#hearSpoken(vote);
    this.#last.say(vote);
    this.#wakeLater();
    await this.#count(vote);
  }

  /**
   * What a certificate says that this gateway has voted for, it knows, or its register is not the newest. What others
   * have voted for in it may contradict what they were heard to vote for.
   */
  async #hearVotesIn(certificates: readonly QuorumCertificate[]): Promise<void> {
    const { ledger, did } = this.#parts;
    const { context, head } = ledger.chain;
    for (const certificate of certificates) {
      const committees = committeesOf(head.state.finality, certificate.body.epoch);
      const votes = committees === undefined ? [] : certifiedVotes(context, committees, certificate);
      for (const vote of votes) {
        if (equalBytes(vote.body.member, did)) await this.#hearOwn(vote.body);
        // Another branch may have had other seats.
        else if (isSignedBy(context.crypto, vote, this.#keysOf(toHex(vote.body.member)))) this.#hearSpoken(vote);
      }
    }
  }

  /** It may be in doubt now, and wait for that to pass. */
  async #hearOwn(...said: Parameters<OwnVotes["hear"]>): Promise<void> {
    await this.#own.hear(...said);
    this.#wakeLater();
  }

  #hasSeat(member: string): boolean {
    const { committees, next } = this.#parts.ledger.chain.head.state.finality;
    return committees.some((each) => each.includes(member)) || next?.includes(member) === true;
  }

  #keysOf(member: string): readonly Uint8Array[] {
    return keysOf(this.#parts.ledger.chain.pending, member);
  }

  #bucketOf(member: string): TokenBucket {
    const known = this.#buckets.get(member);
    if (known !== undefined) return known;
    for (const each of this.#buckets.keys()) if (!this.#hasSeat(each)) this.#buckets.delete(each);
    const bucket = new TokenBucket(VOTES, this.#parts.clock.monotonicMs());
    this.#buckets.set(member, bucket);
    return bucket;
  }

  #remember(key: string): void {
    this.#heard.add(key);
    const [oldest] = this.#heard;
    if (this.#heard.size > HEARD_MAX && oldest !== undefined) this.#heard.delete(oldest);
  }

  /** When the last vote is to be said again, or while time alone may let this gateway vote; else not at all. */
  #wakeLater(): void {
    const lookAtMs = this.#own.isWaiting ? this.#parts.clock.monotonicMs() + LOOK_MS : Infinity;
    if (!this.#isRunning) return;
    this.#wake.at(Math.min(lookAtMs, this.#last.dueMs), () => {
      this.#last.sayWhenDue();
      void this.#own.look();
      this.#wakeLater();
    });
  }
}

/** Not wrong, only of no use now: a block that is on its way, or something that is final already. */
const MAY_COME_LATE: ReadonlySet<string> = new Set(["VOTE_UNKNOWN_TARGET", "VOTE_TOO_OLD"]);
