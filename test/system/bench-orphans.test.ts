/** A bench that ends badly, or is ended: it says why, and no gateway outlives it. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const test = suite("bench, no gateway outlives it");

const launcher = fileURLToPath(new URL("../../firmware/launch.js", import.meta.url));
const GONE_WITHIN_MS = 20_000;

interface Started {
  readonly bench: ChildProcess;
  /** Marks the processes of this bench. */
  readonly keep: string;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

test("killed with no chance to say so, it leaves no gateway behind", async () => {
  await withBench(async ({ bench, keep }) => {
    bench.kill("SIGKILL");
    await untilGone(keep);
  });
});

test("interrupted, it stops its gateways and says that it was asked to", async () => {
  await withBench(async ({ bench, keep, output, ended }) => {
    bench.kill("SIGINT");
    assert.is.not(await ended, 0);
    assert.match(output(), /asked to stop/);
    assert.equal(gatewaysOf(keep), []);
  });
});

test("a gateway that dies ends it with the gateway's name and last lines", async () => {
  await withBench(async ({ keep, output, ended }) => {
    const victim = gatewaysOf(keep).find(({ command }) => command.includes("vehicle-1"));
    assert.ok(victim !== undefined);
    process.kill(victim.pid, "SIGKILL");
    assert.is(await ended, 1);
    assert.match(output(), /vehicle-1 has ended by itself \(SIGKILL\)/);
    assert.match(output(), /last lines of vehicle-1:\n {4}\{"event":/);
    assert.equal(gatewaysOf(keep), []);
  });
});

async function withBench(use: (started: Started) => Promise<void>): Promise<void> {
  const keep = mkdtempSync(join(tmpdir(), "tallystick-test-orphans-"));
  const bench = spawn(process.execPath, [launcher, "bench", "--keep", keep], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [bench.stdout, bench.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => bench.once("close", resolve));
  try {
    await until(() => text.includes("contract signed"), `a contract; ${text}`);
    assert.is(gatewaysOf(keep).length, 2);
    await use({ bench, keep, output: () => text, ended });
  } finally {
    bench.kill("SIGKILL");
    await untilGone(keep);
    rmSync(keep, { recursive: true, force: true });
  }
}

function untilGone(keep: string): Promise<void> {
  return until(() => gatewaysOf(keep).length === 0, "the end of the gateways");
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + GONE_WITHIN_MS;
  while (!isSo()) {
    if (performance.now() > deadlineMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function gatewaysOf(keep: string): readonly { readonly pid: number; readonly command: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), command: commandOf(name) }))
    .filter(({ command }) => command.includes(keep) && command.includes("\0run\0"));
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    // It ended while we looked.
    return "";
  }
}

test.run();
