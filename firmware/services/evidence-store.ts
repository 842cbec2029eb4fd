/**
 * Keeps the evidence of closed intervals in the folder of the battery's journal: one file an interval, the oldest
 * removed for the newest. A file is the SHA-256 of the record and the record; one that a power cut tore is left out.
 */
import { concatBytes, equalBytes, toHex } from "#base/bytes.ts";
import { decodeIntervalRecord, encodeIntervalRecord, type IntervalRecord } from "#core/metering/battery-record.ts";
import type { Flash } from "#hal/ports/flash.ts";

/** 42 hours of charging or more. An interval is 3 to 8 KB by the usual replies, 48 KB at most: 24 MB at the worst. */
const EVIDENCE_FILES_MAX = 512;

export type Hash = (message: Uint8Array) => Uint8Array;

export class EvidenceStore {
  readonly #flash: Flash;
  readonly #hash: Hash;
  readonly #filesMax: number;
  /** Oldest first. */
  readonly #names: string[];

  private constructor(flash: Flash, hash: Hash, names: readonly string[], filesMax: number) {
    this.#flash = flash;
    this.#hash = hash;
    this.#names = [...names];
    this.#filesMax = filesMax;
  }

  /** Rejects with a FlashError when the folder cannot be read. */
  static async open(flash: Flash, hash: Hash, filesMax = EVIDENCE_FILES_MAX): Promise<EvidenceStore> {
    return new EvidenceStore(flash, hash, namesIn(await flash.list()), filesMax);
  }

  /** Resolves when the record survives a power cut; rejects with a FlashError. */
  async keep(interval: IntervalRecord): Promise<void> {
    while (this.#names.length >= this.#filesMax) await this.#removeOldest();
    const last = this.#names.at(-1);
    const name = nameOf(last === undefined ? 0 : numberOf(last) + 1, interval.address);
    const content = encodeIntervalRecord(interval);
    const stored = concatBytes(this.#hash(content), content);
    const file = await this.#flash.create(name, stored.length);
    this.#names.push(name);
    await file.write(0, stored);
    await file.sync();
    await file.close();
  }

  async #removeOldest(): Promise<void> {
    const [oldest] = this.#names;
    if (oldest === undefined) return;
    await this.#flash.remove(oldest);
    this.#names.shift();
  }
}

/**
 * The evidence of one charge, in order: whatever of it is still kept and intact. A number missing between two indices
 * is an interval that is not. Needs no ownership of the folder; rejects with a FlashError.
 */
export async function intervalEvidence(
  flash: Pick<Flash, "list" | "open">,
  hash: Hash,
  address: Uint8Array,
): Promise<readonly IntervalRecord[]> {
  const found: IntervalRecord[] = [];
  for (const name of namesIn(await flash.list()).filter((each) => each.endsWith(tagOf(address)))) {
    const interval = await readInterval(flash, hash, name);
    if (interval !== undefined && equalBytes(interval.address, address)) found.push(interval);
  }
  return found;
}

async function readInterval(flash: Pick<Flash, "open">, hash: Hash, name: string): Promise<IntervalRecord | undefined> {
  const file = await flash.open(name);
  const isReadable = file.sizeBytes > HASH_BYTES && file.sizeBytes <= FILE_BYTES_MAX;
  const stored = isReadable ? await file.read(0, file.sizeBytes) : new Uint8Array(HASH_BYTES);
  await file.close();
  const content = stored.subarray(HASH_BYTES);
  if (!equalBytes(hash(content), stored.subarray(0, HASH_BYTES))) return undefined;
  const read = decodeIntervalRecord(content);
  return read.ok ? read.value : undefined;
}

const HASH_BYTES = 32;
/** 44 replies of a kilobyte, and what is around them. */
const FILE_BYTES_MAX = 52 * 1024;
const NAME = /^evidence-(\d{10})-[0-9a-f]{8}$/;

/** By number, which the name's digits are in order of. */
function namesIn(names: readonly string[]): readonly string[] {
  return names.filter((name) => NAME.test(name)).sort();
}

function numberOf(name: string): number {
  return Number(NAME.exec(name)?.[1] ?? 0);
}

function nameOf(number: number, address: Uint8Array): string {
  return `evidence-${String(number).padStart(10, "0")}-${tagOf(address)}`;
}

/** So that one charge is found without opening the files of all others. */
function tagOf(address: Uint8Array): string {
  return toHex(address.subarray(0, 4)).padEnd(8, "0");
}
