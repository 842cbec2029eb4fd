/** The CAN contract, on the simulated car's bus. */
import { SimulatedCanBus } from "#hal/mock/obd/simulated-can-bus.ts";
import { SimulatedCar } from "#hal/mock/obd/simulated-car.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { TestBattery } from "../builders/test-battery.ts";
import { canBusContract } from "./can-bus.ts";

canBusContract("simulated", () => {
  const clock = new SimulatedClock();
  const random = new SeededRandom("can");
  const car = new SimulatedCar({ clock, battery: new TestBattery(), random }, "vw-meb");
  return Promise.resolve({
    bus: new SimulatedCanBus({ clock, car }),
    request: { idBits: 29, id: 0x17fc007b, bytes: Uint8Array.of(3, 0x22, 0x02, 0x8c, 0, 0, 0, 0) },
    answer: { id: 0x17fe007b, startsWith: [4, 0x62, 0x02, 0x8c, 0x9a] },
    cut: () => {
      car.cutBus();
    },
    mend: () => {
      car.mendBus();
    },
    pass: (durationMs) => clock.runFor(durationMs),
    dispose: () => Promise.resolve(),
  });
});
