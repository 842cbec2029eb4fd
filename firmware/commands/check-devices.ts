/** Whether the devices that a configuration names exist in this firmware: asked before anything is opened. */
import type { ConfigFault } from "#config/shape.ts";
import type { GatewayConfig } from "#config/gateway-config.ts";
import { chargePointModelNames } from "#hal/charge-points/registry.ts";
import { meterModelNames } from "#hal/meters/models/registry.ts";
import { vehicleProfiles } from "#hal/vehicles/registry.ts";

export function checkDevices(config: GatewayConfig): ConfigFault | undefined {
  if (config.role === "vehicle") {
    const profiles = vehicleProfiles.map(({ name }) => name);
    return unlessKnown("vehicle.profile", config.vehicle.profile, profiles);
  }
  return (
    unlessKnown("meter.model", config.meter.model, meterModelNames()) ??
    unlessKnown("charge_point.driver", config.chargePoint.driver, chargePointModelNames())
  );
}

function unlessKnown(path: string, found: string, known: readonly string[]): ConfigFault | undefined {
  if (known.includes(found)) return undefined;
  return { code: "CONFIG_INVALID", path, found: JSON.stringify(found), expected: `one of ${known.join(", ")}` };
}
