/**
 * Our simulated meter and charge controller, two units on one serial line that behaves like a wire, and our drivers.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { chargePointModel } from "#hal/charge-points/registry.ts";
import { openRegisterBus } from "#hal/linux/modbus/open-register-bus.ts";
import { SerialLink } from "#hal/linux/serial-link.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { ModbusMeter } from "#hal/meters/modbus-meter.ts";
import { eastronSdm630 } from "#hal/meters/models/eastron-sdm630.ts";
import { RtuSlaves } from "#hal/mock/modbus/rtu-slaves.ts";
import { SimulatedEvse } from "#hal/mock/modbus/simulated-evse.ts";
import { SimulatedMeter } from "#hal/mock/modbus/simulated-meter.ts";
import type { SimulatedUnit } from "#hal/mock/modbus/simulated-unit.ts";
import { openSerialWire, stopAll } from "./modbus-line.ts";

const LINE = { baudRate: 19_200, dataBits: 8, parity: "none", stopBits: 1 } as const;

const test = suite("simulated units on a serial line");

test.after.each(stopAll);

test("a meter and a charge controller share the line, each served by its own driver", async () => {
  const clock = new SystemClock();
  const wire = await openSerialWire();
  let currentA = 0;
  const controller = new SimulatedEvse({
    plugState: () => "plugged",
    setPermittedCurrent: (permittedA) => {
      currentA = permittedA;
    },
  });
  const state = { voltageV: [230, 231, 232], currentA: [10, 10, 10], frequencyHz: 50 } as const;
  const source = { now: () => ({ ...state, importedMilliWh: 5_000_000_000, powerW: 6930 }) };
  const simulated = new SimulatedMeter({ model: "eastron-sdm630", serialNumber: 77, source });
  const units = new Map<number, SimulatedUnit>([
    [1, simulated],
    [2, controller],
  ]);
  const slaves = new RtuSlaves({ link: new SerialLink({ ...LINE, path: wire.meterPath }), clock, units });
  assert.ok((await slaves.start()).ok);
  const bus = openRegisterBus({ kind: "serial", ...LINE, path: wire.ourPath }, clock);
  const meter = new ModbusMeter({ bus, clock }, { map: eastronSdm630, unit: 1 });
  const evse = chargePointModel("simple-evse-wb")?.({ bus, clock }, { unit: 2 });
  assert.ok(evse !== undefined);

  const [reading, permit, plug] = await Promise.all([meter.read(), evse.permit(13), evse.look()]);
  assert.ok(reading.ok && reading.value.importedMilliWh === 5_000_000_000 && reading.value.powerW === 6930);
  assert.ok(permit.ok && plug.ok && plug.value.plug === "plugged");
  assert.is(currentA, 13);
  await evse.close();
  assert.is(currentA, 0);

  await meter.close();
  await bus.close();
  await slaves.stop();
  await wire.stop();
});

test.run();
