/**
 * A charge whose vehicle says two things: one line to the station, which holds by it, and others to whoever seals. All
 * that either signs, and the pieces by which the station shows it.
 */
import type { EvidenceFact, Fact } from "#core/ledger/fact.ts";
import { otherRole, type CompleteBody, type OpenBody, type ReportBody, type Role } from "#core/session/facts.ts";
import type { ChargeBuilder } from "./charge-builder.ts";
import { wordsPiece } from "./evidence-pieces.ts";
import type { LedgerBuilder } from "./ledger-builder.ts";

const REPORTS = 4;
const STEP = 5_000_000;

export interface ForkStory {
  /** Who says two things; the other side is honest. */
  readonly liar: Role;
  /** Number of the first report that differs; beyond the last one, only the completion does. */
  readonly at: number;
  /** What part of the energy the other line says, and by how many reports. */
  readonly share: number;
  readonly reports: number;
  readonly ending: "complete" | "cancel" | "early" | "none";
}

export interface ForkedCharge {
  readonly charge: ChargeBuilder;
  /** All that an honest charge has. */
  readonly honest: readonly Fact[];
  /** What the liar has signed beside that. */
  readonly lies: readonly Fact[];
  /** By the other side: each lie against the word that it holds by. */
  readonly pieces: readonly EvidenceFact[];
}

export function forkedCharge(
  builder: LedgerBuilder,
  changes: Partial<OpenBody>,
  stories: readonly ForkStory[],
): ForkedCharge {
  const charge = builder.charge(undefined, changes);
  const honest = [...charge.whole({ milliWh: REPORTS * STEP, count: REPORTS })];
  const lies = stories.flatMap((story) => liesOf(builder.charge(undefined, changes), story));
  const { network } = builder.genesis;
  const pieces = lies.flatMap((lie) => {
    const held = heldAgainst(honest, lie);
    if (held === undefined) return [];
    const side = "role" in lie.body ? otherRole(lie.body.role) : "station";
    return [wordsPiece(network, held, lie, charge.parties[side])];
  });
  return { charge, honest, lies, pieces };
}

/** The other line: the same until it parts. */
function liesOf(twin: ChargeBuilder, { liar, at, share, reports, ending }: ForkStory): readonly Fact[] {
  const part = liar === "vehicle" ? 0.985 : 1;
  const step = Math.floor(STEP * part);
  if (ending === "cancel") return [twin.cancel(liar)];
  for (let number = 0; number < Math.min(at, REPORTS + 1); number += 1) twin.report(liar, [number === 0 ? 0 : step]);
  const mark: Partial<ReportBody> = { atMs: 1 + at + Math.round(100 * share) };
  const other =
    ending === "early"
      ? []
      : Array.from({ length: reports }, (_, number) =>
          twin.report(liar, [at + number === 0 ? 0 : Math.floor(step * share)], mark),
        );
  const last: Partial<CompleteBody> = { atMs: 9 + at };
  const said = ending === "none" ? [] : [twin.complete(liar, last)];

  return [...other, ...said];
}

/** The word of the honest line that cannot be beside the lie. */
function heldAgainst(honest: readonly Fact[], lie: Fact): Fact | undefined {
  const own = honest.filter((fact) => "role" in fact.body && "role" in lie.body && fact.body.role === lie.body.role);
  const reports = own.filter((fact) => fact.kind === "REPORT");
  if (lie.kind === "REPORT") {
    const same = reports.find(({ body }) => body.sequence === lie.body.sequence);
    return same ?? own.find(({ kind }) => kind === "COMPLETE");
  }
  return lie.kind === "CANCEL" ? reports[0] : own.find(({ kind }) => kind === "COMPLETE");
}
