/**
 * Seeded charges as a car's battery management tells them: true energy at the terminals, and the samples of a link that
 * is slow, breaks off, or has no counter. The sensors are those of the bench's physics, off inside their classes.
 */
import { NO_BATTERY_ENERGY, openSession, takeSample } from "#core/metering/battery-energy.ts";
import type { BatteryEnergy, BatteryLimits, BatterySample } from "#core/metering/battery-state.ts";
import {
  BATTERY_GAIN_ERROR_MAX,
  BATTERY_OFFSET_MAX_A,
  BatteryManagement,
  type BatteryResolution,
  type BelievedBattery,
  type TrueBattery,
} from "#hal/mock/physics/battery-management.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";

export interface BatteryChargeCase {
  readonly name: string;
  readonly cells: number;
  /** At the terminals, when nothing limits it. */
  readonly powerW: number;
  readonly energyWh: number;
  readonly shape: "constant" | "sun" | "taper";
  readonly sampleEveryMs: number;
  /** Null without a counter. */
  readonly counterStepMilliWh: number | null;
  readonly counterEveryMs?: number;
  /** The counter's own renewal; at once when absent. */
  readonly counterRenewedMs?: number;
  readonly gapsPerHour: number;
  readonly voltageStepV: number;
  readonly currentStepA: number;
  /** So long must the car have charged before it says so. */
  readonly heldMs?: number;
  /** Errors evenly spread up to their half-widths, and not crowded around none as those of most cars. */
  readonly isEven?: true;
}

/** What the contract lets flow. */
export function contractW({ powerW }: BatteryChargeCase): number {
  return Math.ceil(powerW * 1.25);
}

export const LIMITS: BatteryLimits = { powerMaxW: 250_000, usableMilliWh: 64_000_000 };

const COARSE = { counterStepMilliWh: 100_000, voltageStepV: 0.1, currentStepA: 0.1 } as const;
const FINE = { counterStepMilliWh: 116.508, voltageStepV: 0.25, currentStepA: 0.25 } as const;
const NONE = { counterStepMilliWh: null, voltageStepV: 0.52, currentStepA: 0.05 } as const;
const HOME = { cells: 98, shape: "constant", sampleEveryMs: 2_000, gapsPerHour: 0 } as const;
const HIGH = { ...HOME, cells: 192 } as const;

/**
 * Powers and energies of the vehicle study's table (4.5), and what else may be. Named by the power at the wall, of
 * which nine tenths reach the battery.
 */
export const BATTERY_CHARGES: readonly BatteryChargeCase[] = [
  { ...HOME, ...COARSE, name: "360 V, 7 kW, 10 kWh", powerW: 6_300, energyWh: 10_000 },
  { ...HOME, ...COARSE, name: "360 V, 2.3 kW, 2 kWh", powerW: 2_070, energyWh: 2_000 },
  { ...HOME, ...COARSE, name: "360 V, 2.3 kW, 10 kWh", powerW: 2_070, energyWh: 10_000 },
  { ...HIGH, ...COARSE, name: "700 V, 11 kW, 30 kWh", powerW: 9_900, energyWh: 30_000, heldMs: 10_000 },
  { ...HIGH, ...COARSE, name: "700 V, 2.3 kW, 2 kWh", powerW: 2_070, energyWh: 2_000, heldMs: 10_000 },
  { ...HIGH, ...COARSE, name: "700 V, 2.3 kW, 10 kWh", powerW: 2_070, energyWh: 10_000, heldMs: 10_000 },
  { ...HIGH, ...COARSE, name: "DC 50 kW, 30 kWh", powerW: 50_000, energyWh: 30_000, shape: "taper" },
  { ...HOME, ...COARSE, name: "sun, 7 kW, coarse counter", powerW: 6_300, energyWh: 5_000, shape: "sun" },
  {
    ...HOME,
    ...FINE,
    name: "sun, 7 kW, fine counter",
    powerW: 6_300,
    energyWh: 5_000,
    shape: "sun",
    counterEveryMs: 10_000,
  },
  { ...HOME, ...NONE, name: "sun, 7 kW, no counter", powerW: 6_300, energyWh: 5_000, shape: "sun" },
  { ...HOME, ...COARSE, name: "gaps, coarse counter", powerW: 6_300, energyWh: 5_000, shape: "sun", gapsPerHour: 6 },
  { ...HOME, ...FINE, name: "gaps, fine counter", powerW: 6_300, energyWh: 5_000, shape: "sun", gapsPerHour: 6 },
  { ...HOME, ...NONE, name: "gaps, no counter", powerW: 6_300, energyWh: 5_000, shape: "sun", gapsPerHour: 6 },
  {
    ...HOME,
    ...FINE,
    name: "fine counter, renewed each minute",
    powerW: 6_300,
    energyWh: 5_000,
    shape: "sun",
    counterRenewedMs: 60_000,
  },
  {
    ...HOME,
    ...COARSE,
    name: "slow adapter, coarse counter",
    powerW: 6_300,
    energyWh: 5_000,
    shape: "sun",
    sampleEveryMs: 20_000,
  },
  {
    ...HOME,
    ...NONE,
    name: "slow adapter, no counter",
    powerW: 6_300,
    energyWh: 5_000,
    shape: "sun",
    sampleEveryMs: 20_000,
  },
];

