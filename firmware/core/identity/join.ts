/**
 * JOIN: a gateway tells a network its inception, signed with the key that the inception names. Whoever has seen it can
 * check everything that the device signs later from the device id alone.
 *
 *     payload { 1: 1, 2: network, 3: inception, 6: organisation }
 */
import { assert } from "#base/assert.ts";
import { equalBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import {
  bytes,
  decodeShape,
  encodeShape,
  field,
  integer,
  record,
  text,
  where,
  type Shape,
  type ValueOf,
  type WireFault,
} from "#core/wire/schema.ts";
import { decodeSigned, encodeSigned, idOf, NETWORK_BYTES, toBeSigned, type SignedFault } from "#core/wire/signed.ts";
import type { Cryptography, Signer } from "./cryptography.ts";
import { decodeInception, deviceIdOf, INCEPTION_BYTES, type Inception } from "./device-id.ts";

/** Bytes of the organisation's name. */
export const ORGANISATION_BYTES_MAX = 32;

export const joinPayload = record({
  version: field(1, integer(1, 1)),
  network: field(2, bytes(NETWORK_BYTES)),
  /** As bytes, because the device id is their hash. */
  inception: field(3, bytes(INCEPTION_BYTES)),
  /** Who runs the gateway, in its own words and unproven; may be empty. */
  organisation: field(6, showableText(ORGANISATION_BYTES_MAX)),
});
export type JoinPayload = ValueOf<typeof joinPayload>;

export interface Join {
  /** The id of the signed object. */
  readonly id: Uint8Array;
  readonly deviceId: Uint8Array;
  readonly inception: Inception;
  readonly organisation: string;
}

export type JoinFault =
  WireFault | SignedFault | { readonly code: "JOIN_WRONG_NETWORK" } | { readonly code: "JOIN_BAD_SIGNATURE" };

/** The envelope of a JOIN; `signer` holds the key that the inception names. */
export function encodeJoin(join: JoinPayload, signer: Signer): Uint8Array {
  const inception = decodeInception(join.inception);
  assert(
    inception.ok && equalBytes(inception.value.publicKey, signer.publicKey),
    "the signer is not the one who joins",
  );
  const payload = encodeShape(joinPayload, join);
  return encodeSigned(payload, [signer.sign(toBeSigned(join.network, PURPOSE.JOIN, payload))]);
}

/** Reads and verifies a JOIN of anybody's making for this network; cheap checks come before the signature. */
export function decodeJoin(envelope: Uint8Array, crypto: Cryptography, network: Uint8Array): Result<Join, JoinFault> {
  const signed = decodeSigned(envelope, 1);
  if (!signed.ok) return signed;
  const { payload, signatures } = signed.value;
  const read = decodeShape(joinPayload, payload);
  if (!read.ok) return read;
  if (!equalBytes(read.value.network, network)) return fail({ code: "JOIN_WRONG_NETWORK" });
  const inception = decodeInception(read.value.inception);
  if (!inception.ok) return within("inception", inception.fault);
  const message = toBeSigned(network, PURPOSE.JOIN, payload);
  const isGenuine = signatures.every((signature) => crypto.verify(inception.value.publicKey, message, signature));
  if (!isGenuine) return fail({ code: "JOIN_BAD_SIGNATURE" });
  return ok({
    id: idOf(crypto, network, PURPOSE.JOIN, payload),
    deviceId: deviceIdOf(crypto, read.value.inception),
    inception: inception.value,
    organisation: read.value.organisation,
  });
}

/** The inception is a message of its own inside a byte string, so its paths start there. */
function within(place: string, fault: WireFault): Result<never, WireFault> {
  return fail(fault.code === "WIRE_WRONG_SHAPE" ? { ...fault, path: `${place}.${fault.path}` } : fault);
}

/** Text of at most `max` bytes that people will be shown. */
export function showableText(max: number): Shape<string> {
  return where(text(max), isShowable, "text without hidden characters");
}

/**
 * Whether a text can be shown without moving what stands around it: no control characters, no line or paragraph
 * separators, no marks that turn the writing direction. The ranges are listed because a class such as `\p{Cf}` changes
 * with the Unicode version, and a fact must be judged alike on every gateway.
 */
function isShowable(name: string): boolean {
  return !/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.test(name);
}
