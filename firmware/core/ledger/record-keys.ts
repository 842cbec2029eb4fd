/** The ids by which a record of the journal is to be found again. */
import { toHex } from "#base/bytes.ts";
import { decodeShape } from "#core/wire/schema.ts";
import { decodeHeader, resultBody } from "./block.ts";
import { factKeyIn, type FactContext } from "./fact.ts";
import { contentOf, decodeBlockRecord, RECORD_KIND } from "./journal-record.ts";

/** In hex, its own first: a block is also found by the address of each charge that ends in it. */
export function recordKeys(context: FactContext, record: Uint8Array): readonly string[] {
  if (record[0] === RECORD_KIND.fact) {
    const key = factKeyIn(context, contentOf(record));
    return key === undefined ? [] : [key];
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
