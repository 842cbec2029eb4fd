/**
 * Values that a quantity cannot have. They mean a wrong model, a wrong word order or wrong wiring, not a strange grid:
 * a low-word-first counter read the other way gives numbers that look like energy, so voltage and frequency are what
 * tells.
 */
import type { MeterFault, MeterReading } from "#hal/ports/energy-meter.ts";

type Implausible = Extract<MeterFault, { readonly code: "METER_IMPLAUSIBLE" }>;

const VOLTAGE_V = { min: 80, max: 300 } as const;
/** A phase that is not connected, or whose fuse is gone, shows a few induced volts. */
const DEAD_PHASE_V_MAX = 10;
const FREQUENCY_HZ = { min: 45, max: 65 } as const;
/** Between two charges there is nothing on a direct current line; batteries of lorries have up to 1250 V. */
const DIRECT_VOLTAGE_V = { min: 0, max: 1500 } as const;
/** Active power is at most volts times amperes; the margin is for values of different instants. */
const POWER_FACTOR_MAX = 1.3;
/** Below the smallest current that a meter shows, it still measures power. */
const POWER_SLACK_W = 100;

type Measured = Pick<MeterReading, "voltageV" | "currentA" | "powerW" | "frequencyHz">;
type Supply = "alternating" | "direct";

/** The first value that cannot be, or undefined when all can. A quantity without a value is not judged. */
export function checkPlausibility(measured: Measured, supply: Supply): Implausible | undefined {
  return checkVoltage(measured, supply) ?? checkFrequency(measured) ?? checkPower(measured, supply);
}

function checkVoltage({ voltageV }: Measured, supply: Supply): Implausible | undefined {
  const { min, max } = supply === "direct" ? DIRECT_VOLTAGE_V : VOLTAGE_V;
  const known = voltageV.flatMap((value, index) => (value === null ? [] : [{ value, phase: index + 1 }]));
  const live = known.filter(({ value }) => value >= min && value <= max);
  const wrong = known.find((phase) => !live.includes(phase) && (live.length === 0 || !isDead(phase.value)));
  if (wrong === undefined) return undefined;
  const expected = `${min} to ${max} V`;
  return { code: "METER_IMPLAUSIBLE", quantity: `voltage L${wrong.phase}`, value: wrong.value, expected };
}

function isDead(voltageV: number): boolean {
  return voltageV >= 0 && voltageV <= DEAD_PHASE_V_MAX;
}

function checkFrequency({ frequencyHz }: Measured): Implausible | undefined {
  if (frequencyHz === null || (frequencyHz >= FREQUENCY_HZ.min && frequencyHz <= FREQUENCY_HZ.max)) return undefined;
  const expected = `${FREQUENCY_HZ.min} to ${FREQUENCY_HZ.max} Hz`;
  return { code: "METER_IMPLAUSIBLE", quantity: "frequency", value: frequencyHz, expected };
}

function checkPower({ voltageV, currentA, powerW }: Measured, supply: Supply): Implausible | undefined {
  if (powerW === null || voltageV.length === 0 || voltageV.length !== currentA.length) return undefined;
  let apparentVA = 0;
  for (const [phase, voltage] of voltageV.entries()) {
    const current = currentA[phase] ?? null;
    if (voltage === null || current === null) return undefined;
    apparentVA += voltage * Math.abs(current);
  }
  const powerWMax = Math.ceil(POWER_FACTOR_MAX * apparentVA + POWER_SLACK_W);
  // Direct current has no reactive part: power that is far too small is one in another unit.
  const powerWMin = supply === "direct" ? Math.floor(apparentVA / POWER_FACTOR_MAX - POWER_SLACK_W) : 0;
  const value = Math.abs(powerW);
  if (value <= powerWMax && value >= powerWMin) return undefined;
  const bound = value > powerWMax ? `at most ${powerWMax} W` : `at least ${powerWMin} W`;
  return {
    code: "METER_IMPLAUSIBLE",
    quantity: "power",
    value: powerW,
    expected: `${bound} at these volts and amperes`,
  };
}
