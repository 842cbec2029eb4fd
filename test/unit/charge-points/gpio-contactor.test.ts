/** The plain contactor: stops, pulled plugs, welds, broken wires, and the chip that goes away. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { GpioContactor, type ContactorSettings } from "#hal/charge-points/gpio-contactor.ts";
import { MemoryGpio } from "#hal/mock/gpio/memory-gpio.ts";
import type { MemoryWire } from "#hal/mock/gpio/memory-wire.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { ChargePointFault, ChargePointState } from "#hal/ports/charge-point.ts";

interface Bench {
  readonly clock: SimulatedClock;
  readonly gpio: MemoryGpio;
  readonly aux: MemoryWire;
  readonly point: GpioContactor;
  readonly isOn: () => boolean;
  readonly look: () => ChargePointState;
}

const LINES = ["COIL", "AUX", "ESTOP", "STOP", "PLUG"];
const FULL: ContactorSettings = {
  contactor: { line: "COIL" },
  feedback: { line: "AUX", activeLow: true, bias: "pull-up" },
  emergencyStop: { line: "ESTOP", bias: "pull-up" },
  stopButton: { line: "STOP", activeLow: true, bias: "pull-up" },
  plug: { line: "PLUG", activeLow: true, bias: "pull-up" },
  circuitA: 16,
};

function newGpio(): { readonly clock: SimulatedClock; readonly gpio: MemoryGpio; readonly aux: MemoryWire } {
  const clock = new SimulatedClock();
  const gpio = new MemoryGpio({ clock, lines: LINES });
  const aux = gpio.wire("COIL", "AUX", { delayMs: 30, isInverted: true });
  gpio.drive("ESTOP", 0);
  gpio.drive("STOP", 1);
  gpio.drive("PLUG", 0);
  return { clock, gpio, aux };
}

function bench(settings: ContactorSettings = FULL): Bench {
  const { clock, gpio, aux } = newGpio();
  const held = GpioContactor.hold({ chip: gpio.open(), clock }, settings);
  if (!held.ok) throw new Error(JSON.stringify(held.fault));
  const point = held.value;
  return {
    ...{ clock, gpio, aux, point },
    isOn: () => gpio.level("COIL") === 1,
    look: () => {
      const state = point.state();
      if (!state.ok) throw new Error(JSON.stringify(state.fault));
      return state.value;
    },
  };
}

async function permitted(settings: ContactorSettings = FULL): Promise<Bench> {
  const made = bench(settings);
  assert.is(await codeOf(made, made.point.permit(16)), "");
  assert.ok(made.isOn());
  return made;
}

async function codeOf(
  { clock }: Bench,
  outcome: Promise<{ readonly ok: true } | { readonly ok: false; readonly fault: ChargePointFault }>,
): Promise<string> {
  const settled = await clock.runUntilSettled(outcome);
  return settled.ok ? "" : settled.fault.code;
}

const test = suite("contactor on GPIO lines");

test("a permit resolves when the auxiliary contact has followed, and not before", async () => {
  const { clock, point, gpio } = bench();
  const permit = point.permit(16);
  await clock.runFor(20);
  assert.is(gpio.level("COIL"), 1);
  let isSettled = false;
  void permit.then(() => (isSettled = true));
  await clock.runFor(5);
  assert.not(isSettled);
  assert.ok((await clock.runUntilSettled(permit)).ok);
});

test("a current that it cannot keep to is refused: a contactor limits nothing", async () => {
  const made = bench();
  assert.is(await codeOf(made, made.point.permit(10)), "CHARGE_POINT_REFUSED");
  assert.not(made.isOn());
});

for (const [name, act] of [
  [
    "an emergency stop",
    (gpio: MemoryGpio) => {
      gpio.drive("ESTOP", 1);
    },
  ],
  [
    "a torn wire of the emergency stop",
    (gpio: MemoryGpio) => {
      gpio.drive("ESTOP", undefined);
    },
  ],
  [
    "a press of the stop button",
    (gpio: MemoryGpio) => {
      gpio.drive("STOP", 0);
    },
  ],
] as const) {
  test(`${name} opens at once, and stays demanded until it has ended and a forbid has followed`, async () => {
    const made = await permitted();
    const { clock, gpio, point, look, isOn } = made;
    act(gpio);
    await clock.runFor(25);
    assert.not(isOn());
    assert.is(look().trouble?.code, "CHARGE_POINT_STOPPED");
    assert.is(await codeOf(made, point.forbid()), "");
    assert.is(look().trouble?.code, "CHARGE_POINT_STOPPED", "it is still demanded");
    gpio.drive("ESTOP", 0);
    gpio.drive("STOP", 1);
    await clock.runFor(100);
    assert.is(await codeOf(made, point.permit(16)), "CHARGE_POINT_STOPPED", "a release starts nothing by itself");
    assert.not(isOn());
    assert.is(await codeOf(made, point.forbid()), "");
    assert.is(look().trouble, undefined);
    assert.is(await codeOf(made, point.permit(16)), "");
  });
}

test("an emergency stop that is pressed before the start is seen", async () => {
  const { clock, gpio } = newGpio();
  gpio.drive("ESTOP", 1);
  const held = GpioContactor.hold({ chip: gpio.open(), clock }, FULL);
  assert.ok(held.ok);
  const permit = await clock.runUntilSettled(held.value.permit(16));
  assert.is(permit.ok ? "" : permit.fault.code, "CHARGE_POINT_STOPPED");
});

test("a spark of a millisecond on the emergency stop's wire is no stop", async () => {
  const { clock, gpio, isOn } = await permitted();
  gpio.drive("ESTOP", 1);
  await clock.runFor(1);
  gpio.drive("ESTOP", 0);
  await clock.runFor(100);
  assert.ok(isOn());
});

test("a pulled plug opens it, and is shown for a while however soon the next one comes", async () => {
  const made = await permitted();
  const { clock, gpio, look, isOn, point } = made;
  gpio.drive("PLUG", 1);
  await clock.runFor(60);
  gpio.drive("PLUG", 0);
  assert.not(isOn());
  await clock.runFor(1_000);
  assert.is(look().plug, "unplugged");
  assert.is(await codeOf(made, point.permit(16)), "CHARGE_POINT_REFUSED");
  await clock.runFor(3_000);
  assert.is(look().plug, "plugged");
});

test("it is never closed with nobody plugged in", async () => {
  const made = bench();
  made.gpio.drive("PLUG", 1);
  await made.clock.runFor(100);
  assert.is(await codeOf(made, made.point.permit(16)), "CHARGE_POINT_REFUSED");
  assert.not(made.isOn());
});

test("a contact that welds is found when it is told to open, and nothing is permitted any more", async () => {
  const made = await permitted();
  const { clock, aux, point, look } = made;
  aux.stickAt(1);
  await codeOf(made, point.forbid());
  assert.is(look().trouble, undefined, "it has some time to follow");
  await clock.runFor(600);
  assert.is(look().trouble?.code, "CONTACTOR_WELDED");
  assert.is(look().contactor, "closed");
  aux.free();
  await clock.runFor(1_000);
  await codeOf(made, point.forbid());
  assert.is(await codeOf(made, point.permit(16)), "CONTACTOR_WELDED", "until somebody has seen to it");
});

test("a contact that is welded at the start is found before the first permit", async () => {
  const { clock, gpio, aux } = newGpio();
  aux.stickAt(1);
  const held = GpioContactor.hold({ chip: gpio.open(), clock }, FULL);
  assert.ok(held.ok);
  await clock.runFor(600);
  const permit = await clock.runUntilSettled(held.value.permit(16));
  assert.is(permit.ok ? "" : permit.fault.code, "CONTACTOR_WELDED");
  assert.is(gpio.level("COIL"), 0);
});

test("a coil that does not pull is a fault, opened again, and tried anew after a forbid", async () => {
  const made = bench();
  made.aux.stickAt(0);
  assert.is(await codeOf(made, made.point.permit(16)), "CHARGE_POINT_INTERRUPTED");
  assert.not(made.isOn());
  assert.is(made.look().trouble?.code, "CONTACTOR_NOT_CLOSED");
  made.aux.free();
  await codeOf(made, made.point.forbid());
  assert.is(await codeOf(made, made.point.permit(16)), "");
});

test("a circuit that something else opens stays open when that releases it: a safety device was there", async () => {
  const { clock, aux, look, isOn } = await permitted();
  aux.stickAt(0);
  await clock.runFor(700);
  assert.not(isOn());
  aux.free();
  await clock.runFor(1_000);
  assert.not(isOn());
  assert.is(look().trouble?.code, "CONTACTOR_NOT_CLOSED");
});

test("a chip that goes away is told, and a forbid that it does not take is repeated", async () => {
  const made = await permitted();
  made.gpio.unplug();
  const state = made.point.state();
  assert.is(state.ok ? "" : state.fault.code, "CHARGE_POINT_UNREACHABLE");
  assert.is(await codeOf(made, made.point.forbid()), "CHARGE_POINT_UNREACHABLE");
  await made.clock.runFor(5_000);
  assert.ok(made.clock.pendingWakes > 0, "it goes on trying");
});

test("lines that somebody else holds are refused with their name, and none is kept", () => {
  const { clock, gpio } = newGpio();
  const other = gpio.open("gpioset");
  other.holdInput({ line: "PLUG", bias: "none", debounceMs: 0 }, () => undefined);
  const held = GpioContactor.hold({ chip: gpio.open(), clock }, FULL);
  assert.equal(held, { ok: false, fault: { code: "GPIO_LINE_BUSY", line: "PLUG", holder: "gpioset" } });
  other.close();
  assert.ok(GpioContactor.hold({ chip: gpio.open(), clock }, FULL).ok);
});

test("without plug detection the next car is one that comes a quarter of an hour after the last charge", async () => {
  const made = await permitted({ contactor: { line: "COIL" }, plug: "always", circuitA: 16 });
  const { clock, point, look } = made;
  assert.is(look().plug, "charging");
  await codeOf(made, point.forbid());
  await clock.runFor(14 * 60_000);
  assert.is(look().plug, "plugged", "a pause within a charge is shorter");
  await clock.runFor(61_000);
  assert.is(look().plug, "unplugged");
  await clock.runFor(5_000);
  assert.is(look().plug, "plugged");
});

test("it opens when the program is killed and its lines float: by the resistor, not by us", async () => {
  const { gpio, isOn } = await permitted();
  gpio.killHolders();
  assert.not(isOn());
});

test.run();
