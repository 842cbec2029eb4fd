/** Pumps the vehicle's side of the handshake: offers in, messages in and out, contract to the ledger. */
import { assert } from "#base/assert.ts";
import { fromHex, toHex } from "#base/bytes.ts";
import type { HandshakeEffect, Store } from "#core/handshake/effects.ts";
import type { ChannelKeys } from "#core/handshake/key-schedule.ts";
import type { HandshakeContext } from "#core/handshake/handshake-context.ts";
import { isValidAt, readOffer, type ProvenOffer } from "#core/handshake/offer.ts";
import { stepVehicleHandshake } from "#core/handshake/vehicle-handshake.ts";
import {
  resumeVehicleHandshake,
  type RoundSecrets,
  type Start,
  type VehicleInput,
  type VehicleState,
} from "#core/handshake/vehicle-state.ts";
import type { Want } from "#core/contract/want.ts";
import { topicDeviceId } from "#core/identity/device-id.ts";
import { decodeFact, encodeFact } from "#core/ledger/fact.ts";
import type { SafetyRegister } from "#core/ledger/record-log.ts";
import { encodeSigned } from "#core/wire/signed.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import type { EmitEvent } from "./events.ts";
import { HandshakeEffects } from "./handshake-effects.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { MeshService } from "./mesh-service.ts";

/** Offers of other stations that a vehicle remembers. */
const OFFERS_MAX = 64;
/** The first round, and two counter-offers (protocol 2.5.3). */
const ROUNDS = 3;

export interface VehicleHandshakeParts {
  readonly context: HandshakeContext;
  readonly ledger: LedgerService;
  readonly mesh: MeshService;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Holds the newest promise: an OPEN that this vehicle has signed and the station perhaps, too. */
  readonly promise: SafetyRegister;
  readonly emit: EmitEvent;
}

export class VehicleHandshakeService {
  readonly #parts: VehicleHandshakeParts;
  readonly #effects: HandshakeEffects;
  readonly #offers = new Map<string, ProvenOffer>();
  #state: VehicleState = { phase: "idle" };
  #onOffer: () => void = () => undefined;
  #hasBegun = false;
  /** Id in hex of the newest contract that a handshake of this process has led to. */
  #agreed: string | undefined;
  #channel: { readonly address: string; readonly keys: ChannelKeys } | undefined;

