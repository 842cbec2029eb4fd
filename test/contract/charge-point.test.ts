/** The charge point's contract on every driver against its simulated twin, and on the one without a wire. */
import { chargePointModel, chargePointModelNames } from "#hal/charge-points/registry.ts";
import { GpioContactor } from "#hal/charge-points/gpio-contactor.ts";
import { MemoryGpio } from "#hal/mock/gpio/memory-gpio.ts";
import { simulatedController } from "#hal/mock/modbus/charge-controllers/registry.ts";
import type { SimulatedUnit } from "#hal/mock/modbus/simulated-unit.ts";
import { SimulatedChargePoint } from "#hal/mock/simulated-charge-point.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { PlugState } from "#hal/ports/charge-point.ts";
import { chargePointContract, type ChargePointFixture } from "#test/contract/charge-point.ts";
import { openRtuLine } from "#test/unit/modbus/rtu-line.ts";

const ALL: readonly PlugState[] = ["unplugged", "plugged", "charging", "fault"];
/** ABB's table of states has no fault, and its error register is said to be 0 whatever happens. */
const STATES_TOLD: Readonly<Record<string, readonly PlugState[]>> = {
  "abb-terra-ac": ["unplugged", "plugged", "charging"],
};

class Socket {
  state: PlugState = "unplugged";
  permittedA = 0;

  plugState(): PlugState {
    return this.state;
  }

  setPermittedCurrent(currentA: number): void {
    this.permittedA = currentA;
  }
}

for (const model of chargePointModelNames()) {
  chargePointContract(model, () => onTheBus(model));
}

chargePointContract("simulated", () => {
  const clock = new SimulatedClock();
  const socket = new Socket();
  const point = new SimulatedChargePoint({ target: socket, clock });
  return {
    ...{ point, clock, permittedA: 13.9, plugStates: ALL },
    start: async () => {
      await point.forbid();
    },
    currentA: () => socket.permittedA,
    plug: (state) => {
      socket.state = state;
    },
  };
});

chargePointContract("contactor on GPIO lines", () => contactor("wired"));
chargePointContract("contactor on GPIO lines without read-back", () => contactor("plain"));

/**
 * All devices answer on a serial line here; most of them are at home on TCP, which changes nothing of what they say.
 */
function onTheBus(model: string): ChargePointFixture {
  const socket = new Socket();
  const units = new Map<number, SimulatedUnit>();
  const { clock, bus } = openRtuLine(units);
  const controller = simulatedController(model, { target: socket, clock });
  const make = chargePointModel(model);
  if (controller === undefined || make === undefined) throw new Error(`${model} has no simulated twin`);
  units.set(1, controller);
  const point = make({ bus, clock }, { unit: 1 });
  return {
    ...{ point, clock, permittedA: 13.9, plugStates: STATES_TOLD[model] ?? ALL },
    start: async () => {
      point.start();
      await clock.runFor(1_000);
    },
    currentA: () => socket.permittedA,
    plug: (state) => {
      socket.state = state;
    },
    line: {
      fallSilent: () => {
        controller.faults.silent = true;
      },
      speakAgain: () => {
        controller.faults.silent = false;
      },
    },
    ...(model === "bender-cc612" ? { showsContactor: true } : {}),
  };
}

function contactor(kind: "wired" | "plain"): ChargePointFixture {
  const clock = new SimulatedClock();
  const gpio = new MemoryGpio({ clock, lines: ["COIL", "AUX", "PLUG"] });
  const isWired = kind === "wired";
  gpio.wire("COIL", "AUX", { delayMs: 30, isInverted: true });
  gpio.drive("PLUG", 1);
  const held = GpioContactor.hold(
    { chip: gpio.open(), clock },
    {
      contactor: { line: "COIL" },
      ...(isWired ? { feedback: { line: "AUX", activeLow: true, bias: "pull-up" } } : {}),
      plug: { line: "PLUG", activeLow: true, bias: "pull-up" },
      circuitA: 10,
    },
  );
  if (!held.ok) throw new Error(JSON.stringify(held.fault));
  const circuitA = (): number => (gpio.level("COIL") === 1 ? 10 : 0);
  return {
    ...{ point: held.value, clock, permittedA: 13.9, plugStates: ["unplugged", "plugged"] },
    start: async () => {
      await clock.runFor(1_000);
    },
    currentA: circuitA,
    plug: (state) => {
      gpio.drive("PLUG", state === "unplugged" ? 1 : 0);
    },
    ...(isWired ? { showsContactor: true } : {}),
  };
}
