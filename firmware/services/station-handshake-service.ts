/** Pumps the station's side of the handshake for one outlet: offer out, messages in and out, contract to the ledger. */
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Terms } from "#core/contract/terms.ts";
import { topicDeviceId } from "#core/identity/device-id.ts";
import type { Committed, HandshakeEffect, Send, Store } from "#core/handshake/effects.ts";
import type { HandshakeContext, StationContext } from "#core/handshake/handshake-context.ts";
import { signOffer, type Offer } from "#core/handshake/offer.ts";
import { stepStationHandshake } from "#core/handshake/station-handshake.ts";
import {
  entryOf,
  LISTENING,
  withoutEntry,
  type StationInput,
  type StationState,
} from "#core/handshake/station-state.ts";
import { decodeFact, encodeFact } from "#core/ledger/fact.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { terms as termsShape } from "#core/contract/terms.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import type { Boot } from "./boot.ts";
import type { EmitEvent } from "./events.ts";
import type { FloorLimit } from "./floor-limit.ts";
import { HandshakeEffects } from "./handshake-effects.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { MeshService } from "./mesh-service.ts";
import { openChargeOf } from "./open-charge.ts";
import type { PrivateLine } from "./station-binding.ts";

/** An offer says how long it holds; it is made anew well before that. */
export const OFFER_SECONDS = 600;
const RENEW_BEFORE_SECONDS = 300;
/**
 * A station without the time makes it anew sooner: for a vehicle that has none either, the offer is the time, and it
 * must be within what both forgive.
 */
const RENEW_AFTER_SECONDS = 30;
const PUBLISH_AGAIN_MS = 10_000;

const SECOND_MS = 1000;

export interface StationHandshakeParts {
  readonly context: HandshakeContext;
  readonly ledger: LedgerService;
  readonly mesh: MeshService;
  readonly boot: Boot;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly evse: number;
  readonly floor: Pick<FloorLimit, "objectionTo">;
  readonly emit: EmitEvent;
}

export class StationHandshakeService {
  readonly #parts: StationHandshakeParts;
  readonly #context: StationContext;
  readonly #effects: HandshakeEffects;
  #state: StationState = LISTENING;
  #offers: readonly Offer[] = [];
  #offered = 0;
  #publishedAtMs = 0;
  #registerMilliWh = 0;
  /** Between which two moments the newest contract was dated. */
  #begun: { readonly open: string; readonly fromMs: number; readonly untilMs: number } | undefined;

  /** To the vehicle of the newest contract that this process has agreed on. */
  #line: (PrivateLine & { readonly address: string }) | undefined;

