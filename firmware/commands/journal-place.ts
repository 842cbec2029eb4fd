/** Finds out, for a record that does not hold, what it is and to which block it leads. Believes nothing of it. */
import type { Cryptography } from "#core/identity/cryptography.ts";
import { decodeHeader } from "#core/ledger/block.ts";
import { decodeFact, type Fact } from "#core/ledger/fact.ts";
import { decodeGenesis } from "#core/ledger/genesis.ts";
import { decodeCbor } from "#core/wire/cbor.ts";

const BLOCK = "B".charCodeAt(0);

/** The fact in a record; undefined when it cannot be read as one. */
export function factAt(crypto: Cryptography, records: readonly Uint8Array[], index: number): Fact | undefined {
  const network = networkOf(crypto, records);
  const record = records[index];
  if (network === undefined || record === undefined) return undefined;
  const fact = decodeFact({ crypto, network }, record.subarray(1));
  return fact.ok ? fact.value : undefined;
}

/** Serial of the first block at or behind a record; where its header cannot be read, one above the block before. */
export function nextBlockSerial(
  crypto: Cryptography,
  records: readonly Uint8Array[],
  index: number,
): number | undefined {
  const network = networkOf(crypto, records);
  if (network === undefined) return undefined;
  const serialOf = (record: Uint8Array): number | undefined => {
    const item = decodeCbor(record.subarray(1));
    const header = item.ok && Array.isArray(item.value) ? (item.value as readonly unknown[])[0] : undefined;
    if (!(header instanceof Uint8Array)) return undefined;
    const decoded = decodeHeader({ crypto, network }, header);
    return decoded.ok ? decoded.value.header.serial : undefined;
  };
  const next = records.slice(index).find((record) => record[0] === BLOCK);
  const serial = next === undefined ? undefined : serialOf(next);
  if (serial !== undefined || next === undefined) return serial;
  const before = records.slice(0, index).findLast((record) => record[0] === BLOCK);
  const serialBefore = before === undefined ? 0 : serialOf(before);
  return serialBefore === undefined ? undefined : serialBefore + 1;
}

function networkOf(crypto: Cryptography, records: readonly Uint8Array[]): Uint8Array | undefined {
  const [first] = records;
  const genesis = first === undefined ? undefined : decodeGenesis(crypto, first.subarray(1));
  return genesis?.ok === true ? genesis.value.network : undefined;
}
