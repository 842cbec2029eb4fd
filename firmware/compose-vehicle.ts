/** Opens what only a vehicle gateway has on a board: the OBD adapter on its line, with the car's profile. */
import { assembleVehicle } from "./assemble-vehicle.ts";
import type { RoleParts, RoleService } from "./assemble-gateway.ts";
import { configuredDeviceId } from "./configured-device-id.ts";
import { configuredCode } from "./contract-source.ts";
import { configuredProfile } from "./load-vehicle-profile.ts";
import { type MakeVehicleLine, openVehicleLine } from "./open-vehicle-line.ts";
import type { PriceMaxConfig, VehicleConfig } from "#config/gateway-config.ts";
import type { PriceLimit } from "#core/contract/price-limit.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { VehicleLink } from "#hal/ports/vehicle-link.ts";
import { type IdentifyingDependencies, IdentifyingVehicle } from "#hal/vehicles/identifying-vehicle.ts";
import { ObdVehicle, type ObdVehicleSettings, sessionsOf } from "#hal/vehicles/obd-vehicle.ts";
import { PoliteVehicle } from "#hal/vehicles/polite-vehicle.ts";
import { profileMeasure } from "#hal/vehicles/profile-measure.ts";
import type { VehicleProfile } from "#hal/vehicles/profile.ts";
import type { VehicleLine } from "#hal/vehicles/vehicle-line.ts";
import { vehicleProfiles } from "#hal/vehicles/registry.ts";
import { currencyDigitsOf } from "#tariffs/currencies.ts";

const SAMPLE_BUDGET_MS = 12_000;

/** @param home the configuration's folder, from which the path of a profile starts */
export async function composeVehicle(
  config: VehicleConfig,
  home: string,
  deviceClock: Clock,
  parts: RoleParts,
): Promise<RoleService> {
  const { vehicle: settings } = config;
  const profile = await configuredProfile(settings, home);
  const line = await openVehicleLine(settings.line, deviceClock);
  // The line keeps the machine's deadlines. What the driver waits for is the car's time, which is faster on the bench.
  const { clock, toMonotonicMs } = parts;
  const makeLine: MakeVehicleLine = (sessions) => stampedLine(line.makeLine(sessions), toMonotonicMs);
  const sampleBudgetMs = SAMPLE_BUDGET_MS * (config.bench?.speed ?? 1);
  const { vehicle, profileNow } = driverOf(profile, { clock, makeLine }, { sampleBudgetMs });
  const polite = new PoliteVehicle({ vehicle, clock: parts.clock });
  // Before the car is known, no more can be said than that it is one of those that are.
  const batteryPowerMaxW = profile?.powerMaxW ?? Math.max(...vehicleProfiles.map(({ powerMaxW }) => powerMaxW));
  const usualPowerW = Math.min(batteryPowerMaxW, settings.power_max_w);
  const codes = await Promise.all(settings.contracts.map((name) => configuredCode(name, home, "vehicle.contracts")));
  const role = await assembleVehicle(
    polite,
    {
      powerMaxW: usualPowerW,
      batteryPowerMaxW,
      energyMaxMilliWh: Math.round(settings.energy_max_kwh * 1_000_000),
      ...(settings.priceMax === undefined ? {} : { priceMax: priceLimitOf(settings.priceMax, usualPowerW) }),
      arbiters: settings.arbiters === "any" ? "any" : settings.arbiters.map(configuredDeviceId),
      codes,
      exposure: settings.exposure,
      ...(settings.bind === "none" ? {} : { bind: settings.bind }),
      choice: settings.start === "automatic" ? "any" : undefined,
      profileName: () => profileNow()?.name,
      measure: () => {
        const known = profileNow();
        return known === undefined ? undefined : profileMeasure(known);
      },
      expectCharge: () => {
        polite.expectCharge();
      },
    },
    { ...parts, toMonotonicMs: (stampMs) => stampMs },
  );
  const stop = async (): Promise<void> => {
    await role.stop();
    await line.close();
  };
  return {
    ...{ start: role.start, endCharge: role.endCharge, chargeAt: role.chargeAt, takeReply: role.takeReply, stop },
    get isCharging() {
      return role.isCharging;
    },
  };
}

/** A price for charging time is judged at the power with which the car usually charges. */
function priceLimitOf(priceMax: PriceMaxConfig, powerW: number): PriceLimit {
  const currencyDigits = currencyDigitsOf(priceMax.currency);
  return { ...priceMax, powerW, ...(currencyDigits === undefined ? {} : { currencyDigits }) };
}

export interface Driver {
  readonly vehicle: VehicleLink;
  /** Undefined while the car has not been recognised. */
  readonly profileNow: () => VehicleProfile | undefined;
}

/** By the profile that is named, or else by the one that the car turns out to have. */
export function driverOf(
  profile: VehicleProfile | undefined,
  { clock, makeLine }: IdentifyingDependencies,
  settings: Pick<ObdVehicleSettings, "sampleBudgetMs">,
): Driver {
  if (profile !== undefined) {
    const vehicle = new ObdVehicle({ clock, line: makeLine(sessionsOf(profile)) }, { profile, ...settings });
    return { vehicle, profileNow: () => profile };
  }
  const vehicle = new IdentifyingVehicle({ clock, makeLine }, { profiles: vehicleProfiles, ...settings });
  return { vehicle, profileNow: () => vehicle.identified?.profile };
}

/** The same line, whose answers carry the times of another clock. */
function stampedLine(line: VehicleLine, toMonotonicMs: (stampMs: number) => number): VehicleLine {
  return {
    prepare: () => line.prepare(),
    ask: async (request) => {
      const outcome = await line.ask(request);
      if (outcome.kind !== "payload") return outcome;
      const [startedMs, endedMs] = [toMonotonicMs(outcome.startedMs), toMonotonicMs(outcome.endedMs)];
      return { ...outcome, startedMs, endedMs };
    },
    supplyVoltage: () => line.supplyVoltage(),
    distrust: () => {
      line.distrust();
    },
    close: () => line.close(),
  };
}