export interface PlayedCharge {
  /** What really went into the battery's terminals while it charged. */
  readonly trueMilliWh: number;
  readonly state: BatteryEnergy;
  /** The register never fell, and never grew by more than can have flowed. */
  readonly isSteady: boolean;
}

/** Plays the charge into the meter. */
export function playCharge(charge: BatteryChargeCase, seed: number): PlayedCharge {
  let state = openSession(NO_BATTERY_ENERGY, contractW(charge));
  let isSteady = true;
  let grownAtMs = 0;
  const trueMilliWh = sampleCharge(charge, seed, (sample) => {
    const next = takeSample(state, sample, LIMITS);
    const grown = next.registerMilliWh - state.registerMilliWh;
    // A counter that lags catches up by what flowed meanwhile.
    const sinceMs = sample.monotonicMs - grownAtMs + 70_000;
    isSteady &&= grown >= 0 && grown <= (contractW(charge) * 1.25 * sinceMs) / 3600 + 200_000;
    if (grown > 0) grownAtMs = sample.monotonicMs;
    state = next;
  });
  return { trueMilliWh, state, isSteady };
}

/** Tells the samples of one charge, in order; true mWh at the terminals is the answer. */
export function sampleCharge(charge: BatteryChargeCase, seed: number, tell: (sample: BatterySample) => void): number {
  const random = new SeededRandom(`${charge.name} ${seed}`);
  const { voltageStepV, currentStepA, counterStepMilliWh } = charge;
  const steps = { voltageStepV, currentStepA, chargeStepPercent: 0.5 };
  const sensors = random.fork("management");
  const management: Sensors =
    charge.isEven === true ? new EvenSensors(sensors, steps) : new BatteryManagement(sensors, steps);
  const link = random.fork("link");
  const power = powerOf(charge, random.fork("power"));
  const startMs = 20_000 + random.integer(0, 5_000);
  let [trueWh, nextMs, silentUntilMs, counterMs, chargedSinceMs] = [0, 0, 0, 0, Infinity];
  let renewed = { atMs: -Infinity, chargedWh: 0 };
  let endMs = Infinity;
  for (let nowMs = 0; nowMs < Math.max(endMs, silentUntilMs) + 90_000; nowMs += 500) {
    if (endMs === Infinity && trueWh >= charge.energyWh) endMs = nowMs;
    const isOn = nowMs >= startMs && nowMs < endMs;
    const drawnW = isOn
      ? power(nowMs - startMs, trueWh / charge.energyWh) * Math.min(1, (nowMs - startMs + 500) / 5_000)
      : 0;
    const openV = charge.cells * (3.55 + 0.1 * Math.min(1, trueWh / charge.energyWh));
    const currentA = isOn ? drawnW / openV : -0.2;
    const battery = { voltageV: openV + 0.1 * currentA, currentA, chargeShare: 0.3 + trueWh / 64_000 };
    management.record(battery, 0.5);
    if (isOn) trueWh += (battery.voltageV * currentA * 0.5) / 3600;
    chargedSinceMs = isOn ? Math.min(chargedSinceMs, nowMs) : Infinity;
    if (nowMs < nextMs) continue;
    nextMs = nowMs + charge.sampleEveryMs + link.integer(0, 1) * 500;
    if (link.chance((charge.gapsPerHour * charge.sampleEveryMs) / 3_600_000))
      silentUntilMs = nowMs + link.integer(31_000, 200_000);
    if (nowMs < silentUntilMs) continue;
    const told = management.now(battery, true);
    if (nowMs - renewed.atMs >= (charge.counterRenewedMs ?? 0)) renewed = { atMs: nowMs, chargedWh: told.chargedWh };
    const isCounted = counterStepMilliWh !== null && nowMs >= counterMs;
    if (isCounted) counterMs = nowMs + (charge.counterEveryMs ?? 0);
    tell({
      batteryVoltageV: told.packVoltageV,
      batteryCurrentA: told.packCurrentA,
      charging: nowMs - chargedSinceMs >= (charge.heldMs ?? 0),
      plugged: true,
      chargedMilliWh: isCounted
        ? Math.floor((renewed.chargedWh * 1000) / counterStepMilliWh) * counterStepMilliWh
        : null,
      chargedResolutionMilliWh: counterStepMilliWh,
      stateOfChargePercent: told.stateOfChargePercent,
      inlet: null,
      monotonicMs: nowMs,
    });
  }
  return trueWh * 1000;
}

