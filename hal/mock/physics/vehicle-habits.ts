/** What cars of one model differ in: how soon they begin, how fast they rise, when they sleep. */
import type { SeededRandom } from "#hal/mock/seeded-random.ts";

export interface VehicleHabits {
  readonly startDelayMs: number;
  readonly rampUpAPerS: number;
  /** From another offer of the pilot to a current that follows it; IEC 61851-1, table A.6, gives a car 5 s. */
  readonly reactionMs: number;
  /** From this share of its charge on the battery limits the current. */
  readonly taperShare: number;
  readonly awakeMs: number;
  /** Alarm, radio and the 12 V battery's upkeep, as a mean. */
  readonly parkedW: number;
  readonly restingV: number;
  readonly fedV: number;
}

export function drawHabits(random: SeededRandom): VehicleHabits {
  return {
    startDelayMs: random.integer(2000, 6000),
    rampUpAPerS: random.between(1.5, 6),
    taperShare: random.between(0.95, 0.985),
    awakeMs: random.integer(300_000, 900_000),
    parkedW: random.between(1, 8),
    restingV: Math.round(random.between(124, 128)) / 10,
    fedV: Math.round(random.between(138, 147)) / 10,
    reactionMs: random.integer(300, 3500),
  };
}

/** The 12 V side: fed while the car is awake, more so while it charges, and at rest when it sleeps. */
export function auxiliaryVoltageV({ restingV, fedV }: VehicleHabits, charging: boolean, awake: boolean): number {
  if (!awake) return restingV;
  return charging ? fedV : fedV - 0.3;
}