  constructor(parts: StationHandshakeParts) {
    this.#parts = parts;
    this.#effects = new HandshakeEffects(parts, {
      store: (effect) => this.#store(effect),
      wake: () => void this.#step({ kind: "deadline", at: this.#effects.now }),
    });
    this.#context = {
      ...parts.context,
      // The JOIN changes with each certificate, which a copy would not.
      get join(): Uint8Array {
        return parts.context.join;
      },
      objectionTo: (member, terms) =>
        parts.context.objectionTo(member, terms) ?? parts.floor.objectionTo(member.deviceId),
      cookieKey: parts.randomness.bytes(32),
      evse: (number) =>
        number === parts.evse
          ? {
              isPlugged: this.#offers.length > 0,
              isBusy: openChargeOf(parts.ledger.chain.pending, parts.context.deviceId, "station") !== undefined,
              registerMilliWh: this.#registerMilliWh,
              offers: this.#offers,
            }
          : undefined,
    };
    parts.mesh.handle("handshake", async (object) => {
      const fresh = { ephemeral: parts.randomness.bytes(32), nonce: parts.randomness.bytes(32) };
      return this.#step({ kind: "message", bytes: object, at: this.#effects.now, fresh });
    });
    parts.mesh.whenConnected(() => {
      for (const offer of this.#offers.slice(0, 1)) this.#publish(offer);
    });
  }

  /** Shows these terms to whoever is plugged in, from the register as it stands; renews the offer when it gets old. */
  offer(terms: Terms, registerMilliWh: number): void {
    this.#registerMilliWh = registerMilliWh;
    const { ledger, context, boot, evse } = this.#parts;
    const now = ledger.nowSeconds;
    const current = this.#offers[0];
    const isSame =
      current !== undefined &&
      isSameTerms(current.body.terms, terms) &&
      equalBytes(current.body.join, context.join) &&
      current.body.expiresSeconds - now >
        (ledger.time.isSynced ? RENEW_BEFORE_SECONDS : OFFER_SECONDS - RENEW_AFTER_SECONDS) &&
      current.body.notBeforeSeconds <= now;
    if (isSame) {
      this.#publishAgain(current);
      return;
    }
    this.#offered += 1;
    const offer = signOffer(
      context.crypto,
      {
        version: 1,
        network: context.network,
        station: context.deviceId,
        evse,
        terms,
        reference: context.tip,
        notBeforeSeconds: now,
        expiresSeconds: now + OFFER_SECONDS,
        counter: [boot.count, this.#offered],
        join: context.join,
      },
      context.signer,
    );
    // A vehicle may be answering the offer before: it holds until it expires.
    this.#offers = [offer, ...this.#offers.slice(0, 1)];
    this.#publish(offer);
  }

  withdraw(): void {
    if (this.#offers.length === 0) return;
    this.#offers = [];
    this.#parts.mesh.withdraw(this.#topic());
  }

  unplugged(): void {
    void this.#step({ kind: "unplugged", evse: this.#parts.evse, at: this.#effects.now });
  }

  #topic(): { readonly kind: "offer"; readonly station: string; readonly evse: number } {
    return { kind: "offer", station: topicDeviceId(this.#parts.context.deviceId), evse: this.#parts.evse };
  }

  /** The mesh may have lost it: whoever is plugged in waits for nothing else. */
  #publishAgain(offer: Offer): void {
    if (this.#parts.clock.monotonicMs() - this.#publishedAtMs >= PUBLISH_AGAIN_MS) this.#publish(offer);
  }

  #publish(offer: Offer): void {
    this.#publishedAtMs = this.#parts.clock.monotonicMs();
    this.#parts.mesh.publish(this.#topic(), offer.bytes);
  }

  /**
   * When the charge of this contract began, in monotonic ms; undefined when it was not agreed here since the start. The
   * vehicle's clock says when, but it may be a minute off, and two sides that read their meters a minute apart
   * disagree: so it is believed only between the two messages of this gateway's own that enclose the moment.
   */
  startOf({ openId, open }: Transaction): number | undefined {
    const { clock } = this.#parts;
    const span = this.#begun;
    if (span?.open !== toHex(openId)) return undefined;
    const saidMs = clock.monotonicMs() - (clock.wallMs() - 1000 * open.startedAt);
    return Math.min(span.untilMs, Math.max(span.fromMs - SECOND_MS, saidMs));
  }

  /** To the vehicle of that charge; undefined when it was not agreed here since the start, or not yet. */
  lineOf(address: Uint8Array): PrivateLine | undefined {
    return this.#line?.address === toHex(address) ? this.#line : undefined;
  }

  async #step(input: StationInput): Promise<string | undefined> {
    const before = this.#state;
    const { state, effects } = stepStationHandshake(before, input, this.#context);
    this.#state = state;
    for (const effect of effects) if (effect.kind === "store") this.#noteBegin(before, effect, input.at.monotonicMs);
    this.#noteLine(effects);
    return this.#effects.perform(effects);
  }

  /** The answer by which the vehicle hears of the contract goes where it listens. */
  #noteLine(effects: readonly HandshakeEffect[]): void {
    const committed = effects.find((effect): effect is Committed => effect.kind === "committed");
    const answer = effects.find((effect): effect is Send => effect.kind === "send");
    if (committed?.channel === undefined || answer?.to.topic !== "reply") return;
    this.#line = { address: toHex(committed.address), keys: committed.channel, token: answer.to.token };
  }

  /** The vehicle has dated its OPEN after its M1 had come and before its M3 came. */
  #noteBegin(before: StationState, { handshake, bytes }: Store, untilMs: number): void {
    const entry = entryOf(before, handshake);
    const fact = decodeFact(this.#parts.context, encodeFact("OPEN", bytes));
    if (entry?.phase !== "halfOpen" || !fact.ok) return;
    this.#begun = { open: fact.value.key, fromMs: entry.sinceMs, untilMs };
  }

  async #store(effect: Store): Promise<string | undefined> {
    const refused = await this.#effects.storeOpen(effect);
    if (refused === undefined)
      return this.#step({ kind: "stored", handshake: effect.handshake, at: this.#effects.now });
    // The vehicle was not told; an entry that waits for its store for ever would hold the outlet for ever.
    this.#state = withoutEntry(this.#state, effect.handshake);
    return refused;
  }
}

/** Asked each second, with the same object as long as nothing has changed. */
function isSameTerms(one: Terms, other: Terms): boolean {
  return one === other || equalBytes(encodeShape(termsShape, one), encodeShape(termsShape, other));
}
