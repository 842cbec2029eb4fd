/** A current on its way to a target at a steady rate, over one step of the simulation, exactly. */
export interface Ramp {
  readonly fromA: number;
  readonly targetA: number;
  /** Amperes a second, up or down. */
  readonly rateAPerS: number;
}

export interface RampedCurrent {
  readonly meanA: number;
  readonly endA: number;
}

/** Mean over the step and value at its end, when the first `waitS` of the step pass before the ramp may begin. */
export function rampCurrent(ramp: Ramp, durationS: number, waitS: number): RampedCurrent {
  const { fromA, targetA } = ramp;
  const movingS = Math.max(0, durationS - waitS);
  const neededS = Math.abs(targetA - fromA) / ramp.rateAPerS;
  const rampS = Math.min(movingS, neededS);
  const endA = neededS <= movingS ? targetA : fromA + Math.sign(targetA - fromA) * ramp.rateAPerS * rampS;
  const heldS = durationS - movingS;
  const restS = movingS - rampS;
  return { meanA: (fromA * heldS + ((fromA + endA) / 2) * rampS + endA * restS) / durationS, endA };
}
