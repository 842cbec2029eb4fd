/**
 * Times of the guard. A sign of life comes from the gateway's event loop, so each of them is also how long that loop
 * may stand still: what a collection of garbage, a full block to verify and a busy neighbour cost is in decision 0023.
 */

/** Between two signs of life while a contactor may be closed. */
export const BEAT_MS = 100;
/** Without one for so long the contactor is opened. */
export const BEAT_LIMIT_MS = 300;
/** Between two while nothing is permitted, and while a controller on a bus is watched. */
export const IDLE_BEAT_MS = 500;
/**
 * Without one for so long a gateway with a permit on a bus is frozen, and is ended: its line is needed for the forbid.
 */
export const FREEZE_LIMIT_MS = 3_000;
/** The guard answers each sign of life; one that has not for so long is ended, which releases its lines. */
export const ECHO_LIMIT_MS = 1_000;
/** From its start until it is ready. A small computer takes a second to start a program. */
export const READY_LIMIT_MS = 15_000;
/** A permit or forbid is acknowledged by then, the contactor's own half second included. */
export const ANSWER_LIMIT_MS = 2_000;
/** Between two attempts to start a guard anew. */
export const RESTART_AFTER_MS = [1_000, 2_000, 5_000, 10_000, 30_000] as const;
/** The lines of a guard whose gateway has just died may be held for a moment. */
export const BUSY_LINES_MS = 1_500;
/** Between two attempts of the last will, and how long it tries. */
export const LAST_WILL_AGAIN_MS = 1_000;
export const LAST_WILL_MS = 24 * 3_600_000;
/** One message, whoever sends it. */
export const MESSAGE_BYTES_MAX = 16 * 1024;

// Two signs of life may be late or lost to a hiccup before the contactor opens.
if (3 * BEAT_MS > BEAT_LIMIT_MS || 2 * IDLE_BEAT_MS > FREEZE_LIMIT_MS) throw new Error("bug: limits disagree");
