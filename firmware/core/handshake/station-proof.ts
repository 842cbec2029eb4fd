/**
 * What the station signs in M2 (purpose AUTH). Through the transcript it covers every byte of the vehicle's hello and
 * of its own key, so the signature is worth nothing in any other handshake.
 */
import { HASH_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { terms } from "#core/contract/terms.ts";
import { refusalCode } from "./abort-reason.ts";
import type { StationAccepts, StationRefuses } from "./sealed-contents.ts";

export interface ProofSubject {
  /** th2. */
  readonly transcript: Uint8Array;
  readonly station: Uint8Array;
  readonly evse: number;
  readonly offer: Uint8Array;
}

/** Number of the station in `role`: a vehicle never signs for this purpose. */
const STATION = 1;

export function acceptanceProof(
  crypto: Cryptography,
  { transcript, station, evse, offer }: ProofSubject,
  content: Omit<StationAccepts, "join" | "signature">,
): Uint8Array {
  const termsHash = crypto.sha256(encodeShape(terms, content.terms));
  const { startMilliWh, holdsReference } = content;
  const parts = [STATION, transcript, station, evse, offer, termsHash, startMilliWh, holdsReference];
  return encodeCbor(["TALLY1/auth", ...parts]);
}

export function refusalProof(
  crypto: Cryptography,
  { transcript, station, evse, offer }: ProofSubject,
  content: Omit<StationRefuses, "join" | "signature">,
): Uint8Array {
  const counterHash = content.counterOffer === undefined ? NOTHING : crypto.sha256(content.counterOffer);
  const reason = refusalCode.write(content.refusal);
  return encodeCbor(["TALLY1/refusal", STATION, transcript, station, evse, offer, reason, counterHash]);
}

const NOTHING = new Uint8Array(HASH_BYTES);
