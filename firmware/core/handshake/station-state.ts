/**
 * The station's side: one machine for all its outlets, and for each handshake that it remembers one entry:
 *
 *     (nothing) --M1, yes--> halfOpen --M3, yes--> storing --stored--> answered --120 s--> (nothing)
 *                                |  \--M3 that cannot be taken--> answered
 *         \                      +--30 s, unplugged, the vehicle's no--> (nothing)
 *          \--M1, no--> answered
 *
 * An M1 proves nothing, so several may be half open on one outlet and none of them locks it: the first whose M3 is
 * taken has the outlet.
 */
import { equalBytes } from "#base/bytes.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { NamedBlocks } from "./block-choice.ts";
import type { Committed, Instant } from "./effects.ts";
import { HANDSHAKES_MAX } from "./handshake-limits.ts";
import type { HandshakeKeys } from "./key-schedule.ts";

export interface StationState {
  /** Oldest first, at most `HANDSHAKES_MAX`. */
  readonly entries: readonly Entry[];
}

export const LISTENING: StationState = { entries: [] };

export type Entry = HalfOpen | Storing | Answered;

/** M2 is out. */
export interface HalfOpen {
  readonly phase: "halfOpen";
  readonly handshake: Uint8Array;
  readonly token: Uint8Array;
  readonly m2: Uint8Array;
  readonly evse: number;
  readonly terms: Terms;
  readonly startMilliWh: number;
  readonly blocks: NamedBlocks;
  /** th3. */
  readonly transcript: Uint8Array;
  readonly keys: Omit<HandshakeKeys, "s1">;
  readonly sinceMs: number;
  readonly expiresMs: number;
}

/** OPEN is signed, and M4 goes out when it is durable. */
export interface Storing {
  readonly phase: "storing";
  readonly handshake: Uint8Array;
  readonly token: Uint8Array;
  readonly evse: number;
  readonly questionHash: Uint8Array;
  readonly m4: Uint8Array;
  readonly vehicleJoin: Uint8Array;
  readonly committed: Committed;
}

/** The last word is said; it is said again to whoever asks the same again. */
export interface Answered {
  readonly phase: "answered";
  readonly handshake: Uint8Array;
  readonly token: Uint8Array;
  /** What was answered: any M1 of this handshake, or the M3 with this hash. */
  readonly question: "M1" | { readonly m3Hash: Uint8Array };
  readonly answer: Uint8Array;
  readonly expiresMs: number;
}

export type StationInput =
  | {
      readonly kind: "message";
      readonly bytes: Uint8Array;
      readonly at: Instant;
      /** Drawn for this input, used for nothing else; needed when the message is an M1. */
      readonly fresh: StationSecrets;
    }
  | { readonly kind: "stored"; readonly handshake: Uint8Array; readonly at: Instant }
  | { readonly kind: "deadline"; readonly at: Instant }
  | { readonly kind: "unplugged"; readonly evse: number; readonly at: Instant };

export interface StationSecrets {
  /** 32 bytes each. */
  readonly ephemeral: Uint8Array;
  readonly nonce: Uint8Array;
}

export function entryOf(state: StationState, handshake: Uint8Array): Entry | undefined {
  return state.entries.find((entry) => equalBytes(entry.handshake, handshake));
}

/** Without what has expired. An entry that is being stored never does. */
export function forgetExpired({ entries }: StationState, nowMs: number): StationState {
  return { entries: entries.filter((entry) => entry.phase === "storing" || entry.expiresMs > nowMs) };
}

/** With the entry in the place of its predecessor or at the end; undefined when all places are taken by contracts. */
export function withEntry({ entries }: StationState, entry: Entry): StationState | undefined {
  const place = entries.findIndex(({ handshake }) => equalBytes(handshake, entry.handshake));
  if (place >= 0) return { entries: entries.with(place, entry) };
  if (entries.length < HANDSHAKES_MAX) return { entries: [...entries, entry] };
  const oldest = entries.findIndex(({ phase }) => phase !== "storing");
  return oldest < 0 ? undefined : { entries: [...entries.toSpliced(oldest, 1), entry] };
}

export function withoutEntry({ entries }: StationState, handshake: Uint8Array): StationState {
  return { entries: entries.filter((entry) => !equalBytes(entry.handshake, handshake)) };
}

/** Undefined when nothing expires. */
export function nextExpiryMs({ entries }: StationState): number | undefined {
  const times = entries.flatMap((entry) => (entry.phase === "storing" ? [] : [entry.expiresMs]));
  return times.length === 0 ? undefined : Math.min(...times);
}
