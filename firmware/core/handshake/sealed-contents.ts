/** What M2, M3 and M4 carry under seal. Each of the three says yes or no; a no carries its reason. */
import type { Result } from "#base/result.ts";
import { terms } from "#core/contract/terms.ts";
import { SIGNATURE_BYTES } from "#core/identity/cryptography.ts";
import { blockReference } from "#core/session/facts.ts";
import { decodeCbor, isMap } from "#core/wire/cbor.ts";
import {
  boolean,
  bytes,
  field,
  optional,
  readShape,
  record,
  unsigned,
  type Shape,
  type ValueOf,
  type WireFault,
} from "#core/wire/schema.ts";
import { refusalCode } from "./abort-reason.ts";
import { JOIN_BYTES_MAX, OFFER_BYTES_MAX, OPEN_BYTES_MAX } from "./handshake-limits.ts";

const join = bytes(1, JOIN_BYTES_MAX);
const signature = bytes(SIGNATURE_BYTES);
/** Key of the reason: a content that has it is a refusal. */
const REFUSAL_KEY = 9;
const refusal = field(REFUSAL_KEY, refusalCode);

/** M2, yes: the TERMS that `agree` gave, the start register, and whether the station holds the vehicle's block. */
export const stationAccepts = record({
  join: field(1, join),
  terms: field(2, terms),
  startMilliWh: field(3, unsigned),
  holdsReference: field(4, boolean),
  signature: field(5, signature),
});
/** M2, no: with another offer if the station has one that suits the wish. */
export const stationRefuses = record({
  join: field(1, join),
  signature: field(5, signature),
  counterOffer: optional(6, bytes(1, OFFER_BYTES_MAX)),
  refusal,
});
/** M3, yes: the vehicle names itself and signs OPEN. The payload is bytes because it is signed. */
export const vehicleAccepts = record({
  join: field(1, join),
  open: field(2, bytes(1, OPEN_BYTES_MAX)),
  signature: field(3, signature),
});
/** M3, no: nothing is said of who asks. M4, no. */
export const refuses = record({ refusal });
/** M4, yes: the station's signature under OPEN, and the newest block that it holds. */
export const stationCommits = record({ signature: field(1, signature), tip: field(2, blockReference) });

export type StationAccepts = ValueOf<typeof stationAccepts>;
export type StationRefuses = ValueOf<typeof stationRefuses>;
export type VehicleAccepts = ValueOf<typeof vehicleAccepts>;
export type StationCommits = ValueOf<typeof stationCommits>;
export type Refuses = ValueOf<typeof refuses>;

export type Answer<Yes, No> =
  { readonly isAccepted: true; readonly content: Yes } | { readonly isAccepted: false; readonly content: No };

export function decodeM2Content(plain: Uint8Array): Result<Answer<StationAccepts, StationRefuses>, WireFault> {
  return decodeAnswer(plain, stationAccepts, stationRefuses);
}

export function decodeM3Content(plain: Uint8Array): Result<Answer<VehicleAccepts, Refuses>, WireFault> {
  return decodeAnswer(plain, vehicleAccepts, refuses);
}

export function decodeM4Content(plain: Uint8Array): Result<Answer<StationCommits, Refuses>, WireFault> {
  return decodeAnswer(plain, stationCommits, refuses);
}

function decodeAnswer<Yes, No>(plain: Uint8Array, yes: Shape<Yes>, no: Shape<No>): Result<Answer<Yes, No>, WireFault> {
  const item = decodeCbor(plain);
  if (!item.ok) return item;
  if (isMap(item.value) && item.value.has(REFUSAL_KEY)) {
    const refused = readShape(no, item.value);
    return refused.ok ? { ok: true, value: { isAccepted: false, content: refused.value } } : refused;
  }
  const accepted = readShape(yes, item.value);
  return accepted.ok ? { ok: true, value: { isAccepted: true, content: accepted.value } } : accepted;
}
