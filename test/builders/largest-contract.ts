/** An OPEN and an OFFER around a tariff, with every other field as long as it can be. */
import type { Terms } from "#core/contract/terms.ts";
import { signOffer } from "#core/handshake/offer.ts";
import { openBody, type OpenBody } from "#core/session/facts.ts";
import type { Tariff } from "#core/tariff/tariff-terms.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { party, TERMS } from "./handshake-parties.ts";

const HASH = new Uint8Array(32);
const MOST = Number.MAX_SAFE_INTEGER;
/** A JOIN with the longest organisation. */
const JOIN_BYTES = 300;

export function encodeOpenFor(tariff: Tariff): Uint8Array {
  const open: OpenBody = {
    ...{ version: 1, network: new Uint8Array(8), vehicle: HASH, station: HASH, evse: 255 },
    terms: longestTerms(tariff),
    ...{ transcript: HASH, reference: [MOST, HASH], startMilliWh: [MOST, MOST] },
    ...{ startedAt: MOST, notAfter: MOST, salt: new Uint8Array(16) },
  };
  return encodeShape(openBody, open);
}

export function largestJoinOffer(tariff: Tariff): Uint8Array {
  const body = {
    ...{ version: 1, network: new Uint8Array(8), station: HASH, evse: 255, terms: longestTerms(tariff) },
    ...{ reference: [MOST, HASH] as const, notBeforeSeconds: MOST, expiresSeconds: MOST },
    ...{ counter: [MOST, MOST] as const, join: new Uint8Array(JOIN_BYTES) },
  };
  return signOffer(new NodeCryptography(), body, party("largest", "station").signer).bytes;
}

function longestTerms(tariff: Tariff): Terms {
  return {
    ...TERMS,
    tariff,
    ...{ readingIntervalSeconds: 3600, readingsPerReport: 60, exposureMilliWh: MOST, powerMaxW: 1_000_000 },
    ...{ energyMaxMilliWh: MOST, durationMaxSeconds: 604_800, mpePpm: [1_000_000, 1_000_000] },
    ...{ lossPpm: [1_000_000, 1_000_000], graceSeconds: 2_592_000, arbiter: HASH, tolerancePpm: 1_000_000 },
    ...{ resolutionMilliWh: [MOST, MOST], lossModel: HASH },
  };
}
