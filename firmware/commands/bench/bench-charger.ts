/**
 * A charger of the bench as its gateway finds it: meter and charge controller as two units on one Modbus line, or a
 * meter that speaks by itself on a line of its own.
 */
import { assert } from "#base/assert.ts";
import { SerialLink } from "#hal/linux/serial-link.ts";
import { RtuSlaves } from "#hal/mock/modbus/rtu-slaves.ts";
import { simulatedController } from "#hal/mock/modbus/charge-controllers/registry.ts";
import { simulatedMeterUnit } from "#hal/mock/modbus/meter-unit.ts";
import type { SimulatedUnit } from "#hal/mock/modbus/simulated-unit.ts";
import { TcpSlaves } from "#hal/mock/modbus/tcp-slaves.ts";
import type { MeterView } from "#hal/mock/physics/charging-station.ts";
import type { ChargingWorld } from "#hal/mock/physics/charging-world.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { hasSimulatedTelegrams } from "#hal/mock/telegram/telegram-images.ts";
import type { BenchLine } from "./bench-config.ts";
import { startBenchTelegramMeter } from "./bench-telegram-meter.ts";
import { openSerialCable } from "./serial-cable.ts";

export const METER_UNIT = 1;
export const CONTROLLER_UNIT = 2;
const SERIAL_BAUD = 38_400;

export interface BenchCharger {
  readonly line: BenchLine;
  /** Of a meter that speaks by itself; else the meter is on `line`. */
  readonly ownLine?: { readonly line: BenchLine; readonly periodMs: number };
  /** The meter's connection breaks; the controller goes on. */
  unplugMeter(): void;
  plugInMeter(): void;
  close(): Promise<void>;
}

export interface BenchChargerSettings {
  /** In the world. */
  readonly station: number;
  readonly meter: string;
  readonly chargePoint: string;
  readonly serial: boolean;
  /** Seconds of the world in each second. */
  readonly speed: number;
  readonly seed: number;
}

interface Parts {
  readonly world: ChargingWorld;
  readonly clock: Clock;
}

/** `clock` is the machine's: how long a device takes to answer does not change with the speed of the world. */
export async function startBenchCharger(parts: Parts, settings: BenchChargerSettings): Promise<BenchCharger> {
  return hasSimulatedTelegrams(settings.meter)
    ? await startWithSpeakingMeter(parts, settings)
    : await startWithMeterOnBus(parts, settings);
}

async function startWithMeterOnBus({ world, clock }: Parts, settings: BenchChargerSettings): Promise<BenchCharger> {
  const { station, meter } = settings;
  const meterUnit = simulatedMeterUnit({
    model: meter,
    source: renewedTogether(world.meterView(station), clock),
    serialNumber: SERIAL_NUMBER_FIRST + station,
  });
  const units = new Map<number, SimulatedUnit>([
    [METER_UNIT, meterUnit],
    [CONTROLLER_UNIT, controllerOf({ world, clock }, settings)],
  ]);
  const bus = await startBus(units, clock, settings.serial);
  return { ...bus, ...pluggable(meterUnit.faults) };
}

async function startWithSpeakingMeter({ world, clock }: Parts, settings: BenchChargerSettings): Promise<BenchCharger> {
  const { station, meter: model, serial, speed, seed } = settings;
  const units = new Map<number, SimulatedUnit>([[CONTROLLER_UNIT, controllerOf({ world, clock }, settings)]]);
  const bus = await startBus(units, clock, serial);
  const meter = await startBenchTelegramMeter(
    { source: world.meterView(station), clock },
    { model, serial, speed, seed, serialNumber: SERIAL_NUMBER_FIRST + station },
  );
  return {
    ...{ line: bus.line, ownLine: meter },
    ...pluggable(meter.faults),
    close: async () => {
      await meter.close();
      await bus.close();
    },
  };
}

function controllerOf({ world, clock }: Parts, { station, chargePoint }: BenchChargerSettings): SimulatedUnit {
  const controller = simulatedController(chargePoint, { target: world.evseView(station), clock });
  assert(controller !== undefined, "the options name a simulated controller");
  return controller;
}

function pluggable(faults: { silent: boolean }): Pick<BenchCharger, "unplugMeter" | "plugInMeter"> {
  return {
    unplugMeter: () => {
      faults.silent = true;
    },
    plugInMeter: () => {
      faults.silent = false;
    },
  };
}

async function startBus(
  units: ReadonlyMap<number, SimulatedUnit>,
  clock: Clock,
  serial: boolean,
): Promise<Pick<BenchCharger, "line" | "close">> {
  if (!serial) {
    const server = new TcpSlaves({ clock, units }, { host: "127.0.0.1", port: 0 });
    const port = await server.start();
    return { line: { kind: "tcp", port }, close: () => server.stop() };
  }
  const cable = await openSerialCable();
  const link = new SerialLink({ path: cable.farPath, baudRate: SERIAL_BAUD, dataBits: 8, parity: "none", stopBits: 1 });
  const slaves = new RtuSlaves({ link, clock, units });
  const opened = await slaves.start();
  assert(opened.ok, "a pseudo-terminal that was just made can be opened");
  return {
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