  constructor(parts: VehicleHandshakeParts) {
    this.#parts = parts;
    this.#effects = new HandshakeEffects(parts, {
      store: (effect) => this.#store(effect),
      wake: () => void this.#step({ kind: "deadline", at: this.#effects.now }),
    });
    parts.mesh.handle("offer", (object, topic) => this.#takeOffer(object, `${topic.station}/${topic.evse}`));
    parts.ledger.listen({
      onFact: (fact) => {
        if (fact.kind !== "OPEN") return;
        const open = encodeSigned(fact.payload, fact.signatures);
        void this.#step({ kind: "openSeen", open, at: this.#effects.now });
      },
      onBlock: () => undefined,
      onHead: () => undefined,
    });
    const stored = parts.promise.value;
    if (stored === undefined) return;
    const resumed = resumeVehicleHandshake(stored, parts.context);
    if (resumed.ok) this.#state = resumed.value;
  }

  /** Offers that hold now, by station and outlet. */
  get offers(): readonly ProvenOffer[] {
    const { wallSeconds } = this.#effects.now;
    return [...this.#offers.values()].filter((offer) => isValidAt(offer, wallSeconds));
  }

  /** To be called with each offer that is taken in. */
  whenOffered(call: () => void): void {
    this.#onOffer = call;
  }

  get isBusy(): boolean {
    return ["greeting", "promising", "promised", "storing"].includes(this.#state.phase);
  }

  /** Whether this process has agreed on the contract, so that nothing can have been said under it before. */
  hasAgreedOn(openId: Uint8Array): boolean {
    return this.#agreed === toHex(openId);
  }

  /** What only the two sides of that charge know; undefined when this process did not agree on it. */
  keysOf(address: Uint8Array): ChannelKeys | undefined {
    return this.#channel?.address === toHex(address) ? this.#channel.keys : undefined;
  }

  /**
   * Begins a handshake, if none is under way. One that ended without an answer is given up with it: should the station
   * have signed after all, the OPEN with both signatures comes over the mesh like any other fact.
   */
  async start(offer: ProvenOffer, want: Want, startMilliWh: number): Promise<void> {
    if (this.isBusy) return;
    this.#hasBegun = true;
    this.#state = { phase: "idle" };
    const { context, randomness, mesh } = this.#parts;
    const token = fromHex(mesh.token);
    assert(token !== undefined, "the reply topic is named in hex");
    const secrets = Array.from({ length: ROUNDS }, (): RoundSecrets => ({
      ephemeral: randomness.bytes(32),
      nonce: randomness.bytes(32),
      token,
      salt: randomness.bytes(16),
    }));
    const input: Start = {
      kind: "start",
      at: this.#effects.now,
      offer: offer.bytes,
      plan: { want, startMilliWh, reference: context.tip },
      expected: { station: offer.body.station, evse: offer.body.evse },
      secrets,
    };
    await this.#step(input);
  }

  /** An answer that came on the private reply topic. */
  takeMessage(object: Uint8Array): Promise<string | undefined> {
    return this.#step({ kind: "message", bytes: object, at: this.#effects.now });
  }

  #takeOffer(object: Uint8Array, place: string): Promise<string | undefined> {
    if (object.length === 0) {
      this.#offers.delete(place);
      return Promise.resolve(undefined);
    }
    const offer = readOffer(object, this.#parts.context);
    if (!offer.ok) return Promise.resolve(offer.fault.code);
    // A broker that shows one offer in several places would make one outlet look like several.
    const { station, evse } = offer.value.body;
    if (place !== `${topicDeviceId(station)}/${evse}`) return Promise.resolve("OFFER_OF_ANOTHER");
    const known = this.#offers.get(place);
    if (known !== undefined && isOlder(offer.value, known)) return Promise.resolve(undefined);
    this.#offers.delete(place);
    this.#offers.set(place, offer.value);
    this.#onOffer();
    this.#parts.ledger.time.hearStation(offer.value.body.notBeforeSeconds);
    const [oldest] = this.#offers.keys();
    if (this.#offers.size > OFFERS_MAX && oldest !== undefined) this.#offers.delete(oldest);
    return Promise.resolve(undefined);
  }

  async #step(input: VehicleInput): Promise<string | undefined> {
    const { state, effects } = stepVehicleHandshake(this.#state, input, this.#parts.context);
    this.#state = state;
    for (const effect of effects) this.#noteChannel(effect);
    return this.#effects.perform(effects);
  }

  #noteChannel(effect: HandshakeEffect): void {
    if (effect.kind !== "committed" || effect.channel === undefined) return;
    this.#channel = { address: toHex(effect.address), keys: effect.channel };
  }

  async #store(effect: Store): Promise<string | undefined> {
    if (effect.record === "open") this.#noteAgreed(effect);
    const refused = await this.#makeDurable(effect);
    if (refused === undefined)
      return this.#step({ kind: "stored", handshake: effect.handshake, at: this.#effects.now });
    // Nothing can be charged under it; to wait for its store for ever would keep this car from any other contract.
    this.#state = { phase: "idle" };
    return refused;
  }

  /** A promise from before the start may have been kept, and the charge begun, before the card was set back. */
  #noteAgreed({ bytes }: Store): void {
    const fact = decodeFact(this.#parts.context, encodeFact("OPEN", bytes));
    if (this.#hasBegun && fact.ok) this.#agreed = fact.value.key;
  }

  async #makeDurable(effect: Store): Promise<string | undefined> {
    if (effect.record === "open") return this.#effects.storeOpen(effect);
    await this.#parts.promise.write(effect.bytes);
    return undefined;
  }
}

function isOlder(offer: ProvenOffer, known: ProvenOffer): boolean {
  const [boot, count] = offer.body.counter;
  const [knownBoot, knownCount] = known.body.counter;
  return boot < knownBoot || (boot === knownBoot && count < knownCount);
}
