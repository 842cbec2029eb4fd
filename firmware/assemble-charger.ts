/** A charger's own part from its devices: outlet, meter watch, handshake, offers. */
import { GatewayError } from "./gateway-error.ts";
import type { RoleParts, RoleService } from "./assemble-gateway.ts";
import { assembleOcmf, stationMeter } from "./assemble-ocmf.ts";
import { fail, type Result } from "#base/result.ts";
import { checkTerms } from "#core/contract/check-terms.ts";
import { defaultTerms, type StationFacts } from "#core/contract/default-terms.ts";
import { ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import type { PhysicalBinding, Terms } from "#core/contract/terms.ts";
import { codeHash } from "#core/script/code-hash.ts";
import { followsClock } from "#core/tariff/follows-clock.ts";
import type { ChargePoint } from "#hal/ports/charge-point.ts";
import type { EnergyMeter } from "#hal/ports/energy-meter.ts";
import { FLOOR_LIMITS, FloorLimit, type FloorLimits } from "#services/floor-limit.ts";
import { MeterWatch } from "#services/meter-watch.ts";
import { publishCode } from "#services/publish-code.ts";
import { StationHandshakeService } from "#services/station-handshake-service.ts";
import { StationService, type OfferFault } from "#services/station-service.ts";
import type { TariffSource, TariffTerms } from "./tariff-source.ts";

export interface ChargerDevices {
  readonly meter: EnergyMeter;
  readonly chargePoint: ChargePoint;
}

export interface ChargerSettings {
  /** What is known of the station before its meter has been read. */
  readonly facts: Omit<StationFacts, "codeHash" | "stationResolutionMilliWh" | keyof TariffTerms>;
  readonly tariff: TariffSource;
  readonly evse: number;
  readonly currentMaxA: number;
  readonly graceSeconds: number;
  /** Terms that are not left to the power of the station: how many readings make a report, and the exposure. */
  readonly reporting?: Partial<Pick<Terms, "readingsPerReport" | "exposureMilliWh">>;
  /** How vehicles that want it find out that they hang on this station; the charge point has to vary its limit. */
  readonly bind?: PhysicalBinding;
  /** Program of the contracts that it offers; absent, energy-v1. */
  readonly code?: Uint8Array;
  /** Device id of who may judge disputes, if anybody may. */
  readonly arbiter?: Uint8Array;
  /** Of the only meter that may be billed by; undefined takes whichever is there when a charge begins. */
  readonly meterSerialNumber?: string;
  /** What one vehicle may have while this station hears of no other; absent, those of the protocol. */
  readonly floorLimits?: FloorLimits;
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
  if (settings.bind !== undefined && !chargePoint.variesLimit) {
    throw new GatewayError(
      "CONFIG_INVALID",
      'charger.bind: found "watermark", this charge point cannot vary its limit',
    );
  }
  const memory = await parts.openRegister("meter");
  const serialNumber = settings.meterSerialNumber;
  const watch = new MeterWatch({ meter, clock, toMonotonicMs, powerMaxW, serialNumber, memory, emit });
  const floor = new FloorLimit({ ledger, sync, did, limits: settings.floorLimits ?? FLOOR_LIMITS });
  const handshakes = new StationHandshakeService({
    ...{ ledger, mesh, boot, clock, randomness, evse, floor, emit },
    context: parts.handshake,
  });
  const completed = newestOnly(completeTerms(settings, parts));
  const offerTerms = (): Result<Terms, OfferFault> => {
    const priced = pricedNow(settings, parts);
    return priced.ok ? completed(priced.value, watch.resolutionMilliWh ?? 1) : priced;
  };
  // Terms that do not hold together are a fault of the configuration: better now than at the first plug.
  const offered = offerTerms();
  if (!offered.ok && offered.fault.code === UNSOUND) throw new GatewayError("CONFIG_INVALID", offered.fault.detail);
  const ocmf = await assembleOcmf(parts, "station", () => stationMeter(watch.identity));
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
      crypto: parts.crypto,
      mesh,
      meter: watch,
      chargePoint,
      handshakes,
      offerTerms,
      floor,
      sync,
    },
  });
  return {
    start: async () => {
      const published = await publishCode({ ledger, signer, did }, settings.code ?? ENERGY_V1_BYTES);
      // Without its program on the ledger nobody could open a contract with this station.
      if (!published.ok) emit("refused", { what: "own CODE", code: published.fault.code, count: 1 });
      await ocmf.start();
      await station.start();
    },
    stop: async () => {
      await station.stop();
      await ocmf.stop();
      await Promise.all([meter.close(), chargePoint.close()]);
    },
    get isCharging() {
      return station.isCharging;
    },
    get offerFault() {
      return station.offerFault;
    },
    meter: () => ({ ageMs: watch.ageMs, quality: watch.reading?.quality, trouble: watch.trouble }),
    endCharge: () => {
      station.endCharge();
    },
    chargeAt: () => false,
    takeReply: () => Promise.resolve("REPLY_NOT_ASKED_FOR"),
  };
}

const UNSOUND = "TERMS_UNSOUND";

/** Nobody is to pay the price of another hour. */
const NEEDS_CLOCK = {
  code: "TARIFF_NEEDS_CLOCK",
  detail: "follows the time of day, and the clock is not synchronised",
} as const;

function pricedNow({ tariff }: ChargerSettings, { clock, ledger }: RoleParts): Result<TariffTerms, OfferFault> {
  const priced = tariff(Math.floor(clock.wallMs() / 1000));
  // A tariff that is not valid now may be so only by a wrong clock.
  const asksDate = priced.ok ? followsClock(priced.value.tariff) : priced.fault.code === "TARIFF_NOT_VALID";
  return asksDate && !ledger.time.isSynced ? fail(NEEDS_CLOCK) : priced;
}

type CompleteTerms = (priced: TariffTerms, resolutionMilliWh: number) => Result<Terms, OfferFault>;

function completeTerms(settings: ChargerSettings, { crypto }: RoleParts): CompleteTerms {
  const { facts, graceSeconds, arbiter, reporting, bind, code = ENERGY_V1_BYTES } = settings;
  return (priced, resolutionMilliWh) => {
    const stationResolutionMilliWh = Math.max(1, Math.ceil(resolutionMilliWh));
    const offered = defaultTerms(
      { ...facts, ...priced, codeHash: codeHash(crypto, code), stationResolutionMilliWh },
      { ...reporting, ...(bind === undefined ? {} : { bind }), graceSeconds, arbiter: arbiter ?? null },
    );
    const checked = checkTerms(offered);
    if (checked.ok) return checked;
    const { field, reason } = checked.fault;
    return fail({ code: UNSOUND, detail: `the offered terms do not hold together: ${field} ${reason}` });
  };
}

/**
 * The outlet asks each second, and the search for a fair tolerance takes a millisecond: a source gives the same object
 * as long as its prices are the same, so that the terms are found once for each.
 */
function newestOnly(complete: CompleteTerms): CompleteTerms {
  let newest:
    | { readonly priced: TariffTerms; readonly resolution: number; readonly terms: Result<Terms, OfferFault> }
    | undefined;
  return (priced, resolution) => {
    if (newest?.priced === priced && newest.resolution === resolution) return newest.terms;
    newest = { priced, resolution, terms: complete(priced, resolution) };
    return newest.terms;
  };
}
