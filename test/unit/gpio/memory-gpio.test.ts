/**
 * What the chip in memory has beyond the contract: wires, contactors that weld, short circuits, kills, and a history.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MemoryGpio } from "#hal/mock/gpio/memory-gpio.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { GpioChip, InputLine, OutputLine } from "#hal/ports/gpio-chip.ts";

const PULL_IN_MS = 30;

interface Cabinet {
  readonly clock: SimulatedClock;
  readonly gpio: MemoryGpio;
  readonly chip: GpioChip;
  readonly coil: OutputLine;
  readonly feedback: InputLine;
  readonly told: string[];
}

/** A contactor at an output, its feedback contact at an input. */
function cabinet(): Cabinet {
  const clock = new SimulatedClock();
  const gpio = new MemoryGpio({ clock, lines: ["COIL", "FEEDBACK"] });
  const chip = gpio.open();
  const told: string[] = [];
  const coil = chip.holdOutput({ line: "COIL", isActive: false });
  const feedback = chip.holdInput({ line: "FEEDBACK", bias: "pull-down", debounceMs: 10 }, (isClosed) =>
    told.push(`${isClosed ? "closed" : "open"} at ${clock.monotonicMs()}`),
  );
  assert.ok(coil.ok && feedback.ok);
  return { clock, gpio, chip, coil: coil.value, feedback: feedback.value, told };
}

const test = suite("memory GPIO");

test("a wired input follows its output after the contactor's delay", async () => {
  const { clock, gpio, coil, told } = cabinet();
  gpio.wire("COIL", "FEEDBACK", { delayMs: PULL_IN_MS });
  assert.ok(coil.set(true).ok);
  await clock.runFor(100);
  assert.ok(coil.set(false).ok);
  await clock.runFor(100);
  assert.equal(told, ["closed at 40", "open at 140"]);
});

test("a contactor does not follow a pulse that is shorter than its delay", async () => {
  const { clock, gpio, coil, told } = cabinet();
  gpio.wire("COIL", "FEEDBACK", { delayMs: PULL_IN_MS });
  coil.set(true);
  await clock.runFor(PULL_IN_MS - 1);
  coil.set(false);
  await clock.runFor(100);
  assert.equal(gpio.history("FEEDBACK"), []);
  assert.equal(told, []);
});

test("a welded contactor stays closed without current; a torn-off one stays open with it", async () => {
  const { clock, gpio, coil, feedback, told } = cabinet();
  const contactor = gpio.wire("COIL", "FEEDBACK", { delayMs: PULL_IN_MS });
  coil.set(true);
  await clock.runFor(100);
  contactor.stickAt(1);
  coil.set(false);
  await clock.runFor(100);
  assert.is(gpio.level("COIL"), 0);
  assert.equal(feedback.isActive(), { ok: true, value: true });
  contactor.free();
  await clock.runFor(100);
  assert.equal(feedback.isActive(), { ok: true, value: false });
  contactor.stickAt(0);
  coil.set(true);
  await clock.runFor(100);
  assert.equal(feedback.isActive(), { ok: true, value: false });
  assert.equal(told, ["closed at 40", "open at 210"]);
});

test("a feedback contact may be the other way round, and its wire may break", async () => {
  const { clock, gpio, coil } = cabinet();
  const wire = gpio.wire("COIL", "FEEDBACK", { isInverted: true });
  assert.is(gpio.level("FEEDBACK"), 1);
  coil.set(true);
  assert.is(gpio.level("FEEDBACK"), 0);
  coil.set(false);
  wire.cut();
  assert.is(gpio.level("FEEDBACK"), 0, "the pull of the chip is seen");
  wire.mend();
  await clock.runFor(1);
  assert.is(gpio.level("FEEDBACK"), 1);
});

test("a short-circuited output keeps its level, whatever is set", () => {
  const { gpio, coil } = cabinet();
  gpio.stick("COIL", 1);
  coil.set(false);
  assert.is(gpio.level("COIL"), 1);
  gpio.stick("COIL", undefined);
  assert.is(gpio.level("COIL"), 0);
});

test("killed programs lose their lines as they are: a contactor opens, and the next one may take it", async () => {
  const { clock, gpio, coil, feedback, told } = cabinet();
  gpio.wire("COIL", "FEEDBACK", { delayMs: PULL_IN_MS });
  coil.set(true);
  await clock.runFor(100);
  gpio.killHolders();
  assert.is(gpio.level("COIL"), 0);
  await clock.runFor(100);
  assert.equal(told, ["closed at 40"]);
  assert.equal(coil.set(true), { ok: false, fault: { code: "GPIO_CLOSED" } });
  assert.not.ok(feedback.isActive().ok);
  assert.ok(gpio.open().holdOutput({ line: "COIL", isActive: false }).ok);
});

test("a chip that is unplugged fails every call and tells nothing", async () => {
  const { clock, gpio, chip, coil, feedback, told } = cabinet();
  gpio.unplug();
  gpio.drive("FEEDBACK", 1);
  await clock.runFor(100);
  const outcomes = [coil.set(true), feedback.isActive(), chip.holdOutput({ line: 0, isActive: true })];
  for (const outcome of outcomes) assert.ok(!outcome.ok && outcome.fault.code === "GPIO_FAILED");
  assert.equal(told, []);
});

test("no output passes through another level on its way to its first one", () => {
  const clock = new SimulatedClock();
  const gpio = new MemoryGpio({ clock, lines: ["A", "B", "C", "D"] });
  const chip = gpio.open();
  const requests = [
    { line: "A", isActive: false },
    { line: "B", isActive: true },
    { line: "C", isActive: true, activeLow: true },
    { line: "D", isActive: false, activeLow: true },
  ] as const;
  for (const request of requests) assert.ok(chip.holdOutput(request).ok);
  const levels = requests.map(({ line }) => gpio.history(line).map(({ level }) => level));
  assert.equal(levels, [[], [1], [], [1]]);
});

test("who holds a line is told by the name of that program; two lines of one name are nobody's", () => {
  const gpio = new MemoryGpio({ clock: new SimulatedClock(), lines: ["A", "TWIN", "TWIN"] });
  gpio.open("lamp-daemon").holdOutput({ line: "A", isActive: true });
  const chip = gpio.open();
  const held = chip.holdOutput({ line: "A", isActive: false });
  assert.equal(held, { ok: false, fault: { code: "GPIO_LINE_BUSY", line: "A", holder: "lamp-daemon" } });
  const twin = chip.holdOutput({ line: "TWIN", isActive: true });
  assert.ok(!twin.ok && twin.fault.code === "GPIO_FAILED");
});

test.run();
