/** The charge controllers on a register bus, by name. A new one is a file beside this one and a line here. */
import type { ChargePoint } from "#hal/ports/charge-point.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { RegisterBus } from "#hal/ports/register-bus.ts";
import { SimpleEvse } from "./simple-evse.ts";

export interface BusChargePoint extends ChargePoint {
  /** To be called once: takes away what current an earlier life of the gateway has left on. */
  start(): void;
}

export type MakeChargePoint = (
  parts: { readonly bus: RegisterBus; readonly clock: Clock },
  options: { readonly unit: number; readonly pauseMs?: number },
) => BusChargePoint;

const MODELS: Readonly<Record<string, MakeChargePoint>> = {
  "simple-evse-wb": (parts, options) => new SimpleEvse(parts, options),
};

export function chargePointModelNames(): readonly string[] {
  return Object.keys(MODELS);
}

export function chargePointModel(name: string): MakeChargePoint | undefined {
  return Object.hasOwn(MODELS, name) ? MODELS[name] : undefined;
}
