/** An adapter plugged into a car, ready to be put on any line. */
import type { ByteLink, ByteLinkFault } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { Result } from "#base/result.ts";
import { SeededRandom } from "../seeded-random.ts";
import type { BatterySource } from "./battery-source.ts";
import type { CarModel } from "./car-model.ts";
import type { LineFaults } from "./line-faults.ts";
import { adapterPersonas, type PersonaName } from "./personas.ts";
import { SimulatedAdapter } from "./simulated-adapter.ts";
import { type CarFaults, SimulatedCar } from "./simulated-car.ts";

export interface ObdBenchSettings {
  readonly model: CarModel;
  readonly persona?: PersonaName;
  /** Null or absent: as fast as it goes. */
  readonly baudRate?: number | null;
  readonly faults?: LineFaults & CarFaults;
  readonly seed?: number | string;
}

export interface ObdBench {
  readonly car: SimulatedCar;
  readonly adapter: SimulatedAdapter;
}

/** `write` carries the adapter's bytes away; what comes back is given to `adapter.receive`. */
export function plugObdAdapter(
  dependencies: {
    readonly clock: Clock;
    readonly battery: BatterySource;
    readonly write: (bytes: Uint8Array) => void;
  },
  settings: ObdBenchSettings,
): ObdBench {
  const random = new SeededRandom(settings.seed ?? "obd");
  const { clock, battery, write } = dependencies;
  const faults = settings.faults ?? {};
  const car = new SimulatedCar({ clock, battery, random: random.fork("car") }, settings.model, faults);
  const adapter = new SimulatedAdapter(
    { clock, battery, write, car, random: random.fork("adapter") },
    { persona: adapterPersonas[settings.persona ?? "genuine"], baudRate: settings.baudRate ?? null, faults },
  );
  return { car, adapter };
}

/** On a byte link, such as one end of a memory cable or a serial path. */
export async function attachObdAdapter(
  link: ByteLink,
  dependencies: { readonly clock: Clock; readonly battery: BatterySource },
  settings: ObdBenchSettings,
): Promise<Result<ObdBench, ByteLinkFault>> {
  const write = (bytes: Uint8Array): void => {
    void link.write(bytes);
  };
  const bench = plugObdAdapter({ ...dependencies, write }, settings);
  const opened = await link.open({
    onData: (bytes) => {
      bench.adapter.receive(bytes);
    },
    onClose: () => undefined,
  });
  return opened.ok ? { ok: true, value: bench } : opened;
}
