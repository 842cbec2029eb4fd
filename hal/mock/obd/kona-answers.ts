/**
 * What a Hyundai Kona's battery management answers. Written from the table of the vehicle study (section 2.1), never
 * from the driver's profile: the two must be able to disagree.
 */
import type { BatteryState } from "./battery-source.ts";

/** The data behind `62 01 01`. */
export function konaBatteryData(battery: BatteryState): Uint8Array {
  // What a parked car was seen to send in the bytes that the table does not name.
  const data = new Uint8Array(59);
  const view = new DataView(data.buffer);
  data.set([0xef, 0xfb, 0xe7, 0xef], 0);
  // D[4]: state of charge in half per cent.
  view.setUint8(4, clamp(Math.round(battery.stateOfChargePercent * 2), 0, 200));
  // D[9]: relay and charge flags that public lists misread; bit 7 is set on the road too.
  view.setUint8(9, battery.charging ? 0x20 : 0x80);
  // D[10..11]: tenths of an ampere, negative while charging.
  view.setInt16(10, clamp(-Math.round(battery.packCurrentA * 10), -0x7fff, 0x7ffe));
  // D[12..13]: tenths of a volt.
  view.setUint16(12, clamp(Math.round(battery.packVoltageV * 10), 0, 0xfffe));
  // D[14..21]: temperatures.
  data.fill(20, 14, 22);
  // D[23], D[25]: highest and lowest cell in fiftieths of a volt; the numbers of those cells behind them.
  view.setUint8(23, clamp(Math.round(battery.cellVoltageMaxV * 50), 0, 254));
  view.setUint8(24, 1);
  view.setUint8(25, clamp(Math.round(battery.cellVoltageMinV * 50), 0, 254));
  view.setUint8(26, 41);
  // D[29]: 12 V system in tenths of a volt.
  view.setUint8(29, clamp(Math.round(battery.auxiliaryVoltageV * 10), 0, 254));
  // D[30..37]: charge in and out in tenths of an ampere hour; taken from the energies at the nominal 356 V.
  view.setUint32(30, Math.floor((battery.chargedWh / 356) * 10));
  view.setUint32(34, Math.floor((battery.dischargedWh / 356) * 10));
  // D[38..45]: energy in and out in tenths of a kilowatt hour. A counter shows steps that are complete.
  view.setUint32(38, Math.floor(battery.chargedWh / 100));
  view.setUint32(42, Math.floor(battery.dischargedWh / 100));
  // D[46..49]: seconds in operation.
  view.setUint32(46, Math.floor(battery.operatingSeconds));
  // D[50]: 09 while charging, 0D on the road, 01 otherwise.
  view.setUint8(50, konaState(battery));
  // D[53..54]: revolutions of the motor.
  view.setInt16(53, clamp(Math.round(battery.motorRpm), -0x7ffe, 0x7ffe));
  view.setUint16(57, 0x0bb8);
  return data;
}

/** The data behind `62 01 05`: display state of charge, health. */
export function konaHealthData(battery: BatteryState): Uint8Array {
  const data = new Uint8Array(43);
  const view = new DataView(data.buffer);
  view.setUint16(25, 1000);
  view.setUint8(31, clamp(Math.round(battery.stateOfChargePercent * 2), 0, 200));
  return data;
}

function konaState(battery: BatteryState): number {
  if (battery.charging) return 0x09;
  return battery.motorRpm !== 0 ? 0x0d : 0x01;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
