/** Pieces of evidence: what somebody signs twice, and who shows it. Nothing is random. */
import { makePiece } from "#core/evidence/make-piece.ts";
import type { EvidenceKind } from "#core/evidence/evidence-body.ts";
import { encodeShown, type ShownName } from "#core/evidence/shown-object.ts";
import { signVote, type VoteBody } from "#core/finality/vote.ts";
import type { Block } from "#core/ledger/block.ts";
import { decodeFact, type EvidenceFact, type Fact } from "#core/ledger/fact.ts";
import { encodeSigned } from "#core/wire/signed.ts";
import { crypto, named, type Actor } from "./ledger-actors.ts";

/** A fact as evidence carries it. */
export function shownFact(fact: Fact): Uint8Array {
  return encodeShown(fact.kind as ShownName, encodeSigned(fact.payload, fact.signatures));
}

export function shownHeader(block: Pick<Block, "headerBytes">): Uint8Array {
  return encodeShown("HEADER", block.headerBytes);
}

/** A vote of an actor from one serial to another; the ids are drawn from a name. */
export function shownVote(network: Uint8Array, { did, signer }: Actor, vote: VoteStory): Uint8Array {
  const { source, target, branch = "main", epoch = 0 } = vote;
  const at = (serial: number): VoteBody["source"] => ({ serial, id: named(`${branch} ${serial}`) });
  const said = { epoch, source: at(source), target: at(target), member: did };
  return encodeShown("VOTE", signVote({ crypto, network }, said, signer).bytes);
}

export interface VoteStory {
  readonly source: number;
  readonly target: number;
  readonly branch?: string;
  readonly epoch?: number;
}

/** The fact of a piece; `by` shows it. */
export function pieceOf(
  network: Uint8Array,
  kind: EvidenceKind,
  objects: readonly [Uint8Array, Uint8Array],
  { did: member, signer }: Pick<Actor, "did" | "signer">,
): EvidenceFact {
  const fact = decodeFact({ crypto, network }, makePiece({ crypto, network }, kind, objects, { member, signer }));
  if (!fact.ok || fact.value.kind !== "EVIDENCE") throw new Error("bug of the test: no evidence");
  return fact.value;
}

/** Two words of one side of a charge; whoever shows them holds by the first. */
export function wordsPiece(
  network: Uint8Array,
  first: Fact,
  second: Fact,
  by: Pick<Actor, "did" | "signer">,
): EvidenceFact {
  const kind = first.kind === "REPORT" && second.kind === "REPORT" ? "reports" : "endings";
  return pieceOf(network, kind, [shownFact(first), shownFact(second)], by);
}
