/** A signed object as a file: `[purpose, envelope]` in CBOR, which for facts is the way they travel. */
import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "#adapters/files/sync-folder.ts";
import { FACT_BYTES_MAX } from "#core/limits.ts";
import { decodeCbor, encodeCbor, isList } from "#core/wire/cbor.ts";
import { PURPOSE, type PurposeName } from "#core/wire/purpose.ts";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";

export const REQUEST_NAME = "enrol.tally";
export { CERTIFICATE_NAME } from "../../certificate-file.ts";

export function tallyBytes(purpose: PurposeName, envelope: Uint8Array): Uint8Array {
  return encodeCbor([PURPOSE[purpose], envelope]);
}

/** The envelope in a file for this purpose. */
export async function readTally(path: string, purpose: PurposeName): Promise<Uint8Array> {
  const bytes = new Uint8Array(await readFile(path));
  const item = bytes.length > FACT_BYTES_MAX ? undefined : decodeCbor(bytes);
  const parts = item?.ok === true && isList(item.value) ? item.value : [];
  const [number, envelope] = parts;
  if (parts.length === 2 && number === PURPOSE[purpose] && envelope instanceof Uint8Array) return envelope;
  throw new CommandError(EXIT.badData, `${path}: holds no ${purpose}`);
}

/** Writes the file whole or not at all, in place of one that is there. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.draft`;
  try {
    const file = await open(draft, "w", 0o644);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await syncFolder(dirname(path));
  } finally {
    await rm(draft, { force: true });
  }
}
