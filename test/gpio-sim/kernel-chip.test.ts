/**
 * What only a real kernel shows: finding chips, rights, a killed holder, a chip that is pulled, and its edge events.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { openGpioChip } from "#hal/linux/gpio/open-gpio-chip.ts";
import { POLL_EVERY_MS } from "#hal/linux/gpio/poll-round.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import type { Cancel } from "#hal/ports/clock.ts";
import { openSimulated } from "./open-simulated.ts";
import { SimulatedChip } from "./simulated-chip.ts";

const COIL = 17;

const test = suite<{ chips: SimulatedChip[]; add: (label: string, names?: Record<number, string>) => SimulatedChip }>(
  "GPIO of a real kernel",
);

test.before.each((context) => {
  context.chips = [];
  context.add = (label, names = { [COIL]: "GPIO17" }) => {
    const chip = new SimulatedChip({ label, lineCount: 32, names });
    context.chips.push(chip);
    return chip;
  };
});
test.after.each(({ chips }) => {
  for (const chip of chips) chip.dispose();
});

test("after SIGKILL with the contactor line high the line goes back to 0, and the next program can take it", async ({
  add,
}) => {
  const sim = add("cabinet");
  const program = fileURLToPath(new URL("hold-contactor.ts", import.meta.url));
  const holder = spawn(process.execPath, [program, sim.label, "GPIO17"], { stdio: ["ignore", "pipe", "inherit"] });
  assert.is(await firstLine(holder), "closed");
  assert.is(sim.level(COIL), 1);
  const chip = await openSimulated(sim.label);
  const refused = chip.holdOutput({ line: "GPIO17", isActive: false });
  const gone = new Promise((resolve) => holder.on("exit", resolve));
  holder.kill("SIGKILL");
  await gone;
  assert.is(sim.level(COIL), 0);
  const taken = chip.holdOutput({ line: "GPIO17", isActive: false });
  chip.close();
  assert.ok(!refused.ok && refused.fault.code === "GPIO_LINE_BUSY");
  assert.ok(taken.ok);
});

test("a chip is found by its label among others, or by the kernel's name", async ({ add }) => {
  add("first");
  const second = add("second");
  const byLabel = await openSimulated("second");
  const byName = await openSimulated(second.name);
  const output = byLabel.holdOutput({ line: COIL, isActive: true });
  const level = second.level(COIL);
  const { label } = byName;
  byLabel.close();
  byName.close();
  assert.ok(output.ok);
  assert.is(level, 1);
  assert.is(label, "second");
});

test("a label that is not there is answered with those that are", async ({ add }) => {
  add("first");
  add("second");
  const opened = await openGpioChip("third", { clock: new SystemClock() });
  assert.equal(opened.ok ? undefined : opened.fault, {
    code: "GPIO_CHIP_MISSING",
    label: "third",
    found: ["first", "second"],
  });
});

test("of two chips with one label neither is taken, and their names are told", async ({ add }) => {
  const twins = [add("twin"), add("twin")];
  const opened = await openGpioChip("twin", { clock: new SystemClock() });
  assert.ok(!opened.ok && opened.fault.code === "GPIO_FAILED");
  for (const { name } of twins) assert.match(opened.fault.reason, name);
});

test("of two lines with one name neither is taken", async ({ add }) => {
  const sim = add("expander", { 3: "SPARE", 9: "SPARE" });
  const chip = await openSimulated(sim.label);
  const held = chip.holdOutput({ line: "SPARE", isActive: true });
  chip.close();
  assert.ok(!held.ok && held.fault.code === "GPIO_FAILED");
  assert.match(held.fault.reason, "3 and 9");
});

test("a user without the right to the device is told its path", async ({ add }) => {
  const sim = add("private");
  process.seteuid?.(65_534);
  const opened = await openGpioChip(sim.label, { clock: new SystemClock() });
  process.seteuid?.(0);
  assert.equal(opened.ok ? undefined : opened.fault, { code: "GPIO_DENIED", path: `/dev/${sim.name}` });
});

test("a chip that is pulled is told by the next call, stops the watching, and leaves a quiet program", async ({
  add,
}) => {
  const sim = add("expander");
  const chip = await openSimulated(sim.label);
  const told: boolean[] = [];
  const output = chip.holdOutput({ line: COIL, isActive: true });
  const input = chip.holdInput({ line: 3, bias: "pull-down", debounceMs: 20 }, (isActive) => told.push(isActive));
  assert.ok(output.ok && input.ok);
  sim.unplug();
  await wait(50);
  const before = process.cpuUsage();
  await wait(500);
  const { user, system } = process.cpuUsage(before);
  const refusals = [output.value.set(false), input.value.isActive(), chip.holdOutput({ line: 5, isActive: true })];
  chip.close();
  for (const refusal of refusals) assert.ok(!refusal.ok && refusal.fault.code === "GPIO_FAILED");
  assert.equal(told, []);
  assert.ok((user + system) / 1000 < 250, `${(user + system) / 1000} ms of processor time in 500 ms`);
});

test("an idle input wakes nobody: its changes come as the kernel's edge events", async ({ add }) => {
  const sim = add("cabinet");
  const clock = new CountingClock();
  const chip = await openSimulated(sim.label, { clock });
  const told: boolean[] = [];
  const held = chip.holdInput({ line: 3, bias: "pull-down", debounceMs: 20 }, (level) => told.push(level));
  assert.ok(held.ok);
  await wait(40 * POLL_EVERY_MS);
  const idleWakes = clock.wakes;
  sim.drive(3, 1);
  for (let waitedMs = 0; waitedMs < 2000 && told.length === 0; waitedMs += 20) await wait(20);
  chip.close();
  assert.is(idleWakes, 0);
  assert.equal(told, [true]);
});

test("a pulse between two looks starts the debouncing anew", async ({ add }) => {
  const sim = add("cabinet");
  const chip = await openSimulated(sim.label);
  const told: boolean[] = [];
  const held = chip.holdInput({ line: 3, bias: "pull-down", debounceMs: 500 }, (isActive) => told.push(isActive));
  assert.ok(held.ok);
  sim.drive(3, 1);
  await wait(350);
  sim.drive(3, 0);
  sim.drive(3, 1);
  await wait(300);
  const early = [...told];
  for (let waitedMs = 0; waitedMs < 2000 && told.length === 0; waitedMs += 20) await wait(20);
  chip.close();
  assert.equal(early, []);
  assert.equal(told, [true]);
});

test.run();

class CountingClock extends SystemClock {
  wakes = 0;

  override wakeAt(monotonicMs: number, wake: () => void): Cancel {
    this.wakes += 1;
    return super.wakeAt(monotonicMs, wake);
  }
}

function firstLine(program: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    program.stdout?.once("data", (chunk: Buffer) => {
      resolve(chunk.toString().trim());
    });
  });
}
