/** A charger's own part from its devices: outlet, meter watch, handshake, offers. */
import { GatewayError } from "./gateway-error.ts";
import type { RoleParts, RoleService } from "./assemble-gateway.ts";
import { checkTerms } from "#core/contract/check-terms.ts";
import { defaultTerms, type StationFacts } from "#core/contract/default-terms.ts";
import { energyV1CodeHash } from "#core/contract/energy-v1.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { ChargePoint } from "#hal/ports/charge-point.ts";
import type { EnergyMeter } from "#hal/ports/energy-meter.ts";
import { MeterWatch } from "#services/meter-watch.ts";
import { StationHandshakeService } from "#services/station-handshake-service.ts";
import { StationService } from "#services/station-service.ts";

export interface ChargerDevices {
  readonly meter: EnergyMeter;
  readonly chargePoint: ChargePoint;
}

export interface ChargerSettings {
  /** What is known of the station before its meter has been read. */
  readonly facts: Omit<StationFacts, "codeHash" | "stationResolutionMilliWh">;
  readonly evse: number;
  readonly currentMaxA: number;
  readonly graceSeconds: number;
  /** Of the only meter that may be billed by; undefined takes whichever is there when a charge begins. */
  readonly meterSerialNumber?: string;
}

/**
 * The mains may be 10 % above 230 V (EN 50160), a meter of class A may err by 3.5 %, and what is left is for overshoot.
 */
const PLAUSIBLE_OVER_NOMINAL = 1.25;

export async function assembleCharger(
  devices: ChargerDevices,
  settings: ChargerSettings,
  parts: RoleParts,
): Promise<RoleService> {
  const { ledger, mesh, sync, boot, clock, randomness, emit, signer, did, toMonotonicMs } = parts;
  const { evse, currentMaxA, facts } = settings;
  const { meter, chargePoint } = devices;
  const powerMaxW = Math.ceil(facts.powerMaxW * PLAUSIBLE_OVER_NOMINAL);
  const memory = await parts.openRegister("meter");
  const serialNumber = settings.meterSerialNumber;
  const watch = new MeterWatch({ meter, clock, toMonotonicMs, powerMaxW, serialNumber, memory, emit });
  const handshakes = new StationHandshakeService({
    ...{ ledger, mesh, boot, clock, randomness, evse, emit },
    context: parts.handshake,
  });
  const offerTerms = (): Terms => offeredTerms(settings, parts, watch.resolutionMilliWh ?? 1);
  // Terms that do not hold together are a fault of the configuration: better now than at the first plug.
  offerTerms();
  const station = new StationService({
    ...{
      ledger,
      boot,
      clock,
      signer,
      emit,
      did,
      evse,
      currentMaxA,
      meter: watch,
      chargePoint,
      handshakes,
      offerTerms,
      sync,
    },
  });
  return {
    start: () => station.start(),
    stop: async () => {
      await station.stop();
      await Promise.all([meter.close(), chargePoint.close()]);
    },
    get isCharging() {
      return station.isCharging;
    },
    endCharge: () => {
      station.endCharge();
    },
    chargeAt: () => false,
    takeReply: () => Promise.resolve("REPLY_NOT_ASKED_FOR"),
  };
}

function offeredTerms(settings: ChargerSettings, { crypto }: RoleParts, resolutionMilliWh: number): Terms {
  const { facts, graceSeconds } = settings;
  const codeHash = energyV1CodeHash(crypto);
  const offered = defaultTerms(
    { ...facts, codeHash, stationResolutionMilliWh: Math.max(1, Math.ceil(resolutionMilliWh)) },
    { graceSeconds },
  );
  const checked = checkTerms(offered);
  if (checked.ok) return offered;
  const { field, reason } = checked.fault;
  throw new GatewayError("CONFIG_INVALID", `the offered terms do not hold together: ${field} ${reason}`);
}
