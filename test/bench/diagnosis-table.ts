/**
 * How often a diagnosis names the right cause first, by kind of fault, and how often it names one of an honest charge.
 * `node test/bench/diagnosis-table.ts [CHARGES]`, 2,000 of each kind unless told. Exits with 1 when a bar is missed.
 */
import { CHARGE_SCENARIOS } from "#hal/mock/physics/charge-scenario.ts";
import { VEHICLE_MODELS } from "#hal/mock/physics/vehicle-models.ts";
import { physicsCauses } from "#test/builders/comparison-physics.ts";
import { diagnosisRows, HONEST_QUIET_MIN, isQuiet, RIGHT_FIRST_MIN } from "#test/builders/comparison-rows.ts";

const charges = Number(process.argv[2] ?? 2_000);
const rows = diagnosisRows(charges, "table");
let isGood = true;
console.log(`${charges} charges a row; named first, %`);
for (const { name, right, first, quiet } of rows) {
  const bar = quiet ? HONEST_QUIET_MIN : RIGHT_FIRST_MIN;
  const isEnough = right >= bar;
  isGood &&= isEnough;
  const others = [...first.entries()].sort((left, other) => other[1] - left[1]).slice(0, 4);
  const shares = others.map(([code, share]) => `${code} ${(share * 100).toFixed(2)}`).join(", ");
  console.log(`${isEnough ? "PASS" : "FAIL"} ${name.padEnd(44)} ${(right * 100).toFixed(2).padStart(6)}   (${shares})`);
}
const played = physicsCauses(
  CHARGE_SCENARIOS.map(({ name }) => name),
  Object.keys(VEHICLE_MODELS).length,
);
console.log(`\n${played.length} honest charges of the bench's physics; first cause`);
for (const { name } of CHARGE_SCENARIOS) {
  const codes = played.filter(({ scenario }) => scenario === name).map(({ causes }) => causes[0]?.code);
  const isQuietAll = codes.every((code) => isQuiet(code) || name === "heated");
  isGood &&= isQuietAll;
  const counts = [...new Set(codes)].map((code) => `${code ?? "none"} ${codes.filter((each) => each === code).length}`);
  console.log(`${isQuietAll ? "PASS" : "FAIL"} ${name.padEnd(20)} ${counts.join(", ")}`);
}
process.exitCode = isGood ? 0 : 1;