type Sensors = Pick<BatteryManagement, "record"> & {
  now(
    battery: TrueBattery,
    isAwake: boolean,
  ): Pick<BelievedBattery, "packVoltageV" | "packCurrentA" | "chargedWh" | "stateOfChargePercent">;
};

class EvenSensors implements Sensors {
  readonly #steps: BatteryResolution;
  readonly #gain: number;
  readonly #offsetA: number;
  #chargedWh: number;

  constructor(random: SeededRandom, steps: BatteryResolution) {
    this.#steps = steps;
    this.#gain = 1 + random.between(-BATTERY_GAIN_ERROR_MAX, BATTERY_GAIN_ERROR_MAX);
    this.#offsetA = random.between(-BATTERY_OFFSET_MAX_A, BATTERY_OFFSET_MAX_A);
    this.#chargedWh = random.between(5e5, 1.5e7);
  }

  record(battery: TrueBattery, durationS: number): void {
    this.#chargedWh += (Math.max(0, battery.voltageV * this.#currentA(battery)) * durationS) / 3600;
  }

  now(battery: TrueBattery): ReturnType<Sensors["now"]> {
    const { voltageStepV, currentStepA } = this.#steps;
    return {
      packVoltageV: Math.round(battery.voltageV / voltageStepV) * voltageStepV,
      packCurrentA: Math.round(this.#currentA(battery) / currentStepA) * currentStepA,
      chargedWh: this.#chargedWh,
      stateOfChargePercent: 50,
    };
  }

  #currentA({ currentA }: TrueBattery): number {
    return currentA * this.#gain + this.#offsetA;
  }
}

/** W at a time since the start and at a share of the charge. */
function powerOf(
  { shape, powerW }: BatteryChargeCase,
  random: SeededRandom,
): (sinceMs: number, share: number) => number {
  if (shape === "constant") return () => powerW;
  if (shape === "taper") return (_, share) => powerW * Math.min(1, 1.3 - share);
  let level = random.between(0.4, 1);
  let atMs = 0;
  // Clouds: the charging current is set anew each some seconds, at times to far less.
  return (sinceMs) => {
    if (sinceMs >= atMs) {
      level = random.chance(0.05)
        ? random.between(0.25, 1)
        : Math.min(1, Math.max(0.25, level + random.gaussian() * 0.05));
      atMs = sinceMs + random.integer(3_000, 15_000);
    }
    return powerW * level;
  };
}
