/** What a Volkswagen e-Up's control units answer. Written from the table of the vehicle study (section 2.2). */
import type { BatteryState } from "./battery-source.ts";

/** 22 1E 3B: quarters of a volt. */
export function eUpVoltageData(battery: BatteryState): Uint8Array {
  return uint16(Math.round(battery.packVoltageV * 4));
}

/** 22 1E 3D: quarters of an ampere above -511 A; charging is positive. */
export function eUpCurrentData(battery: BatteryState): Uint8Array {
  return uint16(Math.round((battery.packCurrentA + 511) * 4));
}

/** 22 02 8C: state of charge in steps of 0.4 %. */
export function eUpStateOfChargeData(battery: BatteryState): Uint8Array {
  return Uint8Array.of(Math.round(battery.stateOfChargePercent / 0.4));
}

/** 22 1E 32: charge in, charge out (negative), energy in, energy out (negative), 4 bytes each. */
export function eUpCountersData(battery: BatteryState): Uint8Array {
  const data = new Uint8Array(16);
  const view = new DataView(data.buffer);
  const ampereHourStep = 1.82044e-3;
  const wattHourStep = 1000 / 8583.07;
  view.setUint32(0, Math.floor(battery.chargedWh / 360 / ampereHourStep));
  view.setInt32(4, -Math.floor(battery.dischargedWh / 360 / ampereHourStep));
  view.setUint32(8, Math.floor(battery.chargedWh / wattHourStep));
  view.setInt32(12, -Math.floor(battery.dischargedWh / wattHourStep));
  return data;
}

/** 22 1D D6 of the charge management: 0 none, 1 and up alternating current. */
export function eUpModeData(battery: BatteryState): Uint8Array {
  return Uint8Array.of(battery.charging ? 1 : 0);
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of((value >> 8) & 0xff, value & 0xff);
}
