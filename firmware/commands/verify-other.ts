/** What `verify` reads beside chains and receipts, told apart by how a file begins. */
import { open, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { BUNDLE_TITLE } from "#records/bundle.ts";
import { EVIDENCE_TITLE } from "#records/evidence-file.ts";
import type { CommandArguments } from "./command.ts";
import type { CommandIo } from "./command-io.ts";
import { runVerifyEvidence } from "./evidence.ts";
import { looksLikeOcmf, runVerifyOcmf } from "./ocmf/verify-ocmf.ts";
import { runVerifyBundle } from "./verify-bundle.ts";

/** No container of signed values and no bundle is larger. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;
const BEGINNING_BYTES = 256 * 1024;
const TITLE_WITHIN_BYTES = 32;

/** The exit code; undefined for a folder, and for a file that is none of these. */
export async function verifyOther(given: CommandArguments, io: CommandIo): Promise<number | undefined> {
  const path = resolve(io.cwd, given.words[0] ?? ".");
  const beginning = await beginningOf(path);
  if (beginning === undefined) return undefined;
  const title = new TextDecoder("latin1").decode(beginning.subarray(0, TITLE_WITHIN_BYTES));
  if (title.includes(EVIDENCE_TITLE)) return runVerifyEvidence(given, io, Uint8Array.from(await readFile(path)));
  if (title.includes(BUNDLE_TITLE)) return runVerifyBundle(given, io, Uint8Array.from(await readFile(path)));
  if (!looksLikeOcmf(beginning)) return undefined;
  return runVerifyOcmf(given, io, Uint8Array.from(await readFile(path)));
}

async function beginningOf(path: string): Promise<Uint8Array | undefined> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > FILE_BYTES_MAX) return undefined;
    const { buffer, bytesRead } = await file.read({ buffer: new Uint8Array(BEGINNING_BYTES) });
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
