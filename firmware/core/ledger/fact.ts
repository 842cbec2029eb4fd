/**
 * A fact: something signed that may stand in a block. On the wire and on flash it is its purpose followed by its
 * envelope, `[purpose, envelope]` in CBOR; its id is the hash of what was signed.
 */
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { codeBody, type CodeBody } from "#core/contract/code-fact.ts";
import { evidenceBody, type EvidenceBody } from "#core/evidence/evidence-body.ts";
import { paramsBody, type ParamsBody } from "#core/governance/params-fact.ts";
import { reconfigBody, type ReconfigBody } from "#core/governance/reconfig-fact.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { joinPayload, type JoinPayload } from "#core/identity/join.ts";
import { revokeBody, rotateBody, type RevokeBody, type RotateBody } from "#core/identity/membership-facts.ts";
import { FACT_BYTES_MAX } from "#core/limits.ts";
import {
  adjudicateBody,
  cancelBody,
  completeBody,
  openBody,
  reportBody,
  resolveBody,
  type AdjudicateBody,
  type CancelBody,
  type CompleteBody,
  type OpenBody,
  type ReportBody,
  type ResolveBody,
} from "#core/session/facts.ts";
import { decodeCbor, encodeCbor, isList, viewCbor } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { decodeShape, type Shape, type WireFault } from "#core/wire/schema.ts";
import { decodeSigned, idOf, type SignedFault, type Signers } from "#core/wire/signed.ts";

interface FactOf<Kind extends string, Body> {
  readonly kind: Kind;
  readonly id: Uint8Array;
  /** The id in hex: facts are looked up by it. */
  readonly key: string;
  /** The fact as it travels and is stored. */
  readonly bytes: Uint8Array;
  readonly payload: Uint8Array;
  /**
   * One; for OPEN two: the vehicle's, then the station's; for ROTATE two: the old key's, then the new one's; for PARAMS
   * and RECONFIG those of the governors who have signed, in the order of the genesis.
   */
  readonly signatures: readonly Uint8Array[];
  readonly body: Body;
}

export type JoinFact = FactOf<"JOIN", JoinPayload>;
export type RotateFact = FactOf<"ROTATE", RotateBody>;
export type RevokeFact = FactOf<"REVOKE", RevokeBody>;
export type ParamsFact = FactOf<"PARAMS", ParamsBody>;
export type ReconfigFact = FactOf<"RECONFIG", ReconfigBody>;
export type CodeFact = FactOf<"CODE", CodeBody>;
export type OpenFact = FactOf<"OPEN", OpenBody>;
export type EvidenceFact = FactOf<"EVIDENCE", EvidenceBody>;
export type ReportFact = FactOf<"REPORT", ReportBody>;
export type CompleteFact = FactOf<"COMPLETE", CompleteBody>;
export type CancelFact = FactOf<"CANCEL", CancelBody>;
export type ResolveFact = FactOf<"RESOLVE", ResolveBody>;
export type AdjudicateFact = FactOf<"ADJUDICATE", AdjudicateBody>;
export type MembershipFact = JoinFact | RotateFact | RevokeFact;
export type GovernanceFact = ParamsFact | ReconfigFact;
/** Of one charge that stands. */
export type SessionFact = ReportFact | CompleteFact | CancelFact | ResolveFact | AdjudicateFact;
export type Fact = MembershipFact | GovernanceFact | CodeFact | OpenFact | EvidenceFact | SessionFact;
export type FactKind = Fact["kind"];

export type FactDecodeFault =
  | WireFault
  | SignedFault
  | { readonly code: "FACT_TOO_LARGE"; readonly bytes: number }
  | { readonly code: "FACT_UNKNOWN_PURPOSE"; readonly purpose: number };

interface FactForm {
  readonly shape: Shape<Fact["body"]>;
  readonly signers: Signers;
}

/**
 * In the order in which a block lists them: a fact never stands before one that it refers to. Evidence comes before the
 * words of a charge, so that one block can take away a word and hold the one that stands instead.
 */
const FORMS: Readonly<Record<FactKind, FactForm>> = {
  JOIN: { shape: joinPayload, signers: 1 },
  ROTATE: { shape: rotateBody, signers: 2 },
  REVOKE: { shape: revokeBody, signers: 1 },
  PARAMS: { shape: paramsBody, signers: "governors" },
  RECONFIG: { shape: reconfigBody, signers: "governors" },
  CODE: { shape: codeBody, signers: 1 },
  OPEN: { shape: openBody, signers: 2 },
  EVIDENCE: { shape: evidenceBody, signers: 1 },
  REPORT: { shape: reportBody, signers: 1 },
  COMPLETE: { shape: completeBody, signers: 1 },
  CANCEL: { shape: cancelBody, signers: 1 },
  RESOLVE: { shape: resolveBody, signers: 1 },
  ADJUDICATE: { shape: adjudicateBody, signers: 1 },
};

/** Facts of one charge, which name it by its address. */
export function isSessionFact(fact: Fact): fact is SessionFact {
  return "address" in fact.body;
}

export const FACT_KINDS = Object.keys(FORMS) as readonly FactKind[];

const KIND_OF: ReadonlyMap<number, FactKind> = new Map(FACT_KINDS.map((kind) => [PURPOSE[kind], kind]));

export interface FactContext {
  readonly crypto: Cryptography;
  readonly network: Uint8Array;
}

/** Puts a fact together from its envelope as `encodeSigned` made it. */
export function encodeFact(kind: FactKind, envelope: Uint8Array): Uint8Array {
  return encodeCbor([PURPOSE[kind], envelope]);
}

/** The id of a fact that was judged before, in hex, without reading more of it than that takes. */
export function factKeyIn({ crypto, network }: FactContext, bytes: Uint8Array): string | undefined {
  const item = decodeCbor(bytes);
  const [purpose, envelope] = item.ok && isList(item.value) ? item.value : [];
  const kind = FACT_KINDS.find((name) => PURPOSE[name] === purpose);
  if (kind === undefined || !(envelope instanceof Uint8Array)) return undefined;
  const signed = decodeSigned(envelope, FORMS[kind].signers);
  return signed.ok ? toHex(idOf(crypto, network, PURPOSE[kind], signed.value.payload)) : undefined;
}

/** Decodes a fact of anybody's making. Its signatures are checked where its signers are known: `applyFact`. */
export function decodeFact(context: FactContext, bytes: Uint8Array): Result<Fact, FactDecodeFault> {
  if (bytes.length > FACT_BYTES_MAX) return fail({ code: "FACT_TOO_LARGE", bytes: bytes.length });
  // The fact keeps its bytes, so its parts may be parts of them.
  const item = viewCbor(bytes);
  if (!item.ok) return item;
  const [purpose, envelope] = isList(item.value) && item.value.length === 2 ? item.value : [];
  if (typeof purpose !== "number" || !(envelope instanceof Uint8Array)) {
    return fail({ code: "WIRE_WRONG_SHAPE", path: "", expected: "[purpose, envelope]" });
  }
  const kind = KIND_OF.get(purpose);
  if (kind === undefined) return fail({ code: "FACT_UNKNOWN_PURPOSE", purpose });
  const envelopeParts = decodeSigned(envelope, FORMS[kind].signers);
  if (!envelopeParts.ok) return envelopeParts;
  const { payload, signatures } = envelopeParts.value;
  const body = decodeShape(FORMS[kind].shape, payload);
  if (!body.ok) return body;
  const id = idOf(context.crypto, context.network, PURPOSE[kind], payload);
  return ok({ kind, id, key: toHex(id), bytes, payload, signatures, body: body.value } as Fact);
}
