/** A vehicle's own part from its link to the car: battery watch, handshake, the driver's wishes. */
import type { RoleParts, RoleService } from "./assemble-gateway.ts";
import { openSafetyRegister } from "#adapters/flash-store/index.ts";
import { agreeWithin, type PriceLimit } from "#core/contract/acceptable-terms.ts";
import type { Want } from "#core/contract/want.ts";
import type { BatteryLimits } from "#core/metering/battery-state.ts";
import type { VehicleLink } from "#hal/ports/vehicle-link.ts";
import type { ProfileMeasure } from "#hal/vehicles/profile-measure.ts";
import { EvidenceStore } from "#services/evidence-store.ts";
import { BatteryWatch } from "#services/battery-watch.ts";
import { VehicleHandshakeService } from "#services/vehicle-handshake-service.ts";
import { VehicleService, type Choice } from "#services/vehicle-service.ts";
import { vehicleAccuracy } from "./vehicle-measure.ts";

const DURATION_MAX_SECONDS = 7 * 86_400;

export interface VehicleSettings {
  /** What the car draws from the mains at most: decides how much is lost on the way to the battery. */
  readonly powerMaxW: number;
  /** The most that can flow into the battery by any way: bounds what a gap in the samples can hide. */
  readonly batteryPowerMaxW: number;
  /** How the car is measured; undefined while it is not known which it is. Asked before each use. */
  readonly measure?: () => ProfileMeasure | undefined;
  /** Says that somebody waits for the car's samples, where it would else be left alone. */
  readonly expectCharge?: () => void;
  /** What the battery holds between empty and full, where that is known: for a check by the state of charge. */
  readonly usableMilliWh?: number;
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
  const folder = await parts.openFolder("energy");
  const { register: journal } = await openSafetyRegister(folder);
  const evidence = await EvidenceStore.open(folder, (message) => parts.crypto.sha256(message));
  const { measure = (): undefined => undefined, expectCharge } = settings;
  const limits: BatteryLimits = {
    powerMaxW: settings.batteryPowerMaxW,
    usableMilliWh: settings.usableMilliWh ?? null,
    get countedInlet() {
      const at = measure()?.at ?? null;
      return at === "battery" || at === null ? undefined : at;
    },
  };
  const battery = new BatteryWatch({
    ...{ vehicle, clock, toMonotonicMs, journal, evidence, limits, emit },
    ...(expectCharge === undefined ? {} : { expectCharge }),
  });
  const promise = await parts.openRegister("promise");
  const context = { ...parts.handshake, agree: agreeWithin(settings.priceMax) };
  const handshakes = new VehicleHandshakeService({ context, ledger, mesh, clock, randomness, promise, emit });
  const want = (): Want => ({
    energyMaxMilliWh: settings.energyMaxMilliWh,
    durationMaxSeconds: DURATION_MAX_SECONDS,
    ...vehicleAccuracy(measure(), settings.powerMaxW),
  });
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
