/** The charge controllers on a register bus, by name. A new one is a table in `models/` and a line here. */
import type { ChargePoint } from "#hal/ports/charge-point.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { RegisterBus } from "#hal/ports/register-bus.ts";
import type { ChargePointMap } from "./charge-point-map.ts";
import { ModbusChargePoint } from "./modbus-charge-point.ts";
import { abbTerraAc } from "./models/abb-terra-ac.ts";
import { alfenNg9xx } from "./models/alfen-ng9xx.ts";
import { benderCc612 } from "./models/bender-cc612.ts";
import { heidelbergEnergyControl } from "./models/heidelberg-energy-control.ts";
import { kebaP30 } from "./models/keba-p30.ts";
import { phoenixCharx } from "./models/phoenix-charx.ts";
import { phoenixEmCpPpEth } from "./models/phoenix-em-cp-pp-eth.ts";
import { phoenixEvCcBasic } from "./models/phoenix-ev-cc-basic.ts";
import { phoenixEvCcEth } from "./models/phoenix-ev-cc-eth.ts";
import { simpleEvseWb } from "./models/simple-evse-wb.ts";
import type { RegisterPortOptions } from "./register-port.ts";

export interface BusChargePoint extends ChargePoint {
  /** To be called once: takes away what current an earlier life of the gateway has left on. */
  start(): void;
}

export type MakeChargePoint = (
  parts: { readonly bus: RegisterBus; readonly clock: Clock },
  options: RegisterPortOptions,
) => BusChargePoint;

export const CHARGE_POINT_MAPS: readonly ChargePointMap[] = [
  ...[simpleEvseWb, phoenixEmCpPpEth, phoenixEvCcEth, phoenixEvCcBasic, phoenixCharx],
  ...[heidelbergEnergyControl, abbTerraAc, benderCc612, alfenNg9xx, kebaP30],
];

export function chargePointModelNames(): readonly string[] {
  return CHARGE_POINT_MAPS.map(({ model }) => model);
}

export function chargePointModel(name: string): MakeChargePoint | undefined {
  const map = CHARGE_POINT_MAPS.find(({ model }) => model === name);
  return map === undefined ? undefined : (parts, options) => new ModbusChargePoint({ ...parts, map }, options);
}
