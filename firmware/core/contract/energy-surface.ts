/**
 * What the contract of a delivery of energy can read and has to say: the seam between programs and the ledger. Figures
 * are worked out natively, from signed facts; what follows from them is the program's.
 *
 * The outcome reads facts only, never the time, so that it is the same in whatever order and block they arrive. A
 * command's guard reads the terms and what the same side has signed before, so that the two logs stay independent.
 */
import type { OfferedInput, Section, Surface } from "#core/script/surface.ts";
import type { ValueType } from "#core/script/value.ts";

const EVERYWHERE: readonly Section[] = ["commands", "timers", "outcome", "queries"];
const OUTCOME: readonly Section[] = ["outcome", "queries"];

function inputs(
  sections: readonly Section[],
  types: Readonly<Record<string, ValueType>>,
): Readonly<Record<string, OfferedInput>> {
  return Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type, sections }]));
}

const SIDES = ["station", "vehicle"] as const;
const RUNNING = ["OPEN", "ACTIVE", "COMPLETING"] as const;
const ENDED = ["SETTLED", "DISPUTED", "ABANDONED"] as const;

export const ENERGY_SURFACE: Surface = {
  inputs: {
    ...inputs(EVERYWHERE, {
      /** "station" or "least". */
      "terms.basis": "string",
      "terms.silentPays": "bool",
      "terms.exposureMilliWh": "int",
      "terms.energyMaxMilliWh": "int",
      "terms.durationMaxSeconds": "int",
      "terms.graceSeconds": "int",
      "terms.hasArbiter": "bool",
    }),
    ...inputs(OUTCOME, {
      /** What each side signed last, since its start register, and whether it has completed, cancelled or reported. */
      "station.milliWh": "int",
      "station.heard": "bool",
      "station.completed": "bool",
      "station.cancelled": "bool",
      /** Its reports are here up to the one that its completion names. */
      "station.whole": "bool",
      "vehicle.milliWh": "int",
      "vehicle.heard": "bool",
      "vehicle.completed": "bool",
      "vehicle.cancelled": "bool",
      "vehicle.whole": "bool",
      /** The agreed part, and what is owed whatever else is found. */
      "agreed.milliWh": "int",
      "undisputed.milliWh": "int",
      /** The most that the station can have given, by the vehicle's amount. */
      "most.milliWh": "int",
      /** The verdict on the final amounts and its reason, such as "MMQ"; "NONE" before both have completed. */
      "judged.verdict": "string",
      "judged.reason": "string",
      /** Whether the final amounts are within the linear bound. */
      "judged.inBound": "bool",
      "grace.isOver": "bool",
      /** What both have proposed, and what the arbiter has said. */
      "mutual.found": "bool",
      "mutual.milliWh": "int",
      "ruling.found": "bool",
      "ruling.milliWh": "int",
    }),
    ...inputs(["commands"], {
      /** Of the side that gives the command; of the arbiter all is nothing. */
      "self.reports": "int",
      "self.completed": "bool",
      "self.cancelled": "bool",
    }),
    ...inputs(["timers"], {
      /** By which the charge has ended, and whether and since when a side has completed; unix seconds. */
      "charge.endsAt": "int",
      "charge.completing": "bool",
      "charge.completingSince": "int",
    }),
  },
  outcome: {
    state: "string",
    billed: "int",
    contested: "int",
    /** "" while the charge has not ended. */
    ending: "string",
    stationSilent: "bool",
    vehicleSilent: "bool",
  },
  commands: {
    report: { from: SIDES, states: RUNNING },
    // Also late: a completion that matches is consent.
    complete: { from: SIDES, states: [...RUNNING, ...ENDED] },
    cancel: { from: SIDES, states: RUNNING },
    // What is proposed or ruled early is read when the two have parted: it must not depend on which block came first.
    resolve: { from: SIDES, states: [...RUNNING, ...ENDED] },
    adjudicate: { from: ["arbiter"], states: [...RUNNING, ...ENDED] },
  },
  timers: ["grace", "healing"],
};
