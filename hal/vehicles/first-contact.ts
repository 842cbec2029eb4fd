/**
 * Whether the profile is this car's, found out while it is first read. A pure machine: what was read goes in, findings
 * come out. With a profile that fails a hard check (cell count, sign of the current) nothing is measured; a later
 * sample that fits lifts the refusal, so that a disturbed start is no verdict.
 */
import { holdsCondition } from "./holds-condition.ts";
import { type EnergyTrial, judgeEnergy, NO_TRIAL, stepEnergy, trialText } from "./energy-trial.ts";
import type { Quantities } from "./decode-signals.ts";
import { countCells, isCellCount, measuresBattery } from "./plausibility.ts";
import type { VehicleProfile } from "./profile.ts";
import { NO_REST, type RestTrial, stepRest } from "./rest-trial.ts";

export interface ContactFinding {
  readonly check: "cell-count" | "current-sign" | "rest-current" | "plausibility" | "counter";
  readonly outcome: "passed" | "failed" | "not-yet" | "not-possible";
  /** For people. */
  readonly found: string;
  readonly expected: string;
  /** Nothing is measured while it is failed. */
  readonly isHard: boolean;
}

export interface ContactSample {
  /** Read for this sample. */
  readonly fresh: Quantities;
  /** With what was carried over from earlier ones and still counts. */
  readonly present: Quantities;
  readonly isCharging: boolean;
  readonly plugged: boolean | null;
  /** The quantity for which the sample was not believed. */
  readonly implausible?: string;
  readonly monotonicMs: number;
}

export interface FirstContact {
  readonly cells: Streak & { readonly last: number | null };
  readonly sign: Streak & { readonly wrongMs: number; readonly atMs: number | null; readonly lastA: number | null };
  readonly rest: RestTrial;
  readonly samples: { readonly believed: number; readonly refused: number; readonly last: string | null };
  readonly energy: EnergyTrial;
}

/** How often in a row it was right, or wrong: one of them is 0. */
interface Streak {
  readonly right: number;
  readonly wrong: number;
}

const NONE: Streak = { right: 0, wrong: 0 };

export const NO_CONTACT: FirstContact = {
  cells: { ...NONE, last: null },
  sign: { ...NONE, wrongMs: 0, atMs: null, lastA: null },
  rest: NO_REST,
  samples: { believed: 0, refused: 0, last: null },
  energy: NO_TRIAL,
};

export function stepFirstContact(profile: VehicleProfile, state: FirstContact, sample: ContactSample): FirstContact {
  const cells = stepCells(profile, state.cells, sample);
  if (sample.implausible !== undefined) {
    const { believed, refused } = state.samples;
    return { ...state, cells, samples: { believed, refused: refused + 1, last: sample.implausible } };
  }
  return {
    cells,
    sign: stepSign(profile, state.sign, sample),
    rest: stepRest(state.rest, sample),
    samples: { ...state.samples, believed: state.samples.believed + 1 },
    energy: stepEnergy(state.energy, sample),
  };
}

export function contactFindings(profile: VehicleProfile, state: FirstContact): readonly ContactFinding[] {
  return [
    cellFinding(profile, state),
    signFinding(profile, state),
    restFinding(profile, state),
    sampleFinding(state),
    counterFinding(profile, state),
  ];
}

/** The hard check that the profile fails now, if it does. */
export function contactRefusal(profile: VehicleProfile, state: FirstContact): ContactFinding | undefined {
  return HARD_CHECKS.map((check) => check(profile, state)).find(({ outcome }) => outcome === "failed");
}

/** Of the findings, those that are hard: looked at for each sample. */
const HARD_CHECKS = [cellFinding, signFinding] as const;

/** A candidate for the zero of the current sensor, A; null before there is one. */
export function restCurrentA(state: FirstContact): number | null {
  return state.rest.candidateA;
}

/** Two samples of three attempts each: a reply whose halves are of two others does not come six times in a row. */
const CELLS_WRONG_MAX = 6;
const CELLS_RIGHT_MIN = 2;
const SIGN_RIGHT_MIN = 3;
/** A heater may draw more than a weak charger gives, so that the battery discharges while the car charges. */
const SIGN_WRONG_MIN = 10;
const SIGN_WRONG_MS = 30_000;
const APART_MS_MAX = 10_000;
/** Less says nothing about a sign: sensors are off by that much. */
const SIGN_CURRENT_MIN_A = 2;
const SAMPLES_MIN = 5;

function stepCells(profile: VehicleProfile, cells: FirstContact["cells"], { fresh }: ContactSample): typeof cells {
  const count = countCells(fresh);
  if (profile.cellCounts.length === 0 || count === undefined) return cells;
  return { ...next(cells, isCellCount(profile, count)), last: count };
}

function stepSign(profile: VehicleProfile, sign: FirstContact["sign"], sample: ContactSample): typeof sign {
  const currentA = sample.fresh.get("batteryCurrentA") ?? 0;
  if (!chargesByState(profile, sample.present) || Math.abs(currentA) < SIGN_CURRENT_MIN_A) return sign;
  const isRight = currentA > 0;
  // Time between samples that are far apart is not known to have been wrong throughout.
  const sinceMs = Math.min(sample.monotonicMs - (sign.atMs ?? sample.monotonicMs), APART_MS_MAX);
  const wrongMs = isRight || sign.wrong === 0 ? 0 : sign.wrongMs + sinceMs;
  return { ...next(sign, isRight), wrongMs, atMs: sample.monotonicMs, lastA: currentA };
}

