/** One of the two objects of a piece of evidence: signed by whom it is about, read and not believed yet. */
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { voteBody, type VoteBody } from "#core/finality/vote.ts";
import { certificateBody, type CertificateBody } from "#core/identity/certificate.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { rotateBody, type RotateBody } from "#core/identity/membership-facts.ts";
import { headerBody, type HeaderBody } from "#core/ledger/block.ts";
import {
  cancelBody,
  completeBody,
  reportBody,
  type CancelBody,
  type CompleteBody,
  type ReportBody,
} from "#core/session/facts.ts";
import { decodeCbor, encodeCbor, isList } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { decodeShape, type Shape } from "#core/wire/schema.ts";
import { decodeSigned, idOf, toBeSigned } from "#core/wire/signed.ts";

interface ObjectOf<Name extends string, Body> {
  readonly name: Name;
  readonly body: Body;
  readonly payload: Uint8Array;
  readonly signatures: readonly Uint8Array[];
  readonly id: Uint8Array;
  /** The id in hex. */
  readonly key: string;
}

export type ShownHeader = ObjectOf<"HEADER", HeaderBody>;
export type ShownVote = ObjectOf<"VOTE", VoteBody>;
export type ShownReport = ObjectOf<"REPORT", ReportBody>;
export type ShownComplete = ObjectOf<"COMPLETE", CompleteBody>;
export type ShownCancel = ObjectOf<"CANCEL", CancelBody>;
export type ShownCertificate = ObjectOf<"CERT", CertificateBody>;
export type ShownRotate = ObjectOf<"ROTATE", RotateBody>;
/** What a side says about its own charge, and cannot say twice. */
export type ShownWord = ShownReport | ShownComplete | ShownCancel;
export type ShownObject = ShownHeader | ShownVote | ShownWord | ShownCertificate | ShownRotate;
export type ShownName = ShownObject["name"];

interface Form {
  readonly shape: Shape<ShownObject["body"]>;
  readonly signers: 1 | 2;
}

const FORMS: Readonly<Record<ShownName, Form>> = {
  HEADER: { shape: headerBody, signers: 1 },
  VOTE: { shape: voteBody, signers: 1 },
  REPORT: { shape: reportBody, signers: 1 },
  COMPLETE: { shape: completeBody, signers: 1 },
  CANCEL: { shape: cancelBody, signers: 1 },
  CERT: { shape: certificateBody, signers: 1 },
  ROTATE: { shape: rotateBody, signers: 2 },
};
const NAMES = Object.keys(FORMS) as readonly ShownName[];

export interface Network {
  readonly crypto: Cryptography;
  readonly network: Uint8Array;
}

/** An envelope as evidence carries it. */
export function encodeShown(name: ShownName, envelope: Uint8Array): Uint8Array {
  return encodeCbor([PURPOSE[name], envelope]);
}

/** Reads an object of anybody's making; verifies no signature. */
export function decodeShown(
  { crypto, network }: Network,
  encoded: Uint8Array,
): Result<ShownObject, { readonly reason: string }> {
  const item = decodeCbor(encoded);
  const [purpose, envelope] = item.ok && isList(item.value) && item.value.length === 2 ? item.value : [];
  const name = NAMES.find((each) => PURPOSE[each] === purpose);
  if (name === undefined || !(envelope instanceof Uint8Array)) return fail({ reason: "EVIDENCE_UNREADABLE" });
  const signed = decodeSigned(envelope, FORMS[name].signers);
  if (!signed.ok) return fail({ reason: signed.fault.code });
  const { payload, signatures } = signed.value;
  const body = decodeShape(FORMS[name].shape, payload);
  if (!body.ok) return fail({ reason: body.fault.code });
  const id = idOf(crypto, network, PURPOSE[name], payload);
  return ok({ name, body: body.value, payload, signatures, id, key: toHex(id) } as ShownObject);
}

/** Whether each signature is by one of the keys that it may be by. */
export function isShownSignedBy(
  { crypto, network }: Network,
  shown: ShownObject,
  keys: readonly (readonly Uint8Array[])[],
): boolean {
  const message = toBeSigned(network, PURPOSE[shown.name], shown.payload);
  return (
    keys.length === shown.signatures.length &&
    shown.signatures.every((signature, place) => keys[place]?.some((key) => crypto.verify(key, message, signature)))
  );
}
