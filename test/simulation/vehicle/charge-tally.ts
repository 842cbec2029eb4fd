/** Many simulated charges, judged: how often the truth was within what was stated, and what really went wrong. */
import type { BatteryEstimate, BatteryPoint } from "#core/metering/battery-statement.ts";
import type { CarModel } from "#hal/mock/obd/car-model.ts";
import type { PersonaName } from "#hal/mock/obd/personas.ts";
import { pairTable, percent, share, table } from "./charge-tables.ts";
import type { ChargeOutcome } from "./vehicle-world.ts";

/** Plain data: it is sent from process to process. */
export interface JudgedCharge {
  readonly model: CarModel;
  readonly persona: PersonaName;
  readonly seed: number;
  readonly scenario: string;
  /** The register was known at the end, and there was something to know. */
  readonly isMeasured: boolean;
  /** The car's counter told the truth, to within the sensors' error. */
  readonly isHonest: boolean;
  /** Headline, as shares of the truth. */
  readonly method: string;
  readonly measuringPoint: BatteryPoint;
  readonly uShare: number;
  readonly errorShare: number;
  readonly isWithin: boolean;
  /** What was signed against the same truth and interval. */
  readonly isSignedWithin: boolean;
  /** Each estimate by its method: whether the truth at its own point was within its U. */
  readonly estimates: Readonly<Record<string, boolean>>;
  readonly hasGaps: boolean;
  readonly inconsistency: "none" | "flagged" | "missed" | "false";
  readonly payloads: number;
  readonly wrongPayloads: readonly string[];
  readonly fired: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Record<string, number>>;
  readonly cpuMs: number;
}

/** So little is not judged: a car that an adapter could not read, or a charge that never began. */
const ENERGY_MILLI_WH_MIN = 100_000;

export function judgeCharge(
  run: Pick<JudgedCharge, "model" | "persona" | "seed">,
  outcome: ChargeOutcome,
  cpuMs: number,
): JudgedCharge {
  const { statement, trueMilliWh, scenario, payloads, wrongPayloads, fired, refusals } = outcome;
  const { headline, interval, signed, estimates, gaps } = statement;
  const truth = trueMilliWh[headline.measuringPoint];
  const isIn = (milliWh: number, { energyMilliWh, uncertainty }: BatteryEstimate): boolean =>
    Math.abs(milliWh - energyMilliWh) <= uncertainty.expandedMilliWh;
  const isWithin = isIn(truth, headline);
  const widest = Math.max(headline.uncertainty.expandedMilliWh, interval.toMilliWh - signed.energyMilliWh);
  return {
    ...{ model: run.model, persona: run.persona, seed: run.seed, scenario },
    isMeasured: outcome.isCurrent && headline.energyMilliWh > 0 && truth >= ENERGY_MILLI_WH_MIN,
    isHonest: outcome.counterLie === 1,
    method: headline.method,
    measuringPoint: headline.measuringPoint,
    uShare: headline.uncertainty.expandedMilliWh / Math.max(1, truth),
    errorShare: (headline.energyMilliWh - truth) / Math.max(1, truth),
    isWithin,
    isSignedWithin: Math.abs(signed.energyMilliWh - truth) <= widest,
    estimates: Object.fromEntries(
      estimates.map((estimate) => [estimate.method, isIn(trueMilliWh[estimate.measuringPoint], estimate)]),
    ),
    hasGaps: gaps.count > 0,
    inconsistency: inconsistencyOf(outcome),
    ...{ payloads, wrongPayloads, fired, refusals, cpuMs },
  };
}

/** 2 %, or 0.2 kWh if that is more; half as much again, so that the sensors' own error does not decide. */
function inconsistencyOf({ statement, counterLie, trueMilliWh }: ChargeOutcome): JudgedCharge["inconsistency"] {
  const lie = (counterLie - 1) * trueMilliWh.battery;
  const isWrong = lie > 1.5 * Math.max(200_000, trueMilliWh.battery / 50);
  if (statement.isInconsistent) return counterLie > 1 ? "flagged" : "false";
  return isWrong ? "missed" : "none";
}

export interface Tally {
  readonly lines: readonly string[];
  readonly coverage: number;
  readonly wrongPayloads: number;
  readonly missed: number;
}

export function tallyCharges(charges: readonly JudgedCharge[]): Tally {
  const measured = charges.filter(({ isMeasured }) => isMeasured);
  const coverage = share(measured, ({ isWithin }) => isWithin);
  const wrongPayloads = charges.reduce((sum, charge) => sum + charge.wrongPayloads.length, 0);
  const missed = measured.filter(({ inconsistency }) => inconsistency === "missed").length;
  const payloads = charges.reduce((sum, charge) => sum + charge.payloads, 0);
  return {
    coverage,
    wrongPayloads,
    missed,
    lines: [
      ...pairTable(charges),
      ...table("by profile", measured, ({ model }) => model),
      ...table("by adapter", measured, ({ persona }) => persona),
      ...table("by case", measured, ({ scenario }) => scenario),
      ...table("by measuring point", measured, ({ measuringPoint, method }) => `${measuringPoint} ${method}`),
      ...table("by measuring point, case", measured, ({ measuringPoint, scenario }) => `${measuringPoint} ${scenario}`),
      ...table(
        "by headline, with gaps or without",
        measured,
        ({ method, hasGaps }) => `${method}${hasGaps ? " gaps" : ""}`,
      ),
      "",
      `each estimate within its own U: ${estimateText(measured)}`,
      `what an adapter could not do: ${unmeasuredText(charges)}`,
      `troubles that happened: ${countsText(sum(charges.map(({ fired }) => fired)))}`,
      `samples that were refused: ${countsText(sum(charges.map(({ refusals }) => refusals)))}`,
      `inconsistent: ${countsText(counts(charges.map(({ inconsistency }) => inconsistency)))}`,
      `${payloads} payloads, ${wrongPayloads} wrong; ${measured.length} charges, truth within what is stated in ${percent(coverage)}`,
    ],
  };
}

function estimateText(charges: readonly JudgedCharge[]): string {
  const methods = new Set(charges.flatMap(({ estimates }) => Object.keys(estimates)));
  return [...methods]
    .map((method) => {
      const having = charges.filter(({ estimates, isHonest }) => isHonest && method in estimates);
      return `${method} ${percent(share(having, ({ estimates }) => estimates[method] === true))} of ${having.length}`;
    })
    .join(", ");
}

function unmeasuredText(charges: readonly JudgedCharge[]): string {
  const unmeasured = charges.filter(({ isMeasured }) => !isMeasured);
  if (unmeasured.length === 0) return "nothing";
  return countsText(
    counts(
      unmeasured.map(({ model, persona, refusals }) => {
        const [[code] = ["too little energy"]] = Object.entries(refusals).sort(([, one], [, other]) => other - one);
        return `${model} by ${persona}: ${code}`;
      }),
    ),
  );
}

function counts(names: readonly string[]): Readonly<Record<string, number>> {
  return sum(names.map((name) => ({ [name]: 1 })));
}

function sum(all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const total: Record<string, number> = {};
  for (const [name, count] of all.flatMap((each) => Object.entries(each))) total[name] = (total[name] ?? 0) + count;
  return total;
}

function countsText(all: Readonly<Record<string, number>>): string {
  return Object.entries(all)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}
