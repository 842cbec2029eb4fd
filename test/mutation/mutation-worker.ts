/**
 * One process that loads the instrumented code and its tests, and tries mutants as it is told. It runs inside a copy of
 * the tree and is stopped from outside when a mutant never ends.
 */
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import type { Answer, Order, Survey, Verdict } from "./worker-messages.ts";
import type { WorkerStart } from "./worker-process.ts";

const start = JSON.parse(process.argv[2] ?? "{}") as Omit<WorkerStart, "root">;
const reached = new Uint8Array(start.mutantsMax + 1);
let activeId = start.active;

Object.assign(globalThis, {
  $m: (id: number): boolean => {
    reached[id] = 1;
    return id === activeId;
  },
});
const standIn = new URL("collected-tests.ts", import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "uvu" ? { url: standIn, shortCircuit: true } : next(specifier, context),
});
// A case that fails is enough: which is the smallest is of no interest here.
fc.configureGlobal({ seed: 1_307, endOnFailure: true });

const { collected, loading } = await import("./collected-tests.ts");
const loadingFault = await load();
const tests = collected.filter(({ name }) => !start.without.some((part) => name.includes(part)));
process.on("message", (order: Order) => {
  void answer(order).then((said) => process.send?.(said));
});
process.send?.({ kind: "ready" } satisfies Answer);

async function load(): Promise<string | undefined> {
  try {
    for (const file of start.tests) {
      loading.file = file.replace(/^test\//, "");
      await import(pathToFileURL(file).href);
    }
  } catch (error) {
    return String(error);
  }
  return undefined;
}

async function answer(order: Order): Promise<Answer> {
  if (order.kind === "survey") return survey();
  return order.kind === "check" ? tryMutant(0, [order.test]) : tryMutant(order.id, order.tests);
}

/** Runs everything without a mutant: how long each test takes, and which mutants it reaches. */
async function survey(): Promise<Survey> {
  const atLoading = takeReached();
  const surveyed: Survey["tests"][number][] = [];
  for (const { name, run } of tests) {
    const before = process.cpuUsage();
    const fault = await faultOf(run);
    const { user, system } = process.cpuUsage(before);
    surveyed.push({ name, fault, cpuMs: (user + system) / 1000, reaches: takeReached() });
  }
  return { kind: "survey", tests: surveyed, atLoading, loadingFault };
}

/** Until one test fails. */
async function tryMutant(id: number, places: readonly number[]): Promise<Verdict> {
  if (loadingFault !== undefined) return { kind: "verdict", killedBy: "loading" };
  for (const place of places) {
    const test = tests[place];
    if (test === undefined) continue;
    process.send?.({ kind: "progress", test: place } satisfies Answer);
    activeId = id;
    const fault = await faultOf(test.run);
    activeId = 0;
    if (fault !== undefined) return { kind: "verdict", killedBy: place };
  }
  return { kind: "verdict", killedBy: undefined };
}

async function faultOf(run: () => Promise<void>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

function takeReached(): readonly number[] {
  const ids = [...reached.keys()].filter((id) => reached[id] === 1);
  reached.fill(0);
  return ids;
}
