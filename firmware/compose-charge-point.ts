/** Opens what lets current flow, with the guard that takes it away when this process cannot. */
import { contactorDuty } from "./configured-contactor.ts";
import { GatewayError } from "./gateway-error.ts";
import { GuardedContactor } from "./guard/guarded-contactor.ts";
import { WatchedChargePoint } from "./guard/watched-charge-point.ts";
import type { Result } from "#base/result.ts";
import { GPIO_CONTACTOR, type BusChargePointConfig } from "#config/charge-point-config.ts";
import type { ChargerConfig, Line } from "#config/gateway-config.ts";
import { chargePointModel, chargePointModelNames } from "#hal/charge-points/registry.ts";
import type { BusEndpoint } from "#hal/linux/modbus/open-register-bus.ts";
import type { ChargePoint } from "#hal/ports/charge-point.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { RegisterBus } from "#hal/ports/register-bus.ts";

export interface ComposedChargePoint {
  readonly chargePoint: ChargePoint;
  /** Starts the guard; then whatever an earlier life has left on is switched off. Rejects when there is no guard. */
  start(): Promise<void>;
}

export interface ChargePointParts {
  /** The folder of the guard's socket: the gateway's `state`. */
  readonly home: string;
  /** The machine's. */
  readonly clock: Clock;
  readonly busOn: (line: Line) => RegisterBus;
}

/** What `driver` can be. */
export function chargePointDriverNames(): readonly string[] {
  return [...chargePointModelNames(), GPIO_CONTACTOR];
}

/** Touches no device yet. */
export function composeChargePoint(config: ChargerConfig, parts: ChargePointParts): ComposedChargePoint {
  const { chargePoint: own } = config;
  if (own.kind === "bus") return composeBusChargePoint(own, parts);
  const point = new GuardedContactor(parts.clock, { duty: contactorDuty(config), home: parts.home });
  return guarded(point);
}

export function endpointOf(line: Line): BusEndpoint {
  return line.kind === "tcp" ? line : { ...line, dataBits: 8, echoes: line.echo };
}

function composeBusChargePoint(own: BusChargePointConfig, parts: ChargePointParts): ComposedChargePoint {
  const { driver: model, unit, line } = own;
  const make = chargePointModel(model);
  if (make === undefined) {
    const allowed = chargePointDriverNames().join(", ");
    throw new GatewayError("CONFIG_INVALID", `charge_point.driver: found "${model}", allowed: ${allowed}`);
  }
  const { clock, home, busOn } = parts;
  const pace = { unit, ...(own.pauseMs === undefined ? {} : { pauseMs: own.pauseMs }) };
  const point = make({ bus: busOn(line), clock }, pace);
  if (own.hasGuard) {
    const duty = { kind: "last-will", model, ...pace, endpoint: endpointOf(line) } as const;
    return guarded(new WatchedChargePoint(clock, point, { duty, home }));
  }
  return {
    chargePoint: point,
    start: () => {
      point.start();
      return Promise.resolve();
    },
  };
}

function guarded(
  point: ChargePoint & { start(): Promise<Result<void, { readonly reason: string }>> },
): ComposedChargePoint {
  return {
    chargePoint: point,
    start: async () => {
      const started = await point.start();
      if (started.ok) return;
      await point.close();
      throw new GatewayError("CHARGE_POINT_UNAVAILABLE", `the guard of the charge point: ${started.fault.reason}`);
    },
  };
}
