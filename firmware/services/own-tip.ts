/**
 * TIP: what this gateway holds, signed by it, for others to compare with what they hold (protocol 2.4).
 *
 * In a region of n gateways each word goes to n others. So something new is told a moment later, by each gateway at
 * another moment, and not at all by those who have heard the same from enough others by then; and so it is said again,
 * ever more rarely. This is the Trickle of RFC 6206: a few words in each interval, however large the region is. Each
 * gateway speaks now and then all the same, whoever else has: others want to know that it is there.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { topicDeviceId } from "#core/identity/device-id.ts";
import { sketchOf, tipBody, type TipBody } from "#core/mesh/sync-messages.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { Boot } from "./boot.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { MeshService } from "./mesh-service.ts";
import type { PeerTips } from "./peer-tips.ts";
import { SoonestWake } from "./soonest-wake.ts";

/** It is signed anew at least so often, by whoever knows the time. */
const TIP_TIME_SECONDS = 60;
/** Intervals: in the second half of each it is time to say the same again. */
const INTERVAL_FIRST_MS = 60_000;
const INTERVAL_LAST_MS = 120_000;
/** Each says what it holds at least so often. */
export const EACH_TELLS_MS = 180_000;
/** Within so long of something new all gateways have told it, or have heard it told. */
const SPREAD_MS = 4_000;
/**
 * The same for facts and checkpoints, which come and go with each block: facts and votes are said again by those who
 * have signed them.
 */
const REST_SPREAD_MS = 60_000;
/** Somebody who is behind may be told again after so long: what has been said just now is on its way. */
const TOLD_JUST_NOW_MS = 10_000;
/** After a start. */
const FIRST_SPREAD_MS = 10_000;
/** So many members that tell the same are enough: one of them may be a liar, and one's line may be bad. */
const ENOUGH = 3;
/** So often each tells it while somebody wants the time, which is in it. */
const TIME_TOLD_MS = 60_000;
/** Somebody who did not know the time so long ago may still not know it. */
const TIME_WANTED_MS = 600_000;

export interface OwnTipParts {
  readonly ledger: LedgerService;
  readonly mesh: MeshService;
  readonly boot: Boot;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly did: Uint8Array;
  readonly peers: Pick<PeerTips, "count">;
}

export class OwnTip {
  readonly #parts: OwnTipParts;
  #signed: { readonly says: string; readonly bytes: Uint8Array } | undefined;
  #count = 0;
  /** What has been told last, by this gateway or by enough others: the head, and all. */
  #told = { head: "", holds: "" };
  /** When whatever else is new is to be told, in monotonic ms. */
  #restDueMs = Infinity;
  #saidMs = Number.NEGATIVE_INFINITY;
  /** Since when somebody has been behind whom nobody has answered, in monotonic ms. */
  #behindMs: number | undefined;
  #interval = { beganMs: 0, lengthMs: INTERVAL_FIRST_MS, number: 0 };
  readonly #wake: SoonestWake;
  #isRunning = false;

  constructor(parts: OwnTipParts) {
    this.#parts = parts;
    this.#wake = new SoonestWake(parts.clock);
  }

  start(): void {
    this.#isRunning = true;
    this.#wakeAfter(this.#share() * FIRST_SPREAD_MS);
  }

  stop(): void {
    this.#isRunning = false;
    this.#wake.cancel();
  }

