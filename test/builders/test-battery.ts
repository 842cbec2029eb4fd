/** A battery whose state a test sets by hand. */
import type { BatterySource, BatteryState } from "#hal/mock/obd/battery-source.ts";

export class TestBattery implements BatterySource {
  state: BatteryState;

  constructor(changes: Partial<BatteryState> = {}) {
    this.state = { ...CHARGING_AT_HOME, ...changes };
  }

  now(): BatteryState {
    return this.state;
  }

  change(changes: Partial<BatteryState>): void {
    this.state = { ...this.state, ...changes };
  }
}

/** A 98-cell car taking 7 kW, from two phases. */
const CHARGING_AT_HOME: BatteryState = {
  packVoltageV: 370.4,
  packCurrentA: 19.1,
  stateOfChargePercent: 61.5,
  displayPercent: 61.5,
  healthPercent: 97.5,
  chargedWh: 12_345_678,
  dischargedWh: 11_222_333,
  regeneratedWh: 1_500_500,
  chargedAh: 34_293.5,
  dischargedAh: 33_950.2,
  alternatingWh: 8_345_678,
  directWh: 2_499_500,
  alternatingSessions: 556,
  directSessions: 100,
  cellVoltageMaxV: 3.78,
  cellVoltageMinV: 3.78,
  auxiliaryVoltageV: 14.2,
  motorRpm: 0,
  plugged: true,
  charging: true,
  operatingSeconds: 7_654_321,
  inlet: {
    kind: "ac",
    locked: true,
    pause: "waiting",
    voltagesV: [231, 230, 0],
    currentsA: [16.6, 16.6, 0],
    frequencyHz: 50,
    activeW: 7_640,
    outputV: 370.5,
    outputA: 19.6,
    sessionWh: 1_234,
  },
};
