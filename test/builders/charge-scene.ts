/** One station and one car of the bench, and a charge between them. */
import { ChargingWorld } from "#hal/mock/physics/charging-world.ts";
import type { VehicleOptions } from "#hal/mock/physics/charging-world.ts";
import type { BatteryView, ChargingVehicle } from "#hal/mock/physics/charging-vehicle.ts";
import type { ChargingStation, EvseView, MeterView, StationOptions } from "#hal/mock/physics/charging-station.ts";

export interface ChargeScene {
  readonly world: ChargingWorld;
  readonly station: ChargingStation;
  readonly vehicle: ChargingVehicle;
  readonly meter: MeterView;
  readonly evse: EvseView;
  readonly battery: BatteryView;
}

export interface SceneOptions {
  readonly seed: number | string;
  readonly stepMs?: number;
  readonly station?: Partial<StationOptions>;
  readonly vehicle?: VehicleOptions;
}

export const SCENE_START_MS = 1_780_000_000_000;

export function makeScene(options: SceneOptions): ChargeScene {
  const { seed, stepMs = 1000 } = options;
  const world = new ChargingWorld({ seed, startMs: SCENE_START_MS, stepMs });
  const station = world.addStation(1, options.station);
  const vehicle = world.addVehicle("car", options.vehicle);
  return {
    world,
    station,
    vehicle,
    meter: world.meterView(1),
    evse: world.evseView(1),
    battery: world.batteryView("car"),
  };
}

export function pass(scene: ChargeScene, seconds: number): void {
  scene.world.advanceTo(scene.world.worldMs + seconds * 1000);
}

/** The usual powers of a charge at home and in town, by phases and current. */
export const POWER_LEVELS = [
  { name: "2.3 kW", phases: 1, currentA: 10, ratioMin: 0.76, ratioMax: 0.88, model: "hyundai-kona" },
  { name: "3.7 kW", phases: 1, currentA: 16, ratioMin: 0.84, ratioMax: 0.92, model: "vw-meb" },
  { name: "7.4 kW", phases: 1, currentA: 32, ratioMin: 0.87, ratioMax: 0.94, model: "chevrolet-bolt" },
  { name: "11 kW", phases: 3, currentA: 16, ratioMin: 0.88, ratioMax: 0.95, model: "hyundai-ioniq-5" },
  { name: "22 kW", phases: 3, currentA: 32, ratioMin: 0.86, ratioMax: 0.95, model: "renault-zoe-ph2" },
] as const;

/** A scene that has been charging at this level long enough for the current to stand still. */
export function startCharge(level: (typeof POWER_LEVELS)[number], options: SceneOptions): ChargeScene {
  const scene = makeScene({
    ...options,
    station: { phases: level.phases, currentMaxA: level.currentA, ...options.station },
    vehicle: { model: level.model, stateOfChargePercent: 30, ...options.vehicle },
  });
  scene.world.plugIn("car", 1);
  scene.evse.setPermittedCurrent(level.currentA);
  pass(scene, 60);
  return scene;
}
