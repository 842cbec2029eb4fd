/** A car of the bench as its gateway finds it: an ELM327 adapter in the diagnostic socket. */
import { assert } from "#base/assert.ts";
import { ScaledClock } from "#hal/linux/scaled-clock.ts";
import { SerialLink } from "#hal/linux/serial-link.ts";
import type { CarModel } from "#hal/mock/obd/car-model.ts";
import { attachObdAdapter } from "#hal/mock/obd/obd-bench.ts";
import { serveObdAdapter } from "#hal/mock/obd/serve-obd-adapter.ts";
import type { SimulatedCar } from "#hal/mock/obd/simulated-car.ts";
import type { BatteryView } from "#hal/mock/physics/charging-vehicle.ts";
import type { ChargingWorld } from "#hal/mock/physics/charging-world.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { BenchLine } from "./bench-config.ts";
import { openSerialCable } from "./serial-cable.ts";

export interface BenchVehicle {
  readonly line: BenchLine;
  /** The adapter is pulled out of the socket, or put back. */
  unplugAdapter(): Promise<void>;
  plugInAdapter(): Promise<void>;
  close(): Promise<void>;
}

export interface BenchVehicleSettings {
  /** In the world. */
  readonly name: string;
  readonly car: CarModel;
  readonly serial: boolean;
  readonly seed: number;
  /** World seconds per second. */
  readonly speed: number;
}

const SERIAL_BAUD = 115_200;

/**
 * `clock` is the machine's, and the adapter's runs as fast as the world: one that took its time in the machine's would
 * seem to the gateway to take the speed of the world as many times as long, and a car of seven requests a sample would
 * be read once a minute.
 */
export async function startBenchVehicle(
  { world, clock: machineClock }: { readonly world: ChargingWorld; readonly clock: Clock },
  { name, car: model, serial, seed, speed }: BenchVehicleSettings,
): Promise<BenchVehicle> {
  const clock = new ScaledClock({ realEpochMs: 0, worldEpochMs: 0, speed }, machineClock);
  const battery = world.batteryView(name);
  const settings = { model, seed: `${seed} ${name}` };
  if (!serial) {
    const adapter = await serveObdAdapter({ clock, battery }, { ...settings, port: 0 });
    const stopFollowing = followSleep(adapter.car, battery, machineClock);
    return {
      line: { kind: "tcp", port: adapter.port },
      unplugAdapter: () => adapter.unplug(),
      plugInAdapter: () => adapter.plugIn(),
      close: async () => {
        stopFollowing();
        await adapter.close();
      },
    };
  }
  const cable = await openSerialCable();
  const link = new SerialLink({ path: cable.farPath, baudRate: SERIAL_BAUD, dataBits: 8, parity: "none", stopBits: 1 });
  const attached = await attachObdAdapter(link, { clock, battery }, settings);
  assert(attached.ok, "a pseudo-terminal that was just made can be opened");
  const { adapter, car } = attached.value;
  const stopFollowing = followSleep(car, battery, machineClock);
  return {
    line: { kind: "serial", path: cable.nearPath, baudRate: SERIAL_BAUD },
    unplugAdapter: () => {
      adapter.freeze();
      return Promise.resolve();
    },
    plugInAdapter: () => {
      adapter.thaw();
      adapter.reboot();
      return Promise.resolve();
    },
    close: async () => {
      stopFollowing();
      await link.close();
      await cable.dispose();
    },
  };
}

const SLEEP_LOOK_MS = 100;

/** The control units sleep and wake with the car. */
function followSleep(car: SimulatedCar, battery: BatteryView, clock: Clock): () => void {
  let cancel = (): void => undefined;
  const look = (): void => {
    if (battery.now().awake) car.wakeUp();
    else car.fallAsleep();
    cancel = clock.wakeAt(clock.monotonicMs() + SLEEP_LOOK_MS, look);
  };
  look();
  return () => {
    cancel();
  };
}
