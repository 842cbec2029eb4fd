/** Sizes, times and counts of the handshake, and the relations between them, checked when the file is loaded. */
import { FACT_BYTES_MAX, MESH_PAYLOAD_BYTES_MAX, TARIFF_BYTES_MAX } from "#core/limits.ts";

/** Name of one handshake on the wire: the first bytes of a hash of its first message. */
export const HANDSHAKE_ID_BYTES = 16;
export const NONCE_BYTES = 32;
/** The vehicle's reply topic; unguessable, so that only who has seen M1 can answer. */
export const TOKEN_BYTES = 16;
export const SALT_BYTES = 16;
export const COOKIE_BYTES = 32;

/** A JOIN with the longest certificate takes about 350 bytes. */
export const JOIN_BYTES_MAX = 448;
/** An OFFER with the largest tariff, terms and JOIN takes about 2,340 bytes. */
export const OFFER_BYTES_MAX = 2368;
/** The payload of OPEN; without its tariff it takes at most 450 bytes. */
export const OPEN_BYTES_MAX = 2048;
/** A sealed content: the largest is a refusal of M2 with a counter-offer, or an OPEN with the vehicle's JOIN. */
export const SEALED_BYTES_MAX = 3072;
/** One message of the handshake as it travels. */
export const HANDSHAKE_MESSAGE_BYTES_MAX = 3328;

/** Waits after the first sending and after each repetition; after the last one the vehicle waits as long again. */
export const RETRY_DELAYS_MS: readonly number[] = [500, 1000, 2000, 4000, 8000];
/** A RETRY may hurry the repetition of M1 this often in a round: whoever forges RETRYs gains no traffic by it. */
export const HURRIED_MAX = 2;
/** The first offer and two counter-offers. */
export const ROUNDS_MAX = 3;

/** M1s of handshakes that go no further which a station answers and remembers before it asks for a cookie. */
export const ANSWERED_WITHOUT_COOKIE_MAX = 8;
/** How long the station waits for M3 after its last M2. */
export const HALF_OPEN_MS: number = 30_000;
/** How long an answer is kept for repetitions of its question. */
export const ANSWER_KEPT_MS: number = 120_000;
/** Handshakes that a station remembers at once; the oldest gives way. */
export const HANDSHAKES_MAX = 32;
/** A cookie is good in the minute of its making and in the next. */
export const COOKIE_PERIOD_MS = 60_000;

/** Difference of the two wall clocks that is forgiven. */
export const CLOCK_TOLERANCE_SECONDS = 60;
/** Longest validity of an offer. */
export const OFFER_SECONDS_MAX = 600;

const vehicleWaitsMs = RETRY_DELAYS_MS.reduce((sum, delay) => sum + delay, RETRY_DELAYS_MS.at(-1) ?? 0);
if (vehicleWaitsMs > HALF_OPEN_MS || HALF_OPEN_MS > ANSWER_KEPT_MS) {
  throw new Error("bug: limits disagree: the station forgets while the vehicle still repeats");
}
if (
  Math.max(OFFER_BYTES_MAX, OPEN_BYTES_MAX) + JOIN_BYTES_MAX + 256 > SEALED_BYTES_MAX ||
  SEALED_BYTES_MAX + 256 > HANDSHAKE_MESSAGE_BYTES_MAX
) {
  throw new Error("bug: limits disagree: a message does not fit what carries it");
}
if (TARIFF_BYTES_MAX + 450 > OPEN_BYTES_MAX || TARIFF_BYTES_MAX + 450 + 350 > OFFER_BYTES_MAX) {
  throw new Error("bug: limits disagree: a largest tariff does not fit a contract or an offer");
}
if (HANDSHAKE_MESSAGE_BYTES_MAX > FACT_BYTES_MAX || FACT_BYTES_MAX > MESH_PAYLOAD_BYTES_MAX) {
  throw new Error("bug: limits disagree: the mesh does not carry a handshake");
}
