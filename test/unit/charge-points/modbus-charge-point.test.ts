/** What each charge controller's table makes of the one driver: what the contract of the port does not see. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { CHARGE_POINT_MAPS, chargePointModel, type BusChargePoint } from "#hal/charge-points/registry.ts";
import type { SimulatedController } from "#hal/mock/modbus/charge-controllers/controller-parts.ts";
import { simulatedController, simulatedControllerNames } from "#hal/mock/modbus/charge-controllers/registry.ts";
import { SimulatedBender } from "#hal/mock/modbus/charge-controllers/simulated-wallboxes.ts";
import { MortalClock } from "#hal/mock/mortal-clock.ts";
import type { SimulatedUnit } from "#hal/mock/modbus/simulated-unit.ts";
import type { ContactorState, PlugState } from "#hal/ports/charge-point.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { openRtuLine } from "#test/unit/modbus/rtu-line.ts";

interface Bench {
  readonly clock: SimulatedClock;
  /** The gateway's; the devices' goes on when it is killed. */
  readonly gateway: MortalClock;
  readonly point: BusChargePoint;
  readonly controller: SimulatedController;
  readonly socket: { plug: PlugState; contactor: ContactorState | undefined; currentA: number };
  /** Addresses in the order in which they were written. */
  readonly writes: number[];
}

type Make = (parts: {
  readonly target: Parameters<typeof simulatedController>[1]["target"];
  readonly clock: Clock;
}) => SimulatedController;

function bench(model: string, make?: Make): Bench {
  const socket: Bench["socket"] = { plug: "plugged", contactor: undefined, currentA: 0 };
  const units = new Map<number, SimulatedUnit>();
  const { clock, bus } = openRtuLine(units);
  const target = {
    plugState: () => socket.plug,
    contactor: () => socket.contactor ?? (socket.plug === "charging" ? "closed" : "open"),
    setPermittedCurrent: (currentA: number) => {
      socket.currentA = currentA;
    },
  } as const;
  const controller = make?.({ target, clock }) ?? simulatedController(model, { target, clock });
  const makePoint = chargePointModel(model);
  if (controller === undefined || makePoint === undefined) throw new Error(`no ${model}`);
  units.set(1, controller);
  const writes: number[] = [];
  const write = controller.write.bind(controller);
  controller.write = (address, words) => {
    writes.push(address);
    return write(address, words);
  };
  const gateway = new MortalClock(clock);
  return { clock, gateway, point: makePoint({ bus, clock: gateway }, { unit: 1 }), controller, socket, writes };
}

async function permitted(model: string, make?: Make): Promise<Bench> {
  const made = bench(model, make);
  made.point.start();
  await made.clock.runFor(1_000);
  const permit = await made.clock.runUntilSettled(made.point.permit(16));
  assert.ok(permit.ok, JSON.stringify(permit));
  assert.is(made.socket.currentA, 16);
  made.writes.length = 0;
  return made;
}

const test = suite("charge controllers on a bus");

test("every model has a twin of its own, and every twin its model", () => {
  assert.equal([...simulatedControllerNames()].sort(), CHARGE_POINT_MAPS.map(({ model }) => model).sort());
  assert.is(chargePointModel("toString"), undefined);
});

test("every forbid is one write, so that no half of it can be lost", () => {
  for (const { model, forbid } of CHARGE_POINT_MAPS) assert.is(forbid.length, 1, model);
});

test("what lets the current flow is written last, after its limit", () => {
  for (const { model, permit, forbid } of CHARGE_POINT_MAPS) {
    assert.is(permit.at(-1)?.address, forbid[0]?.address, model);
  }
});

for (const { model, refreshMs, heartbeat } of CHARGE_POINT_MAPS) {
  test(`${model}: a renewed permit writes nothing as long as the device keeps it`, async () => {
    const { clock, point, writes, socket } = await permitted(model);
    socket.plug = "charging";
    await clock.runUntilSettled(point.look());
    writes.length = 0;
    for (let second = 0; second < 20; second += 1) {
      await clock.runFor(1_000);
      await clock.runUntilSettled(point.look());
      assert.ok((await clock.runUntilSettled(point.permit(16))).ok);
    }
    const expected = new Set(heartbeat === undefined || refreshMs !== undefined ? [] : [heartbeat.write.address]);
    assert.equal(
      writes.filter((address) => !expected.has(address)),
      [],
    );
  });

  test(`${model}: a device that lost its power is told the permitted current again`, async () => {
    const { clock, point, controller, socket } = await permitted(model);
    assert.ok((await clock.runUntilSettled(point.permit(10))).ok);
    controller.restart();
    for (let second = 0; second < 27; second += 1) {
      await clock.runFor(1_000);
      await clock.runUntilSettled(point.look());
      assert.ok((await clock.runUntilSettled(point.permit(10))).ok);
    }
    assert.is(socket.currentA, 10);
  });

  test(`${model}: a device that switched itself on is switched off when it is looked at`, async () => {
    const { clock, point, controller, socket } = await permitted(model);
    assert.ok((await clock.runUntilSettled(point.forbid())).ok);
    controller.restart();
    if (socket.currentA > 0) socket.plug = "charging";
    for (let second = 0; second < 14; second += 1) {
      await clock.runUntilSettled(point.look());
      await clock.runFor(1_000);
    }
    assert.is(socket.currentA, 0);
  });
}

