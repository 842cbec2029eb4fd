/**
 * Whether what a vehicle gateway states of a charge is true: every car by every adapter, in a world that knows the truth.
 *
 * `node test/simulation/vehicle-physics.ts [--charges 200] [--cars a,b] [--adapters a,b] [--seed 0] [--trouble 1]
 * [--processes 2]`. A charge takes one to five seconds; all of it, 14 cars by 8 adapters by 200 charges, takes about
 * nine hours on two cores. Damage that was really recorded is used when the data stand beside the checkout.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type CarModel, carModelNames, findCarModel } from "#hal/mock/obd/car-model.ts";
import { adapterPersonas, type PersonaName } from "#hal/mock/obd/personas.ts";
import { RecordedDamage } from "#hal/mock/obd/recorded-damage.ts";
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
      part: { type: "string" },
    },
  });
  const cars = values.cars.split(",").flatMap((name): readonly CarModel[] => [findCarModel(name) ?? []].flat());
  const adapters = personaNames().filter((name) => values.adapters.split(",").includes(name));
  const [charges, seed, processes] = [Number(values.charges), Number(values.seed), Number(values.processes)];
  const runs = cars.flatMap((model) =>
    adapters.flatMap((persona) =>
      Array.from({ length: charges }, (_, index): ChargeRun => ({
        ...{ model, persona, seed: seed + index, trouble: Number(values.trouble) },
      })),
    ),
  );
  if (values.part !== undefined) return await playPart(runs, Number(values.part), processes);
  const judged = (await Promise.all(Array.from({ length: processes }, (_, part) => startPart(part)))).flat();
  const tally = tallyCharges(judged);
  for (const line of tally.lines) console.log(line);
  for (const { model, persona, seed: at, wrongPayloads } of judged) {
    for (const wrong of wrongPayloads) console.log(`WRONG PAYLOAD ${model} ${persona} seed ${at}: ${wrong}`);
  }
  const isComplete = judged.length === runs.length;
  if (!isComplete) console.log(`only ${judged.length} of ${runs.length} charges could be played`);
  return isComplete && tally.coverage >= COVERAGE_MIN && tally.wrongPayloads === 0 && tally.missed === 0 ? 0 : 1;
}

/** Every so many-th charge, told to the parent one by one. */
async function playPart(runs: readonly ChargeRun[], part: number, parts: number): Promise<number> {
  const damage = recordedDamage();
  for (const [index, run] of runs.entries()) {
    if (index % parts !== part) continue;
    const judged = await playAndJudge({ ...run, recordedDamage: damage }).catch((error: unknown) => {
      console.error(`${run.model} ${run.persona} seed ${run.seed}:`, error);
      return undefined;
    });
    if (judged !== undefined) process.send?.(judged);
  }
  process.disconnect();
  return 0;
}

function startPart(part: number): Promise<readonly JudgedCharge[]> {
  return new Promise((resolve, reject) => {
    const judged: JudgedCharge[] = [];
    const child = fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), "--part", String(part)]);
    child.on("message", (message) => {
      judged.push(message as JudgedCharge);
    });
    child.on("error", reject);
    child.on("close", () => {
      resolve(judged);
    });
  });
}
