/** Opens what only a vehicle gateway has on a board: the OBD adapter on its line, with the car's profile. */
import { assembleVehicle } from "./assemble-vehicle.ts";
import type { RoleParts, RoleService } from "./assemble-gateway.ts";
import { GatewayError } from "./gateway-error.ts";
import type { Line, VehicleConfig } from "#config/gateway-config.ts";
import { SerialLink } from "#hal/linux/serial-link.ts";
import { TcpLink } from "#hal/linux/tcp-link.ts";
import type { ByteLink } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { ObdVehicle } from "#hal/vehicles/obd-vehicle.ts";
import { findVehicleProfile, vehicleProfiles } from "#hal/vehicles/registry.ts";

export function composeVehicle(config: VehicleConfig, deviceClock: Clock, parts: RoleParts): Promise<RoleService> {
  const { vehicle: settings } = config;
  const profile = findVehicleProfile(settings.profile);
  if (profile === undefined) {
    const known = vehicleProfiles.map(({ name }) => name).join(", ");
    throw new GatewayError("CONFIG_INVALID", `vehicle.profile: found "${settings.profile}", allowed: ${known}`);
  }
  const vehicle = new ObdVehicle({ link: linkOf(settings.line), clock: deviceClock }, { profile });
  return assembleVehicle(
    vehicle,
    {
      powerMaxW: Math.min(profile.powerMaxW, settings.power_max_w),
      batteryPowerMaxW: profile.powerMaxW,
      energyMaxMilliWh: Math.round(settings.energy_max_kwh * 1_000_000),
      choice: settings.start === "automatic" ? "any" : undefined,
    },
    parts,
  );
}

function linkOf(line: Line): ByteLink {
  return line.kind === "tcp"
    ? new TcpLink({ host: line.host, port: line.port })
    : new SerialLink({ ...line, dataBits: 8 });
}
