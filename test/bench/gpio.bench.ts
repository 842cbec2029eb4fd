/**
 * What lamps and inputs cost of a core: `node test/bench/gpio.bench.ts [SECONDS]`
 *
 * A lamp through johnny-five on the chip in memory, in its fastest rhythm; and inputs that are looked at every 5 ms,
 * each look with one call into the kernel as on a real chip (of a pipe, so that every machine can run it).
 */
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { loadKernelCalls } from "#hal/linux/gpio/kernel-calls.ts";
import { POLL_EVERY_MS, PollRound } from "#hal/linux/gpio/poll-round.ts";
import { openGpioBoard } from "#hal/linux/johnny-five/open-gpio-board.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { MemoryGpio } from "#hal/mock/gpio/memory-gpio.ts";
import { LampIndicator } from "#hal/protocols/indicator/lamp-indicator.ts";

const seconds = Number(process.argv[2] ?? 15);
const clock = new SystemClock();
const FIONREAD = 0x541b;
const INPUTS = 4;

await measure("nothing", () => () => undefined);

const loadedAt = performance.now();
const chip = new MemoryGpio({ clock, lines: ["LAMP"] }).open();
const board = await openGpioBoard(chip, [{ kind: "output", line: "LAMP" }]);
if (!board.ok) throw new Error(board.fault.code);
report("loading johnny-five and opening a board", `${(performance.now() - loadedAt).toFixed(0)} ms`);
const lamp = board.value.lamp("LAMP");

await measure("one lamp, the fault's rhythm", () => {
  const indicator = new LampIndicator({ clock, lamps: { green: lamp, blue: lamp, amber: lamp, red: lamp } });
  indicator.show("fault");
  return () => {
    indicator.close();
  };
});
board.value.close();

const koffiAt = performance.now();
const calls = await loadKernelCalls();
if (!calls.ok) throw new Error(calls.fault.code);
report("loading koffi", `${(performance.now() - koffiAt).toFixed(0)} ms`);
const folder = mkdtempSync(join(tmpdir(), "gpio-bench-"));
spawnSync("mkfifo", [join(folder, "pipe")]);
const pipe = openSync(join(folder, "pipe"), constants.O_RDWR | constants.O_NONBLOCK);
const bytes = new Uint8Array(16);

const rounds = 100_000;
const callsAt = performance.now();
for (let round = 0; round < rounds; round += 1) calls.value.ioctl(pipe, FIONREAD, bytes);
report("one call of the kernel", `${(((performance.now() - callsAt) / rounds) * 1000).toFixed(2)} µs`);

await measure(`${INPUTS} inputs looked at every ${POLL_EVERY_MS} ms`, () => {
  const round = new PollRound(clock);
  const leave = Array.from({ length: INPUTS }, () =>
    round.join(() => {
      calls.value.ioctl(pipe, FIONREAD, bytes);
    }),
  );
  return () => {
    for (const stop of leave) stop();
  };
});
closeSync(pipe);
rmSync(folder, { recursive: true });

/** Percent of a core in the middle one of many seconds: in some the engine compiles and collects for other reasons. */
async function measure(name: string, start: () => () => void): Promise<void> {
  const stop = start();
  const shares: number[] = [];
  for (let second = 0; second < seconds; second += 1) {
    const before = process.cpuUsage();
    const startedAt = performance.now();
    await wait(1000);
    const { user, system } = process.cpuUsage(before);
    shares.push((user + system) / 1000 / (performance.now() - startedAt));
  }
  stop();
  const middle = shares.sort((left, right) => left - right)[Math.floor(shares.length / 2)] ?? 0;
  report(name, `${(middle * 100).toFixed(2)} % of a core`);
}

function report(name: string, figure: string): void {
  console.log(`${name.padEnd(44)} ${figure}`);
}
