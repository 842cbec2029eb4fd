/**
 * What a member may do, by the certificates, rotations and revocations that the chain holds (protocol 2.2).
 *
 * What a contract needs is judged by the time that both have signed and by certificates that are only ever added: so it
 * is judged alike wherever they stand (invariant S5). Who may seal or earn a history needs order, and is judged by the
 * time of the block.
 */
import { toHex } from "#base/bytes.ts";
import type { MeasuringPoint } from "#core/contract/terms.ts";
import type { Capability } from "#core/identity/capability.ts";
import { isGoodAt, type Certificate } from "#core/identity/certificate.ts";
import type { JoinRegion } from "#core/identity/join.ts";
import { knownHex } from "./known-hex.ts";
import type { LedgerState, Member, MemberKey } from "./state.ts";

/** Facts of before a change may come so late: what nobody heard of in 30 days of isolation is not waited for. */
export const LATE_SECONDS_MAX = 30 * 86_400;
/** A contract is dated by the vehicle's clock and may be answered half a minute after (handshake, limits). */
const DATED_LATER_SECONDS = 120;

/** What a JOIN is judged by on this chain. */
export function joinRegionOf(state: LedgerState, network: Uint8Array): JoinRegion {
  const { membership } = state.genesis;
  return {
    network,
    authorities: membership?.enrolmentKeys ?? [],
    admitsUncertified: membership?.admitsUncertified ?? true,
    keyOf: (deviceId, number) => state.members.get(toHex(deviceId))?.keys[number]?.publicKey,
    newestKeyOf: (deviceId) => (state.members.get(toHex(deviceId))?.keys.length ?? 1) - 1,
  };
}

/** Whether the authority has said that from then on nothing new begins with the device; unix seconds. */
export function isRevokedAt(state: LedgerState, did: string, at: number): boolean {
  const from = state.revokedFrom.get(did);
  return from !== undefined && from <= at;
}

/** One side of a contract: what its certificate must cover. */
export interface TradingSide {
  /** Unix seconds of the start. */
  readonly at: number;
  readonly mpePpm: number;
  readonly point: MeasuringPoint;
}

/** Whether certificates of a member, and further ones that it shows, let it trade so. */
export function mayTrade(state: LedgerState, certificates: readonly Certificate[], side: TradingSide): boolean {
  const { membership } = state.genesis;
  if (membership === undefined || membership.admitsUncertified) return true;
  return certificates.some((each) => givesRight(each, "charge", side.at) && coversMeter(each, side));
}

/** Whether a charge may begin now with a member that others may not know yet, with the certificate that it shows. */
export function isAdmitted(
  state: LedgerState,
  { deviceId, certificate }: { readonly deviceId: Uint8Array; readonly certificate: Certificate | undefined },
  side: TradingSide,
): boolean {
  const did = toHex(deviceId);
  if (isRevokedAt(state, did, side.at)) return false;
  const held = state.members.get(did)?.certificates ?? [];
  return mayTrade(state, certificate === undefined ? held : [...held, certificate], side);
}

/** Whether its certificates let a member judge a charge that began then: one that has not ended by then does. */
export function mayJudge(state: LedgerState, { certificates }: Member, startedAt: number): boolean {
  const { membership } = state.genesis;
  if (membership === undefined || membership.admitsUncertified) return true;
  return certificates.some((each) => each.capabilities.includes("arbiter") && each.notAfter >= startedAt);
}

/**
 * Whether evidence has struck the device so lately that it neither seals nor votes: by its id, so that no rotation gets
 * it out of it. `at` is block time, unix seconds.
 */
export function isStruckAt(state: LedgerState, did: string, at: number): boolean {
  const struckAt = state.misconduct.get(did)?.struckAt ?? null;
  return struckAt !== null && at < struckAt + STRIKE_SECONDS;
}

/** A strike keeps a device from sealing and voting for so long. */
export const STRIKE_SECONDS = 180 * 86_400;

/** Whether a member may seal at that time, if its history lets it. The genesis' authorities need no certificate. */
export function maySeal(state: LedgerState, member: Member, at: number): boolean {
  const { membership } = state.genesis;
  const did = knownHex(member.did);
  if (isRevokedAt(state, did, at) || isStruckAt(state, did, at)) return false;
  if (membership === undefined || state.authorities.has(did)) return true;
  const good = member.certificates.filter((each) => isGoodAt(each, at));
  if (good.length === 0) return membership.admitsUncertified;
  return good.some((each) => each.capabilities.includes("seal"));
}

/** Whether charges with this member that began then count for the history of the other. */
export function givesHistory(state: LedgerState, did: string, at: number): boolean {
  const { membership } = state.genesis;
  if (isRevokedAt(state, did, at)) return false;
  if (membership === undefined || membership.countsUncertified) return true;
  return state.members.get(did)?.certificates.some((each) => isGoodAt(each, at)) === true;
}

/** Whether a contract that began then may still name the key when it comes to stand now. */
export function isBoundInTime({ replacedAt }: MemberKey, startedAt: number, now: number): boolean {
  if (replacedAt === undefined) return true;
  return startedAt < replacedAt + DATED_LATER_SECONDS && now <= replacedAt + LATE_SECONDS_MAX;
}

/** All keys that a member has and had, by their numbers; none of somebody who is not known here. */
export function keysOf({ members }: Pick<LedgerState, "members">, did: string): readonly Uint8Array[] {
  return members.get(did)?.keys.map(({ publicKey }) => publicKey) ?? [];
}

/** Keys whose word about nothing in particular is heard now: the one in force, and what was replaced lately. */
export function keysHeard({ keys }: Member, now: number): readonly Uint8Array[] {
  return keys
    .filter(({ replacedAt }) => replacedAt === undefined || now <= replacedAt + LATE_SECONDS_MAX)
    .map(({ publicKey }) => publicKey)
    .reverse();
}

/** Keys that speak for a side of a contract: the one that it was signed with, and every later one. */
export function keysSince({ keys }: Member, number: number): readonly Uint8Array[] {
  return keys.slice(number).map(({ publicKey }) => publicKey);
}

function givesRight(certificate: Certificate, right: Capability, at: number): boolean {
  return isGoodAt(certificate, at) && certificate.capabilities.includes(right);
}

/** A larger error than the certified one would let amounts agree that do not. */
function coversMeter({ meter }: Certificate, { mpePpm, point }: TradingSide): boolean {
  return meter === undefined || (mpePpm <= meter[0] && point === meter[1]);
}
