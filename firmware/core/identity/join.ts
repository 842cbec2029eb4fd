/**
 * JOIN: a gateway tells a network its inception, signed with the key that the inception names. Whoever has seen it can
 * check everything that the device signs later from the device id alone. Where a region wants certificates, the
 * inception comes inside one, and a newer certificate comes by another JOIN: the device's, or the office's own, which
 * reaches a gateway that nobody walks to.
 *
 *     payload { 1: 1, 2: network, 3: inception, 6: organisation, 8: number of the key? }
 *     payload { 1: 1, 2: network, 4: CERT, 8: number of the key? }
 *     payload { 1: 1, 2: network, 4: CERT, 9: 2 }
 */
import { assert } from "#base/assert.ts";
import { equalBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
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
  where,
  type Shape,
  type ValueOf,
  type WireFault,
} from "#core/wire/schema.ts";
import { decodeSigned, encodeSigned, idOf, NETWORK_BYTES, toBeSigned, type SignedFault } from "#core/wire/signed.ts";
import {
  CERTIFICATE_BYTES_MAX,
  certificateBody,
  decodeCertificate,
  type Certificate,
  type CertificateBody,
  type CertificateFault,
  type Vouching,
} from "./certificate.ts";
import type { Cryptography, Signer } from "./cryptography.ts";
import { decodeInception, deviceIdOf, INCEPTION_BYTES, type Inception } from "./device-id.ts";
import { keyNumber } from "./membership-facts.ts";
import { ORGANISATION_BYTES_MAX, showableText } from "./showable-text.ts";
import { within } from "./within.ts";

export interface JoinPayload {
  readonly version: number;
  readonly network: Uint8Array;
  /** As bytes, because the device id is their hash. The certificate's, where there is one. */
  readonly inception: Uint8Array;
  /** Who runs the gateway: the certificate's word, or without one the gateway's own, unproven; may be empty. */
  readonly organisation: string;
  /** The envelope of a CERT. */
  readonly certificate?: Uint8Array;
  /** With which key of the device it is signed, by how often it has rotated; absent for the inception's. */
  readonly keyNumber?: number;
  /** Absent where the device has signed it. */
  readonly by?: "authority";
}

/** What stands on the wire: a certificate already says inception and organisation. */
const written = record({
  version: field(1, integer(1, 1)),
  network: field(2, bytes(NETWORK_BYTES)),
  inception: optional(3, bytes(INCEPTION_BYTES)),
  certificate: optional(
    4,
    where(bytes(1, CERTIFICATE_BYTES_MAX), (cert) => formOf(cert) !== undefined, "a CERT"),
  ),
  organisation: optional(6, showableText(ORGANISATION_BYTES_MAX)),
  keyNumber: optional(8, keyNumber),
  // As in a ROTATE; that it is the owner's is not written.
  by: optional(9, choice({ authority: 2 })),
});
type Written = ValueOf<typeof written>;

const eitherForm = where(
  written,
  (join) => contentOf(join) !== undefined,
  "an inception and its organisation, or a CERT; an authority's with a CERT and no key",
);

export const joinPayload: Shape<JoinPayload> = {
  write: ({ inception, organisation, ...join }) =>
    eitherForm.write(join.certificate === undefined ? { ...join, inception, organisation } : join),
  read: (item) => {
    const { inception, organisation, ...join } = eitherForm.read(item);
    const content = contentOf({
      ...join,
      ...(inception && { inception }),
      ...(organisation !== undefined && { organisation }),
    });
    assert(content !== undefined, "it has one of the two forms");
    return { ...join, ...content };
  },
};

export interface Join {
  /** The id of the signed object. */
  readonly id: Uint8Array;
  readonly deviceId: Uint8Array;
  readonly inception: Inception;
  readonly organisation: string;
  readonly certificate: Certificate | undefined;
  /** 0 for the inception's key. */
  readonly keyNumber: number;
  /** Whose word it is. The authority's does not show that anybody has the device's key. */
  readonly by: "owner" | "authority";
}

export type JoinFault =
  | WireFault
  | SignedFault
  | CertificateFault
  | {
      readonly code:
        | "JOIN_WRONG_NETWORK"
        /** This region takes members with certificates only. */
        | "JOIN_NOT_CERTIFIED"
        /** Signed with a key of the device that is not known here yet. */
        | "JOIN_UNKNOWN_KEY"
        | "JOIN_BAD_SIGNATURE";
    };

/** What a JOIN is judged by. */
export interface JoinRegion extends Vouching {
  /** Members without a certificate are taken. */
  readonly admitsUncertified: boolean;
  /** A later key of a device by its number from 1 on; undefined while no ROTATE has told of it. */
  readonly keyOf: (deviceId: Uint8Array, number: number) => Uint8Array | undefined;
  /** How often the device has rotated, as far as is known: the number of its newest key. */
  readonly newestKeyOf: (deviceId: Uint8Array) => number;
}

