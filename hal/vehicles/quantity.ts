/** What a car may tell, by name, with the unit for people. Current into the battery and into the car is positive. */
export const QUANTITIES = {
  batteryVoltageV: "V",
  batteryCurrentA: "A",
  stateOfChargePercent: "%",
  /** What the dashboard shows: a stretched state of charge. */
  displayChargePercent: "%",
  stateOfHealthPercent: "%",
  /** Lifetime counters. Whether regeneration is in `charged`, the profile says. */
  chargedMilliWh: "mWh",
  dischargedMilliWh: "mWh",
  regeneratedMilliWh: "mWh",
  chargedMilliAh: "mAh",
  dischargedMilliAh: "mAh",
  /** Charge that the battery could take when full, by the car's own reckoning. */
  capacityMilliAh: "mAh",
  chargedByMainsMilliWh: "mWh",
  chargedByDcMilliWh: "mWh",
  mainsSessions: "",
  dcSessions: "",
  cellVoltageMaxV: "V",
  cellVoltageMinV: "V",
  auxiliaryVoltageV: "V",
  /** Behind the contactors. */
  busVoltageV: "V",
  motorRpm: "/min",
  operatingSeconds: "s",
  /** Numbers or bits with a meaning of the car's own. */
  chargeState: "",
  chargeLevel: "",
  batteryFlags: "",
  plugState: "",
  /** 0 where the car says that it has one phase, 1 for two, 2 for three. */
  mainsPhases: "",
  mainsVoltage1V: "V",
  mainsVoltage2V: "V",
  mainsVoltage3V: "V",
  mainsCurrentA: "A",
  mainsCurrent1A: "A",
  mainsCurrent2A: "A",
  mainsCurrent3A: "A",
  /** What the car wants from the charging point, not what flows. */
  requestedCurrentA: "A",
  mainsFrequencyHz: "Hz",
  mainsPowerW: "W",
  /** The on-board charger's output, towards the battery and the car's other loads. */
  chargerVoltageV: "V",
  chargerCurrentA: "A",
  chargerPowerW: "W",
  chargerEfficiencyPercent: "%",
  chargerSessionMilliWh: "mWh",
  chargerRail1MilliWh: "mWh",
  chargerRail2MilliWh: "mWh",
  chargerRail3MilliWh: "mWh",
} as const satisfies Readonly<Record<string, string>>;

export type Quantity = keyof typeof QUANTITIES;

export function isQuantity(name: string): name is Quantity {
  return Object.hasOwn(QUANTITIES, name);
}
