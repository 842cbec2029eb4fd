/**
 * The car's on-board charger: one converter a phase, each with a loss that is constant, one in proportion to its input
 * power and one with its square; and what the car itself uses while it charges.
 *
 * The shape is that of the measured chargers: poor at 10 A, best in the middle, slightly worse at the top. Together
 * with 100 to 300 W for the car's electronics (ADAC) it gives wall-to-battery ratios between 0.76 at 2.3 kW and 0.95.
 */
import { assert } from "#base/assert.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";

export interface OnBoardCharger {
  readonly phases: 1 | 2 | 3;
  /** RMS current a phase. */
  readonly currentMaxA: number;
  readonly constantLossW: number;
  readonly proportionalLoss: number;
  readonly squareLossPerW: number;
  /** Of the input filter's capacitors; it flows beside the active current and makes the power factor of small loads. */
  readonly reactiveCurrentA: number;
  /** Electronics, pumps and the 12 V supply, fed from the direct current side. */
  readonly onBoardW: number;
}

/** Loss of one converter at this input power. */
export function converterLossW(charger: OnBoardCharger, inputW: number): number {
  return charger.constantLossW + charger.proportionalLoss * inputW + charger.squareLossPerW * inputW * inputW;
}

/** Input power at which one converter gives this output power; the inverse of input minus loss. */
export function converterInputW(charger: OnBoardCharger, outputW: number): number {
  const linear = 1 - charger.proportionalLoss;
  const root = Math.sqrt(linear * linear - 4 * charger.squareLossPerW * (charger.constantLossW + outputW));
  return (linear - root) / (2 * charger.squareLossPerW);
}

/** Battery power over inlet power, at this current on this many phases. */
function inletToBattery(charger: OnBoardCharger, phases: number, phaseW: number): number {
  return 1 - converterLossW(charger, phaseW) / phaseW - charger.onBoardW / (phases * phaseW);
}

/** A charger of this size as they are sold. One whose ratio lies outside the default bands is drawn again. */
export function drawOnBoardCharger(
  random: SeededRandom,
  {
    reactiveA,
    ...size
  }: {
    readonly phases: 1 | 2 | 3;
    readonly currentMaxA: number;
    readonly reactiveA?: readonly [number, number];
  },
): OnBoardCharger {
  for (let attempt = 0; attempt < DRAWS_MAX; attempt += 1) {
    const charger = {
      ...size,
      constantLossW: random.between(50, 130),
      proportionalLoss: random.between(0.022, 0.04),
      squareLossPerW: random.between(0.8e-6, 2.5e-6),
      reactiveCurrentA: random.between(...(reactiveA ?? REACTIVE_A)),
      onBoardW: random.between(100, 300),
    };
    if (OPERATING_POINTS.every((point) => isWithinBand(charger, point))) return charger;
  }
  assert(false, "one charger in a few dozen lies within the bands");
}

function isWithinBand(charger: OnBoardCharger, point: OperatingPoint): boolean {
  if (point.phases > charger.phases || point.currentA > charger.currentMaxA) return true;
  return MAINS_V.every((voltageV) => {
    const ratio = inletToBattery(charger, point.phases, voltageV * point.currentA);
    return ratio <= point.ratioMax && ratio * (1 - CABLE_LOSS_MAX) >= point.ratioMin;
  });
}

interface OperatingPoint {
  readonly phases: 1 | 3;
  readonly currentA: number;
  readonly ratioMin: number;
  readonly ratioMax: number;
}

/** The default bands, wall to battery, for 2.3, 3.7, 7.4, 11 and 22 kW. */
const OPERATING_POINTS: readonly OperatingPoint[] = [
  { phases: 1, currentA: 10, ratioMin: 0.76, ratioMax: 0.88 },
  { phases: 1, currentA: 16, ratioMin: 0.84, ratioMax: 0.92 },
  { phases: 1, currentA: 32, ratioMin: 0.87, ratioMax: 0.94 },
  { phases: 3, currentA: 16, ratioMin: 0.88, ratioMax: 0.95 },
  { phases: 3, currentA: 32, ratioMin: 0.86, ratioMax: 0.95 },
];
const REACTIVE_A: readonly [number, number] = [0.4, 1.2];
/** The voltages at the inlet that the stations of this world have. */
const MAINS_V = [216, 242];
const CABLE_LOSS_MAX = 0.01;
const DRAWS_MAX = 10_000;
