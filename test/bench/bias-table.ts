/**
 * The slow-bias alarm by the production code: how many honest meters of a fleet it accuses, and after how many charges
 * it finds one that errs by 0.9 of the tolerance in its own favour. `node test/bench/bias-table.ts [CHARGES-EACH]`.
 */
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { AGREEMENT_CASES, ownTolerancePpm, type AgreementCase } from "#test/builders/agreement-cases.ts";
import { drawFleet, meet, meetAtRandom, type Fleet, type Meter } from "#test/builders/bias-fleet.ts";

const each = Number(process.argv[2] ?? 100);
const SIZE = 300;

console.log(`honest fleets: ${SIZE} stations, ${SIZE} cars, ${each} charges each; share with an alarm, %`);
for (const row of AGREEMENT_CASES) {
  const fleet = drawFleet(row, { stations: SIZE, vehicles: SIZE, seed: row.name });
  meetAtRandom(row, fleet, SIZE * each, row.name);
  console.log(`  ${row.name.padEnd(28)} stations ${share(fleet.stations)}   cars ${share(fleet.vehicles)}`);
}
console.log("\none that errs by 0.9 T in its own favour: charges until the alarm, median of 200, and % within 40");
for (const row of AGREEMENT_CASES) {
  const [station, vehicle] = (["station", "vehicle"] as const).map((side) => findings(row, side));
  console.log(`  ${row.name.padEnd(28)} station ${station ?? ""}   car ${vehicle ?? ""}`);
}

function share(meters: readonly Meter[]): string {
  const alarmed = meters.filter(({ alarmedAfter }) => alarmedAfter !== undefined).length;
  return ((100 * alarmed) / meters.length).toFixed(1).padStart(5);
}

function findings(row: AgreementCase, side: "station" | "vehicle"): string {
  const after = Array.from({ length: 200 }, (_, index) => chargesUntilAlarm(row, side, `${row.name} ${side} ${index}`));
  after.sort((left, right) => left - right);
  const inTime = after.filter((charges) => charges <= 40).length;
  return `${String(after[100]).padStart(3)} ${(inTime / 2).toFixed(1).padStart(6)} %`;
}

function chargesUntilAlarm(row: AgreementCase, side: "station" | "vehicle", seed: string): number {
  const fleet: Fleet = drawFleet(row, { stations: 20, vehicles: 20, seed });
  const random = new SeededRandom(seed);
  const bias = (0.9 * ownTolerancePpm(row)) / 1e6;
  const [least, most] = row.terms.lossPpm;
  const liar: Meter = {
    ...{ name: "liar", error: side === "station" ? bias : -bias, loss: (least + most) / 2e6 },
    ...{ bias: { sumMilli: 0, votes: 0, recent: [] }, sessions: 0, alarmedAfter: undefined },
  };
  while (liar.alarmedAfter === undefined && liar.sessions < 200) {
    if (side === "station") meet(row, random, liar, random.pick(fleet.vehicles));
    else meet(row, random, random.pick(fleet.stations), liar);
  }
  return liar.alarmedAfter ?? 999;
}
