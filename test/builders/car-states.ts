/**
 * What a car of each model holds while it charges at home, within what its pack and its charger can have: for tests in
 * which a driver judges plausibility. Derived from the model's battery and charger, not from any encoder or profile.
 */
import type { BatteryState } from "#hal/mock/obd/battery-source.ts";
import { type CarModel, carModels } from "#hal/mock/obd/car-model.ts";
import { TestBattery } from "./test-battery.ts";

/** Cells at 3.78 V, two thirds full; 10 A on each of its phases, 91 % of it into the battery. */
export function chargingAtHome(model: CarModel): TestBattery {
  const { cellsInSeries, phases } = carModels[model].vehicle;
  const packVoltageV = Math.round(cellsInSeries * 3.78 * 4) / 4;
  const activeW = phases * 230 * 10 * 0.99;
  const outputA = (activeW * 0.94) / packVoltageV;
  const onPhase = (phase: number, value: number): number => (phase <= phases ? value : 0);
  const inlet: BatteryState["inlet"] = {
    kind: "ac",
    locked: true,
    pause: "waiting",
    voltagesV: [230, onPhase(2, 230), onPhase(3, 230)],
    currentsA: [10, onPhase(2, 10), onPhase(3, 10)],
    frequencyHz: 50,
    activeW,
    outputV: packVoltageV,
    outputA,
    sessionWh: 2_500,
  };
  return new TestBattery({
    packVoltageV,
    packCurrentA: Math.round(((activeW * 0.91) / packVoltageV) * 4) / 4,
    stateOfChargePercent: 66,
    displayPercent: 68,
    cellVoltageMaxV: 3.78,
    cellVoltageMinV: 3.78,
    inlet,
  });
}

/** The same car on the road, braking or not. */
export function onTheRoad(model: CarModel, packCurrentA: number): TestBattery {
  const battery = chargingAtHome(model);
  const { inlet } = battery.state;
  battery.change({
    ...{ packCurrentA, motorRpm: 3_000, plugged: false, charging: false },
    inlet: {
      ...inlet,
      ...{ locked: false, voltagesV: [0, 0, 0], currentsA: [0, 0, 0] },
      ...{ frequencyHz: 0, activeW: 0, outputV: 0, outputA: 0 },
    },
  });
  return battery;
}