  /** Head, checkpoints or waiting facts may be others now. */
  noteNews(): void {
    const { clock, ledger } = this.#parts;
    this.#restDueMs = Math.min(this.#restDueMs, clock.monotonicMs() + ((1 + this.#share()) * REST_SPREAD_MS) / 2);
    this.#wakeAfter(this.#restDueMs - clock.monotonicMs());
    if (toHex(ledger.chain.head.id) !== this.#told.head) this.#wakeAfter(this.#share() * SPREAD_MS);
  }

  /** A member does not know the time. It takes it from the others' words, which must not be old ones then. */
  noteTimeWanted(): void {
    if (this.#parts.clock.monotonicMs() >= this.#saidMs + TIME_TOLD_MS) this.#wakeAfter(this.#share() * SPREAD_MS);
  }

  /**
   * A peer tells an older head: it has just started, or missed what was said. It hears the newest one now, and not when
   * it is time to say it again (RFC 6206, section 4.2, step 6: an inconsistent word).
   */
  noteBehind(): void {
    const now = this.#parts.clock.monotonicMs();
    if (now < this.#saidMs + TOLD_JUST_NOW_MS || this.#behindMs !== undefined) return;
    this.#behindMs = now;
    this.#wakeAfter(this.#share() * SPREAD_MS);
  }

  /** Signed when it says something new; said again as it is, for whoever missed it. */
  tell(): void {
    const { ledger, mesh, did, clock } = this.#parts;
    const { head, holds, waiting } = this.#holdings();
    // Who does not know the time takes it from here, so that it must not be an old one.
    const minute = Math.floor(ledger.knownSeconds / TIP_TIME_SECONDS);
    const says = `${holds} ${minute}`;
    if (this.#signed?.says !== says) this.#signed = { says, bytes: this.#sign(waiting) };
    this.#saidMs = clock.monotonicMs();
    this.#behindMs = undefined;
    this.#beginInterval({ head, holds });
    mesh.publish({ kind: "tip", node: topicDeviceId(did) }, this.#signed.bytes);
  }

  /** Tells when something else is held, or when it is time to say the same again, unless others have. */
  #tellWhenDue(): void {
    const now = this.#parts.clock.monotonicMs();
    const { head, holds, waiting } = this.#holdings();
    const isNewHead = head !== this.#told.head;
    const isNews = isNewHead || (holds !== this.#told.holds && now >= this.#restDueMs);
    if (holds === this.#told.holds) this.#restDueMs = Infinity;
    const behindMs = this.#behindMs;
    this.#behindMs = undefined;
    if (behindMs !== undefined && !this.#isToldByOthers(undefined, behindMs)) {
      this.tell();
      return;
    }
    if (!isNews && now < this.#dueMs) {
      this.#wakeAfter(Math.min(this.#dueMs, this.#restDueMs) - now);
      return;
    }
    // What is new is told as soon as anybody has it; what is old, in each interval.
    const sinceMs = isNews ? Number.NEGATIVE_INFINITY : this.#interval.beganMs;
    const isTold = this.#isToldByOthers(isNewHead ? undefined : waiting, sinceMs);
    if (!isTold || now >= this.#lastMs) this.tell();
    else this.#beginInterval({ head, holds: isNewHead ? this.#told.holds : holds });
  }

  #beginInterval(told: { readonly head: string; readonly holds: string }): void {
    const { lengthMs, number } = this.#interval;
    const isNews = told.head !== this.#told.head || told.holds !== this.#told.holds;
    const beganMs = this.#parts.clock.monotonicMs();
    const nextMs = isNews ? INTERVAL_FIRST_MS : Math.min(INTERVAL_LAST_MS, 2 * lengthMs);
    this.#told = told;
    this.#interval = { beganMs, lengthMs: nextMs, number: number + 1 };
    if (told.holds === this.#holdings().holds) this.#restDueMs = Infinity;
    this.#wakeAfter(Math.min(this.#dueMs, this.#restDueMs) - beganMs);
  }

  get #dueMs(): number {
    const { beganMs, lengthMs } = this.#interval;
    return Math.max(beganMs, Math.min(beganMs + ((1 + this.#share()) * lengthMs) / 2, this.#lastMs));
  }

  /** When it is time to say it, whoever else has. */
  get #lastMs(): number {
    return this.#saidMs + (this.#isTimeWanted ? TIME_TOLD_MS : EACH_TELLS_MS);
  }

  /** From 0 to 1: another order of the gateways for each head and interval, and nothing to draw. */
  #share(): number {
    const { did, ledger } = this.#parts;
    const place = this.#interval.number % did.length;
    return (((did[place] ?? 0) ^ (ledger.chain.head.id[place] ?? 0)) & 0xff) / 256;
  }

  #wakeAfter(waitMs: number): void {
    if (!this.#isRunning) return;
    this.#wake.at(this.#parts.clock.monotonicMs() + waitMs, () => {
      this.#tellWhenDue();
    });
  }

  get #isTimeWanted(): boolean {
    const { peers, clock } = this.#parts;
    return peers.count(({ at }) => at === 0, clock.monotonicMs() - TIME_WANTED_MS) > 0;
  }

  /** Without `waiting`, whether they tell the same head. */
  #isToldByOthers(waiting: TipBody["waiting"] | undefined, sinceMs: number): boolean {
    const { ledger, peers, mesh } = this.#parts;
    // Whoever is on one of a relay's brokers may hear nobody but the relay.
    if (mesh.brokers.length > 1) return false;
    const { head, justified, final } = ledger.chain;
    const [headId, justifiedId, finalId] = [head.id, justified.id, final.id];
    const isSame = (tip: TipBody): boolean => {
      if (!equalBytes(tip.head, headId)) return false;
      if (waiting === undefined) return true;
      const isSameJustified = tip.justified === undefined || equalBytes(tip.justified[1], justifiedId);
      const isSameFinal = tip.final === undefined || equalBytes(tip.final[1], finalId);
      return isSameJustified && isSameFinal && equalBytes(tip.waiting[1], waiting[1]);
    };
    return peers.count(isSame, sinceMs) >= ENOUGH;
  }

  /** Without the time: what is held, in a word that is another one when something else is. */
  #holdings(): { readonly head: string; readonly holds: string; readonly waiting: TipBody["waiting"] } {
    const { head, justified, final, mempool } = this.#parts.ledger.chain;
    const sketch = sketchOf(mempool.facts());
    const places = [head, justified, final].map(({ id }) => toHex(id));
    return {
      head: places[0] ?? "",
      holds: [...places, mempool.size, toHex(sketch)].join(" "),
      waiting: [mempool.size, sketch],
    };
  }

  #sign(waiting: TipBody["waiting"]): Uint8Array {
    const { ledger, signer, did, boot } = this.#parts;
    const { head, justified, final, genesis } = ledger.chain;
    const { network } = ledger.chain.context;
    this.#count += 1;
    const payload = encodeShape(tipBody, {
      ...{ version: 1, network, did, serial: head.serial, head: head.id, waiting },
      order: [boot.count, this.#count],
      at: ledger.knownSeconds,
      ...(genesis.body.rules.finality === "off"
        ? {}
        : { justified: [justified.serial, justified.id] as const, final: [final.serial, final.id] as const }),
    });
    return encodeSigned(payload, [signer.sign(toBeSigned(network, PURPOSE.TIP, payload))]);
  }
}
