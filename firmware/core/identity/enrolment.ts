/**
 * ENROL: a device asks an authority to vouch for it, and proves that it holds the key that its inception names. It
 * never stands on a chain: it is a file or a line between a device and the office that enrols it.
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
  type ValueOf,
  type WireFault,
} from "#core/wire/schema.ts";
import { decodeSigned, encodeSigned, NETWORK_BYTES, toBeSigned, type SignedFault } from "#core/wire/signed.ts";
import type { Cryptography, Signer } from "./cryptography.ts";
import { decodeInception, deviceIdOf, INCEPTION_BYTES, type Inception } from "./device-id.ts";
import { ORGANISATION_BYTES_MAX, showableText } from "./showable-text.ts";
import { within } from "./within.ts";

export const enrolmentBody = record({
  version: field(1, integer(1, 1)),
  network: field(2, bytes(NETWORK_BYTES)),
  inception: field(3, bytes(INCEPTION_BYTES)),
  /** Who runs the device, in its own words: the authority writes what it has found. */
  organisation: field(6, showableText(ORGANISATION_BYTES_MAX)),
});
export type EnrolmentBody = ValueOf<typeof enrolmentBody>;

export interface Enrolment {
  readonly network: Uint8Array;
  readonly deviceId: Uint8Array;
  readonly inception: Inception;
  readonly inceptionBytes: Uint8Array;
  readonly organisation: string;
}

export type EnrolmentFault = WireFault | SignedFault | { readonly code: "ENROL_BAD_SIGNATURE" };

/** The envelope of a request; `signer` holds the key that the inception names. */
export function encodeEnrolment(body: EnrolmentBody, signer: Signer): Uint8Array {
  const inception = decodeInception(body.inception);
  assert(inception.ok && equalBytes(inception.value.publicKey, signer.publicKey), "a device asks for itself");
  const payload = encodeShape(enrolmentBody, body);
  return encodeSigned(payload, [signer.sign(toBeSigned(body.network, PURPOSE.ENROL, payload))]);
}

/** Reads and verifies a request of anybody's making, for whatever network it names. */
export function decodeEnrolment(envelope: Uint8Array, crypto: Cryptography): Result<Enrolment, EnrolmentFault> {
  const signed = decodeSigned(envelope, 1);
  if (!signed.ok) return signed;
  const { payload, signatures } = signed.value;
  const read = decodeShape(enrolmentBody, payload);
  if (!read.ok) return read;
  const { network, inception: inceptionBytes, organisation } = read.value;
  const inception = decodeInception(inceptionBytes);
  if (!inception.ok) return within("inception", inception.fault);
  const message = toBeSigned(network, PURPOSE.ENROL, payload);
  if (!signatures.every((signature) => crypto.verify(inception.value.publicKey, message, signature))) {
    return fail({ code: "ENROL_BAD_SIGNATURE" });
  }
  const deviceId = deviceIdOf(crypto, inceptionBytes);
  return ok({ network, deviceId, inception: inception.value, inceptionBytes, organisation });
}
