/**
 * How well the vehicle's side knows what its battery received: `node test/bench/battery-table.ts [seeds]`, 20 unless
 * told. First the stated U beside the vehicle study's (table 4.5) and how often the truth was within it; then what that
 * does to the comparison with the station.
 */
import { agreementUncertainty, type AgreementTerms } from "#core/contract/agreement-uncertainty.ts";
import { defaultTolerancePpm, referenceMilliWh } from "#core/contract/default-tolerance.ts";
import { batteryStatement, type BatteryEstimate } from "#core/metering/battery-statement.ts";
import { BATTERY_CHARGES, LIMITS, playCharge, type BatteryChargeCase } from "#test/builders/battery-charge.ts";

const seeds = Number(process.argv[2] ?? 20);
/** What the study found for its cases, %. */
const STUDY: Readonly<Record<string, string>> = {
  "360 V, 7 kW, 10 kWh": "3.5",
  "360 V, 2.3 kW, 2 kWh": "7.8",
  "360 V, 2.3 kW, 10 kWh": "6.7",
  "700 V, 11 kW, 30 kWh": "3.8",
  "700 V, 2.3 kW, 2 kWh": "12.6",
  "700 V, 2.3 kW, 10 kWh": "11.9",
  "DC 50 kW, 30 kWh": "2.9-3.0",
};

console.log(`U (k = 2) in % of the true energy, mean of ${seeds} seeds; truth within U in % of them`);
console.log("case                                 study    integral  within   counter   within   signed: worst error");
for (const charge of BATTERY_CHARGES) console.log(rowOf(charge));

console.log("\ncomparison with a station of class 2 %, U and T in %");
console.log("vehicle                              loss      half-width  U      T");
for (const [name, terms] of comparisons()) {
  const { expandedPpm } = agreementUncertainty(terms, referenceMilliWh(terms) * 20);
  const [least, most] = terms.lossPpm.map((ppm) => ppm / 10_000);
  const figures = [terms.mpePpm[1], expandedPpm, defaultTolerancePpm(terms)].map((ppm) => (ppm / 10_000).toFixed(1));
  const [width = "", expanded = "", tolerance = ""] = figures;
  console.log(`${name.padEnd(37)}${`${least}-${most}`.padEnd(10)}${width.padEnd(12)}${expanded.padEnd(7)}${tolerance}`);
}

function rowOf(charge: BatteryChargeCase): string {
  const sums = { integral: { within: 0, share: 0, count: 0 }, counter: { within: 0, share: 0, count: 0 } };
  let worst = 0;
  for (let seed = 0; seed < seeds; seed += 1) {
    const { state, trueMilliWh } = playCharge(charge, seed);
    const { estimates, signed } = batteryStatement(state, LIMITS);
    worst = Math.max(worst, Math.abs(signed.energyMilliWh / trueMilliWh - 1));
    for (const method of ["integral", "counter"] as const) {
      const estimate = estimates.find((each) => each.method === method);
      if (estimate !== undefined) add(sums[method], estimate, trueMilliWh);
    }
  }
  const shown = [sums.integral, sums.counter].map(({ within, share, count }) =>
    count === 0 ? "-".padEnd(19) : `${percent(share / count).padEnd(10)}${percent(within / count).padEnd(9)}`,
  );
  return `${charge.name.padEnd(37)}${(STUDY[charge.name] ?? "").padEnd(9)}${shown.join("")}${percent(worst)}`;
}

function add(
  sum: { within: number; share: number; count: number },
  { energyMilliWh, uncertainty }: BatteryEstimate,
  trueMilliWh: number,
): void {
  sum.count += 1;
  sum.share += uncertainty.expandedMilliWh / trueMilliWh;
  if (Math.abs(energyMilliWh - trueMilliWh) <= uncertainty.expandedMilliWh) sum.within += 1;
}

/** The half-width of a battery's figure: 2.5 % of gain, and 0.3 A at its voltage and nine tenths of the power. */
function comparisons(): readonly (readonly [string, AgreementTerms])[] {
  const terms = (vehiclePpm: number, lossPpm: readonly [number, number], powerMaxW: number): AgreementTerms => ({
    mpePpm: [20_000, vehiclePpm],
    lossPpm,
    powerMaxW,
    resolutionMilliWh: [10_000, 1_000],
  });
  return [
    ["as signed now: battery 3 %, 11 kW", terms(30_000, [50_000, 120_000], 11_000)],
    ["battery at 11 kW, 360 V (U 3.2 %)", terms(27_300, [50_000, 120_000], 11_000)],
    ["battery at 11 kW, 700 V (U 3.8 %)", terms(32_800, [50_000, 120_000], 11_000)],
    ["as signed now: battery 3 %, 2.3 kW", terms(30_000, [120_000, 240_000], 2_300)],
    ["battery at 2.3 kW, 360 V (U 6.7 %)", terms(57_800, [120_000, 240_000], 2_300)],
    ["battery at 2.3 kW, 700 V (U 12 %)", terms(104_500, [120_000, 240_000], 2_300)],
    ["inlet, active 5 %, 11 kW", terms(50_000, [0, 30_000], 11_000)],
    ["inlet, active 5 %, 2.3 kW", terms(50_000, [0, 30_000], 2_300)],
  ];
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
