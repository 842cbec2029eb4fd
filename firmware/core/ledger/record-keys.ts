/** The ids by which a record of the journal is to be found again. */
import { toHex } from "#base/bytes.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { decodeShape } from "#core/wire/schema.ts";
import { decodeHeader, resultBody } from "./block.ts";
import { decodeFact, factKeyIn, type FactContext } from "./fact.ts";
import { contentOf, decodeBlockRecord, RECORD_KIND } from "./journal-record.ts";

/**
 * In hex, its own first: a block is also found by the address of each charge that ends in it, and the newest JOIN of a
 * device by its did.
 */
export function recordKeys(context: FactContext, record: Uint8Array): readonly string[] {
  if (record[0] === RECORD_KIND.fact) {
    const key = factKeyIn(context, contentOf(record));
    return key === undefined ? [] : [key, ...joinedIn(context, contentOf(record))];
  }
  if (record[0] !== RECORD_KIND.block) return [];
  const read = decodeBlockRecord(contentOf(record));
  const header = read.ok ? decodeHeader(context, read.value[0]) : undefined;
  if (!read.ok || header?.ok !== true) return [];
  return [header.value.key, ...addressesIn(read.value[3])];
}

/** Of the charges whose results these are, in hex. */
export function addressesIn(results: readonly Uint8Array[]): readonly string[] {
  return results.flatMap((encoded) => {
    const result = decodeShape(resultBody, encoded);
    return result.ok ? [toHex(result.value.address)] : [];
  });
}

/** The did, in hex, of whose JOIN the fact is; none for a fact of another kind. */
export function joinedIn(context: FactContext, encoded: Uint8Array): readonly string[] {
  // `[purpose, envelope]`: every other fact is told apart without reading it.
  if (encoded[1] !== PURPOSE.JOIN) return [];
  const fact = decodeFact(context, encoded);
  return fact.ok && fact.value.kind === "JOIN" ? [toHex(deviceIdOf(context.crypto, fact.value.body.inception))] : [];
}
