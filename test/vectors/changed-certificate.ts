/** Certificates that are changed after they were made, also to what no encoder of ours would write. */
import {
  encodeCertificate,
  quorumCertificateBody,
  type QuorumCertificate,
  type QuorumCertificateBody,
} from "#core/finality/quorum-certificate.ts";
import type { CborValue } from "#core/wire/cbor.ts";
import { encodeChanged } from "./encode-changed.ts";

export type CertificateChange = (certificate: QuorumCertificate) => Uint8Array;

export function changedBody(change: (body: QuorumCertificateBody) => QuorumCertificateBody): CertificateChange {
  return (certificate) => encodeCertificate(change(certificate.body)).bytes;
}

/** Another value under a key: what it is, no encoder of ours would write. */
export function changedKey(number: number, value: CborValue): CertificateChange {
  return ({ body }) => encodeChanged(quorumCertificateBody.write(body), { [number]: value });
}

/** The certificate with none but these seats. */
export function seatsOnly(of: QuorumCertificateBody, kept: readonly number[]): QuorumCertificateBody {
  const sum = kept.reduce((bits, seat) => bits | (1 << seat), 0);
  return { ...of, seats: Uint8Array.of(sum), signatures: of.signatures.filter((_, seat) => kept.includes(seat)) };
}
