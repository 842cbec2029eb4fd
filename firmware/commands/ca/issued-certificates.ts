/** Finding devices in the list of an office, and the body of the next certificate of one. */
import { assert } from "#base/assert.ts";
import { fromHex } from "#base/bytes.ts";
import { CAPABILITIES } from "#core/identity/capability.ts";
import type { CertificateBody } from "#core/identity/certificate.ts";
import { decodeInception, shortDeviceId } from "#core/identity/device-id.ts";
import type { MeasuringPoint } from "#core/contract/terms.ts";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";
import { newestCertificates, type CertificateEntry, type IssuedEntry } from "./issued-log.ts";

const POINTS: readonly MeasuringPoint[] = ["mains", "vehicle-inlet", "charger-output", "battery"];

/** Device ids, 64 hex digits each, of the words: short ids, topic ids, or as many digits as tell a device apart. */
export function findDevices(entries: readonly IssuedEntry[], words: readonly string[]): ReadonlySet<string> {
  const devices = [...new Set(newestCertificates(entries).map(({ device }) => device))];
  return new Set(
    words.map((word) => {
      const wanted = word.toLowerCase();
      const matching = devices.filter(
        (device) => (/^[0-9a-f]{8,64}$/.test(wanted) && device.startsWith(wanted)) || shortOf(device) === wanted,
      );
      const [only] = matching;
      if (only !== undefined && matching.length === 1) return only;
      const problem = matching.length > 1 ? "more than one device begins so" : "no certificate was issued for it";
      throw new CommandError(EXIT.usage, `${word}: ${problem}; \`tallystick ca list\` shows them`);
    }),
  );
}

/** The entry's body, with its old period. */
export function bodyOfEntry(entry: CertificateEntry): CertificateBody {
  const network = fromHex(entry.network);
  const inception = fromHex(entry.inception);
  const read = inception === undefined ? undefined : decodeInception(inception);
  assert(network !== undefined && inception !== undefined && read?.ok === true, "the list is one that we have written");
  const [mpePpm, place] = entry.meter ?? [];
  const point = POINTS.find((each) => each === place);
  return {
    ...{ version: 1, network, inception, role: read.value.role, organisation: entry.organisation },
    capabilities: CAPABILITIES.filter((right) => entry.rights.includes(right)),
    ...{ notBefore: entry.notBefore, notAfter: entry.notAfter },
    ...(mpePpm !== undefined && point !== undefined && { meter: [mpePpm, point] as const }),
  };
}

function shortOf(device: string): string {
  return shortDeviceId(fromHex(device) ?? new Uint8Array()).toLowerCase();
}