/** A region without an authority: everybody may join, and nobody can vouch for anybody. */
export function openRegion(network: Uint8Array): JoinRegion {
  return { network, authorities: [], admitsUncertified: true, keyOf: () => undefined, newestKeyOf: () => 0 };
}

/** The envelope of a JOIN; `signer` holds the key that the inception names, or the later one that `keyNumber` names. */
export function encodeJoin(join: JoinPayload, signer: Signer): Uint8Array {
  const inception = decodeInception(join.inception);
  const isFirst = inception.ok && equalBytes(inception.value.publicKey, signer.publicKey);
  assert(inception.ok && (isFirst || join.keyNumber !== undefined), "the signer is not the one who joins");
  const payload = encodeShape(joinPayload, join);
  return encodeSigned(payload, [signer.sign(toBeSigned(join.network, PURPOSE.JOIN, payload))]);
}

/** The envelope of a JOIN by which an authority renews the certificate of a member. */
export function encodeRenewal(certificate: Uint8Array, network: Uint8Array, authority: Signer): Uint8Array {
  const payload = encodeShape(joinPayload, { ...joinWith(certificate, network), by: "authority" });
  return encodeSigned(payload, [authority.sign(toBeSigned(network, PURPOSE.JOIN, payload))]);
}

/** The JOIN around a certificate. */
export function joinWith(certificate: Uint8Array, network: Uint8Array): JoinPayload {
  const form = formOf(certificate);
  assert(form !== undefined, "what is shown as a certificate is one");
  return { version: 1, network, certificate, inception: form.inception, organisation: form.organisation };
}

/** Reads and verifies a JOIN of anybody's making for this network; cheap checks come before the signatures. */
export function decodeJoin(envelope: Uint8Array, crypto: Cryptography, region: JoinRegion): Result<Join, JoinFault> {
  const signed = decodeSigned(envelope, 1);
  if (!signed.ok) return signed;
  const { payload, signatures } = signed.value;
  const read = decodeShape(joinPayload, payload);
  if (!read.ok) return read;
  const { network } = region;
  if (!equalBytes(read.value.network, network)) return fail({ code: "JOIN_WRONG_NETWORK" });
  const inception = decodeInception(read.value.inception);
  if (!inception.ok) return within("inception", inception.fault);
  const certificate = vouchedBy(read.value, crypto, region);
  if (!certificate.ok) return certificate;
  const deviceId = deviceIdOf(crypto, read.value.inception);
  const { keyNumber: number = 0, organisation, by = "owner" } = read.value;
  const own = number === 0 ? inception.value.publicKey : region.keyOf(deviceId, number);
  if (own === undefined) return fail({ code: "JOIN_UNKNOWN_KEY" });
  const message = toBeSigned(network, PURPOSE.JOIN, payload);
  const keys = by === "owner" ? [own] : region.authorities;
  const isGenuine = signatures.every((signature) => keys.some((key) => crypto.verify(key, message, signature)));
  if (!isGenuine) return fail({ code: "JOIN_BAD_SIGNATURE" });
  const id = idOf(crypto, network, PURPOSE.JOIN, payload);
  return ok({
    ...{ id, deviceId, organisation, keyNumber: number, by },
    ...{ inception: inception.value, certificate: certificate.value },
  });
}

function vouchedBy(
  { certificate }: JoinPayload,
  crypto: Cryptography,
  region: JoinRegion,
): Result<Certificate | undefined, JoinFault> {
  if (certificate !== undefined) return decodeCertificate(certificate, crypto, region);
  return region.admitsUncertified ? ok(undefined) : fail({ code: "JOIN_NOT_CERTIFIED" });
}

/** Inception and organisation, wherever they stand; undefined for neither form, and for a mixture. */
function contentOf(join: Written): Pick<JoinPayload, "inception" | "organisation"> | undefined {
  const { inception, organisation, certificate, keyNumber: number, by } = join;
  if (by !== undefined && (certificate === undefined || number !== undefined)) return undefined;
  if (certificate === undefined)
    return inception && organisation !== undefined ? { inception, organisation } : undefined;
  const form = inception === undefined && organisation === undefined ? formOf(certificate) : undefined;
  return form && { inception: form.inception, organisation: form.organisation };
}

/** What a certificate says, if it has the form of one; nothing of it is verified. */
function formOf(certificate: Uint8Array): CertificateBody | undefined {
  const signed = decodeSigned(certificate, 1);
  const read = signed.ok ? decodeShape(certificateBody, signed.value.payload) : undefined;
  return read?.ok === true && decodeInception(read.value.inception).ok ? read.value : undefined;
}
