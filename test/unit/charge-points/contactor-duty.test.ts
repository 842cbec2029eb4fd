/** The rules of a contactor's guard, in simulated time. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { ContactorDuty } from "#firmware/guard/contactor-duty.ts";
import { decodeBeat, decodeDuty, decodeFromGuard, type Report } from "#firmware/guard/guard-message.ts";
import { GpioContactor } from "#hal/charge-points/gpio-contactor.ts";
import { MemoryGpio } from "#hal/mock/gpio/memory-gpio.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";

class Bench {
  readonly clock = new SimulatedClock();
  readonly gpio = new MemoryGpio({ clock: this.clock, lines: ["COIL", "STOP"] });
  readonly duty: ContactorDuty;
  readonly reports: Report[] = [];
  wish = { permit: 0, forbid: 0, leaseMs: 0 };
  helpless = 0;
  /** What came through the pipe while the guard itself stood still. */
  unread: (() => void)[] = [];
  #beat = 0;

  constructor() {
    this.gpio.drive("STOP", 1);
    const held = GpioContactor.hold(
      {
        chip: this.gpio.open(),
        clock: this.clock,
        onChange: () => {
          this.duty.tell();
        },
      },
      {
        ...{ contactor: { line: "COIL" }, plug: "always", circuitA: 16 },
        stopButton: { line: "STOP", activeLow: true, bias: "pull-up" },
      },
    );
    if (!held.ok) throw new Error(held.fault.code);
    this.duty = new ContactorDuty({
      contactor: held.value,
      clock: this.clock,
      report: (report) => this.reports.push(report),
      afterReading: (action) => {
        for (const read of this.unread.splice(0)) read();
        action();
      },
      onHelpless: () => {
        this.helpless += 1;
      },
    });
  }

  get isOn(): boolean {
    return this.gpio.level("COIL") === 1;
  }

  get last(): NonNullable<Report["contactor"]> {
    const contactor = this.reports.at(-1)?.contactor;
    if (contactor === undefined) throw new Error("nothing was reported");
    return contactor;
  }

  beat(): void {
    this.#beat += 1;
    this.duty.beat({ beat: this.#beat, ...this.wish });
  }

  async beatFor(durationMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 100) {
      this.beat();
      await this.clock.runFor(100);
    }
  }

  async permit(permit: number, leaseMs = 30_000): Promise<void> {
    this.wish = { ...this.wish, permit, leaseMs };
    await this.beatFor(100);
  }
}

const test = suite("a contactor's guard");

test("it is closed by a permit, and open 300 ms after the last sign of life", async () => {
  const bench = new Bench();
  await bench.beatFor(500);
  assert.not(bench.isOn);
  await bench.permit(1);
  assert.ok(bench.isOn);
  assert.is(bench.last.permit, 1);
  await bench.beatFor(2_000);
  assert.ok(bench.isOn);
  await bench.clock.runFor(195);
  assert.ok(bench.isOn, "the last was 295 ms ago");
  await bench.clock.runFor(10);
  assert.not(bench.isOn);
  assert.is(bench.last.interrupted?.permit, 1);
});

test("a permit that was taken back closes nothing when the signs of life come back; a newer one does", async () => {
  const bench = new Bench();
  await bench.permit(1);
  await bench.clock.runFor(500);
  await bench.beatFor(1_000);
  assert.not(bench.isOn);
  await bench.permit(2);
  assert.ok(bench.isOn);
});

test("signs of life that waited while the guard itself stood still count", async () => {
  const bench = new Bench();
  await bench.permit(1);
  bench.unread = [
    () => {
      bench.beat();
    },
  ];
  await bench.clock.runFor(350);
  assert.ok(bench.isOn);
});

test("it opens when the lease has run out, however many signs of life come", async () => {
  const bench = new Bench();
  await bench.permit(1, 700);
  for (let leaseMs = 600; leaseMs > 0; leaseMs -= 100) {
    bench.wish = { ...bench.wish, leaseMs };
    await bench.beatFor(100);
  }
  await bench.clock.runFor(10);
  assert.not(bench.isOn);
});

test("a forbid opens at once and is answered; the same permit does not close it again", async () => {
  const bench = new Bench();
  await bench.permit(1);
  bench.wish = { permit: 1, forbid: 1, leaseMs: 0 };
  bench.beat();
  assert.not(bench.isOn);
  assert.not(bench.last.isOn);
  bench.wish = { permit: 1, forbid: 1, leaseMs: 20_000 };
  await bench.beatFor(500);
  assert.not(bench.isOn);
});

test("a stop is reported without being asked, and outlives missing signs of life", async () => {
  const bench = new Bench();
  await bench.permit(1);
  bench.gpio.drive("STOP", 0);
  await bench.clock.runFor(30);
  assert.not(bench.isOn);
  bench.gpio.drive("STOP", 1);
  await bench.clock.runFor(1_000);
  await bench.permit(2);
  assert.not(bench.isOn);
  assert.is(bench.last.refusal?.code, "CHARGE_POINT_STOPPED");
  bench.wish = { ...bench.wish, forbid: 1 };
  await bench.beatFor(100);
  await bench.permit(3);
  assert.ok(bench.isOn);
});

test("a chip that does not obey any more is the end of the guard: that releases the line", async () => {
  const bench = new Bench();
  await bench.permit(1);
  bench.gpio.unplug();
  await bench.clock.runFor(500);
  assert.is(bench.helpless, 1);
});

test("the end of the gateway opens it and lets go of the line", async () => {
  const bench = new Bench();
  await bench.permit(1);
  await bench.clock.runUntilSettled(bench.duty.end());
  assert.not(bench.isOn);
  assert.ok(bench.gpio.open().holdOutput({ line: "COIL", isActive: false }).ok);
});

test("what is no message is none, whatever it looks like", () => {
  const beats = ["", "{", "[]", "null", '{"beat":1}', '{"beat":-1,"permit":0,"forbid":0,"leaseMs":0}'];
  for (const line of [
    ...beats,
    '{"beat":1,"permit":0,"forbid":0,"leaseMs":-5}',
    '{"beat":1.5,"permit":0,"forbid":0}',
  ]) {
    assert.is(decodeBeat(line), undefined, line);
    assert.is(decodeDuty(line), undefined, line);
    assert.is(decodeFromGuard(line), undefined, line);
  }
  assert.equal(decodeBeat('{"beat":1,"permit":2,"forbid":3,"leaseMs":4}'), {
    beat: 1,
    permit: 2,
    forbid: 3,
    leaseMs: 4,
  });
});

test.run();
