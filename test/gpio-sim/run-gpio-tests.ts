/**
 * The GPIO tests on lines of a real kernel: `npm run test:gpio`.
 *
 * Builds a user-mode Linux kernel with simulated chips (once), boots it as an ordinary process with this machine's
 * files as its root, read-only, and runs the tests of this folder in it. Ends with `N passed, N failed`.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

/** The tests take about a quarter of this on two slow cores. */
const LONGEST_RUN_MS = 180_000;

const build = spawnSync(join(here, "build-kernel.sh"), { stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });
if (build.status !== 0) process.exit(build.status ?? 1);
const output = await bootAndRead(build.stdout.trim());
const total = numberAfter("Total", output);
const passed = numberAfter("Passed", output);
const exitCode = numberAfter("exit code", output);
if (total === undefined || passed === undefined || exitCode === undefined) {
  console.error("the test kernel ended before its tests");
  console.log("0 passed, 1 failed");
  process.exit(1);
}
const failed = exitCode === 0 ? total - passed : Math.max(1, total - passed);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

async function bootAndRead(kernel: string): Promise<string> {
  const workFolder = mkdtempSync(join(tmpdir(), "tallystick-gpio-"));
  const parameters = [
    "mem=512M",
    ...["rootfstype=hostfs", "root=/dev/root", "rootflags=/", "ro"],
    `init=${join(here, "inside.sh")}`,
    ...["con0=fd:0,fd:1", "con=null", "quiet", "panic=-1"],
    `uml_dir=${workFolder}`,
  ];
  // A group of its own: the kernel's processes are several, and a stuck one must not outlive the tests.
  const machine = spawn(kernel, parameters, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const killAll = (): void => {
    if (machine.pid !== undefined) process.kill(-machine.pid, "SIGKILL");
  };
  const timer = setTimeout(() => {
    console.error(`the test kernel did not end within ${LONGEST_RUN_MS / 1000} s`);
    killAll();
  }, LONGEST_RUN_MS);
  process.once("SIGINT", killAll);
  let text = "";
  for (const stream of [machine.stdout, machine.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      process.stdout.write(chunk.replaceAll("\r", ""));
    });
  }
  await new Promise((resolve) => machine.on("close", resolve));
  clearTimeout(timer);
  rmSync(workFolder, { recursive: true, force: true });
  return text;
}

function numberAfter(word: string, text: string): number | undefined {
  const found = new RegExp(`${word}:?\\s+(\\d+)`).exec(text);
  return found?.[1] === undefined ? undefined : Number(found[1]);
}
