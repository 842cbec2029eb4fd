/** Gateways that can shake hands: keys drawn from their names, one network, terms and offers. Nothing is random. */
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { Want } from "#core/contract/want.ts";
import type { CodedFault, HandshakeContext, StationContext } from "#core/handshake/handshake-context.ts";
import { signOffer, type Offer, type OfferBody } from "#core/handshake/offer.ts";
import type { StationSecrets } from "#core/handshake/station-state.ts";
import type { Plan, RoundSecrets, Start } from "#core/handshake/vehicle-state.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { deviceIdOf, encodeInception, inceptionOf, type DeviceRole } from "#core/identity/device-id.ts";
import { encodeJoin, openRegion } from "#core/identity/join.ts";
import type { BlockReference } from "#core/session/facts.ts";
import { perKwh } from "./tariffs.ts";

export const crypto = new NodeCryptography();

/** 32 bytes that belong to a name. */
export function named(name: string): Uint8Array {
  return crypto.sha256(new TextEncoder().encode(name));
}

export const NETWORK = named("network").slice(0, 8);
export const GENESIS: BlockReference = [0, named("genesis")];
export const TIP: BlockReference = [7, named("tip")];
export const WALL_SECONDS = 1_790_000_000;

export interface Party {
  readonly signer: Signer;
  readonly deviceId: Uint8Array;
  readonly join: Uint8Array;
}

export function party(name: string, role: DeviceRole, network = NETWORK): Party {
  const signer = new NobleSigner(named(`${name} key 0`));
  const next = new NobleSigner(named(`${name} key 1`));
  const inception = encodeInception(inceptionOf(crypto, role, signer.publicKey, next.publicKey));
  const join = encodeJoin({ version: 1, network, inception, organisation: name }, signer);
  return { signer, deviceId: deviceIdOf(crypto, inception), join };
}

/** Written out, so that the vectors do not change when the default terms do. */
export const TERMS: Terms = {
  version: 1,
  codeHash: named("code"),
  currency: "EUR",
  currencyDigits: 2,
  tariff: perKwh(420_000),
  powerMaxW: 22_000,
  energyMaxMilliWh: 80_000_000,
  durationMaxSeconds: 43_200,
  mpePpm: [10_000, 30_000],
  measuringPoints: ["mains", "battery"],
  resolutionMilliWh: [1000, 100_000],
  lossPpm: [50_000, 240_000],
  exposureMilliWh: 4_000_000,
  readingIntervalSeconds: 60,
  readingsPerReport: 5,
  tolerancePpm: 134_000,
  basis: "station",
  graceSeconds: 259_200,
  silentPays: true,
  arbiter: null,
  lossModel: null,
};

export const WANT: Want = {
  energyMaxMilliWh: 30_000_000,
  durationMaxSeconds: 7200,
  vehicleMpePpm: 20_000,
  vehicleMeasuringPoint: "battery",
  vehicleResolutionMilliWh: 1000,
  lossPpm: TERMS.lossPpm,
  lossModel: null,
};

/**
 * The smaller of what one offers and the other wants. Simpler than the real function, so that the run of the vectors
 * does not change when that is refined.
 */
export function agree(offered: Terms, wanted: Want): Result<Terms, CodedFault> {
  if (wanted.vehicleMpePpm > offered.mpePpm[1]) return fail({ code: "TERMS_NOT_MET" });
  const energyMaxMilliWh = Math.min(offered.energyMaxMilliWh, wanted.energyMaxMilliWh);
  const durationMaxSeconds = Math.min(offered.durationMaxSeconds, wanted.durationMaxSeconds);
  return ok({ ...offered, energyMaxMilliWh, durationMaxSeconds });
}

export function contextOf(who: Party, changed: Partial<HandshakeContext> = {}): HandshakeContext {
  return {
    crypto,
    network: NETWORK,
    region: openRegion(NETWORK),
    ...who,
    tip: TIP,
    genesis: GENESIS,
    holds: ([serial]) => serial <= TIP[0],
    agree,
    objectionTo: () => undefined,
    ...changed,
  };
}

/** A station with outlets 1 and 2, plugged and free, that stands by the given offers. */
export function stationContextOf(
  who: Party,
  offers: readonly Offer[],
  changed: Partial<StationContext> = {},
): StationContext {
  return {
    ...contextOf(who),
    cookieKey: named("cookie key"),
    evse: (number) => {
      const here = offers.filter(({ body }) => body.evse === number);
      return number > 2 ? undefined : { isPlugged: true, isBusy: false, registerMilliWh: 5_000_000, offers: here };
    },
    ...changed,
  };
}

export function offerOf(who: Party, changed: Partial<OfferBody> = {}): Offer {
  const body: OfferBody = {
    version: 1,
    network: NETWORK,
    station: who.deviceId,
    evse: 1,
    terms: TERMS,
    reference: TIP,
    notBeforeSeconds: WALL_SECONDS - 10,
    expiresSeconds: WALL_SECONDS + 500,
    counter: [3, 17],
    join: who.join,
    ...changed,
  };
  return signOffer(crypto, body, who.signer);
}

export const PLAN: Plan = { want: WANT, startMilliWh: 900_000, reference: TIP };

export function roundSecrets(name: string): RoundSecrets {
  return {
    ephemeral: named(`${name} ephemeral`),
    nonce: named(`${name} nonce`),
    token: named(`${name} token`).slice(0, 16),
    salt: named(`${name} salt`).slice(0, 16),
  };
}

export function stationSecrets(name: string): StationSecrets {
  return { ephemeral: named(`${name} ephemeral of the station`), nonce: named(`${name} nonce of the station`) };
}

export function startWith(offer: Offer, changed: Partial<Start> = {}): Start {
  return {
    kind: "start",
    at: { monotonicMs: 0, wallSeconds: WALL_SECONDS },
    offer: offer.bytes,
    plan: PLAN,
    expected: { station: undefined, evse: undefined },
    secrets: [roundSecrets("first"), roundSecrets("second"), roundSecrets("third")],
    ...changed,
  };
}
