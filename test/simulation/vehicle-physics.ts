/**
 * Whether what a vehicle gateway states of a charge is true: every car by every adapter, in a world that knows the
 * truth.
 *
 * `node test/simulation/vehicle-physics.ts [--charges 200] [--cars a,b] [--adapters a,b] [--seed 0] [--trouble 1]
 * [--processes 2] [--record FILE]`. A charge takes about 0.3 s of a core; all of it, 14 cars by 8 adapters by 200
 * charges, about an hour on two cores. What stands in the record is not played again. Damage that was really recorded
 * is used when the data stand beside the checkout.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type CarModel, carModelNames, findCarModel } from "#hal/mock/obd/car-model.ts";
import { adapterPersonas, type PersonaName } from "#hal/mock/obd/personas.ts";
import { RecordedDamage } from "#hal/mock/obd/recorded-damage.ts";
import { ownPart, playInParts, RunRecord } from "./parted-run.ts";
import { judgeCharge, type JudgedCharge, tallyCharges } from "./vehicle/charge-tally.ts";
import { type ChargeRun, playVehicleCharge } from "./vehicle/vehicle-world.ts";

const RECORDS = fileURLToPath(new URL("../../../shared/data/obdb/records", import.meta.url));
const COVERAGE_MIN = 0.95;

export async function playAndJudge(run: ChargeRun): Promise<JudgedCharge> {
  const startedMs = performance.now();
  const outcome = await playVehicleCharge(run);
  return judgeCharge(run, outcome, performance.now() - startedMs);
}

/** Undefined where the recordings are not beside the checkout. */
export function recordedDamage(): RecordedDamage | undefined {
  return RecordedDamage.fromFolder(RECORDS);
}

export function personaNames(): readonly PersonaName[] {
  return Object.keys(adapterPersonas).filter((name): name is PersonaName => name in adapterPersonas);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(await main());

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      charges: { type: "string", default: "200" },
      cars: { type: "string", default: carModelNames().join(",") },
      adapters: { type: "string", default: personaNames().join(",") },
      seed: { type: "string", default: "0" },
      trouble: { type: "string", default: "1" },
      processes: { type: "string", default: "2" },
      record: { type: "string" },
      part: { type: "string" },
    },
  });
  const cars = values.cars.split(",").flatMap((name): readonly CarModel[] => [findCarModel(name) ?? []].flat());
  const adapters = personaNames().filter((name) => values.adapters.split(",").includes(name));
  const [charges, firstSeed, processes] = [Number(values.charges), Number(values.seed), Number(values.processes)];
  // Seed by seed, so that a run that is ended early has as many charges of each pair.
  const runs = Array.from({ length: charges }, (_, index) => firstSeed + index).flatMap((seed) =>
    cars.flatMap((model) =>
      adapters.map((persona): ChargeRun => ({ model, persona, seed, trouble: Number(values.trouble) })),
    ),
  );
  const wanted = new Set(runs.map(nameOf));
  const record = new RunRecord<JudgedCharge>(values.record);
  const known = (): readonly JudgedCharge[] => record.outcomes.filter((charge) => wanted.has(nameOf(charge)));
  const done = new Set(known().map(nameOf));
  const left = runs.filter((run) => !done.has(nameOf(run)));
  if (values.part !== undefined) {
    const own = ownPart(runs, Number(values.part), processes);
    return await playAll(left.filter((run) => own.has(run)));
  }
  if (left.length > 0) {
    await playInParts(fileURLToPath(import.meta.url), processes, (message) => {
      record.keep(message as JudgedCharge);
    });
  }
  return report(known(), runs.length);
}

function report(judged: readonly JudgedCharge[], wanted: number): number {
  const tally = tallyCharges(judged);
  for (const line of tally.lines) console.log(line);
  for (const { model, persona, seed: at, wrongPayloads } of judged) {
    for (const wrong of wrongPayloads) console.log(`WRONG PAYLOAD ${model} ${persona} seed ${at}: ${wrong}`);
  }
  const isComplete = judged.length === wanted;
  if (!isComplete) console.log(`only ${judged.length} of ${wanted} charges could be played`);
  return isComplete && tally.coverage >= COVERAGE_MIN && tally.wrongPayloads === 0 && tally.missed === 0 ? 0 : 1;
}

function nameOf({ model, persona, seed }: Pick<ChargeRun, "model" | "persona" | "seed">): string {
  return `${model} ${persona} ${seed}`;
}

/** Told to the parent one by one. */
async function playAll(runs: readonly ChargeRun[]): Promise<number> {
  const damage = recordedDamage();
  for (const run of runs) {
    const judged = await playAndJudge({ ...run, recordedDamage: damage }).catch((error: unknown) => {
      console.error(`${nameOf(run)}:`, error);
      return undefined;
    });
    if (judged !== undefined) process.send?.(judged);
  }
  process.disconnect();
  return 0;
}
