/** What relays, lamps and buttons on a GPIO chip do, whatever the chip: johnny-five on our IO plug-in. */
import { setTimeout as wait } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { Result } from "#base/result.ts";
import { type GpioBoard, openGpioBoard } from "#hal/linux/johnny-five/open-gpio-board.ts";
import type { PinUse } from "#hal/linux/johnny-five/johnny-five-io.ts";
import type { GpioChip, GpioFault } from "#hal/ports/gpio-chip.ts";
import type { GpioChipFixture } from "./gpio-chip.ts";

/** On the machine's own time: johnny-five's buttons wait by timers of their own. */
export type GpioBoardFixture = Pick<GpioChipFixture, "open" | "named" | "other" | "drive" | "level" | "dispose">;

const DEBOUNCE_MS = 10;
const LASTING_MS = 80;

export function gpioBoardContract(name: string, make: () => GpioBoardFixture): void {
  const test = suite<{ fixture: GpioBoardFixture; chip: GpioChip }>(`GPIO board: ${name}`);

  test.before.each(async (context) => {
    context.fixture = make();
    context.chip = await context.fixture.open();
  });
  test.after.each(({ fixture, chip }) => {
    chip.close();
    fixture.dispose();
  });

  test("a relay writes nothing until it is switched, then what it is told", async ({ fixture, chip }) => {
    const { named } = fixture;
    const board = given(await openGpioBoard(chip, [output(named.line)]));
    const relay = board.relay(named.line);
    assert.is(fixture.level(named.offset), 0);
    assert.not.ok(relay.isClosed);
    given(relay.close());
    assert.is(fixture.level(named.offset), 1);
    assert.ok(relay.isClosed);
    given(relay.open());
    assert.is(fixture.level(named.offset), 0);
    assert.not.ok(relay.isClosed);
    board.close();
  });

  test("a normally closed contact is opened by current, and closed without", async ({ fixture, chip }) => {
    const { named } = fixture;
    const board = given(await openGpioBoard(chip, [output(named.line)]));
    const relay = board.relay(named.line, "normally-closed");
    assert.is(fixture.level(named.offset), 0);
    assert.ok(relay.isClosed);
    given(relay.open());
    assert.is(fixture.level(named.offset), 1);
    given(relay.close());
    assert.is(fixture.level(named.offset), 0);
    board.close();
  });

  test("an active-low lamp is dark from the first moment", async ({ fixture, chip }) => {
    const { other } = fixture;
    const board = given(await openGpioBoard(chip, [{ kind: "output", line: other, activeLow: true }]));
    const lamp = board.lamp(other);
    assert.is(fixture.level(other), 1);
    given(lamp.set(true));
    assert.is(fixture.level(other), 0);
    given(lamp.set(false));
    assert.is(fixture.level(other), 1);
    board.close();
  });

  test("a button tells presses and releases in turn, on a line by name or by number", async ({ fixture, chip }) => {
    const { named, other } = fixture;
    const board = given(await openGpioBoard(chip, [contact(named.line), contact(other)]));
    const told: string[] = [];
    const byName = board.button(named.line, {
      onPress: () => told.push("name pressed"),
      onRelease: () => told.push("name released"),
    });
    board.button(other, { onPress: () => told.push("number pressed") });
    await wait(LASTING_MS);
    assert.equal(told, []);
    for (const level of [1, 0, 1] as const) {
      fixture.drive(named.offset, level);
      await waitUntil(() => byName.isPressed === (level === 1));
    }
    fixture.drive(other, 1);
    await waitUntil(() => told.length === 4);
    board.close();
    assert.equal(told, ["name pressed", "name released", "name pressed", "number pressed"]);
  });

  test("a button that is held down at the start is told", async ({ fixture, chip }) => {
    const { named } = fixture;
    fixture.drive(named.offset, 1);
    const use: PinUse = { kind: "input", line: named.line, bias: "none", debounceMs: DEBOUNCE_MS };
    const board = given(await openGpioBoard(chip, [use]));
    let presses = 0;
    const button = board.button(named.line, { onPress: () => (presses += 1) });
    await waitUntil(() => presses > 0);
    await wait(LASTING_MS);
    board.close();
    assert.is(presses, 1);
    assert.ok(button.isPressed);
  });

  test("boards live side by side: what is switched on one does not move the other", async ({ fixture, chip }) => {
    const { named, other } = fixture;
    const second = await fixture.open();
    const [left, right] = [
      given(await openGpioBoard(chip, [output(named.line)])),
      given(await openGpioBoard(second, [output(other)])),
    ];
    given(right.relay(other).close());
    assert.equal([fixture.level(named.offset), fixture.level(other)], [0, 1]);
    right.close();
    given(left.relay(named.line).close());
    assert.equal([fixture.level(named.offset), fixture.level(other)], [1, 0]);
    left.close();
    second.close();
  });

  test("a board that does not get all of its lines holds none", async ({ fixture, chip }) => {
    const { named, other } = fixture;
    const stranger = await fixture.open();
    given(stranger.holdOutput({ line: named.line, isActive: true }));
    const refused = await openGpioBoard(chip, [output(other), output(named.line)]);
    const free = stranger.holdOutput({ line: other, isActive: false });
    stranger.close();
    assert.ok(!refused.ok && refused.fault.code === "GPIO_LINE_BUSY");
    assert.ok(free.ok);
  });

  test("a line that cannot be written is told by the call, and the relay is not taken for closed", async ({
    fixture,
    chip,
  }) => {
    const { named } = fixture;
    const board = given(await openGpioBoard(chip, [output(named.line)]));
    const relay = board.relay(named.line);
    const lamp = board.lamp(named.line);
    chip.close();
    const outcomes = [relay.close(), lamp.set(true)];
    board.close();
    for (const outcome of outcomes) assert.ok(!outcome.ok && outcome.fault.code === "GPIO_CLOSED");
    assert.not.ok(relay.isClosed);
  });

  test("a closed board lets go of its lines and leaves no listener and no timer in the process", async ({
    fixture,
    chip,
  }) => {
    const { named, other } = fixture;
    // The test before this one may have left a timer that ends by itself.
    await wait(LASTING_MS);
    const listenersBefore = processListeners();
    const timersBefore = timers();
    const board: GpioBoard = given(await openGpioBoard(chip, [output(named.line), contact(other)]));
    const told: string[] = [];
    given(board.relay(named.line).close());
    board.button(other, { onPress: () => told.push("pressed"), onRelease: () => told.push("released") });
    fixture.drive(other, 1);
    await waitUntil(() => told.length > 0);
    board.close();
    board.close();
    fixture.drive(other, 0);
    await wait(LASTING_MS);
    assert.equal(told, ["pressed"]);
    assert.is(fixture.level(named.offset), 0);
    assert.ok(chip.holdOutput({ line: named.line, isActive: false }).ok);
    assert.equal(processListeners(), listenersBefore);
    await waitUntil(() => timers() <= timersBefore);
    assert.ok(timers() <= timersBefore, `${timers()} timers, ${timersBefore} before`);
  });

  test.run();
}

function output(line: string | number): PinUse {
  return { kind: "output", line };
}

function contact(line: string | number): PinUse {
  return { kind: "input", line, bias: "pull-down", debounceMs: DEBOUNCE_MS };
}

function given<Value>(result: Result<Value, GpioFault>): Value {
  if (!result.ok) throw new Error(JSON.stringify(result.fault));
  return result.value;
}

/** A machine with other work may be late; what never comes is left to the claim that follows. */
async function waitUntil(isDone: () => boolean): Promise<void> {
  for (let waitedMs = 0; waitedMs < 2000 && !isDone(); waitedMs += DEBOUNCE_MS) await wait(DEBOUNCE_MS);
}

function processListeners(): readonly string[] {
  return process.eventNames().map((event) => `${String(event)} ${process.listenerCount(event)}`);
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}
