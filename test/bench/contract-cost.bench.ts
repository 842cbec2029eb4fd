/**
 * What contract code costs: `node test/bench/contract-cost.bench.ts`. Evaluations a second of processor time, and how
 * much slower than the same rules in TypeScript.
 */
import { compileContract } from "#authoring/compile-contract.ts";
import { ENERGY_SURFACE } from "#core/contract/energy-surface.ts";
import { ENERGY_V1, ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import { decodeProgram } from "#core/script/encode-program.ts";
import { runOutcome } from "#core/script/run-program.ts";
import { boundedOutcome } from "#core/session/bounded-outcome.ts";
import { chargeFigures, outcomeInputs } from "#core/session/charge-figures.ts";
import { chargeCost } from "#core/session/charge-cost.ts";
import { settle } from "#core/session/settle.ts";
import { chargeOf, ramp } from "#test/builders/charge-facts.ts";
import { nativeSettle } from "#test/builders/native-settle.ts";
import { readFileSync } from "node:fs";

const kWh = 1_000_000;
const charge = chargeOf({
  station: ramp(40, kWh / 2),
  vehicle: ramp(40, 0.49 * kWh),
  stationFinal: 20.2 * kWh,
  vehicleFinal: 19.8 * kWh,
});
const figures = chargeFigures(charge, false);
const inputs = outcomeInputs(figures);
const { fields, steps } = runOutcome(ENERGY_V1, inputs);
console.log(`a session of 40 intervals: ${steps} steps, ${ENERGY_V1_BYTES.length} bytes of program`);

const outcome = measure("outcome by the program, from its figures", () => runOutcome(ENERGY_V1, inputs));
measure("  and held to its bounds", () => boundedOutcome(fields, figures));
measure("its inputs from the figures", () => outcomeInputs(figures));
const whole = measure("settle: facts to outcome, by the program", () => settle(charge, false));
const native = measure("settle: facts to outcome, natively", () => nativeSettle(charge, false));
measure("price of the session by its tariff", () => chargeCost(charge, 20.2 * kWh));
measure("decode and check the program", () => decodeProgram(ENERGY_V1_BYTES));
const source = readFileSync(new URL("../../firmware/core/contract/energy-v1.cel", import.meta.url), "utf8");
measure("compile its source", () => compileContract(source, ENERGY_SURFACE));
console.log(`program / native, whole settlement: ${(native / whole).toFixed(2)} times the time`);
console.log(`a step takes ${(1e9 / outcome / steps).toFixed(0)} ns`);

/** Calls a second of processor time. */
function measure(what: string, call: () => unknown): number {
  for (let warm = 0; warm < 500; warm += 1) call();
  const started = process.cpuUsage();
  let calls = 0;
  let seconds = 0;
  while (seconds < 0.5) {
    for (let each = 0; each < 50; each += 1) call();
    calls += 50;
    const { user, system } = process.cpuUsage(started);
    seconds = (user + system) / 1e6;
  }
  const rate = calls / seconds;
  console.log(`${Math.round(rate).toLocaleString("en").padStart(12)} /s  ${what}`);
  return rate;
}
