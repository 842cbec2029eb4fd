/** The lamps and the stop button of a box, on lines in memory, from the configuration's board to the volts. */
import { setTimeout as wait } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { rpi4b } from "#boards/models/rpi4b.ts";
import { memoryOf } from "#boards/open-board-chip.ts";
import { serveLines, type LineOverrides, type ServedBoard } from "#boards/serve-lines.ts";
import { composeBoard, FAILURE_SHOWN_MS, type BoxPanel } from "#firmware/compose-board.ts";
import { ScaledClock } from "#hal/linux/scaled-clock.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import type { MemoryGpio } from "#hal/mock/gpio/memory-gpio.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { EmitEvent } from "#services/events.ts";

const STATUS = 22;
const ATTENTION = 23;
const STOP = 24;
const CONTACTOR = 17;
const EMERGENCY = 25;

interface Scene {
  readonly memory: MemoryGpio;
  readonly clock: Clock;
  readonly panel: BoxPanel;
  readonly told: readonly string[];
}

/** On the machine's own time, faster: johnny-five's buttons do not wait for a clock of ours. */
async function compose(
  prepare: (memory: MemoryGpio) => void = () => undefined,
  overrides: LineOverrides = {},
): Promise<Scene> {
  const clock = new ScaledClock({ realEpochMs: 0, worldEpochMs: 0, speed: 20 }, new SystemClock());
  const memory = memoryOf(clock);
  memory.drive(STOP, 1);
  prepare(memory);
  const told: string[] = [];
  const emit: EmitEvent = (name, event) => told.push(`${name} ${JSON.stringify(event)}`);
  const panel = await composeBoard(served(overrides), { role: "station", clock, emit, chip: memory.open() });
  return { memory, clock, panel, told };
}

function served(overrides: LineOverrides): ServedBoard {
  const lines = serveLines(rpi4b, overrides);
  if (!lines.ok) throw new Error(lines.fault.expected);
  return lines.value;
}

const GATEWAY = { endCharge: () => undefined, isClockKnown: () => true };

async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; turns < 400 && !isSo(); turns += 1) await wait(5);
  assert.ok(isSo());
}

const test = suite("lamps and stop button of a box");

test("from the first moment the status lamp says that the box starts", async () => {
  const { memory, panel, told } = await compose();
  await until(() => memory.history(STATUS).length > 2);
  assert.is(memory.history(ATTENTION).length, 0);
  await panel.close();
  assert.is(memory.level(STATUS), 0);
  assert.equal(told, []);
});

test("the lines of contactor and emergency stop stay free for the charge point, and the button until the start", async () => {
  const { memory, panel } = await compose();
  const other = memory.open("charge point");
  for (const line of [CONTACTOR, EMERGENCY, STOP]) {
    const held = other.holdInput({ line, bias: "none", debounceMs: 5 }, () => undefined);
    assert.ok(held.ok, String(line));
  }
  await panel.close();
});

test("the stop button ends the charge, once a press", async () => {
  const { memory, panel } = await compose();
  let ends = 0;
  await panel.serve({ ...GATEWAY, endCharge: () => (ends += 1) });
  memory.drive(STOP, 0);
  await until(() => ends === 1);
  memory.drive(STOP, 1);
  await wait(50);
  assert.is(ends, 1);
  memory.drive(STOP, 0);
  await until(() => ends === 2);
  await panel.close();
});

test("a button that the charge point reads is left to it without a word, one that another program has is told", async () => {
  for (const [holder, count] of [["tallystick", 0] as const, ["kiosk", 1] as const]) {
    const { panel, told } = await compose((memory) => {
      assert.ok(memory.open(holder).holdInput({ line: STOP, bias: "none", debounceMs: 5 }, () => undefined).ok);
    });
    await panel.serve(GATEWAY);
    assert.is(told.length, count, holder);
    if (count > 0) assert.match(told.join(), /^boardFailed .*"part":"stop button","code":"GPIO_LINE_BUSY".*kiosk/);
    await panel.close();
  }
});

test("a lamp that somebody else holds is told, and the other one shows everything", async () => {
  const { memory, panel, told } = await compose((gpio) => {
    assert.ok(gpio.open("fan").holdOutput({ line: STATUS, isActive: false }).ok);
  });
  assert.is(told.length, 1);
  assert.match(told.join(), /"part":"status lamp","code":"GPIO_LINE_BUSY"/);
  await until(() => memory.history(ATTENTION).length > 2);
  await panel.close();
});

test("a chip that goes away is told once, and nothing throws", async () => {
  const { memory, panel, told } = await compose();
  await panel.serve(GATEWAY);
  memory.unplug();
  panel.take("meshConnected", { up: true });
  panel.take("started", { name: "g", did: "", serial: 0 });
  await until(() => told.length > 0);
  await wait(100);
  assert.is(told.length, 1);
  await panel.close();
});

test("a failure is shown on the attention lamp for some seconds, then all is dark", async () => {
  const { memory, clock, panel } = await compose();
  const beganMs = clock.monotonicMs();
  panel.fail();
  await panel.close();
  assert.ok(clock.monotonicMs() - beganMs >= FAILURE_SHOWN_MS);
  assert.ok(memory.history(ATTENTION).length > 4);
  assert.is(memory.level(ATTENTION), 0);
});

test("lamps that are off in the configuration are not held, and the button still works", async () => {
  const { memory, panel } = await compose(undefined, { "status-lamp": "off", "attention-lamp": "off" });
  assert.ok(memory.open("other").holdOutput({ line: STATUS, isActive: false }).ok);
  let ends = 0;
  await panel.serve({ ...GATEWAY, endCharge: () => (ends += 1) });
  memory.drive(STOP, 0);
  await until(() => ends === 1);
  await panel.close();
});

test("without a board there is nothing to do, and a missing chip is told", async () => {
  const told: string[] = [];
  const emit: EmitEvent = (name) => told.push(name);
  const clock = new SystemClock();
  await (await composeBoard(undefined, { role: "vehicle", clock, emit })).close();
  assert.equal(told, []);
  const elsewhere = { ...served({}), board: { ...rpi4b, gpioChip: "no-such-chip" } };
  const panel = await composeBoard(elsewhere, { role: "vehicle", clock, emit });
  await panel.serve(GATEWAY);
  await panel.close();
  assert.equal(told, ["boardFailed"]);
});

test.run();
