/** The charge controller on a serial line in memory: current flows only while somebody goes on wanting it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { chargePointModel } from "#hal/charge-points/registry.ts";
import { SimpleEvse } from "#hal/charge-points/simple-evse.ts";
import { SimulatedEvse } from "#hal/mock/modbus/simulated-evse.ts";
import { LEASE_MS, type PlugState } from "#hal/ports/charge-point.ts";
import { openRtuLine, type RtuLine } from "./rtu-line.ts";

interface Bench extends RtuLine {
  readonly evse: SimpleEvse;
  readonly controller: SimulatedEvse;
  readonly socket: { plug: PlugState; currentA: number };
}

function bench(): Bench {
  const socket: Bench["socket"] = { plug: "plugged", currentA: 0 };
  const controller = new SimulatedEvse({
    plugState: () => socket.plug,
    setPermittedCurrent: (currentA) => {
      socket.currentA = currentA;
    },
  });
  const line = openRtuLine(new Map([[1, controller]]));
  const evse = new SimpleEvse({ bus: line.bus, clock: line.clock }, { unit: 1 });
  return { ...line, evse, controller, socket };
}

const test = suite("simple evse");

test("a controller that starts switched on is switched off before anything else", async () => {
  const { clock, evse, socket } = bench();
  assert.is(socket.currentA, 16);
  evse.start();
  await clock.runFor(500);
  assert.is(socket.currentA, 0);
});

test("a permit sets the current and switches on; a forbid switches off; both when the controller has agreed", async () => {
  const { clock, evse, socket } = bench();
  evse.start();
  assert.ok((await clock.runUntilSettled(evse.permit(13.9))).ok);
  assert.is(socket.currentA, 13, "whole amperes, and never more than permitted");
  assert.ok((await clock.runUntilSettled(evse.forbid())).ok);
  assert.is(socket.currentA, 0);
});

test("a permit ends by itself when it is not renewed", async () => {
  const { clock, evse, socket } = bench();
  await clock.runUntilSettled(evse.permit(16));
  await clock.runFor(LEASE_MS - 2_000);
  assert.is(socket.currentA, 16);
  await clock.runFor(3_000);
  assert.is(socket.currentA, 0);
});

test("a renewed permit goes on", async () => {
  const { clock, evse, socket } = bench();
  for (let round = 0; round < 6; round += 1) {
    assert.ok((await clock.runUntilSettled(evse.permit(10))).ok);
    await clock.runFor(LEASE_MS / 2);
    assert.is(socket.currentA, 10);
  }
});

test("the end of a lease is told until the controller has heard it", async () => {
  const { clock, evse, socket, controller } = bench();
  await clock.runUntilSettled(evse.permit(16));
  controller.faults.silent = true;
  await clock.runFor(LEASE_MS + 10_000);
  assert.is(socket.currentA, 16, "it cannot have heard");
  controller.faults.silent = false;
  await clock.runFor(5_000);
  assert.is(socket.currentA, 0);
});

test("a controller that restarted and is on by itself is switched off when it is looked at", async () => {
  const { clock, evse, socket, controller } = bench();
  evse.start();
  await clock.runFor(500);
  controller.restart();
  assert.is(socket.currentA, 16);
  await clock.runUntilSettled(evse.plugState());
  await clock.runFor(1_000);
  assert.is(socket.currentA, 0);
});

test("a forbid is not undone by a permit that was given before it", async () => {
  const { clock, evse, socket } = bench();
  const permit = evse.permit(16);
  const forbid = evse.forbid();
  await clock.runUntilSettled(Promise.all([permit, forbid]));
  await clock.runFor(1_000);
  assert.is(socket.currentA, 0);
});

test("the plug is seen as it is", async () => {
  const { clock, evse, socket } = bench();
  for (const plug of ["unplugged", "plugged", "charging", "fault"] as const) {
    socket.plug = plug;
    const state = await clock.runUntilSettled(evse.plugState());
    assert.is(state.ok ? state.value : state.fault.code, plug);
  }
});

for (const currentA of [0, 5.9, Number.NaN, -16]) {
  test(`${currentA} A cannot be told to a car and is refused`, async () => {
    const { clock, evse } = bench();
    const permit = await clock.runUntilSettled(evse.permit(currentA));
    assert.is(permit.ok ? "" : permit.fault.code, "CHARGE_POINT_REFUSED");
  });
}

test("a controller that does not answer or refuses is told as what it is", async () => {
  const { clock, evse, controller } = bench();
  controller.faults.silent = true;
  const silent = await clock.runUntilSettled(evse.plugState());
  assert.is(silent.ok ? "" : silent.fault.code, "CHARGE_POINT_UNREACHABLE");
  controller.faults.silent = false;
  controller.faults.exception = 4;
  const refused = await clock.runUntilSettled(evse.permit(16));
  assert.is(refused.ok ? "" : refused.fault.code, "CHARGE_POINT_REFUSED");
});

test("closing leaves the car without current, and nothing is permitted after it", async () => {
  const { clock, evse, socket } = bench();
  await clock.runUntilSettled(evse.permit(16));
  await clock.runUntilSettled(evse.close());
  assert.is(socket.currentA, 0);
  assert.not.ok((await evse.permit(16)).ok);
  assert.is(clock.pendingWakes, 0);
});

test("it is found by its name", () => {
  assert.ok(chargePointModel("simple-evse-wb") !== undefined);
  assert.is(chargePointModel("toString"), undefined);
});

test.run();
