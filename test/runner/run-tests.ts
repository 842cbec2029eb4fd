/**
 * All tests: `npm test`, or `npm test -- WORD…` for the files whose path contains a word.
 *
 * Folders of quick tests run as one process each, files of long ones and of those with other programs as one process
 * each, two at a time. System tests come last, and those of them that keep both cores busy one after the other: their
 * clocks are real, and a starved gateway gives its peer up. Ends with `N passed, N failed`.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const runGroup = fileURLToPath(new URL("run-group.ts", import.meta.url));

/** The longest begin early, beside all others. */
const LONG_FILES = ["simulation", "models"];
const ONE_PROCESS_A_FOLDER = ["tidy", "unit", "vectors", "contract", "fuzz"];
const ONE_PROCESS_A_FILE = ["interop"];
const WITH_REAL_CLOCKS = ["system"];
/** Whole worlds in several processes, whose clocks run faster: two take half of the machine, beside nothing else. */
const WORLDS = /\/bench-/;
/** The longest of them first, so that none is left over at the end. */
const LONG_WORLDS = /\/bench-(kill|unplugged)\./;
/** It has the machine for itself. */
const ALONE = /\/bench-site\./;

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Job {
  readonly label: string;
  readonly files: readonly string[];
}

const words = process.argv.slice(2);
const realTime = WITH_REAL_CLOCKS.flatMap(fileJobs);
const outcomes = [
  ...(await runAll(
    [...LONG_FILES.flatMap(fileJobs), ...ONE_PROCESS_A_FOLDER.map(folderJob), ...ONE_PROCESS_A_FILE.flatMap(fileJobs)],
    2,
  )),
  ...(await runAll(
    realTime.filter(({ label }) => !WORLDS.test(label) && !ALONE.test(label)),
    2,
  )),
  ...(await runAll(
    realTime
      .filter(({ label }) => WORLDS.test(label) && !ALONE.test(label))
      .sort((one, other) => Number(LONG_WORLDS.test(other.label)) - Number(LONG_WORLDS.test(one.label))),
    2,
  )),
  ...(await runAll(
    realTime.filter(({ label }) => ALONE.test(label)),
    1,
  )),
];
const total = outcomes.reduce(add, { passed: 0, failed: 0, skipped: 0 });
if (total.passed + total.failed === 0) {
  console.error(`no test matches ${words.join(" ")}`);
  process.exit(1);
}
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
process.exit(total.failed > 0 ? 1 : 0);

function folderJob(folder: string): Job {
  return { label: folder, files: testFiles(folder) };
}

function fileJobs(folder: string): readonly Job[] {
  return testFiles(folder).map((file) => ({ label: file, files: [file] }));
}

function testFiles(folder: string): readonly string[] {
  return globSync(`test/${folder}/**/*.test.ts`, { cwd: root })
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
    .sort();
}

async function runAll(jobs: readonly Job[], atOnce: number): Promise<readonly Outcome[]> {
  const waiting = jobs.filter((job) => job.files.length > 0);
  const done: Outcome[] = [];
  const worker = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) done.push(await runJob(job));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return done;
}

async function runJob(job: Job): Promise<Outcome> {
  const started = performance.now();
  const child = spawn(process.execPath, [runGroup, ...job.files.map((file) => `${root}${file}`)], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const exitCode = await new Promise<number | null>((resolve) => child.on("close", resolve));
  const text = Buffer.concat(chunks).toString();
  const outcome = readTotals(text, exitCode);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${outcome.failed > 0 ? "FAIL" : "ok  "} ${job.label} (${outcome.passed} passed, ${seconds} s)`);
  if (outcome.failed > 0) console.log(text);
  return outcome;
}

/** A process that ended without totals, or with an error after them, is a failure, not an empty success. */
function readTotals(text: string, exitCode: number | null): Outcome {
  const read = (word: string): number | undefined => {
    const match = new RegExp(`${word}:\\s+(\\d+)`).exec(text);
    return match?.[1] === undefined ? undefined : Number(match[1]);
  };
  const total = read("Total");
  const passed = read("Passed");
  if (total === undefined || passed === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const failed = total - passed;
  return { passed, failed: exitCode === 0 ? failed : Math.max(1, failed), skipped: read("Skipped") ?? 0 };
}

function add(left: Outcome, right: Outcome): Outcome {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  };
}
