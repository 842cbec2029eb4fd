/**
 * Charges as they happen: what the station offers when, what the car feeds beside its battery, what it did before.
 * As data, so that a judgement over all of them is a loop.
 */
import { assert } from "#base/assert.ts";
import type { StationOptions } from "./charging-station.ts";
import type { ChargingWorld } from "./charging-world.ts";

export interface ChargeScenario {
  readonly name: string;
  readonly station: Partial<StationOptions>;
  /** On the road before the plug. */
  readonly drivenS: number;
  /** Of the charge, from the plug on. */
  readonly durationS: number;
  /** What the station permits, this long after the plug. */
  readonly permittedA: (second: number) => number;
  /** Heating or cooling, this long after the plug. */
  readonly comfortW: (second: number) => number;
}

const NOTHING = (): number => 0;

/** Offers the current from the first second on. */
function steady(currentA: number): (second: number) => number {
  return () => currentA;
}

/** Sun and clouds: between 6 and 16 A within minutes, and nothing at all behind a long cloud. */
function sunny(second: number): number {
  const sun = 11 + 4 * Math.sin(second / 95) + 3 * Math.sin(second / 37) + 2.5 * Math.sin(second / 11);
  return sun < 6 ? 0 : Math.min(16, sun);
}

/** Five minutes, a pause of five minutes, and on. */
function paused(second: number): number {
  return second >= 300 && second < 600 ? 0 : 16;
}

function socket(name: string, phases: 1 | 3, currentA: number): ChargeScenario {
  return {
    name,
    station: { phases, currentMaxA: currentA },
    drivenS: 0,
    durationS: 3600,
    permittedA: steady(currentA),
    comfortW: NOTHING,
  };
}

const WALL_BOX = socket("11 kW", 3, 16);

export const CHARGE_SCENARIOS: readonly ChargeScenario[] = [
  socket("1.8 kW", 1, 8),
  socket("2.3 kW", 1, 10),
  socket("3.7 kW", 1, 16),
  socket("7.4 kW", 1, 32),
  WALL_BOX,
  socket("22 kW", 3, 32),
  { ...WALL_BOX, name: "solar", permittedA: sunny },
  { ...WALL_BOX, name: "paused", permittedA: paused },
  // The battery is heated first, the cabin before the driver comes back.
  { ...WALL_BOX, name: "heated", comfortW: (second) => (second < 400 ? 3_000 : second > 900 ? 2_200 : 0) },
  { ...WALL_BOX, name: "after a drive", drivenS: 1_800 },
  {
    ...WALL_BOX,
    name: "50 kW direct",
    station: { currentMaxA: 125, directPowerMaxW: 50_000 },
    durationS: 2_400,
    permittedA: steady(125),
  },
  {
    ...WALL_BOX,
    name: "150 kW direct",
    station: { currentMaxA: 400, directPowerMaxW: 150_000 },
    drivenS: 1_200,
    durationS: 2_400,
    permittedA: steady(400),
  },
];

/**
 * Lets the charge happen in a world that has no clock of its own: drives, plugs in, and calls `look` after every second
 * of the charge. The cable stays in.
 */
export function playScenario(
  { world, vehicle, station }: { readonly world: ChargingWorld; readonly vehicle: string; readonly station: number },
  scenario: ChargeScenario,
  look: (second: number) => void = () => undefined,
): void {
  const evse = world.evseView(station);
  const car = world.vehicle(vehicle);
  const pass = (seconds: number): void => {
    const endMs = world.worldMs + 1000 * seconds;
    world.advanceTo(endMs);
    assert(world.worldMs === endMs, "the world has no clock of its own");
  };
  if (scenario.drivenS > 0) {
    world.drive(vehicle, 1000 * scenario.drivenS);
    pass(scenario.drivenS);
  }
  world.plugIn(vehicle, station);
  for (let second = 0; second < scenario.durationS; second += 1) {
    evse.setPermittedCurrent(scenario.permittedA(second));
    car.comfortW = scenario.comfortW(second);
    pass(1);
    look(second + 1);
  }
}
