/** Where a device finds its certificate. */
import { dirname, join } from "node:path";

export const CERTIFICATE_NAME = "certificate.tally";

/** Beside the key that it vouches for. */
export function certificatePlace(keyPath: string): string {
  return join(dirname(keyPath), CERTIFICATE_NAME);
}
