/** The contract on the Modbus driver, over TCP, against the simulated meter of each model. */
import { openRegisterBus } from "#hal/linux/modbus/open-register-bus.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { ModbusMeter } from "#hal/meters/modbus-meter.ts";
import { meterModel } from "#hal/meters/models/registry.ts";
import type { MeterState } from "#hal/mock/modbus/meter-source.ts";
import { SimulatedMeter } from "#hal/mock/modbus/simulated-meter.ts";
import { TcpSlaves } from "#hal/mock/modbus/tcp-slaves.ts";
import { energyMeterContract, type EnergyMeterFixture } from "./energy-meter.ts";

const UNIT = 7;
const SERIAL_NUMBER = 4_711_815;

const MODELS = [
  { model: "eastron-sdm630", phases: 3 },
  { model: "eastron-sdm120", phases: 1 },
  { model: "abb-b23", phases: 3 },
  { model: "cg-em3x0", phases: 3 },
] as const;

for (const { model, phases } of MODELS) energyMeterContract(`${model} over TCP`, () => openFixture(model, phases));

async function openFixture(model: string, phases: 1 | 3): Promise<EnergyMeterFixture> {
  const clock = new SystemClock();
  let state: MeterState = NOTHING;
  const device = new SimulatedMeter({ model, serialNumber: SERIAL_NUMBER, source: { now: () => state } });
  const units = new Map([[UNIT, device]]);
  let server = new TcpSlaves({ clock, units }, { host: "127.0.0.1", port: 0 });
  const port = await server.start();
  const bus = openRegisterBus({ kind: "tcp", host: "127.0.0.1", port }, clock);
  const map = meterModel(model);
  if (map === undefined) throw new Error(`bug: no model ${model}`);
  // The simulated meter needs no rest between two requests.
  const meter = new ModbusMeter({ bus, clock }, { map: { ...map, pauseMs: 0, answerMs: 250 }, unit: UNIT });
  return {
    meter,
    serialNumber: String(SERIAL_NUMBER),
    phases,
    show: (values) => {
      state = values;
    },
    fallSilent: () => {
      device.faults.silent = true;
    },
    speakAgain: () => {
      device.faults.silent = false;
    },
    unplug: () => server.stop(),
    plugIn: async () => {
      server = new TcpSlaves({ clock, units }, { host: "127.0.0.1", port });
      await server.start();
    },
    dispose: async () => {
      await bus.close();
      await server.stop();
    },
  };
}

const NOTHING: MeterState = {
  importedMilliWh: 0,
  powerW: 0,
  voltageV: [230, 230, 230],
  currentA: [0, 0, 0],
  frequencyHz: 50,
};
