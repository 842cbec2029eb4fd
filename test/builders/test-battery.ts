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

/** A 98-cell car taking 7 kW. */
const CHARGING_AT_HOME: BatteryState = {
  packVoltageV: 370.4,
  packCurrentA: 19.1,
  stateOfChargePercent: 61.5,
  chargedWh: 12_345_678,
  dischargedWh: 11_222_333,
  cellVoltageMaxV: 3.78,
  cellVoltageMinV: 3.78,
  auxiliaryVoltageV: 14.2,
  motorRpm: 0,
  plugged: true,
  charging: true,
  operatingSeconds: 7_654_321,
};
