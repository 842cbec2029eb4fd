/** The plug-in by itself, for whoever uses johnny-five's classes directly. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { holdJohnnyFiveIo, type JohnnyFiveIo } from "#hal/linux/johnny-five/johnny-five-io.ts";
import { openGpioBoard } from "#hal/linux/johnny-five/open-gpio-board.ts";
import { MemoryGpio } from "#hal/mock/gpio/memory-gpio.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";

const CONTACT = { kind: "input", line: "CONTACT", bias: "pull-down", debounceMs: 10 } as const;
const RELAY = { kind: "output", line: "RELAY" } as const;

function makeIo(): { clock: SimulatedClock; gpio: MemoryGpio; io: JohnnyFiveIo } {
  const clock = new SimulatedClock();
  const gpio = new MemoryGpio({ clock, lines: ["RELAY", "CONTACT"] });
  const held = holdJohnnyFiveIo(gpio.open(), [RELAY, CONTACT]);
  assert.ok(held.ok);
  return { clock, gpio, io: held.value };
}

const test = suite("johnny-five IO");

test("pins have the one mode of their use, and no PWM", () => {
  const { io } = makeIo();
  const pins = io.pins.map(({ name, supportedModes }) => ({ name, supportedModes }));
  assert.equal(pins, [
    { name: "RELAY", supportedModes: [io.MODES.OUTPUT] },
    { name: "CONTACT", supportedModes: [io.MODES.INPUT] },
  ]);
  assert.throws(() => io.pinMode("RELAY", io.MODES.PWM), "bug: pin RELAY is an output");
  assert.throws(() => io.pinMode("CONTACT", io.MODES.OUTPUT), "bug: pin CONTACT is an input");
  assert.throws(() => io.digitalWrite("ELSEWHERE", 1), "bug: pin ELSEWHERE has a use on this board");
  assert.throws(() => io.digitalRead("RELAY", () => undefined), "bug: pin RELAY is an input");
});

test("writing to an input, the Arduino's way to ask for a pull, moves nothing", () => {
  const { gpio, io } = makeIo();
  io.digitalWrite("CONTACT", 1);
  assert.is(gpio.level("CONTACT"), 0);
});

test("every reader gets the level once soon, then each lasting change", async () => {
  const { clock, gpio, io } = makeIo();
  const told: string[] = [];
  io.digitalRead("CONTACT", (value) => told.push(`first ${value}`));
  assert.equal(told, []);
  await Promise.resolve();
  await clock.runFor(1);
  gpio.drive("CONTACT", 1);
  await clock.runFor(20);
  io.digitalRead("CONTACT", (value) => told.push(`second ${value}`));
  await clock.runFor(1);
  assert.equal(told, ["first 0", "first 1", "second 1"]);
});

test("a write that nobody waits for and that fails is an error event with the chip's code", () => {
  const { gpio, io } = makeIo();
  const codes: unknown[] = [];
  io.on("error", (error: unknown) => codes.push(error instanceof Error && "code" in error ? error.code : error));
  gpio.unplug();
  io.digitalWrite("RELAY", 1);
  assert.equal(codes, ["GPIO_FAILED"]);
  const done = io.attempt(() => io.digitalWrite("RELAY", 1));
  assert.ok(!done.ok && done.fault.code === "GPIO_FAILED");
  assert.is(codes.length, 1);
});

test("a relay or a lamp on an input is a bug, and so is a part of a closed board", async () => {
  const gpio = new MemoryGpio({ clock: new SimulatedClock(), lines: ["RELAY", "CONTACT"] });
  const opened = await openGpioBoard(gpio.open(), [RELAY, CONTACT]);
  assert.ok(opened.ok);
  const board = opened.value;
  assert.throws(() => board.relay("CONTACT"), "bug: pin CONTACT is an input");
  assert.throws(() => board.lamp("CONTACT"), "bug: pin CONTACT is an input");
  board.close();
  assert.throws(() => board.lamp("RELAY"), "bug: parts are made on an open board");
});

test.run();
