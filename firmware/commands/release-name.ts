/** What is running: a release says what it was built as, in a file beside it; a checkout has only its version. */
import { readFile } from "node:fs/promises";
import { FIRMWARE_VERSION } from "../firmware-version.ts";

const isAsWritten = import.meta.url.endsWith(".ts");

export async function releaseName(): Promise<string> {
  if (isAsWritten) return `${FIRMWARE_VERSION}, a checkout`;
  const text = await readFile(new URL("VERSION", import.meta.url), "utf8").catch(() => FIRMWARE_VERSION);
  return text.trim();
}
