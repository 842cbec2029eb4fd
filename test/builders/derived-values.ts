/**
 * The study's own values beside the recorded replies, by the name of each: which quantities they are made of, in the
 * study's units. Its formulas were written apart from the profiles.
 */
import type { Quantities } from "#hal/vehicles/decode-signals.ts";
import type { Quantity } from "#hal/vehicles/quantity.ts";

/** What the profile's quantities make of it; undefined where they do not hold it. */
export type DerivedValue = (quantities: Quantities) => number | boolean | null | undefined;

function plain(quantity: Quantity, factor = 1): DerivedValue {
  return (quantities) => {
    const value = quantities.get(quantity);
    return typeof value === "number" ? value * factor : value;
  };
}

function anyOf(...values: readonly DerivedValue[]): DerivedValue {
  return (quantities) => values.map((value) => value(quantities)).find((value) => value !== undefined);
}

function isOneOf(quantity: Quantity, ...states: readonly number[]): DerivedValue {
  return (quantities) => {
    const value = quantities.get(quantity);
    return typeof value === "number" ? states.includes(value) : value;
  };
}

const power: DerivedValue = (quantities) => {
  const [volts, amperes] = [quantities.get("batteryVoltageV"), quantities.get("batteryCurrentA")];
  return typeof volts === "number" && typeof amperes === "number" ? volts * amperes : undefined;
};

/** Hex texts among the study's values are compared as numbers. */
export const DERIVED: Readonly<Record<string, DerivedValue>> = {
  v_batt_V: plain("batteryVoltageV"),
  v_bus_V: plain("busVoltageV"),
  i_charge_A: plain("batteryCurrentA"),
  i_batt_A_native: plain("batteryCurrentA", -1),
  i_discharge_A: plain("batteryCurrentA", -1),
  p_charge_W: anyOf(power, plain("mainsPowerW"), plain("chargerPowerW")),
  soc_bms_pct: plain("stateOfChargePercent"),
  soc_raw_pct: plain("stateOfChargePercent"),
  soc_pct: anyOf(plain("stateOfChargePercent"), plain("displayChargePercent")),
  soc_display_pct: plain("displayChargePercent"),
  soh_pct: plain("stateOfHealthPercent"),
  ccc_Ah: plain("chargedMilliAh", 1e-3),
  cdc_Ah: plain("dischargedMilliAh", 1e-3),
  ah_charged: plain("chargedMilliAh", 1e-3),
  ah_discharged: plain("dischargedMilliAh", -1e-3),
  ah: plain("capacityMilliAh", 1e-3),
  cec_kWh: plain("chargedMilliWh", 1e-6),
  ced_kWh: plain("dischargedMilliWh", 1e-6),
  kwh_charged: plain("chargedMilliWh", 1e-6),
  kwh_discharged: plain("dischargedMilliWh", -1e-6),
  op_time_s: plain("operatingSeconds"),
  flags9: plain("batteryFlags"),
  state50: plain("chargeState"),
  motor_rpm: plain("motorRpm"),
  v_cell_max_V: plain("cellVoltageMaxV"),
  v_cell_min_V: plain("cellVoltageMinV"),
  ac_charge_count: plain("mainsSessions"),
  dc_charge_count: plain("dcSessions"),
  ac_charge_energy_kWh: plain("chargedByMainsMilliWh", 1e-6),
  dc_charge_energy_kWh: plain("chargedByDcMilliWh", 1e-6),
  v_ac_a_V: plain("mainsVoltage1V"),
  v_ac_b_V: plain("mainsVoltage2V"),
  v_ac_V: plain("mainsVoltage1V"),
  f_ac_Hz: plain("mainsFrequencyHz"),
  i_ac_total_A: plain("mainsCurrentA"),
  i_ac_a_A: plain("mainsCurrent1A"),
  i_ac_b_A: plain("mainsCurrent2A"),
  i_ac_A: anyOf(plain("requestedCurrentA"), plain("mainsCurrent1A")),
  v_dc_V: plain("chargerVoltageV"),
  i_dc_total_A: plain("chargerCurrentA"),
  v_obc_dc_V: plain("chargerVoltageV"),
  i_obc_dc_A: plain("chargerCurrentA"),
  v_charger_out_V: plain("chargerVoltageV"),
  i_charger_out_A: plain("chargerCurrentA"),
  obc_eff_pct: plain("chargerEfficiencyPercent"),
  obc_cycle_kWh: plain("chargerSessionMilliWh", 1e-6),
  rail1_kWh: plain("chargerRail1MilliWh", 1e-6),
  rail2_kWh: plain("chargerRail2MilliWh", 1e-6),
  rail3_kWh: plain("chargerRail3MilliWh", 1e-6),
  charge_state: plain("chargeState"),
  charge_level: plain("chargeLevel"),
  charger_type: plain("chargeLevel"),
  charge_mode: plain("chargeState"),
  bms_status: plain("chargeState"),
  mode: plain("chargeState"),
  plug: plain("plugState"),
  // MEB tells 4 and 6, E-GMP 4, 5 and 8; 4 is alternating current on both, if idle on the latter.
  ac: isOneOf("chargeState", 4, 5),
  dc: isOneOf("chargeState", 6, 8),
  driving: isOneOf("chargeState", 1),
  i_batt_UNTRUSTED_A: plain("batteryCurrentA"),
  charging: (quantities) => ((quantities.get("chargeState") ?? 0) & 1) === 1,
};
