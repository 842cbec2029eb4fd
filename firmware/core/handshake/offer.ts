/**
 * OFFER: what a station asks of whoever plugs in, signed and shown on a retained topic.
 *
 *     payload { 1: 1, 2: network, 3: station, 4: evse, 5: TERMS, 6: reference, 7: not before, 8: expires,
 *               9: [boot, counter], 10: JOIN of the station }
 */
import { equalBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { terms } from "#core/contract/terms.ts";
import { HASH_BYTES, type Cryptography, type Signer } from "#core/identity/cryptography.ts";
import { isResolvedFor } from "#core/tariff/check-tariff.ts";
import { blockReference } from "#core/session/facts.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import {
  bytes,
  decodeShape,
  encodeShape,
  field,
  integer,
  record,
  tuple,
  unsigned,
  type ValueOf,
  type WireFault,
} from "#core/wire/schema.ts";
import { decodeSigned, encodeSigned, idOf, NETWORK_BYTES, toBeSigned, type SignedFault } from "#core/wire/signed.ts";
import type { HandshakeContext } from "./handshake-context.ts";
import { CLOCK_TOLERANCE_SECONDS, JOIN_BYTES_MAX, OFFER_BYTES_MAX, OFFER_SECONDS_MAX } from "./handshake-limits.ts";
import { readMember, type Member, type MemberFault } from "./member.ts";

export const offerBody = record({
  version: field(1, integer(1, 1)),
  network: field(2, bytes(NETWORK_BYTES)),
  station: field(3, bytes(HASH_BYTES)),
  evse: field(4, integer(1, 255)),
  terms: field(5, terms),
  /** The newest block that the station holds. */
  reference: field(6, blockReference),
  notBeforeSeconds: field(7, unsigned),
  expiresSeconds: field(8, unsigned),
  /** Boot counter of the station and number of the offer within it: the newer of two offers is the larger. */
  counter: field(9, tuple(unsigned, unsigned)),
  join: field(10, bytes(1, JOIN_BYTES_MAX)),
});
export type OfferBody = ValueOf<typeof offerBody>;

export interface Offer {
  readonly id: Uint8Array;
  readonly body: OfferBody;
  /** As it travels, with the signature. */
  readonly bytes: Uint8Array;
}

/** An offer of somebody else, with the station that its JOIN and its signature prove. */
export interface ProvenOffer extends Offer {
  readonly station: Member;
}

export type OfferFault =
  | WireFault
  | SignedFault
  | MemberFault
  | { readonly code: "OFFER_TOO_LARGE"; readonly bytes: number }
  | { readonly code: "OFFER_WRONG_NETWORK" | "OFFER_WRONG_SIGNER" | "OFFER_BAD_SIGNATURE" }
  | { readonly code: "OFFER_TOO_LONG" | "OFFER_TARIFF_OF_ANOTHER_TIME" };

export function signOffer(crypto: Cryptography, body: OfferBody, signer: Signer): Offer {
  const payload = encodeShape(offerBody, body);
  const signature = signer.sign(toBeSigned(body.network, PURPOSE.OFFER, payload));
  const id = idOf(crypto, body.network, PURPOSE.OFFER, payload);
  return { id, body, bytes: encodeSigned(payload, [signature]) };
}

/** Reads and verifies an offer of anybody's making. Whether it is valid now is asked of `isValidAt`. */
export function readOffer(envelope: Uint8Array, context: HandshakeContext): Result<ProvenOffer, OfferFault> {
  if (envelope.length > OFFER_BYTES_MAX) return fail({ code: "OFFER_TOO_LARGE", bytes: envelope.length });
  const signed = decodeSigned(envelope, 1);
  if (!signed.ok) return signed;
  const { payload, signatures } = signed.value;
  const read = decodeShape(offerBody, payload);
  if (!read.ok) return read;
  const body = read.value;
  if (!equalBytes(body.network, context.network)) return fail({ code: "OFFER_WRONG_NETWORK" });
  const lastsSeconds = body.expiresSeconds - body.notBeforeSeconds;
  if (lastsSeconds < 0 || lastsSeconds > OFFER_SECONDS_MAX) return fail({ code: "OFFER_TOO_LONG" });
  const latestEnd = body.expiresSeconds + body.terms.durationMaxSeconds;
  if (!isResolvedFor(body.terms.tariff, body.notBeforeSeconds, latestEnd)) {
    return fail({ code: "OFFER_TARIFF_OF_ANOTHER_TIME" });
  }
  const station = readMember(body.join, "station", context);
  if (!station.ok) return station;
  if (!equalBytes(station.value.deviceId, body.station)) return fail({ code: "OFFER_WRONG_SIGNER" });
  const message = toBeSigned(context.network, PURPOSE.OFFER, payload);
  const { publicKey } = station.value;
  if (!signatures.every((signature) => context.crypto.verify(publicKey, message, signature))) {
    return fail({ code: "OFFER_BAD_SIGNATURE" });
  }
  const id = idOf(context.crypto, context.network, PURPOSE.OFFER, payload);
  return ok({ id, body, bytes: envelope, station: station.value });
}

export function isValidAt({ body }: Offer, wallSeconds: number): boolean {
  return (
    wallSeconds >= body.notBeforeSeconds - CLOCK_TOLERANCE_SECONDS &&
    wallSeconds <= body.expiresSeconds + CLOCK_TOLERANCE_SECONDS
  );
}
