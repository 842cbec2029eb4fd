/**
 * The vehicle's side of a handshake:
 *
 *     idle --start--> greeting --M2--> promising --stored--> promised --M4, OPEN--> storing --stored--> committed
 *                      |  ^  \                                  |                      ^
 *                      |  +--- M2 with a counter-offer          +--timeout, refusal,   |
 *                      |                                        |  unplugged           |
 *                      |                                        +--> unanswered --OPEN-+
 *                      +--timeout, refusal, unplugged, no terms--> aborted
 */
import { ok, type Result } from "#base/result.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { BlockReference } from "#core/session/facts.ts";
import type { AbortReason } from "./abort-reason.ts";
import type { Committed, Instant } from "./effects.ts";
import type { CodedFault, HandshakeContext } from "./handshake-context.ts";
import type { ChannelKeys } from "./key-schedule.ts";
import type { ProvenOffer } from "./offer.ts";
import { decodePromise, type OpenPromise } from "./open-promise.ts";
import type { Repetition } from "./repetition.ts";
import type { Want } from "#core/contract/want.ts";

export type VehicleState =
  | { readonly phase: "idle" }
  | Greeting
  | ({ readonly phase: "promising" } & Promised)
  | ({
      readonly phase: "promised";
      readonly repetition: Repetition;
      readonly lastFault: CodedFault | undefined;
    } & Promised)
  | Unanswered
  | { readonly phase: "storing"; readonly handshake: Uint8Array; readonly committed: Committed }
  | { readonly phase: "committed"; readonly address: Uint8Array }
  | { readonly phase: "aborted"; readonly reason: AbortReason };

/** M1 is out. The only phase that holds an ephemeral secret. */
export interface Greeting {
  readonly phase: "greeting";
  readonly plan: Plan;
  readonly round: Round;
  /** For counter-offers. */
  readonly spare: readonly RoundSecrets[];
  readonly repetition: Repetition;
  /** The last thing that came as M2 and was none. */
  readonly lastFault: CodedFault | undefined;
}

/** M3 is made, and goes out when the promise is durable. */
export interface Promised {
  readonly promise: OpenPromise;
  readonly m3: Uint8Array;
  /** Opens M4. */
  readonly answer: { readonly key: Uint8Array; readonly transcript: Uint8Array };
  readonly channel: ChannelKeys;
}

/** Nothing is sent any more, but the station may have signed. */
export interface Unanswered {
  readonly phase: "unanswered";
  readonly promise: OpenPromise;
  readonly channel: ChannelKeys | undefined;
}

/** What the driver and the vehicle want, the same for all rounds. */
export interface Plan {
  readonly want: Want;
  /** The vehicle's register before the charge. */
  readonly startMilliWh: number;
  /** The newest block that the vehicle holds. */
  readonly reference: BlockReference;
}

/** Drawn afresh for each round, used for nothing else. */
export interface RoundSecrets {
  /** 32 bytes. */
  readonly ephemeral: Uint8Array;
  /** 32 bytes. */
  readonly nonce: Uint8Array;
  /** 16 bytes: names the reply topic. */
  readonly token: Uint8Array;
  /** 16 bytes: keeps OPEN from being guessed from its hash. */
  readonly salt: Uint8Array;
}

export interface Round {
  readonly offer: ProvenOffer;
  /** What `agree` gave. */
  readonly terms: Terms;
  readonly secrets: RoundSecrets;
  readonly hello: Uint8Array;
  readonly handshake: Uint8Array;
  readonly cookie: Uint8Array | undefined;
  readonly hurried: number;
}

export type VehicleInput =
  | Start
  | { readonly kind: "message"; readonly bytes: Uint8Array; readonly at: Instant }
  /** The envelope of an OPEN that came over the mesh. */
  | { readonly kind: "openSeen"; readonly open: Uint8Array; readonly at: Instant }
  | { readonly kind: "stored"; readonly handshake: Uint8Array; readonly at: Instant }
  | { readonly kind: "deadline"; readonly at: Instant }
  | { readonly kind: "unplugged"; readonly at: Instant };

/** The vehicle is plugged in and has an offer. */
export interface Start {
  readonly kind: "start";
  readonly at: Instant;
  readonly offer: Uint8Array;
  readonly plan: Plan;
  /** Who stands on the post or answers on the cable, where that is known. */
  readonly expected: { readonly station: Uint8Array | undefined; readonly evse: number | undefined };
  /** For the first round and for each counter-offer that the vehicle is ready to look at: 1 to 3. */
  readonly secrets: readonly RoundSecrets[];
}

/** After a restart: a promise that was stored and has no OPEN beside it. */
export function resumeVehicleHandshake(
  storedPromise: Uint8Array,
  context: HandshakeContext,
): Result<VehicleState, CodedFault> {
  const promise = decodePromise(storedPromise, context);
  return promise.ok ? ok({ phase: "unanswered", promise: promise.value, channel: undefined }) : promise;
}
