/**
 * What a contract's program may decide. It cannot bill more than the station has signed for, accuse a side of silence
 * that has completed, keep a charge open for ever or claim an agreement that there is not (invariant S6). A program
 * that tries, or that traps, is not heard: the charge ends disputed, and only the undisputed minimum is owed.
 */
import type { Result } from "#base/result.ts";
import type { Trap } from "#core/script/trap.ts";
import type { Value } from "#core/script/value.ts";
import type { ChargeFigures } from "./charge-figures.ts";
import type { Ending, Role } from "./facts.ts";

export type SettlementState = "OPEN" | "ACTIVE" | "COMPLETING" | "SETTLED" | "DISPUTED" | "ABANDONED" | "CANCELLED";

export interface Outcome {
  readonly state: SettlementState;
  readonly billedMilliWh: number;
  readonly contestedMilliWh: number;
  /** By what the charge ended; null while it has not. */
  readonly ending: Exclude<Ending, "lapse"> | null;
  /** Of a charge that was abandoned: who did not complete. */
  readonly silent: readonly Role[];
}

/** `said`: the fields of the program's outcome, by the names of `energy-surface.ts`. */
export function boundedOutcome(said: Result<Readonly<Record<string, Value>>, Trap>, figures: ChargeFigures): Outcome {
  const outcome = said.ok ? readOutcome(said.value) : undefined;
  return outcome !== undefined && isWithinBounds(outcome, figures) ? outcome : harmlessOutcome(figures);
}

const STATES: readonly SettlementState[] = [
  "OPEN",
  "ACTIVE",
  "COMPLETING",
  "SETTLED",
  "DISPUTED",
  "ABANDONED",
  "CANCELLED",
];
const ENDINGS = ["comparison", "silence", "mutual", "arbiter", "cancelled"] as const;

/** Undefined for words that do not exist and for energies beyond the safe integers, which nobody can have signed. */
function readOutcome(fields: Readonly<Record<string, Value>>): Outcome | undefined {
  const { billed, contested, stationSilent, vehicleSilent } = fields;
  const state = STATES.find((word) => word === fields["state"]);
  const ending = fields["ending"] === "" ? null : ENDINGS.find((word) => word === fields["ending"]);
  if (state === undefined || ending === undefined || !isEnergy(billed) || !isEnergy(contested)) return undefined;
  const silent: Role[] = [];
  if (stationSilent === true) silent.push("station");
  if (vehicleSilent === true) silent.push("vehicle");
  return { state, ending, silent, billedMilliWh: Number(billed), contestedMilliWh: Number(contested) };
}

function isEnergy(value: Value | undefined): value is bigint {
  return typeof value === "bigint" && value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER);
}

function isWithinBounds(outcome: Outcome, figures: ChargeFigures): boolean {
  const { billedMilliWh, contestedMilliWh, silent, ending } = outcome;
  return (
    billedMilliWh + contestedMilliWh <= figures.station.milliWh &&
    (ending === null || mayEnd(figures)) &&
    silent.every((role) => ending !== null && !figures[role].hasCompleted) &&
    isEndingOfState(outcome, figures)
  );
}

/** While both go on and the time is not over nothing ends a charge, whatever its contract says. */
function mayEnd({ graceOver, station, vehicle, proposal, ruling }: ChargeFigures): boolean {
  const hasLastWord = [station, vehicle].some(({ hasCompleted, hasCancelled }) => hasCompleted || hasCancelled);
  return graceOver || hasLastWord || proposal !== undefined || ruling !== undefined;
}

/** Whether the ending is one that the state can have, and one that the facts can have brought about. */
function isEndingOfState(outcome: Outcome, figures: ChargeFigures): boolean {
  const { state, billedMilliWh, contestedMilliWh, ending } = outcome;
  switch (state) {
    case "OPEN":
    case "ACTIVE":
    case "COMPLETING":
      // When the grace is over somebody waits for a result.
      return ending === null && !figures.graceOver;
    case "CANCELLED":
      return ending === "cancelled" && billedMilliWh + contestedMilliWh === 0;
    case "DISPUTED":
    case "ABANDONED":
      return ending === "comparison" || ending === "silence";
    case "SETTLED": {
      const isAgreed = ending === "mutual" && billedMilliWh === figures.proposal?.energyMilliWh;
      const isRuled = ending === "arbiter" && figures.ruling !== undefined;
      return contestedMilliWh === 0 && (ending === "comparison" || isAgreed || isRuled);
    }
  }
}

/**
 * Nothing that one side alone says costs the other: a charge that both began is owed its undisputed minimum, the rest
 * lapses unless both agree on another amount. While the grace runs, the charge stays open.
 */
function harmlessOutcome(figures: ChargeFigures): Outcome {
  const { station, vehicle, graceOver, proposal, undisputedMilliWh: billedMilliWh } = figures;
  const hasBegun = station.isHeard && vehicle.isHeard;
  const open = { billedMilliWh, contestedMilliWh: station.milliWh - billedMilliWh, silent: [] };
  if (!graceOver) {
    const isCompleting = station.hasCompleted || vehicle.hasCompleted;
    return { ...open, state: isCompleting ? "COMPLETING" : hasBegun ? "ACTIVE" : "OPEN", ending: null };
  }
  if (!hasBegun) {
    return { state: "CANCELLED", ending: "cancelled", billedMilliWh: 0, contestedMilliWh: 0, silent: [] };
  }
  if (proposal === undefined) return { ...open, state: "DISPUTED", ending: "comparison" };
  const { energyMilliWh } = proposal;
  return { state: "SETTLED", ending: "mutual", billedMilliWh: energyMilliWh, contestedMilliWh: 0, silent: [] };
}
