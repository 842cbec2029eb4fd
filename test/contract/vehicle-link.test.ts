/** The vehicle link contract: the driver against simulated adapters and cars, over every kind of line. */
import { ScaledClock } from "#hal/linux/scaled-clock.ts";
import { SerialLink } from "#hal/linux/serial-link.ts";
import { TcpLink } from "#hal/linux/tcp-link.ts";
import { joinMemoryLinks } from "#hal/mock/memory-link.ts";
import type { CarModel } from "#hal/mock/obd/car-model.ts";
import { attachObdAdapter } from "#hal/mock/obd/obd-bench.ts";
import { adapterPersonas, type PersonaName } from "#hal/mock/obd/personas.ts";
import { serveObdAdapter } from "#hal/mock/obd/serve-obd-adapter.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { ByteLink } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { ObdVehicle } from "#hal/vehicles/obd-vehicle.ts";
import { vehicleProfile } from "#hal/vehicles/registry.ts";
import { openPtyPair } from "../builders/pty-pair.ts";
import { TestBattery } from "../builders/test-battery.ts";
import { vehicleLinkContract, type VehicleLinkFixture } from "./vehicle-link.ts";

/** Driver and adapter share a clock that runs fast; the line between them is real. */
const SPEED = 5;
const realTime: Pick<VehicleLinkFixture, "settle" | "pass"> = {
  settle: (promise) => promise,
  pass: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs / SPEED)),
};

for (const persona of ["genuine", "clone", "stn", "wifi"] as const) {
  vehicleLinkContract(`hyundai-kona, ${persona}, memory`, () => overMemory("hyundai-kona", persona));
}
vehicleLinkContract("vw-e-up, genuine, memory", () => overMemory("vw-e-up", "genuine"));
for (const persona of ["genuine", "clone"] as const) {
  vehicleLinkContract(`hyundai-kona, ${persona}, TCP`, () => overTcp(persona));
  vehicleLinkContract(`hyundai-kona, ${persona}, serial`, () => overSerial(persona));
}

async function overMemory(model: CarModel, persona: PersonaName): Promise<VehicleLinkFixture> {
  const clock = new SimulatedClock();
  const battery = new TestBattery();
  const cable = joinMemoryLinks({ clock, seed: persona });
  const dependencies = { clock, battery };
  const attached = await attachObdAdapter(cable.right, dependencies, { model, persona, baudRate: 38_400 });
  if (!attached.ok) throw new Error(attached.fault.reason);
  const bench = attached.value;
  return {
    ...driverOf(cable.left, clock, model),
    battery,
    bench,
    clock,
    adapter: bannerOf(persona),
    unplug: () => {
      cable.cut("adapter pulled");
      return Promise.resolve();
    },
    plugIn: async () => {
      cable.mend();
      await cable.right.open({
        onData: (bytes) => {
          bench.adapter.receive(bytes);
        },
        onClose: () => undefined,
      });
    },
    settle: (promise) => clock.runUntilSettled(promise),
    pass: (durationMs) => clock.runFor(durationMs),
    dispose: () => Promise.resolve(),
  };
}

async function overTcp(persona: PersonaName): Promise<VehicleLinkFixture> {
  const clock = new ScaledClock({ realEpochMs: 0, worldEpochMs: 0, speed: SPEED });
  const battery = new TestBattery();
  const served = await serveObdAdapter({ clock, battery }, { model: "hyundai-kona", persona, port: 0 });
  return {
    ...driverOf(new TcpLink({ host: "127.0.0.1", port: served.port }), clock, "hyundai-kona"),
    battery,
    bench: served,
    clock,
    adapter: bannerOf(persona),
    unplug: () => served.unplug(),
    plugIn: () => served.plugIn(),
    ...realTime,
    dispose: () => served.close(),
  };
}

async function overSerial(persona: PersonaName): Promise<VehicleLinkFixture> {
  const clock = new ScaledClock({ realEpochMs: 0, worldEpochMs: 0, speed: SPEED });
  const battery = new TestBattery();
  const pair = await openPtyPair();
  const settings = { baudRate: 38_400, dataBits: 8, parity: "none", stopBits: 1 } as const;
  const far = new SerialLink({ path: pair.farPath, ...settings });
  const attached = await attachObdAdapter(
    far,
    { clock, battery },
    { model: "hyundai-kona", persona, baudRate: 38_400 },
  );
  if (!attached.ok) throw new Error(attached.fault.reason);
  const bench = attached.value;
  return {
    ...driverOf(new SerialLink({ path: pair.nearPath, ...settings }), clock, "hyundai-kona"),
    battery,
    bench,
    clock,
    adapter: bannerOf(persona),
    unplug: () => pair.unplug(),
    plugIn: async () => {
      await pair.plugIn();
      await far.close();
      await far.open({
        onData: (bytes) => {
          bench.adapter.receive(bytes);
        },
        onClose: () => undefined,
      });
    },
    ...realTime,
    dispose: async () => {
      await far.close();
      await pair.dispose();
    },
  };
}

function driverOf(link: ByteLink, clock: Clock, name: string): Pick<VehicleLinkFixture, "vehicle" | "profile"> {
  const profile = vehicleProfile(name);
  if (profile === undefined) throw new Error(`no profile ${name}`);
  return { vehicle: new ObdVehicle({ link, clock }, { profile, asleepPauseMs: 200 }), profile: name };
}

/** STN chips say what they are in their own command; the banner is what they imitate. */
function bannerOf(persona: PersonaName): string {
  return adapterPersonas[persona].stnVersion ?? adapterPersonas[persona].banner;
}
