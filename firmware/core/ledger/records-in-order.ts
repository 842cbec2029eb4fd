/**
 * The records of a journal in which something has rotted and was had from others since: each behind what it builds on,
 * and once. A block may stand before its parent or its facts there, and behind blocks that were sealed meanwhile on
 * what was left; so only the highest chain of blocks is taken, and none beside it.
 */
import { toHex } from "#base/bytes.ts";
import type { FactContext } from "./fact.ts";
import { readStoredHeader, RECORD_KIND, type StoredHeader } from "./journal-record.ts";
import { recordKeys } from "./record-keys.ts";

/** @returns what is in no block, or certified by none, at the end */
export function recordsInOrder(context: FactContext, records: readonly Uint8Array[]): readonly Uint8Array[] {
  const facts = new Map<string, Uint8Array>();
  const blocks = new Map<string, StoredBlockRecord>();
  const others = records.filter((record) => {
    const block = readStoredHeader(context, record);
    if (block !== undefined) blocks.set(block.header.key, { ...block, record });
    const [key] = record[0] === RECORD_KIND.fact ? recordKeys(context, record) : [];
    if (key !== undefined) facts.set(key, record);
    return block === undefined && key === undefined && record[0] !== RECORD_KIND.certificate;
  });
  const sorted = highestChain(blocks).flatMap(({ stored, record }) => {
    const own = stored.ids.flatMap((id) => facts.get(toHex(id)) ?? []);
    for (const id of stored.ids) facts.delete(toHex(id));
    return [...own, record];
  });
  const certificates = records.filter((record) => record[0] === RECORD_KIND.certificate);
  return [...others, ...sorted, ...facts.values(), ...certificates];
}

interface StoredBlockRecord extends StoredHeader {
  readonly record: Uint8Array;
}

/** Down from the highest block from which all are there, first block first. */
function highestChain(blocks: ReadonlyMap<string, StoredBlockRecord>): readonly StoredBlockRecord[] {
  const highestFirst = [...blocks.values()].sort((left, right) => serialOf(right) - serialOf(left));
  const broken = new Set<string>();
  for (const highest of highestFirst) {
    const chain: StoredBlockRecord[] = [];
    let each: StoredBlockRecord | undefined = highest;
    while (each !== undefined && !broken.has(each.header.key)) {
      chain.push(each);
      if (serialOf(each) === 1) return chain.reverse();
      each = blocks.get(toHex(each.header.header.previous));
    }
    for (const { header } of chain) broken.add(header.key);
  }
  return [];
}

function serialOf({ header }: StoredHeader): number {
  return header.header.serial;
}
