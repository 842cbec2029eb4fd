/**
 * EVIDENCE: two things that one signer has signed and an honest one never signs both of, shown by anybody.
 *
 *     payload { 1: network, 2: kind, 3: member, 4: first, 5: second }      first, second: [purpose, envelope] as bytes
 *
 * The signature is the one who shows it, and says nothing about the two: they prove themselves.
 */
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { EVIDENCE_OBJECT_BYTES_MAX } from "#core/limits.ts";
import { bytes, choice, field, record, type ValueOf } from "#core/wire/schema.ts";
import { NETWORK_BYTES } from "#core/wire/signed.ts";

/** What contradicts what; the numbers are those of the protocol's table, E1 to E7. */
export const evidenceKind = choice({
  /** Two headers of one miner for one slot. */
  headers: 1,
  /** Two votes of one member that no honest register lets through. */
  votes: 2,
  /** Two reports of one side with one number. */
  reports: 3,
  /** A completion or cancellation, and another word of the same side that cannot be beside it. */
  endings: 4,
  /** Two reports of one vehicle: energy flows into it at two stations at the same time. */
  places: 5,
  /** Two certificates of one device, of two organisations, for the same time. */
  certificates: 6,
  /** Two rotations of one device to the key of one number. */
  rotations: 7,
});
export type EvidenceKind = ValueOf<typeof evidenceKind>;

export const EVIDENCE_KINDS = [
  ...(["headers", "votes", "reports", "endings", "places", "certificates", "rotations"] as const),
] as const satisfies readonly EvidenceKind[];

/** E1 to E7, as people and the protocol call it. */
export function evidenceNumber(kind: EvidenceKind): number {
  return EVIDENCE_KINDS.indexOf(kind) + 1;
}

const object = bytes(1, EVIDENCE_OBJECT_BYTES_MAX);

export const evidenceBody = record({
  network: field(1, bytes(NETWORK_BYTES)),
  kind: field(2, evidenceKind),
  /** Did of the member who shows it. */
  member: field(3, bytes(HASH_BYTES)),
  /** Of a charge: the word that the one who shows it holds by. Else the one with the lower id. */
  first: field(4, object),
  second: field(5, object),
});
export type EvidenceBody = ValueOf<typeof evidenceBody>;
