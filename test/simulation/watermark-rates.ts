/**
 * How often the physical binding confirms, cannot tell, or is wrong, over many charges without gateways. Cars of all
 * models, one and three phases, 10 to 32 A, readings that are lost, late, rare and noisy, heaters that are switched, batteries
 * that are nearly full. The charge of a seed is the same wherever the judge hangs.
 *
 *     node test/simulation/run-watermark-rates.ts [charges]
 */
import { VEHICLE_MODELS, type VehicleModelName } from "#hal/mock/physics/vehicle-models.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { playWatermark, type WatermarkCharge } from "#test/builders/watermark-charge.ts";

export interface Rates {
  readonly charges: number;
  readonly confirmed: number;
  readonly notSeen: number;
  readonly contradicted: number;
  /** By their codes. */
  readonly codes: Readonly<Record<string, number>>;
  /** From the first power to the latest verdict. */
  readonly latestMs: number;
}

/** Hard: all that is drawn below. Quiet: a car that is read each second, and has nothing else to do. */
export type Circumstances = "hard" | "quiet";

export function watermarkRates(
  charges: number,
  judgeAt: NonNullable<WatermarkCharge["judgeAt"]>,
  circumstances: Circumstances = "hard",
): Rates {
  const codes: Record<string, number> = {};
  const outcomes = { confirmed: 0, "not-seen": 0, contradicted: 0 };
  let latestMs = 0;
  for (let seed = 0; seed < charges; seed += 1) {
    const { verdict, afterMs } = playWatermark({
      ...drawCharge(seed),
      ...(circumstances === "quiet" ? QUIET : {}),
      judgeAt,
    });
    codes[verdict.code] = (codes[verdict.code] ?? 0) + 1;
    outcomes[verdict.outcome] += 1;
    if (verdict.code !== "NOTHING_HEARD") latestMs = Math.max(latestMs, afterMs);
  }
  const { confirmed, contradicted } = outcomes;
  return { charges, confirmed, notSeen: outcomes["not-seen"], contradicted, codes, latestMs };
}

const MODELS = Object.keys(VEHICLE_MODELS) as readonly VehicleModelName[];
const OUTLETS = [
  [1, 16],
  [1, 32],
  [3, 16],
  [3, 32],
  [1, 10],
  [3, 11],
] as const;

function drawCharge(seed: number): WatermarkCharge {
  const random = new SeededRandom(`watermark ${seed}`);
  const [phases, limitA] = random.pick(OUTLETS);
  const percent = random.pick([undefined, undefined, undefined, undefined, undefined, 96, 99]);
  return {
    ...{ seed: `watermark ${seed}`, model: random.pick(MODELS), phases, limitA },
    ...(percent === undefined ? {} : { stateOfChargePercent: percent }),
    comfortW: drawHeating(random),
    readEveryMs: random.pick([1_000, 1_000, 1_000, 1_500, 2_500]),
    lostShare: random.pick([0, 0.05, 0.2]),
    noiseA: random.pick([0, 0.1, 0.4]),
    readLagMs: random.pick([0, 300, 2_000]),
    heldMs: random.pick([0, 0, 0, 0, 2_000, 5_000]),
    noticeLateMs: random.pick([100, 400, 3_000]),
  };
}

const QUIET: Partial<WatermarkCharge> = {
  comfortW: () => 0,
  ...{ readEveryMs: 1_000, lostShare: 0, noiseA: 0.1, readLagMs: 300, heldMs: 0, noticeLateMs: 400 },
};

/** None, for the whole charge, switched on once, or again and again by a thermostat. */
function drawHeating(random: SeededRandom): (second: number) => number {
  const powerW = random.between(500, 5_000);
  const everyS = random.between(8, 60);
  const fromS = random.between(0, 60);
  const kind = random.pick(["none", "none", "none", "always", "once", "again"] as const);
  if (kind === "none") return () => 0;
  if (kind === "always") return () => powerW;
  if (kind === "once") return (second) => (second >= fromS ? powerW : 0);
  return (second) => (Math.floor((second + fromS) / everyS) % 2 === 0 ? powerW : 0);
}
