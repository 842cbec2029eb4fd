/** What evidence has shown of whom, as data and in words. */
import { fromHex, toHex } from "#base/bytes.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import { isStruckAt, STRIKE_SECONDS } from "#core/ledger/membership.ts";
import { contradictionsOf } from "#core/ledger/misconduct.ts";
import type { LedgerState } from "#core/ledger/state.ts";
import { evidenceText } from "#records/evidence-text.ts";
import { utcText } from "#records/quantity-text.ts";

/** Instants in unix seconds. */
export interface EvidenceView {
  readonly did: string;
  readonly device: string;
  readonly shown: readonly {
    readonly kind: number;
    readonly id: string;
    readonly serial: number;
    readonly at: number;
  }[];
  /** Contradictions in charges that count towards a strike. */
  readonly contradictions: number;
  /** Until when it neither seals nor votes; null where it may. */
  readonly struckUntil: number | null;
}

/** By device, in the order of their ids. */
export function evidenceView(state: LedgerState): readonly EvidenceView[] {
  return [...state.misconduct.walk()].map(([did, entry]) => ({
    did,
    device: shortDeviceId(fromHex(did) ?? new Uint8Array()),
    shown: entry.shown.map(({ kind, evidence, serial, at }) => ({ kind, id: toHex(evidence), serial, at })),
    contradictions: contradictionsOf(entry, state.sealedAt).length,
    struckUntil: isStruckAt(state, did, state.sealedAt) ? (entry.struckAt ?? 0) + STRIKE_SECONDS : null,
  }));
}

export function evidenceLines(view: readonly EvidenceView[]): readonly string[] {
  if (view.length === 0) return ["no evidence against anybody"];
  return view.flatMap(({ device, shown, contradictions, struckUntil }) => [
    `${device}${struckUntil === null ? "" : `: neither seals nor votes until ${utcText(struckUntil)}`}`,
    ...shown.map(
      ({ kind, id, serial, at }) =>
        `  E${kind} ${id.slice(0, 12)} in block ${serial}, ${utcText(at)}: ${evidenceText(kind)}`,
    ),
    ...(contradictions === 0 ? [] : [`  ${contradictions} of 3 contradictions in charges within 90 days`]),
  ]);
}
