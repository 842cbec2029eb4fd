/** What a piece of evidence shows, by its own bytes: which two objects, and that they contradict. */
import { compareBytes, equalBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { contradict as votesContradict } from "#core/finality/contradiction.ts";
import {
  certificatesContradict,
  headersContradict,
  placesContradict,
  reportsContradict,
  rotationsContradict,
  wordsContradict,
} from "./contradicts.ts";
import type { EvidenceBody, EvidenceKind } from "./evidence-body.ts";
import {
  decodeShown,
  type Network,
  type ShownCertificate,
  type ShownHeader,
  type ShownName,
  type ShownObject,
  type ShownReport,
  type ShownRotate,
  type ShownVote,
  type ShownWord,
} from "./shown-object.ts";

interface PieceOf<Kind extends EvidenceKind, Shown> {
  readonly kind: Kind;
  readonly first: Shown;
  readonly second: Shown;
}

export type HeadersPiece = PieceOf<"headers", ShownHeader>;
export type VotesPiece = PieceOf<"votes", ShownVote>;
/** About one side of a charge. */
export type WordsPiece = PieceOf<"reports", ShownReport> | PieceOf<"endings", ShownWord>;
export type PlacesPiece = PieceOf<"places", ShownReport>;
export type CertificatesPiece = PieceOf<"certificates", ShownCertificate>;
export type RotationsPiece = PieceOf<"rotations", ShownRotate>;
export type Piece = HeadersPiece | VotesPiece | WordsPiece | PlacesPiece | CertificatesPiece | RotationsPiece;

/** `reason`: a code of section 3, or that of the object that cannot be read. */
export interface PieceFault {
  readonly reason: string;
}

/** Reads a piece of anybody's making. Who has signed the two is asked where their keys are known. */
export function readPiece(context: Network, body: EvidenceBody): Result<Piece, PieceFault> {
  const first = decodeShown(context, body.first);
  if (!first.ok) return first;
  const second = decodeShown(context, body.second);
  if (!second.ok) return second;
  const [one, other] = [first.value, second.value];
  if (![one, other].every(({ name }) => OBJECTS[body.kind].includes(name))) return bad("EVIDENCE_WRONG_OBJECT");
  if (![one, other].every((each) => isOf(each, context.network))) return bad("EVIDENCE_WRONG_NETWORK");
  if (equalBytes(one.id, other.id)) return bad("EVIDENCE_SAME_OBJECT");
  // In a charge the order says which word the one who shows it holds by; elsewhere there is one piece of two objects.
  const isOrdered = body.kind === "reports" || body.kind === "endings" || compareBytes(one.id, other.id) < 0;
  if (!isOrdered) return bad("EVIDENCE_WRONG_ORDER");
  const piece = { kind: body.kind, first: one, second: other } as Piece;
  return doesContradict(piece) ? ok(piece) : bad("EVIDENCE_NO_CONTRADICTION");
}

/** Of what the two may be. */
const OBJECTS: Readonly<Record<EvidenceKind, readonly ShownName[]>> = {
  headers: ["HEADER"],
  votes: ["VOTE"],
  reports: ["REPORT"],
  endings: ["REPORT", "COMPLETE", "CANCEL"],
  places: ["REPORT"],
  certificates: ["CERT"],
  rotations: ["ROTATE"],
};

function isOf({ body }: ShownObject, network: Uint8Array): boolean {
  return !("network" in body) || equalBytes(body.network, network);
}

function doesContradict(piece: Piece): boolean {
  switch (piece.kind) {
    case "headers":
      return headersContradict(piece.first.body, piece.second.body);
    case "votes":
      return votesContradict(piece.first.body, piece.second.body);
    case "reports":
      return reportsContradict(piece.first.body, piece.second.body);
    case "endings":
      return wordsContradict(piece.first, piece.second);
    case "places":
      return placesContradict(piece.first.body, piece.second.body);
    case "certificates":
      return certificatesContradict(piece.first.body, piece.second.body);
    case "rotations":
      return rotationsContradict(piece.first.body, piece.second.body);
  }
}

function bad(reason: string): { readonly ok: false; readonly fault: PieceFault } {
  return fail({ reason });
}
