/** Why a handshake ends without a contract: the words that travel, and the reasons that a gateway tells its people. */
import { choice, type ValueOf } from "#core/wire/schema.ts";
import type { CodedFault } from "./handshake-context.ts";

/** What one side tells the other under seal. */
export const refusalCode = choice({
  /** `agree` gives no terms, or other terms than the answer names. */
  TERMS: 1,
  /** The station does not stand by the named offer. */
  OFFER_UNKNOWN: 2,
  OFFER_EXPIRED: 3,
  /** Another charge is open on this outlet. */
  EVSE_BUSY: 4,
  /** Offline, and the vehicle has had what it may have without a newer chain. */
  FLOOR_LIMIT: 5,
  NOT_ADMITTED: 6,
  BAD_SIGNATURE: 7,
  /** OPEN refers to a block that was not named by either side. */
  REFERENCE_UNKNOWN: 8,
  /** OPEN or the JOIN beside it says something else than this handshake. */
  WRONG_OPEN: 9,
  /** The two wall clocks differ too much. */
  CLOCK: 10,
  NOT_PLUGGED: 11,
});
export type RefusalCode = ValueOf<typeof refusalCode>;

/** Why the vehicle's machine gave up. The station never does: it forgets. */
export type AbortReason =
  | { readonly code: "TIMEOUT"; readonly repeated: number }
  /** The last thing that looked like an answer and was none; given instead of TIMEOUT when the waiting ends. */
  | { readonly code: "BAD_ANSWER"; readonly fault: CodedFault }
  | { readonly code: "NOT_PLUGGED" }
  | { readonly code: "BAD_OFFER"; readonly fault: CodedFault }
  | { readonly code: "OFFER_EXPIRED"; readonly fromSeconds: number; readonly toSeconds: number }
  | { readonly code: "WRONG_STATION"; readonly found: Uint8Array }
  | { readonly code: "WRONG_EVSE"; readonly found: number }
  /** No terms: `fault` is of `agree`, or undefined when the station's terms are not the agreed ones. */
  | { readonly code: "TERMS"; readonly fault: CodedFault | undefined }
  | { readonly code: "FLOOR_LIMIT" | "NOT_ADMITTED" }
  | { readonly code: "REFUSED"; readonly refusal: RefusalCode }
  /** A drawn secret is no key of the curve; once in 2^32 draws. Start again with fresh ones. */
  | { readonly code: "BAD_SECRET" };
