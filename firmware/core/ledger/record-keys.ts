/** The ids by which a record of the journal is to be found again. */
import { toHex } from "#base/bytes.ts";
import { openedAddress } from "#core/handshake/transaction-address.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import { certificateIdOf } from "#core/identity/certificate.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { decodeShape } from "#core/wire/schema.ts";
import { resultBody } from "./block.ts";
import { decodeFact, factKeyIn, type FactContext } from "./fact.ts";
import { contentOf, readStoredHeader, RECORD_KIND } from "./journal-record.ts";

/**
 * In hex, its own first: a block is also found by the address of each charge that ends in it, the newest JOIN of a
 * device by its did, and each that brought a certificate by the id of that.
 */
export function recordKeys(context: FactContext, record: Uint8Array): readonly string[] {
  if (record[0] === RECORD_KIND.fact) {
    const key = factKeyIn(context, contentOf(record));
    return key === undefined ? [] : [key, ...joinedIn(context, contentOf(record))];
  }
  const read = readStoredHeader(context, record);
  return read === undefined ? [] : [read.header.key, ...addressesIn(read.stored.results)];
}

/** Of the charges whose results these are, in hex. */
export function addressesIn(results: readonly Uint8Array[]): readonly string[] {
  return results.flatMap((encoded) => {
    const result = decodeShape(resultBody, encoded);
    return result.ok ? [toHex(result.value.address)] : [];
  });
}

/** Whose JOIN the fact is, and which certificate it brings; nothing for a fact of another kind. */
export function joinedIn(context: FactContext, encoded: Uint8Array): readonly string[] {
  // `[purpose, envelope]`: every other fact is told apart without reading it.
  if (encoded[1] !== PURPOSE.JOIN) return [];
  const fact = decodeFact(context, encoded);
  if (!fact.ok || fact.value.kind !== "JOIN") return [];
  const { inception, certificate, network } = fact.value.body;
  const did = toHex(deviceIdOf(context.crypto, inception));
  const id = certificate === undefined ? undefined : certificateIdOf(certificate, context.crypto, network);
  return id === undefined ? [did] : [did, toHex(id)];
}

/** By which the mark and the genesis are found among what is kept: no id is like these, nor the first half of one. */
export const DROPPED_MARK_KEY = "00".repeat(32);
export const GENESIS_KEY = "01".repeat(32);

/** The same for a record that is kept while others are dropped: an OPEN is also found by the address of its charge. */
export function keptKeys(context: FactContext, record: Uint8Array): readonly string[] {
  if (record[0] === RECORD_KIND.dropped) return [DROPPED_MARK_KEY];
  if (record[0] === RECORD_KIND.genesis) return [GENESIS_KEY];
  const keys = recordKeys(context, record);
  // `[purpose, envelope]` behind the kind of the record; the purpose of OPEN is one byte.
  if (record[0] !== RECORD_KIND.fact || record[2] !== PURPOSE.OPEN) return keys;
  const fact = decodeFact(context, contentOf(record));
  if (!fact.ok || fact.value.kind !== "OPEN") return keys;
  return [...keys, openedKey(context, openedAddress(context, fact.value))];
}

/** By which the OPEN of the charge at an address is found: by the address itself the block is in which it ends. */
export function openedKey({ crypto }: FactContext, address: Uint8Array): string {
  return toHex(crypto.sha256(address));
}
