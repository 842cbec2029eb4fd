/** JOINs that no decoder of ours takes, map by map: of the station of the test regions. */
import { certificateBody } from "#core/identity/certificate.ts";
import { encodeFact } from "#core/ledger/fact.ts";
import { encodeCbor, isMap, type CborValue } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import { STARTED_AT, STATION } from "#test/builders/ledger-builder.ts";
import { certificateOf, OFFICE } from "#test/builders/membership-facts.ts";
import { bodyOf } from "./forged-certificates.ts";

const DAY = 86_400;
type Entries = readonly (readonly [number, CborValue])[];

/** A JOIN of these entries, version and network, signed by the station, as it travels. */
export function joinMap(network: Uint8Array, entries: Entries): Uint8Array {
  const payload = encodeCbor(new Map<number, CborValue>([[1, 1], [2, network], ...entries]));
  const envelope = encodeSigned(payload, [STATION.signer.sign(toBeSigned(network, PURPOSE.JOIN, payload))]);
  return encodeFact("JOIN", envelope);
}

/** With another value under a key of its certificate. */
export function malformedJoin(network: Uint8Array, key: number, value: CborValue): Uint8Array {
  const item = certificateBody.write(bodyOf(network, {}));
  if (!isMap(item)) throw new Error("bug: a payload is a map");
  const payload = encodeCbor(new Map(item).set(key, value));
  const certificate = encodeSigned(payload, [OFFICE.sign(toBeSigned(network, PURPOSE.CERT, payload))]);
  return joinMap(network, [[4, certificate]]);
}

/** Inception and certificate at once. */
export function mixedJoin(network: Uint8Array): Uint8Array {
  return joinMap(network, [
    [3, STATION.inception],
    [4, certificateOf(network, STATION)],
    [6, "north"],
  ]);
}

/** What only an office may say, signed by the station. */
export function joinInOfficesName(network: Uint8Array): Uint8Array {
  const certificate = certificateOf(network, STATION, { notAfter: STARTED_AT + 20 * DAY });
  return joinMap(network, [
    [4, certificate],
    [9, 2],
  ]);
}

/** The certified form, with further entries. */
export function certifiedJoinWith(network: Uint8Array, entries: Entries): Uint8Array {
  return joinMap(network, [[4, certificateOf(network, STATION)], ...entries]);
}
