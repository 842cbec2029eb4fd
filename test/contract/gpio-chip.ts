/** What hal/ports/gpio-chip.ts promises, for any chip with hands on the far side of its lines. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { Result } from "#base/result.ts";
import type { GpioChip, GpioFault, InputRequest } from "#hal/ports/gpio-chip.ts";

export interface GpioChipFixture {
  /** Opens the chip, as one program among several would. */
  open(): Promise<GpioChip>;
  /** A line with a name, and the same line's offset; free at the start. */
  readonly named: { readonly line: string; readonly offset: number };
  /** Another free line, by offset. */
  readonly other: number;
  readonly lineCount: number;
  /** Drives a line from outside, in volts. */
  drive(offset: number, level: 0 | 1): void;
  /** What a meter on the line shows. */
  level(offset: number): 0 | 1;
  pass(durationMs: number): Promise<void>;
  dispose(): void;
}

/** Longer than the looks of a chip without interrupts are apart, short enough for a real clock. */
const DEBOUNCE_MS = 25;
const LASTING_MS = 3 * DEBOUNCE_MS;

export function gpioChipContract(name: string, make: () => GpioChipFixture): void {
  const test = suite<{ fixture: GpioChipFixture; chip: GpioChip }>(`GPIO chip: ${name}`);

  test.before.each(async (context) => {
    context.fixture = make();
    context.chip = await context.fixture.open();
  });
  test.after.each(({ fixture, chip }) => {
    chip.close();
    fixture.dispose();
  });

  test("an output has its first level from the moment it is held", ({ fixture, chip }) => {
    const { named, other } = fixture;
    given(chip.holdOutput({ line: named.offset, isActive: true }));
    given(chip.holdOutput({ line: other, isActive: false }));
    assert.is(fixture.level(named.offset), 1);
    assert.is(fixture.level(other), 0);
  });

  test("a name and its offset are the same line", ({ fixture, chip }) => {
    const { named } = fixture;
    const line = given(chip.holdOutput({ line: named.line, isActive: true }));
    assert.is(fixture.level(named.offset), 1);
    given(line.set(false));
    assert.is(fixture.level(named.offset), 0);
    given(line.set(true));
    assert.is(fixture.level(named.offset), 1);
  });

  test("an active-low output is low when it is active, from the first moment", ({ fixture, chip }) => {
    const { named, other } = fixture;
    const line = given(chip.holdOutput({ line: named.line, activeLow: true, isActive: false }));
    given(chip.holdOutput({ line: other, activeLow: true, isActive: true }));
    assert.is(fixture.level(named.offset), 1);
    assert.is(fixture.level(other), 0);
    given(line.set(true));
    assert.is(fixture.level(named.offset), 0);
  });

  test("an input tells the level of this moment, also upside down", ({ fixture, chip }) => {
    const { named, other } = fixture;
    const upright = given(chip.holdInput(input(named.line), ignore));
    const inverted = given(chip.holdInput({ ...input(other), activeLow: true }, ignore));
    for (const level of [1, 0, 1] as const) {
      fixture.drive(named.offset, level);
      fixture.drive(other, level);
      assert.is(given(upright.isActive()), level === 1);
      assert.is(given(inverted.isActive()), level === 0);
    }
  });

  test("a line that nobody drives follows the pull that is asked for", ({ fixture, chip }) => {
    const { named, other } = fixture;
    const up = given(chip.holdInput({ ...input(named.line), bias: "pull-up" }, ignore));
    const down = given(chip.holdInput({ ...input(other), bias: "pull-down" }, ignore));
    assert.is(given(up.isActive()), true);
    assert.is(given(down.isActive()), false);
  });

  test("a held line is refused to others, with the name of its holder, until it is released", async ({
    fixture,
    chip,
  }) => {
    const { named } = fixture;
    const stranger = await fixture.open();
    const line = given(chip.holdOutput({ line: named.line, isActive: true }));
    const refusals = [
      chip.holdOutput({ line: named.offset, isActive: false }),
      chip.holdInput(input(named.offset), ignore),
      stranger.holdOutput({ line: named.line, isActive: false }),
      stranger.holdInput(input(named.line), ignore),
    ];
    const levelMeanwhile = fixture.level(named.offset);
    line.release();
    const afterwards = stranger.holdInput(input(named.line), ignore);
    stranger.close();
    for (const refusal of refusals) {
      const fault = faultOf(refusal);
      assert.is(fault?.code, "GPIO_LINE_BUSY");
      assert.is(fault?.code === "GPIO_LINE_BUSY" ? fault.holder : "", "tallystick");
    }
    assert.is(levelMeanwhile, 1, "a refused request moves nothing");
    assert.ok(afterwards.ok);
  });

  test("a line that is not there is refused by what was asked for", ({ fixture, chip }) => {
    for (const line of ["NO-SUCH-LINE", "", -1, fixture.lineCount, 0.5, Number.NaN, 2 ** 32]) {
      for (const refusal of [chip.holdOutput({ line, isActive: true }), chip.holdInput(input(line), ignore)]) {
        const fault = faultOf(refusal);
        assert.equal(fault, { code: "GPIO_LINE_MISSING", label: chip.label, line });
      }
    }
  });

  test("lasting changes are told in order, and nothing is told for the first level", async ({ fixture, chip }) => {
    const { named } = fixture;
    const told: boolean[] = [];
    fixture.drive(named.offset, 1);
    given(chip.holdInput({ ...input(named.line), bias: "none" }, (isActive) => told.push(isActive)));
    await fixture.pass(LASTING_MS);
    assert.equal(told, []);
    for (const level of [0, 1, 0] as const) {
      fixture.drive(named.offset, level);
      const before = told.length;
      assert.is(before % 2, level, "not within the call that changes it");
      await passUntil(fixture, () => told.length > before);
    }
    await fixture.pass(LASTING_MS);
    assert.equal(told, [false, true, false]);
  });

  test("a level that does not last is not told", async ({ fixture, chip }) => {
    const { named } = fixture;
    const told: boolean[] = [];
    given(chip.holdInput({ ...input(named.line), debounceMs: 400 }, (isActive) => told.push(isActive)));
    for (let bounce = 0; bounce < 4; bounce += 1) {
      fixture.drive(named.offset, 1);
      await fixture.pass(12);
      fixture.drive(named.offset, 0);
      await fixture.pass(12);
    }
    fixture.drive(named.offset, 1);
    await fixture.pass(100);
    assert.equal(told, [], "before its time");
    await passUntil(fixture, () => told.length > 0);
    assert.equal(told, [true]);
  });

  test("without debouncing a change is told at once, but not within the call that changes it", async ({
    fixture,
    chip,
  }) => {
    const { named } = fixture;
    const told: boolean[] = [];
    given(chip.holdInput({ ...input(named.line), debounceMs: 0 }, (isActive) => told.push(isActive)));
    fixture.drive(named.offset, 1);
    assert.equal(told, []);
    await passUntil(fixture, () => told.length > 0);
    assert.equal(told, [true]);
  });

  test("an upside-down input tells meaning, not volts", async ({ fixture, chip }) => {
    const { named } = fixture;
    const told: boolean[] = [];
    fixture.drive(named.offset, 1);
    const request: InputRequest = { ...input(named.line), bias: "none", activeLow: true };
    given(chip.holdInput(request, (isActive) => told.push(isActive)));
    fixture.drive(named.offset, 0);
    await passUntil(fixture, () => told.length > 0);
    assert.equal(told, [true]);
  });

  test("promises that a listener settles go on without waiting for anything else", async ({ fixture, chip }) => {
    const { named } = fixture;
    const changed = new Promise((resolve) => {
      given(chip.holdInput(input(named.line), resolve));
    });
    let isSeen = false;
    void changed.then(() => (isSeen = true));
    fixture.drive(named.offset, 1);
    await passUntil(fixture, () => isSeen);
    assert.ok(isSeen);
  });

  test("after its release a line tells nothing, not even a change that was on its way", async ({ fixture, chip }) => {
    const { named } = fixture;
    const told: boolean[] = [];
    const line = given(chip.holdInput(input(named.line), (isActive) => told.push(isActive)));
    fixture.drive(named.offset, 1);
    await fixture.pass(DEBOUNCE_MS / 3);
    line.release();
    await fixture.pass(LASTING_MS);
    assert.equal(told, []);
  });

  test("a listener may release its line, or close the chip", async ({ fixture, chip }) => {
    const { named, other } = fixture;
    const told: string[] = [];
    const line = given(
      chip.holdInput(input(named.line), () => {
        told.push("named");
        line.release();
      }),
    );
    given(
      chip.holdInput(input(other), () => {
        told.push("other");
        chip.close();
      }),
    );
    fixture.drive(named.offset, 1);
    await passUntil(fixture, () => told.length === 1);
    fixture.drive(other, 1);
    await passUntil(fixture, () => told.length === 2);
    for (const level of [0, 1] as const) {
      fixture.drive(named.offset, level);
      fixture.drive(other, level);
      await fixture.pass(LASTING_MS);
    }
    assert.equal(told, ["named", "other"]);
  });

  test("an output that is released or whose chip is closed is put to inactive", async ({ fixture, chip }) => {
    const { named, other } = fixture;
    const line = given(chip.holdOutput({ line: named.line, isActive: true }));
    line.release();
    assert.is(fixture.level(named.offset), 0);
    given(chip.holdOutput({ line: other, isActive: true }));
    chip.close();
    assert.is(fixture.level(other), 0);
    const next = await fixture.open();
    assert.ok(next.holdOutput({ line: other, isActive: true }).ok);
    next.close();
  });

  test("what has been released or closed says so, and is released and closed again in peace", ({ fixture, chip }) => {
    const { named, other } = fixture;
    const output = given(chip.holdOutput({ line: named.line, isActive: true }));
    const contact = given(chip.holdInput(input(other), ignore));
    output.release();
    output.release();
    assert.is(faultOf(output.set(true))?.code, "GPIO_CLOSED");
    assert.is(fixture.level(named.offset), 0);
    chip.close();
    chip.close();
    contact.release();
    assert.is(faultOf(contact.isActive())?.code, "GPIO_CLOSED");
    assert.is(faultOf(chip.holdOutput({ line: named.line, isActive: true }))?.code, "GPIO_CLOSED");
    assert.is(faultOf(chip.holdInput(input(other), ignore))?.code, "GPIO_CLOSED");
  });

  test("a released line can be held by another without the first one touching it again", ({ fixture, chip }) => {
    const { named } = fixture;
    const first = given(chip.holdOutput({ line: named.line, isActive: false }));
    first.release();
    given(chip.holdOutput({ line: named.line, isActive: true }));
    first.release();
    assert.not.ok(first.set(false).ok);
    assert.is(fixture.level(named.offset), 1);
  });

  test.run();
}

function input(line: string | number): InputRequest {
  return { line, bias: "pull-down", debounceMs: DEBOUNCE_MS };
}

/** A machine with other work may be late; what never comes is left to the claim that follows. */
async function passUntil(fixture: GpioChipFixture, isDone: () => boolean): Promise<void> {
  for (let waitedMs = 0; waitedMs < 2000 && !isDone(); waitedMs += DEBOUNCE_MS) await fixture.pass(DEBOUNCE_MS);
}

function ignore(): void {
  // These tests ask for the level instead.
}

function given<Value>(result: Result<Value, GpioFault>): Value {
  if (!result.ok) throw new Error(JSON.stringify(result.fault));
  return result.value;
}

function faultOf(result: Result<unknown, GpioFault>): GpioFault | undefined {
  return result.ok ? undefined : result.fault;
}
