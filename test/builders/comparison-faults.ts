/** Faults of meters, wiring and clocks, put on charges that are honest otherwise: what a diagnosis has to name. */
import type { CauseCode } from "#core/comparison/diagnosis.ts";
import { defaultLoss } from "#core/contract/default-loss.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import { chargeOfCourse, drawCourse, type Setup, type TrueCourse } from "./comparison-charge.ts";

export interface FaultKind {
  readonly name: string;
  readonly cause: CauseCode;
  /** Whether it can happen with these meters. */
  readonly suits: (setup: Setup) => boolean;
  readonly make: (random: SeededRandom, setup: Setup) => ChargeFacts;
}

type Side = "station" | "vehicle";

const ANY = (): boolean => true;
/** In steps of 0.1 kWh some minutes do not show. */
const FINE = ({ stepsMilliWh }: Setup): boolean => stepsMilliWh[0] < 100_000;
const ALTERNATING = ({ points }: Setup): boolean => points[0] === "mains";
const THREE_PHASES = ({ points, powerW }: Setup): boolean => points[0] === "mains" && powerW >= 11_000;
const BEHIND_INLET = ({ points }: Setup): boolean => points[1] !== "vehicle-inlet";

export const FAULT_KINDS: readonly FaultKind[] = [
  fault("counter jumps", "counter-jump", (random, course) => {
    const from = random.integer(5, course.station.length - 6);
    const jump = random.between(0.08, 1) * total(course) + 1_000_000;
    return changed(course, random.pick(["station", "vehicle"]), (energies) =>
      energies.map((energy, index) => energy + (index >= from ? jump : 0)),
    );
  }),
  fault("register held from a reset on", "counter-reset", (random, course) => {
    const from = Math.round(random.between(0.25, 0.7) * course.station.length);
    return changed(course, random.pick(["station", "vehicle"]), (energies) =>
      energies.map((energy, index) => (index < from ? energy : (energies[from] ?? energy))),
    );
  }),
  fault(
    "one or two phases lost, all along",
    "lost-phase",
    (random, course) => changed(course, phaseSide(random, course), scaledBy(random.pick([1 / 3, 2 / 3]))),
    THREE_PHASES,
  ),
  fault(
    "one or two phases lost in a stretch",
    "lost-phase",
    (random, course) => {
      const [from, to] = stretch(random, course);
      const share = random.pick([1 / 3, 2 / 3]);
      return changed(course, phaseSide(random, course), (energies) =>
        steps(energies, (step, at) => (at >= from && at < to ? step * share : step)),
      );
    },
    THREE_PHASES,
  ),
  fault("kWh taken for Wh, or Wh for kWh", "factor-1000", (random, course) => {
    const [side, factor] = [random.pick(["station", "vehicle"] as const), random.pick([0.001, 1000])];
    // The steps of the register are taken for the wrong unit, too.
    const [station, vehicle] = course.setup.stepsMilliWh.map((step) => Math.max(1, step * factor));
    const [ownStation, ownVehicle] = course.setup.stepsMilliWh;
    const shownStepsMilliWh =
      side === "station" ? ([station ?? 1, ownVehicle] as const) : ([ownStation, vehicle ?? 1] as const);
    return { ...changed(course, side, scaledBy(factor)), shownStepsMilliWh };
  }),
  fault("wrong pulses a kWh", "pulse-constant", (random, course) =>
    changed(course, random.pick(["station", "vehicle"]), scaledBy(random.pick([0.5, 0.8, 1.25, 2]))),
  ),
  fault(
    "transformer reversed, all along",
    "reversed-transformer",
    (_random, course) => changed(course, "station", scaledBy(0)),
    ALTERNATING,
  ),
  fault("station counts nothing in a stretch", "reversed-transformer", (random, course) => {
    const [from, to] = stretch(random, course);
    return changed(course, "station", (energies) => steps(energies, (step, at) => (at >= from && at < to ? 0 : step)));
  }),
  {
    name: "two cars at each other's station",
    cause: "swapped-vehicles",
    suits: FINE,
    make: (random: SeededRandom, setup: Setup): ChargeFacts => {
      const changes = { shape: "managed", readings: random.integer(80, 240) } as const;
      const [own, other] = [drawCourse(random, setup, changes), drawCourse(random, setup, changes)];
      return chargeOfCourse(random, { ...own, vehicle: other.vehicle });
    },
  },
  {
    name: "more is lost than was agreed",
    cause: "charging-loss",
    suits: BEHIND_INLET,
    make: (random: SeededRandom, setup: Setup): ChargeFacts => {
      const [least, most] = defaultLoss(setup.points, setup.powerW);
      const lossPpm = Math.round(most - random.between(0, 10_000));
      return chargeOfCourse(random, drawCourse(random, setup, { lossPpm }), { lossPpm: [least, least + 10_000] });
    },
  },
  {
    name: "clock off by 2 to 8 readings",
    cause: "clock-offset",
    suits: FINE,
    make: (random: SeededRandom, setup: Setup): ChargeFacts => {
      const lateIntervals = random.integer(2, 8) * random.pick([-1, 1]);
      return chargeOfCourse(random, drawCourse(random, setup, { shape: "lively", lateIntervals }));
    },
  },
  {
    name: "heating, all along or for a while",
    cause: "standing-consumption",
    suits: (setup) => BEHIND_INLET(setup) && setup.powerW >= 3_700 && setup.powerW <= 22_000,
    make: (random: SeededRandom, setup: Setup): ChargeFacts => {
      const powerW = random.between(0.2, 0.4) * setup.powerW;
      const span = random.chance(0.5)
        ? { from: 0, to: 1 }
        : { from: random.between(0, 0.4), to: random.between(0.65, 1) };
      return chargeOfCourse(random, drawCourse(random, setup, { standing: { powerW, ...span } }));
    },
  },
];

export function honestCharge(random: SeededRandom, setup: Setup): ChargeFacts {
  return chargeOfCourse(random, drawCourse(random, setup));
}

function fault(
  name: string,
  cause: CauseCode,
  change: (random: SeededRandom, course: TrueCourse) => TrueCourse,
  suits: FaultKind["suits"] = ANY,
): FaultKind {
  return {
    ...{ name, cause, suits },
    make: (random, setup) => chargeOfCourse(random, change(random, drawCourse(random, setup))),
  };
}

function changed(
  course: TrueCourse,
  side: Side,
  change: (energies: readonly number[]) => readonly number[],
): TrueCourse {
  return { ...course, [side]: change(course[side]) };
}

function scaledBy(factor: number): (energies: readonly number[]) => readonly number[] {
  return (energies) => energies.map((energy) => energy * factor);
}

/** Energies again from what each interval adds. */
function steps(energies: readonly number[], change: (step: number, index: number) => number): readonly number[] {
  let sum = energies[0] ?? 0;
  return energies.map((energy, index) => {
    if (index > 0) sum += change(energy - (energies[index - 1] ?? 0), index);
    return sum;
  });
}

/** A part of the charge that is neither its begin nor its end. */
function stretch(random: SeededRandom, { station }: TrueCourse): readonly [number, number] {
  const from = random.between(0.1, 0.4);
  return [Math.round(from * station.length), Math.round((from + random.between(0.25, 0.45)) * station.length)];
}

/** Direct current has no phases to lose. */
function phaseSide(random: SeededRandom, { setup }: TrueCourse): Side {
  return setup.points[1] === "vehicle-inlet" ? random.pick(["station", "vehicle"]) : "station";
}

function total({ station }: TrueCourse): number {
  return station.at(-1) ?? 0;
}
