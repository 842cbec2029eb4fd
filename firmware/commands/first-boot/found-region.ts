/** The region that begins with a charger: with the office whose key lies on its card, or open to all. */
import { join } from "node:path";
import { equalBytes } from "#base/bytes.ts";
import { messageOf } from "#base/message-of.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import { PUBLIC_NAME, readAuthorityKey } from "../ca/office.ts";
import { makeRegionGenesis, REGION_PROFILES } from "../region-genesis.ts";
import type { CardFault } from "./card-fault.ts";
import type { RegionKeys } from "./card-parts.ts";
import type { Disk } from "./disk.ts";

export interface FoundingWish {
  readonly region: RegionKeys;
  readonly site: string;
  readonly organisation: string;
  /** Public key of the office that enrols members; undefined lets everybody join. */
  readonly officeKey: Uint8Array | undefined;
}

/** @param inception of the founder; the first that may seal */
export function foundRegion(
  crypto: Cryptography,
  { region, site, organisation, officeKey }: FoundingWish,
  inception: Uint8Array,
  startedAt: number,
): Genesis {
  const admitsUncertified = region.admitUncertified ?? false;
  return makeRegionGenesis(crypto, {
    ...{ name: region.name ?? site, rules: REGION_PROFILES[region.profile ?? "hardened"], startedAt },
    authorities: [{ inception, organisation }],
    ...(officeKey && { membership: { enrolmentKeys: [officeKey], admitsUncertified, countsUncertified: false } }),
  });
}

/** `ca.pub` on the card, as an office has written it. */
export async function readOfficeKey(card: string, disk: Disk): Promise<Result<Uint8Array | undefined, CardFault>> {
  const names = await disk.list(card);
  if (!names.includes(PUBLIC_NAME)) return ok(undefined);
  const key = await readAuthorityKey(join(card, PUBLIC_NAME)).catch((error: unknown) => messageOf(error));
  if (typeof key !== "string") return ok(key);
  const advice = `Copy ${PUBLIC_NAME} of the office once more, or delete it where the region has none`;
  return fail({ path: PUBLIC_NAME, found: key, expected: "the public key of an office", advice });
}

/** A region is as it was founded: an office that came later is none of its. */
export function officeNotice(officeKey: Uint8Array | undefined, { body }: Genesis): string | undefined {
  if (officeKey === undefined) return undefined;
  const isKnown = body.membership?.enrolmentKeys.some((key) => equalBytes(key, officeKey)) === true;
  return isKnown ? undefined : `${PUBLIC_NAME} on the card is of an office that this region does not know.`;
}
