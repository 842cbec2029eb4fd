/** The same suite through an adapter and straight on the bus, with the same simulated cars behind. */
import { joinMemoryLinks } from "#hal/mock/memory-link.ts";
import { attachObdAdapter } from "#hal/mock/obd/obd-bench.ts";
import { SimulatedCanBus } from "#hal/mock/obd/simulated-can-bus.ts";
import { SimulatedCar } from "#hal/mock/obd/simulated-car.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { CanVehicleLine } from "#hal/vehicles/can-vehicle-line.ts";
import { ObdAdapter } from "#hal/vehicles/obd-adapter.ts";
import { TestBattery } from "../builders/test-battery.ts";
import { vehicleLineContract, type VehicleLineFixture, type VehicleLineSettings } from "./vehicle-line.ts";

async function throughAdapter({ model, sessions = [], faults = {} }: VehicleLineSettings): Promise<VehicleLineFixture> {
  const clock = new SimulatedClock();
  const cable = joinMemoryLinks({ clock, seed: "vehicle line" });
  const dependencies = { clock, battery: new TestBattery() };
  const attached = await attachObdAdapter(cable.right, dependencies, { model, faults, baudRate: 38_400 });
  if (!attached.ok) throw new Error(attached.fault.reason);
  return { line: new ObdAdapter({ link: cable.left, clock }, sessions), car: attached.value.car, clock };
}

function straight({ model, sessions = [], faults = {} }: VehicleLineSettings): Promise<VehicleLineFixture> {
  const clock = new SimulatedClock();
  const random = new SeededRandom("vehicle line");
  const car = new SimulatedCar({ clock, battery: new TestBattery(), random }, model, faults);
  const bus = new SimulatedCanBus({ clock, car }, { perSecond: 500 });
  return Promise.resolve({ line: new CanVehicleLine({ bus, clock }, { sessions }), car, clock });
}

vehicleLineContract("an adapter", throughAdapter);
vehicleLineContract("the bus itself", straight);
