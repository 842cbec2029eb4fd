/** Certificates as the office, or somebody who has its key for a moment, might sign them: right ones and wrong ones. */
import { certificateBody, type CertificateBody } from "#core/identity/certificate.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { decodeCbor, isMap, type CborValue } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import { STARTED_AT, STATION } from "#test/builders/ledger-builder.ts";
import { complementOfS } from "#test/builders/p256-signature.ts";
import { OFFICE } from "#test/builders/membership-facts.ts";

const DAY = 86_400;

export function bodyOf(network: Uint8Array, changes: Partial<CertificateBody>, actor = STATION): CertificateBody {
  return {
    ...{ version: 1, network, inception: actor.inception, role: actor.role, organisation: actor.organisation },
    ...{ notBefore: STARTED_AT - DAY, notAfter: STARTED_AT + 9 * DAY, capabilities: ["charge", "seal"] },
    ...changes,
  };
}

/** Signed by the office over what `encodeCertificate` would refuse to write. */
export function forged(network: Uint8Array, changes: Partial<CertificateBody>, actor = STATION): Uint8Array {
  const payload = encodeShape(certificateBody, bodyOf(network, changes, actor));
  return encodeSigned(payload, [OFFICE.sign(toBeSigned(network, PURPOSE.CERT, payload))]);
}

export function certificateSigned(
  network: Uint8Array,
  purpose: (typeof PURPOSE)["CERT" | "JOIN"],
  forNetwork: Uint8Array,
): Uint8Array {
  const payload = encodeShape(certificateBody, bodyOf(network, {}));
  return encodeSigned(payload, [OFFICE.sign(toBeSigned(forNetwork, purpose, payload))]);
}

export function changedSignature(network: Uint8Array): Uint8Array {
  const payload = encodeShape(certificateBody, bodyOf(network, {}));
  return encodeSigned(payload, [complementOfS(OFFICE.sign(toBeSigned(network, PURPOSE.CERT, payload)))]);
}

/** The payload of a fact as the map that it is. */
export function payloadOf({ payload }: Fact): ReadonlyMap<number, CborValue> {
  const item = decodeCbor(payload);
  if (!item.ok || !isMap(item.value)) throw new Error("bug: a payload is a map");
  return item.value;
}
