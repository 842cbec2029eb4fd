/** Opens the meter of a charger, whichever kind it is. */
import type { ChargerConfig, Line } from "#config/gateway-config.ts";
import { linePlace } from "#config/line-config.ts";
import { openModbusMeter } from "#hal/meters/open-modbus-meter.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { EnergyMeter } from "#hal/ports/energy-meter.ts";
import type { RegisterBus } from "#hal/ports/register-bus.ts";
import { GatewayError } from "./gateway-error.ts";
import { chargingMeterModel } from "./load-meter-model.ts";
import { openTelegramMeter } from "./open-telegram-meter.ts";

export interface MeterOpening {
  /** Of the machine. */
  readonly clock: Clock;
  /** Devices of a line share its bus. */
  readonly busOn: (line: Line) => RegisterBus;
}

/** @throws GatewayError CONFIG_INVALID for a model that cannot be used as it is configured. */
export async function openMeter(
  config: Pick<ChargerConfig, "meter" | "chargePoint" | "bench">,
  home: string,
  { clock, busOn }: MeterOpening,
): Promise<EnergyMeter> {
  const { meter } = config;
  const model = await chargingMeterModel(meter, home);
  if (model.kind === "registers") {
    const map = meter.pauseMs === undefined ? model.map : { ...model.map, pauseMs: meter.pauseMs };
    // The model was refused without it.
    return openModbusMeter({ bus: busOn(meter.line), clock }, { map, unit: meter.unit ?? 1 });
  }
  checkOwnLine(config);
  return await openTelegramMeter(model.model, meter, home, { clock, worldSpeed: config.bench?.speed ?? 1 });
}

/** A meter that speaks by itself speaks into every answer of another device. */
function checkOwnLine({ meter, chargePoint }: Pick<ChargerConfig, "meter" | "chargePoint">): void {
  const other = chargePoint.kind === "bus" ? chargePoint.line : undefined;
  if (other === undefined || linePlace(meter.line) !== linePlace(other)) return;
  throw new GatewayError(
    "CONFIG_INVALID",
    `meter: found the line of charge_point, ${linePlace(other)}; expected a line of its own`,
  );
}
