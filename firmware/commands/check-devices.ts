/** Whether the devices that a configuration names exist in this firmware: asked before anything is opened. */
import type { ConfigFault } from "#config/shape.ts";
import type { ChargerConfig, GatewayConfig } from "#config/gateway-config.ts";
import { vehicleProfile, vehicleProfiles } from "#hal/vehicles/registry.ts";
import { chargePointDriverNames } from "../compose-charge-point.ts";
import { configuredBoard } from "../configured-board.ts";
import { allMeterModelNames, meterModelNamed } from "../load-meter-model.ts";
import { AUTOMATIC_PROFILE } from "../load-vehicle-profile.ts";

export function checkDevices(config: GatewayConfig): ConfigFault | undefined {
  const board = configuredBoard(config);
  if (!board.ok) return board.fault;
  if (config.role === "arbiter") return undefined;
  if (config.role === "vehicle") {
    const { profile, profileFile } = config.vehicle;
    if (profileFile !== undefined || vehicleProfile(profile) !== undefined) return undefined;
    return unlessKnown("vehicle.profile", profile, [AUTOMATIC_PROFILE, ...vehicleProfiles.map(({ name }) => name)]);
  }
  return (
    unlessKnownMeter(config.meter) ??
    unlessKnown("charge_point.driver", config.chargePoint.driver, chargePointDriverNames())
  );
}

/** A file of its own is read where it is used. */
function unlessKnownMeter({ model, unit }: ChargerConfig["meter"]): ConfigFault | undefined {
  if (model === undefined) return undefined;
  const named = meterModelNamed(model);
  if (named === undefined) return unlessKnown("meter.model", model, allMeterModelNames());
  if (named.kind === "telegrams" || unit !== undefined) return undefined;
  return { code: "CONFIG_INVALID", path: "meter.unit", found: "nothing", expected: "a whole number from 1 to 247" };
}

function unlessKnown(path: string, found: string, known: readonly string[]): ConfigFault | undefined {
  if (known.includes(found)) return undefined;
  return { code: "CONFIG_INVALID", path, found: JSON.stringify(found), expected: `one of ${known.join(", ")}` };
}
