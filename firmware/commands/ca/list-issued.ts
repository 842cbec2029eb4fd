/** `ca list`: what the office has issued; the chain of hashes is checked. */
import { fromHex } from "#base/bytes.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import { utcText } from "#records/quantity-text.ts";
import type { CommandArguments } from "../command.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { readIssued, type IssuedEntry } from "./issued-log.ts";
import { logPlace } from "./office.ts";

export async function listIssued(given: CommandArguments, io: CommandIo): Promise<number> {
  const { entries, head } = await readIssued(logPlace(given, io));
  if (given.flag("json")) {
    for (const entry of entries) io.out(JSON.stringify(entry));
    return EXIT.ok;
  }
  for (const entry of entries) io.out(`${utcText(entry.at)}  ${shortOf(entry.device)}  ${about(entry)}`);
  io.out(`${entries.length} lines, head ${head}`);
  return EXIT.ok;
}

function about(entry: IssuedEntry): string {
  switch (entry.kind) {
    case "certificate": {
      const period = `${utcText(entry.notBefore)} to ${utcText(entry.notAfter)}`;
      const rights = entry.rights.join(",");
      return `certificate ${entry.id.slice(0, 12)}  ${period}  ${rights}  ${entry.organisation}`.trimEnd();
    }
    case "revocation":
      return `revoked from ${utcText(entry.from)}: ${entry.reason}`;
    case "recovery":
      return `rotation to key ${entry.number} countersigned`;
  }
}

function shortOf(device: string): string {
  return shortDeviceId(fromHex(device) ?? new Uint8Array());
}
