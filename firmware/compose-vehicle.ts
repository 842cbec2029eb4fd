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

const ASLEEP_PAUSE_MS = 2_000;
const ASLEEP_PAUSE_MS_MAX = 60_000;

export function composeVehicle(config: VehicleConfig, deviceClock: Clock, parts: RoleParts): Promise<RoleService> {
  const { vehicle: settings } = config;
  const profile = findVehicleProfile(settings.profile);
  if (profile === undefined) {
    const known = vehicleProfiles.map(({ name }) => name).join(", ");
    throw new GatewayError("CONFIG_INVALID", `vehicle.profile: found "${settings.profile}", allowed: ${known}`);
  }
  // A sleeping car is left alone for its battery's sake: in the car's time, which on the bench is not the adapter's.
  const speed = config.bench?.speed ?? 1;
  const vehicle = new ObdVehicle(
    { link: linkOf(settings.line), clock: deviceClock },
    { profile, asleepPauseMs: ASLEEP_PAUSE_MS / speed, asleepPauseMaxMs: ASLEEP_PAUSE_MS_MAX / speed },
  );
  return assembleVehicle(
    vehicle,
    {
      powerMaxW: Math.min(profile.powerMaxW, settings.power_max_w),
      batteryPowerMaxW: profile.powerMaxW,
      energyMaxMilliWh: Math.round(settings.energy_max_kwh * 1_000_000),
      ...(settings.priceMax === undefined ? {} : { priceMax: settings.priceMax }),
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
