/**
 * One minute of a charge with the physical binding and without gateways: a station that varies its limit and looks at its
 * meter, a car that looks at its battery, and what each concludes. For rates over many charges.
 */
import { judgeBinding, seeFollowed, type BindingVerdict } from "#core/binding/judge-watermark.ts";
import type { PowerSample } from "#core/binding/fit-watermark.ts";
import { watermarkPattern } from "#core/binding/watermark-pattern.ts";
import { limitAt, planWatermark, WATERMARK_MS } from "#core/binding/watermark-plan.ts";
import { defaultLoss } from "#core/contract/default-loss.ts";
import { ChargingWorld } from "#hal/mock/physics/charging-world.ts";
import type { VehicleModelName } from "#hal/mock/physics/vehicle-models.ts";
import { SeededRandom, SeededRandomness } from "#hal/mock/seeded-random.ts";

export interface WatermarkCharge {
  readonly seed: number | string;
  readonly model: VehicleModelName;
  readonly phases: 1 | 3;
  readonly limitA: number;
  readonly stateOfChargePercent?: number;
  /** Where the vehicle that judges is: at the station's cable, at a post of its own with so much power, or at none. */
  readonly judgeAt?: "station" | "other post" | "dead post";
  /** Heating or cooling of the car that judges, this long after the begin of the charge. */
  readonly comfortW?: (second: number) => number;
  /** From one reading of the battery to the next, and the share of them that is lost. */
  readonly readEveryMs?: number;
  readonly lostShare?: number;
  /** Standard deviation of one reading of the battery's current. */
  readonly noiseA?: number;
  /** The battery tells what was so long ago. */
  readonly readLagMs?: number;
  /** The control unit renews what it shows so often only. */
  readonly heldMs?: number;
  /** How late the station's word comes. */
  readonly noticeLateMs?: number;
}

export interface WatermarkRun {
  readonly verdict: BindingVerdict;
  /** From the first power to the verdict. */
  readonly afterMs: number;
}

const START_MS = 1_780_000_000_000;
const TICK_MS = 250;
const POWER_MIN_W = 1_000;
/** So long the power is left to rise. */
const RISE_MS = 8_000;
const STEADY_SHARE = 0.97;
const GIVE_UP_MS = 100_000;

export function playWatermark(charge: WatermarkCharge): WatermarkRun {
  const { phases, limitA, judgeAt = "station", comfortW = (): number => 0 } = charge;
  const random = new SeededRandom(charge.seed);
  const world = new ChargingWorld({ seed: charge.seed, startMs: START_MS, stepMs: TICK_MS });
  const options = { phases, currentMaxA: limitA };
  world.addStation(1, options);
  world.addStation(2, options);
  const { model, stateOfChargePercent } = charge;
  const car = { model, ...(stateOfChargePercent === undefined ? {} : { stateOfChargePercent }) };
  world.addVehicle("judge", car);
  world.addVehicle("thief", car);
  world.plugIn(judgeAt === "station" ? "judge" : "thief", 1);
  if (judgeAt !== "station") world.plugIn("judge", 2);
  const [evse, other] = [world.evseView(1), world.evseView(2)];
  if (judgeAt === "other post") other.setPermittedCurrent(limitA);
  const pattern = watermarkPattern(new SeededRandomness(charge.seed).bytes(32));
  const battery = world.batteryView("judge");
  const meter = world.meterView(1);
  const [metered, read]: [PowerSample[], PowerSample[]] = [[], []];
  const { readEveryMs = 1_000, readLagMs = 0, lostShare = 0, noticeLateMs = 200, heldMs = 0, noiseA = 0 } = charge;
  let [shown, shownMs] = [battery.now(), 0];
  let [poweredMs, begunMs, nextReadMs]: (number | undefined)[] = [undefined, undefined, random.between(0, readEveryMs)];
  let level = { powerW: 0, currentA: 0 };
  let plan: ReturnType<typeof planWatermark>;
  for (let nowMs = 0; nowMs < GIVE_UP_MS; nowMs += TICK_MS) {
    world.vehicle("judge").comfortW = comfortW(nowMs / 1000);
    evse.setPermittedCurrent(plan === undefined || begunMs === undefined ? limitA : limitAt(plan, nowMs - begunMs));
    world.advanceTo(START_MS + nowMs);
    if (nowMs % 1000 === 0) {
      const { powerW, currentA } = meter.now();
      const before = metered.at(-1);
      metered.push({ atMs: nowMs, powerW });
      if (powerW > POWER_MIN_W) poweredMs ??= nowMs;
      const isSteady = before !== undefined && before.powerW > POWER_MIN_W && before.powerW > STEADY_SHARE * powerW;
      if (poweredMs !== undefined && begunMs === undefined && (isSteady || nowMs - poweredMs >= RISE_MS)) {
        level = { powerW, currentA: Math.max(...currentA) };
        plan = planWatermark(pattern, limitA, level.currentA);
        if (plan === undefined) return { verdict: NOTHING, afterMs: nowMs - poweredMs };
        begunMs = nowMs;
      }
    }
    if (nextReadMs !== undefined && nowMs >= nextReadMs) {
      nextReadMs += readEveryMs;
      if (nowMs >= shownMs + heldMs) [shown, shownMs] = [battery.now(), nowMs];
      const { packVoltageV, packCurrentA } = shown;
      if (random.next() >= lostShare)
        read.push({ atMs: nowMs + readLagMs, powerW: packVoltageV * (packCurrentA + noiseA * random.gaussian()) });
    }
    if (begunMs === undefined || plan === undefined || poweredMs === undefined) continue;
    if (nowMs < begunMs + WATERMARK_MS + SETTLE_MS) continue;
    const expectedW = level.powerW * (1 - plan.lowA / level.currentA);
    const sight = seeFollowed(metered, pattern, begunMs, expectedW);
    if (sight === undefined) return { verdict: NOTHING, afterMs: nowMs - poweredMs };
    const lossPpm = defaultLoss(["mains", "battery"], Math.round(level.powerW));
    const heard = read.filter(({ atMs }) => atMs <= nowMs + noticeLateMs);
    const verdict = judgeBinding(heard, { pattern, startMs: begunMs + noticeLateMs, sight, lossPpm });
    return { verdict, afterMs: nowMs + noticeLateMs - poweredMs };
  }
  return { verdict: NOTHING, afterMs: GIVE_UP_MS };
}

/** A car that was slow is waited for. */
const SETTLE_MS = 5_000;
const NOTHING: BindingVerdict = { outcome: "not-seen", code: "NOTHING_HEARD" };