/** Without looking at the current, whose sign is the question. */
function chargesByState(profile: VehicleProfile, quantities: Quantities): boolean {
  return stateCases(profile).some(({ all }) => all.every((condition) => holdsCondition(condition, quantities)));
}

function stateCases(profile: VehicleProfile): VehicleProfile["charging"]["any"] {
  return profile.charging.any.filter(({ all }) => all.every(({ quantity }) => quantity !== "batteryCurrentA"));
}

function next(streak: Streak, isRight: boolean): Streak {
  return isRight ? { right: streak.right + 1, wrong: 0 } : { right: 0, wrong: streak.wrong + 1 };
}

function cellFinding(profile: VehicleProfile, { cells }: FirstContact): ContactFinding {
  const about = { check: "cell-count", isHard: true, expected: `${profile.cellCounts.join(", ")} cells` } as const;
  if (profile.cellCounts.length === 0) {
    const found = "the car tells no cell voltages in this profile";
    return { ...about, outcome: "not-possible", found, expected: "cell voltages" };
  }
  if (cells.last === null) return { ...about, outcome: "not-yet", found: "no cell voltages yet" };
  const found = `${cells.last.toFixed(1)} cells: the battery's voltage over a cell's`;
  if (cells.wrong >= CELLS_WRONG_MAX) return { ...about, outcome: "failed", found };
  return { ...about, outcome: cells.right >= CELLS_RIGHT_MIN ? "passed" : "not-yet", found };
}

function signFinding(profile: VehicleProfile, { sign, energy }: FirstContact): ContactFinding {
  const about = { check: "current-sign", isHard: true, expected: "current into the battery while it charges" } as const;
  if (!measuresBattery(profile)) {
    return { ...about, outcome: "not-possible", found: "the battery's current is not measured with this profile" };
  }
  const byCounter = profile.counter === null ? "open" : judgeEnergy(energy, profile.counter.resolutionMilliWh);
  if (byCounter === "swapped") {
    return { ...about, outcome: "failed", found: "the car counts as charged what flows out, by the current's sign" };
  }
  const found = sign.lastA === null ? "no charging yet" : `${sign.lastA.toFixed(1)} A while the car says it charges`;
  if (stateCases(profile).length === 0) {
    if (byCounter === "agrees") return { ...about, outcome: "passed", found: trialText(energy) };
    const isOpen = profile.counter !== null;
    const why = "the car does not say whether it charges other than by the current";
    return { ...about, outcome: isOpen ? "not-yet" : "not-possible", found: isOpen ? trialText(energy) : why };
  }
  if (sign.right >= SIGN_RIGHT_MIN || byCounter === "agrees") return { ...about, outcome: "passed", found };
  const isWrong = sign.wrong >= SIGN_WRONG_MIN && sign.wrongMs >= SIGN_WRONG_MS;
  return { ...about, outcome: isWrong ? "failed" : "not-yet", found };
}

function restFinding(profile: VehicleProfile, { rest }: FirstContact): ContactFinding {
  const about = { check: "rest-current", isHard: false, expected: "steady and less than 1.5 A" } as const;
  if (!measuresBattery(profile)) return { ...about, outcome: "not-possible", found: "no current is measured" };
  if (rest.candidateA !== null) {
    return { ...about, outcome: "passed", found: `${rest.candidateA.toFixed(2)} A at rest; not subtracted` };
  }
  if (profile.plugged === null && !profile.requests.some(({ signals }) => "busVoltageV" in signals)) {
    return { ...about, outcome: "not-possible", found: "the car does not say that it rests" };
  }
  const found = rest.window === null ? "the car has not been plugged in at rest" : "the car rests, but not long enough";
  return { ...about, outcome: "not-yet", found };
}

function sampleFinding({ samples }: FirstContact): ContactFinding {
  const { believed, refused, last } = samples;
  const why = last === null ? "" : `, last for ${last}`;
  const about = {
    check: "plausibility",
    isHard: false,
    found: `${believed} samples believed, ${refused} not${why}`,
    expected: "one in five not believed at most",
  } as const;
  if (believed + refused < SAMPLES_MIN) return { ...about, outcome: "not-yet" };
  return { ...about, outcome: refused * 4 <= believed ? "passed" : "failed" };
}

function counterFinding(profile: VehicleProfile, { energy }: FirstContact): ContactFinding {
  const about = { check: "counter", isHard: false, expected: "as much as voltage times current adds up to" } as const;
  if (profile.counter === null) return { ...about, outcome: "not-possible", found: "the car has no counter" };
  const found = trialText(energy);
  const verdict = judgeEnergy(energy, profile.counter.resolutionMilliWh);
  if (verdict === "open") return { ...about, outcome: "not-yet", found };
  return { ...about, outcome: verdict === "agrees" ? "passed" : "failed", found };
}