/** How long after the gateway's death the device itself stops, ms; others go on, and need the guard. */
const OWN_WATCHDOG_MS: Readonly<Record<string, number>> = {
  "heidelberg-energy-control": 15_000,
  "bender-cc612": 20_000,
  "keba-p30": 20_000,
  "abb-terra-ac": 60_000,
};

for (const { model } of CHARGE_POINT_MAPS) {
  const ownMs = OWN_WATCHDOG_MS[model];
  test(`${model}: ${ownMs === undefined ? "does not notice the gateway's death" : "stops by itself"}`, async () => {
    const { clock, gateway, socket } = await permitted(model);
    gateway.kill();
    await clock.runFor((ownMs ?? 50_000) - 2_000);
    assert.is(socket.currentA, 16);
    await clock.runFor(4_000);
    assert.is(socket.currentA > 0, ownMs === undefined);
  });
}

test("a controller that shows its contactor closed long after a forbid is welded, for good", async () => {
  const { clock, point, socket } = await permitted("bender-cc612");
  socket.contactor = "closed";
  assert.ok((await clock.runUntilSettled(point.forbid())).ok);
  const soon = await clock.runUntilSettled(point.look());
  assert.is(soon.ok ? soon.value.trouble : "", undefined, "a car has some seconds to stop");
  await clock.runFor(11_000);
  const look = await clock.runUntilSettled(point.look());
  assert.is(look.ok ? look.value.trouble?.code : "", "CONTACTOR_WELDED");
  socket.contactor = "open";
  const permit = await clock.runUntilSettled(point.permit(16));
  assert.is(permit.ok ? "" : permit.fault.code, "CONTACTOR_WELDED");
  assert.is(socket.currentA, 0);
});

test("old firmware without a relay register is served all the same, and its contactor is unknown", async () => {
  const { clock, point } = await permitted("bender-cc612", (parts) => {
    return new SimulatedBender(parts, { hasRelayRegister: false });
  });
  const look = await clock.runUntilSettled(point.look());
  assert.equal(look, { ok: true, value: { plug: "plugged", contactor: "unknown" } });
});

test("a Phoenix controller that obeys an input from the factory is set to obey its register, once", async () => {
  const { clock, point, writes } = bench("phoenix-ev-cc-basic");
  point.start();
  await clock.runUntilSettled(point.permit(16));
  assert.equal(writes, [4000, 22_000]);
  writes.length = 0;
  await clock.runUntilSettled(point.forbid());
  await clock.runUntilSettled(point.permit(13));
  assert.equal(writes, [22_000]);
});

test("a fraction of an ampere is told where the device knows fractions, and rounded down where not", async () => {
  for (const [model, expectedA] of [
    ["simple-evse-wb", 13],
    ["phoenix-charx", 13],
    ["heidelberg-energy-control", 13.4],
    ["abb-terra-ac", 13.456],
    ["keba-p30", 13.456],
  ] as const) {
    const { clock, point, socket } = bench(model);
    assert.ok((await clock.runUntilSettled(point.permit(13.456_7))).ok, model);
    assert.is(socket.currentA, expectedA, model);
  }
});

test("more than a device can do is told as its most", async () => {
  const { clock, point, socket } = bench("heidelberg-energy-control");
  assert.ok((await clock.runUntilSettled(point.permit(32))).ok);
  assert.is(socket.currentA, 16);
});

test("a state that the table does not know is a refusal that names it, not a guess", async () => {
  const { clock, point, controller } = bench("heidelberg-energy-control");
  controller.read = () => [42];
  const look = await clock.runUntilSettled(point.look());
  assert.is(look.ok ? "" : look.fault.code, "CHARGE_POINT_REFUSED");
  assert.match(JSON.stringify(look), /42 is none of the states that heidelberg-energy-control has/);
});

test("a device that refuses a permit is told as what it is, and a forbid follows at the end of the lease", async () => {
  const { clock, point, controller } = bench("simple-evse-wb");
  controller.faults.exception = 4;
  const refused = await clock.runUntilSettled(point.permit(16));
  assert.is(refused.ok ? "" : refused.fault.code, "CHARGE_POINT_REFUSED");
  controller.faults.exception = 11;
  const silent = await clock.runUntilSettled(point.permit(16));
  assert.is(silent.ok ? "" : silent.fault.code, "CHARGE_POINT_UNREACHABLE", "its gateway says that it is silent");
});

test("after it was closed nobody waits for a time any more", async () => {
  const { clock, point } = await permitted("simple-evse-wb");
  await clock.runUntilSettled(point.close());
  assert.is(clock.pendingWakes, 0);
});

test.run();
