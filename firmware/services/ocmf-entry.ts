/** An OCMF record as it is kept on flash: for which charge, which page, and its text as it was signed. */
import type { Result } from "#base/result.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import {
  bytes,
  decodeShape,
  encodeShape,
  field,
  integer,
  record,
  text,
  unsigned,
  type ValueOf,
  type WireFault,
} from "#core/wire/schema.ts";

/** The folder of flash in which they are. */
export const OCMF_FOLDER = "ocmf";

const page = integer(1, Number.MAX_SAFE_INTEGER);

const entry = record({
  version: field(1, integer(1, 1)),
  address: field(2, bytes(HASH_BYTES)),
  page: field(3, page),
  /** `OCMF|…|…`, never written anew. */
  text: field(4, text(4096)),
});
export type OcmfEntry = ValueOf<typeof entry>;

export function encodeOcmfEntry(value: OcmfEntry): Uint8Array {
  return encodeShape(entry, value);
}

export function decodeOcmfEntry(stored: Uint8Array): Result<OcmfEntry, WireFault> {
  return decodeShape(entry, stored);
}

const pageMemory = record({
  /** The highest page that may have been used; 0 before the first. */
  page: field(1, unsigned),
  /** Charges that had ended before, in unix seconds, have no record: this gateway made none then. */
  since: field(2, unsigned),
});
export type PageMemory = ValueOf<typeof pageMemory>;

export function encodePageMemory(value: PageMemory): Uint8Array {
  return encodeShape(pageMemory, value);
}

/** Undefined for anything that was not written by `encodePageMemory`. */
export function decodePageMemory(stored: Uint8Array): PageMemory | undefined {
  const read = decodeShape(pageMemory, stored);
  return read.ok ? read.value : undefined;
}
