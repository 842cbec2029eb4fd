/** A charger of the bench as its gateway finds it: meter and charge controller as two units on one Modbus line. */
import { assert } from "#base/assert.ts";
import { SerialLink } from "#hal/linux/serial-link.ts";
import { RtuSlaves } from "#hal/mock/modbus/rtu-slaves.ts";
import { SimulatedEvse } from "#hal/mock/modbus/simulated-evse.ts";
import { SimulatedMeter } from "#hal/mock/modbus/simulated-meter.ts";
import type { SimulatedUnit } from "#hal/mock/modbus/simulated-unit.ts";
import { TcpSlaves } from "#hal/mock/modbus/tcp-slaves.ts";
import type { MeterView } from "#hal/mock/physics/charging-station.ts";
import type { ChargingWorld } from "#hal/mock/physics/charging-world.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { BenchLine } from "./bench-config.ts";
import { openSerialCable } from "./serial-cable.ts";

export const METER_UNIT = 1;
export const CONTROLLER_UNIT = 2;
const SERIAL_BAUD = 38_400;

export interface BenchCharger {
  readonly line: BenchLine;
  /** The meter's connection breaks; the controller goes on. */
  unplugMeter(): void;
  plugInMeter(): void;
  close(): Promise<void>;
}

export interface BenchChargerSettings {
  /** In the world. */
  readonly station: number;
  readonly meter: string;
  readonly serial: boolean;
}

/** `clock` is the machine's: how long a device takes to answer does not change with the speed of the world. */
export async function startBenchCharger(
  { world, clock }: { readonly world: ChargingWorld; readonly clock: Clock },
  { station, meter, serial }: BenchChargerSettings,
): Promise<BenchCharger> {
  const meterUnit = new SimulatedMeter({
    model: meter,
    source: renewedTogether(world.meterView(station), clock),
    serialNumber: SERIAL_NUMBER_FIRST + station,
  });
  const units = new Map<number, SimulatedUnit>([
    [METER_UNIT, meterUnit],
    [CONTROLLER_UNIT, new SimulatedEvse(world.evseView(station))],
  ]);
  const faults = {
    unplugMeter: () => {
      meterUnit.faults.silent = true;
    },
    plugInMeter: () => {
      meterUnit.faults.silent = false;
    },
  };
  if (!serial) {
    const server = new TcpSlaves({ clock, units }, { host: "127.0.0.1", port: 0 });
    const port = await server.start();
    return { ...faults, line: { kind: "tcp", port }, close: () => server.stop() };
  }
  const cable = await openSerialCable();
  const link = new SerialLink({ path: cable.farPath, baudRate: SERIAL_BAUD, dataBits: 8, parity: "none", stopBits: 1 });
  const slaves = new RtuSlaves({ link, clock, units });
  const opened = await slaves.start();
  assert(opened.ok, "a pseudo-terminal that was just made can be opened");
  return {
    ...faults,
    line: { kind: "serial", path: cable.nearPath, baudRate: SERIAL_BAUD },
    close: async () => {
      await slaves.stop();
      await cable.dispose();
    },
  };
}

/** A meter renews all that it shows at once: a reading of several requests must not see two moments of a fast world. */
const RENEWED_EVERY_MS = 15;

function renewedTogether(view: MeterView, clock: Clock): MeterView {
  let shown = view.now();
  let renewedMs = clock.monotonicMs();
  return {
    now: () => {
      if (clock.monotonicMs() - renewedMs >= RENEWED_EVERY_MS) {
        shown = view.now();
        renewedMs = clock.monotonicMs();
      }
      return shown;
    },
  };
}

const SERIAL_NUMBER_FIRST = 7_310_000;
