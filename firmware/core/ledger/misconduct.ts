/**
 * What evidence makes of a device: a strike, or one contradiction more. Kept by device id, so that a new key changes
 * nothing, and by block time: reputation needs order, as all of it does.
 */
import { evidenceNumber, type EvidenceKind } from "#core/evidence/evidence-body.ts";
import { NO_MISCONDUCT, type LedgerState, type Misconduct, type ShownMisconduct } from "./state.ts";

const SECONDS_PER_DAY = 86_400;
/** So many contradictions in charges within so long are a strike. */
const CONTRADICTIONS_MAX = 3;
const CONTRADICTION_SECONDS = 90 * SECONDS_PER_DAY;
/** One piece of a kind within so long: what a broken device has done a hundred times is known after the first. */
export const EVIDENCE_SECONDS = 180 * SECONDS_PER_DAY;

/** A piece that was accepted: its id, and the block time, unix seconds, at which that was. */
export interface AcceptedPiece {
  readonly kind: EvidenceKind;
  readonly evidence: Uint8Array;
  readonly now: number;
}

/** What was shown of a did last; undefined when nothing of the kind was. */
export function lastShown(state: LedgerState, did: string, kind: EvidenceKind): ShownMisconduct | undefined {
  return state.misconduct.get(did)?.shown.find((each) => each.kind === evidenceNumber(kind));
}

/** Writes a piece down against a did. Two headers or votes strike at once, contradictions in charges add up. */
export function recordMisconduct(state: LedgerState, did: string, piece: AcceptedPiece): void {
  const before = state.misconduct.get(did) ?? NO_MISCONDUCT;
  const { kind, evidence, now } = piece;
  const number = evidenceNumber(kind);
  const newest = { kind: number, evidence, serial: state.serial + 1, at: now };
  const others = before.shown.filter((each) => each.kind !== number);
  const shown = [...others, newest].sort((left, right) => left.kind - right.kind);
  state.misconduct.set(did, { ...consequence(before, kind, now), shown });
}

/** How often it was shown to contradict itself in a charge since its last strike, lately enough to count. */
export function contradictionsOf({ contradictions }: Misconduct, now: number): readonly number[] {
  return contradictions.filter((at) => at > now - CONTRADICTION_SECONDS);
}

function consequence(before: Misconduct, kind: EvidenceKind, now: number): Misconduct {
  switch (kind) {
    case "headers":
    case "votes":
      return { ...before, struckAt: Math.max(before.struckAt ?? now, now) };
    case "reports":
    case "endings": {
      const contradictions = [...contradictionsOf(before, now), now];
      const isStrike = contradictions.length >= CONTRADICTIONS_MAX;
      return isStrike ? { ...before, contradictions: [], struckAt: now } : { ...before, contradictions };
    }
    // A copied key, a mistake of the office or of a rotation: it is told, and people look at it.
    case "places":
    case "certificates":
    case "rotations":
      return before;
  }
}
