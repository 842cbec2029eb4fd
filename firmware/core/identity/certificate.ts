/**
 * CERT: the enrolment authority of a region vouches for a device. It says to whom the device belongs, what it may do,
 * how well it measures, and for how long that is said. Nobody but the authority signs it; the device shows that it
 * agrees by the JOIN around it.
 *
 *     payload { 1: 1, 2: network, 3: inception, 5: role, 6: organisation, 7: not before, 8: not after, 9: rights,
 *               10: [permissible error, measuring point]? }
 */
import { assert } from "#base/assert.ts";
import { equalBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { measuringPoint, PPM } from "#core/contract/terms.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import {
  bytes,
  choice,
  decodeShape,
  encodeShape,
  field,
  integer,
  optional,
  record,
  tuple,
  unsigned,
  type ValueOf,
  type WireFault,
} from "#core/wire/schema.ts";
import { decodeSigned, encodeSigned, idOf, NETWORK_BYTES, toBeSigned, type SignedFault } from "#core/wire/signed.ts";
import { capabilities, CAPABILITIES_OF, type Capability } from "./capability.ts";
import type { Cryptography, Signer } from "./cryptography.ts";
import { decodeInception, DEVICE_ROLE, deviceIdOf, INCEPTION_BYTES, type Inception } from "./device-id.ts";
import { ORGANISATION_BYTES_MAX, showableText } from "./showable-text.ts";
import { within } from "./within.ts";

/** An offline site learns late of a revocation, so nobody is vouched for any longer than this. */
export const CERTIFICATE_SECONDS_MAX = 30 * 86_400;
/** The envelope; the longest one takes 238. */
export const CERTIFICATE_BYTES_MAX = 256;

export const certificateBody = record({
  version: field(1, integer(1, 1)),
  network: field(2, bytes(NETWORK_BYTES)),
  /** As bytes, because the device id is their hash; so a certificate can never name another key than the device's. */
  inception: field(3, bytes(INCEPTION_BYTES)),
  /** The inception's, once more in plain sight. */
  role: field(5, choice(DEVICE_ROLE)),
  /** Who runs the device: here it is proven, and history is counted by it. */
  organisation: field(6, showableText(ORGANISATION_BYTES_MAX)),
  /** Unix seconds, the first and the last at which it is good. */
  notBefore: field(7, unsigned),
  notAfter: field(8, unsigned),
  capabilities: field(9, capabilities),
  /** Maximum permissible error of its meter, and where that measures; absent where nothing is said of it. */
  meter: optional(10, tuple(integer(0, PPM), measuringPoint)),
});
export type CertificateBody = ValueOf<typeof certificateBody>;

export interface Certificate extends Omit<CertificateBody, "inception" | "version" | "network"> {
  readonly id: Uint8Array;
  readonly deviceId: Uint8Array;
  readonly inception: Inception;
  readonly inceptionBytes: Uint8Array;
}

export type CertificateFault =
  | WireFault
  | SignedFault
  | {
      readonly code:
        | "CERT_WRONG_NETWORK"
        /** Another role than the inception's. */
        | "CERT_WRONG_ROLE"
        /** A right that this role cannot have. */
        | "CERT_WRONG_RIGHT"
        /** It ends before it begins, or lasts more than 30 days. */
        | "CERT_WRONG_PERIOD"
        /** By none of the authorities of this region. */
        | "CERT_BAD_SIGNATURE";
    };

/** The envelope of a certificate; `authority` is the enrolment key. */
export function encodeCertificate(body: CertificateBody, authority: Signer): Uint8Array {
  const inception = decodeInception(body.inception);
  assert(inception.ok && objectionTo(body, inception.value) === undefined, "what is certified can hold");
  const payload = encodeShape(certificateBody, body);
  const bytes = encodeSigned(payload, [authority.sign(toBeSigned(body.network, PURPOSE.CERT, payload))]);
  assert(bytes.length <= CERTIFICATE_BYTES_MAX, "a certificate fits a JOIN");
  return bytes;
}

/** Who vouches in which network. */
export interface Vouching {
  readonly network: Uint8Array;
  /** Enrolment keys; the signature of one of them is needed. */
  readonly authorities: readonly Uint8Array[];
}

/** Reads and verifies a certificate of anybody's making. Whether it is good at a time is asked of `isGoodAt`. */
export function decodeCertificate(
  envelope: Uint8Array,
  crypto: Cryptography,
  { network, authorities }: Vouching,
): Result<Certificate, CertificateFault> {
  const signed = decodeSigned(envelope, 1);
  if (!signed.ok) return signed;
  const { payload, signatures } = signed.value;
  const read = decodeShape(certificateBody, payload);
  if (!read.ok) return read;
  const { inception: inceptionBytes, network: named } = read.value;
  const { role, organisation, notBefore, notAfter, capabilities: rights, meter } = read.value;
  if (!equalBytes(named, network)) return fail({ code: "CERT_WRONG_NETWORK" });
  const inception = decodeInception(inceptionBytes);
  if (!inception.ok) return within("inception", inception.fault);
  const objection = objectionTo(read.value, inception.value);
  if (objection !== undefined) return fail(objection);
  const message = toBeSigned(network, PURPOSE.CERT, payload);
  const isGenuine = signatures.every((signature) => authorities.some((key) => crypto.verify(key, message, signature)));
  if (!isGenuine) return fail({ code: "CERT_BAD_SIGNATURE" });
  const id = idOf(crypto, network, PURPOSE.CERT, payload);
  const deviceId = deviceIdOf(crypto, inceptionBytes);
  const said = { role, organisation, notBefore, notAfter, capabilities: rights, ...(meter && { meter }) };
  return ok({ ...said, id, deviceId, inception: inception.value, inceptionBytes });
}

/** Of an envelope that need not be a genuine certificate; undefined where it has not even the form. */
export function certificateIdOf(
  envelope: Uint8Array,
  crypto: Cryptography,
  network: Uint8Array,
): Uint8Array | undefined {
  const signed = decodeSigned(envelope, 1);
  return signed.ok ? idOf(crypto, network, PURPOSE.CERT, signed.value.payload) : undefined;
}

/** Whether it is said of this second; unix seconds. */
export function isGoodAt({ notBefore, notAfter }: Pick<Certificate, "notBefore" | "notAfter">, at: number): boolean {
  return at >= notBefore && at <= notAfter;
}

type Said = Pick<CertificateBody, "role" | "capabilities" | "notBefore" | "notAfter">;

function objectionTo({ role, capabilities: rights, notBefore, notAfter }: Said, inception: Inception) {
  if (role !== inception.role) return { code: "CERT_WRONG_ROLE" } as const;
  const possible: readonly Capability[] = CAPABILITIES_OF[role];
  if (!rights.every((right) => possible.includes(right))) return { code: "CERT_WRONG_RIGHT" } as const;
  const seconds = notAfter - notBefore;
  if (seconds < 0 || seconds > CERTIFICATE_SECONDS_MAX) return { code: "CERT_WRONG_PERIOD" } as const;
  return undefined;
}
