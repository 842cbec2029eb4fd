/** Honest charges of the bench's physics, and what a diagnosis makes of them. */
import { diagnose } from "#core/comparison/diagnose.ts";
import type { Cause } from "#core/comparison/diagnosis.ts";
import { defaultLoss } from "#core/contract/default-loss.ts";
import { defaultTolerancePpm } from "#core/contract/default-tolerance.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import { CHARGE_SCENARIOS, playScenario, type ChargeScenario } from "#hal/mock/physics/charge-scenario.ts";
import { ChargingWorld } from "#hal/mock/physics/charging-world.ts";
import { VEHICLE_MODELS, type VehicleModelName } from "#hal/mock/physics/vehicle-models.ts";
import { chargeOf, inletTerms } from "./charge-facts.ts";

export interface PhysicsCauses {
  readonly scenario: string;
  readonly model: VehicleModelName;
  readonly causes: readonly Cause[];
}

const START_MS = 1_780_000_000_000;
const READING_SECONDS = 60;

/** Each scenario with the first so many models of the table. */
export function physicsCauses(scenarios: readonly string[], models: number): readonly PhysicsCauses[] {
  const names = (Object.keys(VEHICLE_MODELS) as VehicleModelName[]).slice(0, models);
  return CHARGE_SCENARIOS.filter(({ name }) => scenarios.includes(name)).flatMap((scenario) =>
    names
      .filter((model) => scenario.station.directPowerMaxW == null || VEHICLE_MODELS[model].directPowerMaxW !== null)
      .map((model) => ({ scenario: scenario.name, model, causes: diagnose(playedCharge(scenario, model)).causes })),
  );
}

function playedCharge(scenario: ChargeScenario, model: VehicleModelName): ChargeFacts {
  const world = new ChargingWorld({ seed: `${scenario.name} ${model}`, startMs: START_MS, stepMs: 1000 });
  world.addStation(1, scenario.station);
  world.addVehicle("car", { model });
  const [meter, battery] = [world.meterView(1), world.batteryView("car")];
  const [station, vehicle]: [number[], number[]] = [[0], [0]];
  let [startMilliWh, intoBattery]: [number | undefined, number] = [undefined, 0];
  playScenario({ world, vehicle: "car", station: 1 }, scenario, (second) => {
    const { importedMilliWh } = meter.now();
    startMilliWh ??= importedMilliWh;
    const { packVoltageV, packCurrentA } = battery.now();
    intoBattery += Math.max(0, packVoltageV * packCurrentA) / 3.6;
    if (second % READING_SECONDS !== 0) return;
    station.push(importedMilliWh - startMilliWh);
    vehicle.push(Math.round(intoBattery));
  });
  const measured = measuredTerms(scenario, model);
  const terms = inletTerms({ ...measured, tolerancePpm: defaultTolerancePpm(measured) });
  return chargeOf({ terms, station, vehicle, stationFinal: station.at(-1) ?? 0, vehicleFinal: vehicle.at(-1) ?? 0 });
}

function measuredTerms(
  { station }: ChargeScenario,
  model: VehicleModelName,
): Parameters<typeof defaultTolerancePpm>[0] & Pick<ReturnType<typeof inletTerms>, "measuringPoints"> {
  const { directPowerMaxW = null, currentMaxA = 16, phases = 3 } = station;
  const powerMaxW = directPowerMaxW ?? Math.round(currentMaxA * 240 * Math.min(phases, VEHICLE_MODELS[model].phases));
  const measuringPoints = [directPowerMaxW === null ? "mains" : "charger-output", "battery"] as const;
  return {
    ...{ powerMaxW, measuringPoints, lossPpm: defaultLoss(measuringPoints, powerMaxW) },
    ...{ mpePpm: [20_000, 35_000], resolutionMilliWh: [10_000, 1] },
  };
}
