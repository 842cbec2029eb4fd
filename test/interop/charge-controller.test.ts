/** Our driver of a controller with coils against pymodbus, over TCP and on a serial line. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { chargePointModel } from "#hal/charge-points/registry.ts";
import { openRegisterBus, type BusEndpoint } from "#hal/linux/modbus/open-register-bus.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { freePort } from "#test/builders/free-port.ts";
import { openSerialWire, said, startPython, stopAll } from "./modbus-line.ts";
import type { ChildProcess } from "node:child_process";

const test = suite("a charge controller served by pymodbus");

test.after.each(stopAll);

test("coils and registers over Modbus TCP", async () => {
  const port = await freePort();
  const server = await startPython("charge-controller-server.py", "serving", ["tcp", String(port), "255"]);
  await check(server, { kind: "tcp", host: "127.0.0.1", port }, 255);
});

test("coils and registers over Modbus RTU", async () => {
  const wire = await openSerialWire();
  const server = await startPython("charge-controller-server.py", "serving", ["rtu", wire.meterPath, "1"]);
  const line = { baudRate: 19_200, dataBits: 8, parity: "none", stopBits: 1 } as const;
  await check(server, { kind: "serial", path: wire.ourPath, ...line }, 1);
  await wire.stop();
});

async function check(server: ChildProcess, endpoint: BusEndpoint, unit: number): Promise<void> {
  const clock = new SystemClock();
  const bus = openRegisterBus(endpoint, clock);
  const point = chargePointModel("phoenix-ev-cc-eth")?.({ bus, clock }, { unit });
  assert.ok(point !== undefined);
  const isOn = said(server, "coil on current 13");
  const permit = await point.permit(13);
  assert.ok(permit.ok, JSON.stringify(permit));
  await isOn;
  assert.equal(await point.look(), { ok: true, value: { plug: "plugged", contactor: "unknown" } });
  const isOff = said(server, "coil off");
  assert.ok((await point.forbid()).ok);
  await isOff;
  await point.close();
  await bus.close();
}

test.run();
