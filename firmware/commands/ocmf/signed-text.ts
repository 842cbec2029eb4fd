/** The record in a container: as it stands, or in an encoding that hides it. */
import { fromHex } from "#base/bytes.ts";
import type { EncodedText } from "#records/ocmf/safe-container.ts";

/** What is stated about the encoding is often wrong: a text that begins as a record does is one. */
export function signedText({ text }: Pick<EncodedText, "text">): string | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith(HEADER)) return trimmed;
  const bare = trimmed.replaceAll(/\s/g, "");
  const decoded = [fromHex(bare), /^[0-9A-Za-z+/]+={0,2}$/.test(bare) ? Buffer.from(bare, "base64") : undefined];
  for (const bytes of decoded) {
    if (bytes === undefined) continue;
    const inner = textOf(bytes);
    if (inner?.startsWith(HEADER) === true) return inner;
  }
  return undefined;
}

const HEADER = "OCMF|";

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
