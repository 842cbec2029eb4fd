/** A vehicle's own part from its link to the car: battery watch, handshake, the driver's wishes. */
import type { RoleParts, RoleService } from "./assemble-gateway.ts";
import { assembleOcmf, vehicleMeter } from "./assemble-ocmf.ts";
import { equalBytes } from "#base/bytes.ts";
import { openSafetyRegister } from "#adapters/flash-store/index.ts";
import {
  agreeWithin,
  type AcceptedArbiters,
  type AcceptedExposure,
  type PriceLimit,
} from "#core/contract/acceptable-terms.ts";
import { ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { codeNamed } from "#core/ledger/apply-code.ts";
import { codeHash } from "#core/script/code-hash.ts";
import type { PhysicalBinding, Terms } from "#core/contract/terms.ts";
import type { Want } from "#core/contract/want.ts";
import type { BatteryLimits } from "#core/metering/battery-state.ts";
import type { VehicleLink } from "#hal/ports/vehicle-link.ts";
import type { ProfileMeasure } from "#hal/vehicles/profile-measure.ts";
import { EvidenceStore } from "#services/evidence-store.ts";
import { BatteryWatch } from "#services/battery-watch.ts";
import { LossLearning } from "#services/loss-learning.ts";
import { NO_PATTERNS, patternMemory } from "#services/pattern-memory.ts";
import { VehicleHandshakeService } from "#services/vehicle-handshake-service.ts";
import { VehicleBinding } from "#services/vehicle-binding.ts";
import type { Choice } from "#services/outlet-choice.ts";
import { VehicleService } from "#services/vehicle-service.ts";
import { vehicleAccuracy } from "./vehicle-measure.ts";

const DURATION_MAX_SECONDS = 7 * 86_400;

export interface VehicleSettings {
  /** What the car draws from the mains at most: decides how much is lost on the way to the battery. */
  readonly powerMaxW: number;
  /** The most that can flow into the battery by any way: bounds what a gap in the samples can hide. */
  readonly batteryPowerMaxW: number;
  /** How the car is measured; undefined while it is not known which it is. Asked before each use. */
  readonly measure?: () => ProfileMeasure | undefined;
  /** Of the car, for its own records; undefined while it is not known. */
  readonly profileName?: () => string | undefined;
  /** Says that somebody waits for the car's samples, where it would else be left alone. */
  readonly expectCharge?: () => void;
  /** What the battery holds between empty and full, where that is known: for a check by the state of charge. */
  readonly usableMilliWh?: number;
  /** How it finds out whether it hangs on the station, where that offers it. */
  readonly bind?: PhysicalBinding;
  readonly energyMaxMilliWh: number;
  readonly choice: Choice | undefined;
  /** Absent, the vehicle signs any price. */
  readonly priceMax?: PriceLimit;
  /** Who may judge; absent, only offers that name nobody are signed. */
  readonly arbiters?: AcceptedArbiters;
  /** Whether terms may let the other side have any energy at risk; absent, only the default for the power. */
  readonly exposure?: AcceptedExposure;
  /** Programs of the contracts that it signs; absent, only energy-v1. */
  readonly codes?: readonly Uint8Array[];
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
    get usableMilliWh() {
      return settings.usableMilliWh ?? measure()?.usableMilliWh ?? null;
    },
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
  const hashes = (settings.codes ?? [ENERGY_V1_BYTES]).map((code) => codeHash(parts.crypto, code));
  // One that is not on the ledger yet could be signed and then not stand there: the next offer comes soon.
  const acceptsCode = (hash: Uint8Array): boolean =>
    hashes.some((each) => equalBytes(each, hash)) && codeNamed(ledger.chain.pending, hash, parts.crypto) !== undefined;
  const agree = agreeWithin(settings.priceMax, settings.arbiters, acceptsCode, settings.exposure);
  const context = { ...parts.handshake, agree };
  const handshakes = new VehicleHandshakeService({ context, ledger, mesh, clock, randomness, promise, emit });
  const learning = new LossLearning({ ledger, did, crypto: parts.crypto, emit });
  const want = (offer: Terms): Want => {
    const [stationPoint] = offer.measuringPoints;
    const accuracy = vehicleAccuracy(measure(), settings.powerMaxW, stationPoint);
    // Direct current passes the car's own charger by: what the battery takes is the limit.
    const powerW = stationPoint === "mains" ? settings.powerMaxW : settings.batteryPowerMaxW;
    return {
      energyMaxMilliWh: settings.energyMaxMilliWh,
      durationMaxSeconds: DURATION_MAX_SECONDS,
      lossModel: null,
      // A station that does not offer it may not know the word.
      ...(settings.bind === undefined || offer.bind !== settings.bind ? {} : { bind: settings.bind }),
      ...accuracy,
      ...learning.lossFor(offer, accuracy.vehicleMeasuringPoint, powerW),
    };
  };
  const { choice } = settings;
  const patterns =
    settings.bind === undefined
      ? NO_PATTERNS
      : patternMemory(await parts.openRegister("binding"), () => settings.profileName?.() ?? "car");
  const ocmf = await assembleOcmf(parts, "vehicle", () => vehicleMeter(settings.profileName?.() ?? "", did));
  const bindingOf = ({ address, open: { terms } }: Transaction): VehicleBinding | undefined =>
    terms.bind === undefined
      ? undefined
      : new VehicleBinding({
          crypto: parts.crypto,
          emit,
          address,
          terms,
          patterns,
          keys: () => handshakes.keysOf(address),
        });
  const service = new VehicleService({
    bindingOf,
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
    start: async () => {
      await ocmf.start();
      learning.start();
      service.start();
    },
    stop: async () => {
      service.stop();
      await ocmf.stop();
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
    takeReply: (object) => service.takeReply(object),
  };
}
