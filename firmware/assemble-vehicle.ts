/** A vehicle's own part from its link to the car: battery watch, handshake, the driver's wishes. */
import type { RoleParts, RoleService } from "./assemble-gateway.ts";
import { agreeWithin, type PriceLimit } from "#core/contract/acceptable-terms.ts";
import { defaultLoss } from "#core/contract/default-loss.ts";
import type { Want } from "#core/contract/want.ts";
import type { VehicleLink } from "#hal/ports/vehicle-link.ts";
import { BatteryWatch } from "#services/battery-watch.ts";
import { VehicleHandshakeService } from "#services/vehicle-handshake-service.ts";
import { VehicleService, type Choice } from "#services/vehicle-service.ts";

/** Voltage times current of a battery management system: gain 2.5 % and what its zero is off by at usual powers. */
const BATTERY_MPE_PPM = 30_000;
/** The register of the integral counts in mWh; it is read from samples a second apart. */
const BATTERY_RESOLUTION_MILLI_WH = 1_000;
const DURATION_MAX_SECONDS = 7 * 86_400;

export interface VehicleSettings {
  /** What the car draws from the mains at most: decides how much is lost on the way to the battery. */
  readonly powerMaxW: number;
  /** The most that can flow into the battery by any way: bounds what a gap in the samples can hide. */
  readonly batteryPowerMaxW: number;
  readonly energyMaxMilliWh: number;
  readonly choice: Choice | undefined;
  /** Absent, the vehicle signs any price. */
  readonly priceMax?: PriceLimit;
}

export async function assembleVehicle(
  vehicle: VehicleLink,
  settings: VehicleSettings,
  parts: RoleParts,
): Promise<RoleService> {
  const { ledger, mesh, sync, boot, clock, randomness, emit, signer, did, toMonotonicMs } = parts;
  const journal = await parts.openRegister("energy");
  const powerMaxW = settings.batteryPowerMaxW;
  const battery = new BatteryWatch({ vehicle, clock, toMonotonicMs, journal, powerMaxW, emit });
  const promise = await parts.openRegister("promise");
  const context = { ...parts.handshake, agree: agreeWithin(settings.priceMax) };
  const handshakes = new VehicleHandshakeService({ context, ledger, mesh, clock, randomness, promise, emit });
  const want: Want = {
    energyMaxMilliWh: settings.energyMaxMilliWh,
    durationMaxSeconds: DURATION_MAX_SECONDS,
    vehicleMpePpm: BATTERY_MPE_PPM,
    vehicleMeasuringPoint: "battery",
    vehicleResolutionMilliWh: BATTERY_RESOLUTION_MILLI_WH,
    lossPpm: defaultLoss(["mains", "battery"], settings.powerMaxW),
  };
  const { choice } = settings;
  const service = new VehicleService({
    ledger,
    boot,
    clock,
    signer,
    emit,
    did,
    battery,
    handshakes,
    sync,
    want,
    choice,
  });
  return {
    start: () => {
      service.start();
      return Promise.resolve();
    },
    stop: async () => {
      service.stop();
      await vehicle.close();
    },
    get isCharging() {
      return service.isCharging;
    },
    endCharge: () => {
      service.endCharge();
    },
    chargeAt: (station, evse) => {
      service.chargeAt({ station, evse });
      return true;
    },
    takeReply: (object) => handshakes.takeMessage(object),
  };
}
