/** An adapter plugged into a car, ready to be put on any line. */
import type { ByteLink, ByteLinkFault } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { Result } from "#base/result.ts";
import { SeededRandom } from "../seeded-random.ts";
import type { AdapterFaults } from "./adapter-faults.ts";
import type { BatterySource } from "./battery-source.ts";
import type { CarModel } from "./car-model.ts";
import { adapterPersonas, type PersonaName } from "./personas.ts";
import type { RecordedDamage } from "./recorded-damage.ts";
import { SimulatedAdapter } from "./simulated-adapter.ts";
import { type CarFaults, SimulatedCar } from "./simulated-car.ts";

/** Probabilities of everything that can go wrong between the battery and the line. */
export type ObdFaults = AdapterFaults & CarFaults;

export interface ObdBenchSettings {
  readonly model: CarModel;
  readonly persona?: PersonaName;
  /** At which bytes leave the adapter. Null or absent: as fast as it goes. */
  readonly baudRate?: number | null;
  /** What the other end of the line has set, where that matters: at another speed than the adapter's all is garbage. */
  readonly hostBaudRate?: number | null;
  readonly faults?: ObdFaults;
  /** Shapes for the fault `recorded`. */
  readonly recordedDamage?: RecordedDamage;
  readonly seed?: number | string;
}

export interface ObdBench {
  readonly car: SimulatedCar;
  readonly adapter: SimulatedAdapter;
  /** How often each fault of adapter and car has really happened so far, by its name. */
  faultsFired(): Readonly<Record<string, number>>;
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
  const { faults = {}, recordedDamage, baudRate = null, hostBaudRate = null } = settings;
  const persona = adapterPersonas[settings.persona ?? "genuine"];
  const car = new SimulatedCar({ clock, battery, random: random.fork("car") }, settings.model, faults);
  const adapter = new SimulatedAdapter(
    { clock, battery, write, car, random: random.fork("adapter") },
    { persona, baudRate, faults, recordedDamage },
  );
  adapter.hostBaudRate = hostBaudRate;
  return { car, adapter, faultsFired: () => ({ ...car.faultsFired.all, ...adapter.faultsFired.all }) };
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
