/** Two processes with one origin: do they live in the same world's time? */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const test = suite("scaled clock across processes");
const clockFile = fileURLToPath(new URL("../../hal/linux/scaled-clock.ts", import.meta.url));
const SPEED = 60;

/** Looks at the clock for a while, then prints the machine's own time with its fraction, and the world's. */
const LOOK = `
  const { ScaledClock } = await import(process.argv[1]);
  const clock = new ScaledClock(JSON.parse(process.argv[2]));
  const endMs = Date.now() + 60;
  while (Date.now() < endMs) clock.wallMs();
  console.log(JSON.stringify({ realMs: performance.timeOrigin + performance.now(), worldMs: clock.wallMs() }));
`;

test("processes started one after the other agree on the world's time to a real millisecond", async () => {
  const origin = { realEpochMs: Date.now(), worldEpochMs: 1_800_000_000_000, speed: SPEED };
  for (let index = 0; index < 2; index += 1) {
    const { realMs, worldMs } = await look(JSON.stringify(origin));
    const expectedMs = origin.worldEpochMs + (realMs - origin.realEpochMs) * SPEED;
    const realErrorMs = (worldMs - expectedMs) / SPEED;
    assert.ok(Math.abs(realErrorMs) < 1.5, `process ${index} is off by ${realErrorMs.toFixed(2)} ms of real time`);
  }
});

async function look(origin: string): Promise<{ readonly realMs: number; readonly worldMs: number }> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", LOOK, clockFile, origin]);
  return JSON.parse(stdout) as { readonly realMs: number; readonly worldMs: number };
}

test.run();
