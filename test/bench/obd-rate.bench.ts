/**
 * Samples a second through a pseudo-terminal at 38,400 baud, against what the wire allows: `node
 * test/bench/obd-rate.bench.ts [SECONDS] [CAR] [ADAPTER]`. The terminal itself has no speed, so the simulated adapter
 * paces its bytes; the wire's own time is that of the bytes both ways and of the control unit's thinking.
 */
import { SerialLink } from "#hal/linux/serial-link.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { findCarModel } from "#hal/mock/obd/car-model.ts";
import { attachObdAdapter } from "#hal/mock/obd/obd-bench.ts";
import { adapterPersonas, type PersonaName } from "#hal/mock/obd/personas.ts";
import type { ByteLink } from "#hal/ports/byte-link.ts";
import { ObdAdapter } from "#hal/vehicles/obd-adapter.ts";
import { ObdVehicle, sessionsOf } from "#hal/vehicles/obd-vehicle.ts";
import { vehicleProfile } from "#hal/vehicles/registry.ts";
import type { VehicleLine } from "#hal/vehicles/vehicle-line.ts";
import { openPtyPair } from "#test/builders/pty-pair.ts";
import { TestBattery } from "#test/builders/test-battery.ts";

const BAUD = 38_400;
/** Of the simulated units, on average, with a frame's quarter of a millisecond. */
const UNIT_MS = 15;
const WARM_UP = 10;

const [secondsText = "15", car = "hyundai-kona", adapterName = "genuine"] = process.argv.slice(2);
const model = findCarModel(car) ?? "hyundai-kona";
const personaName = Object.keys(adapterPersonas).find((name): name is PersonaName => name === adapterName) ?? "genuine";
const profile = vehicleProfile(model);
if (profile === undefined) throw new Error(`no profile ${model}`);

const clock = new SystemClock();
const pty = await openPtyPair();
const settings = { dataBits: 8, parity: "none", stopBits: 1, baudRate: BAUD } as const;
const far = new SerialLink({ path: pty.farPath, ...settings });
const near = new SerialLink({ path: pty.nearPath, ...settings });
const cells = 98;
const battery = new TestBattery({ packVoltageV: cells * 3.72, cellVoltageMaxV: 3.72, cellVoltageMinV: 3.72 });
await attachObdAdapter(far, { clock, battery }, { model, persona: personaName, baudRate: BAUD });

let requests = 0;
const counted = countBytes(near);
const line = countRequests(new ObdAdapter({ link: counted.link, clock }, sessionsOf(profile)));
const vehicle = new ObdVehicle({ clock, line }, { profile });
for (let round = 0; round < WARM_UP; round += 1) await vehicle.sample();

const [startedMs, startedBytes, startedRequests] = [clock.monotonicMs(), counted.bytes(), requests];
const startedCpu = process.cpuUsage();
let samples = 0;
let refused = 0;
while (clock.monotonicMs() - startedMs < 1000 * Number(secondsText)) {
  if ((await vehicle.sample()).ok) samples += 1;
  else refused += 1;
}
const elapsedMs = clock.monotonicMs() - startedMs;
const cpu = process.cpuUsage(startedCpu);
const wireMs = ((counted.bytes() - startedBytes) * 10_000) / BAUD + (requests - startedRequests) * UNIT_MS;
console.log(
  `${model} by ${personaName} at ${BAUD} baud: ${((1000 * samples) / elapsedMs).toFixed(2)} samples a second, ${refused} refused`,
);
console.log(
  `wire and control units take ${(wireMs / samples).toFixed(1)} ms a sample, it took ${(elapsedMs / samples).toFixed(1)} ms: ratio ${(wireMs / elapsedMs).toFixed(3)}`,
);
console.log(
  `processor: ${((cpu.user + cpu.system) / elapsedMs / 10).toFixed(1)} % of a core, for driver and simulated adapter and car together`,
);
await vehicle.close();
await far.close();
await pty.dispose();

function countBytes(link: ByteLink): { readonly link: ByteLink; readonly bytes: () => number } {
  let bytes = 0;
  const count = (chunk: Uint8Array): void => {
    bytes += chunk.length;
  };
  return {
    bytes: () => bytes,
    link: {
      endpoint: link.endpoint,
      get isOpen() {
        return link.isOpen;
      },
      open: (listener) =>
        link.open({
          onData: (chunk) => {
            count(chunk);
            listener.onData(chunk);
          },
          onClose: (reason) => {
            listener.onClose(reason);
          },
        }),
      write: (chunk) => {
        count(chunk);
        return link.write(chunk);
      },
      close: () => link.close(),
    },
  };
}

function countRequests(adapter: VehicleLine): VehicleLine {
  return {
    prepare: () => adapter.prepare(),
    ask: (request) => {
      requests += 1;
      return adapter.ask(request);
    },
    supplyVoltage: () => adapter.supplyVoltage(),
    distrust: () => {
      adapter.distrust();
    },
    close: () => adapter.close(),
  };
}
