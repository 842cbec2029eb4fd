/**
 * Who votes: the members that stand still and have the longest histories, with a certificate that lets them, and no
 * organisation with so many of them that it could lie alone.
 */
import { assert } from "#base/assert.ts";
import { fromHex } from "#base/bytes.ts";
import { isSetAside } from "#core/governance/governance.ts";
import { isGoodAt } from "#core/identity/certificate.ts";
import { isRevokedAt, isStruckAt } from "#core/ledger/membership.ts";
import type { Hash } from "#core/ledger/merkle-tree.ts";
import { isEligible } from "#core/ledger/reputation.ts";
import { byHistory } from "#core/ledger/schedule.ts";
import { NO_TALLY, type LedgerState, type Member } from "#core/ledger/state.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import { faultsBorne } from "./finality-state.ts";

/** The least committee that bears one that lies or fails; authorities of the genesis fill it up to that. */
const SEATS_WANTED = 4;

/**
 * The committee that a state names, by dids in hex in seat order. Empty when nobody may vote.
 *
 * For the boundary checkpoint that is the state after its facts with its own time and the id of the block before: what
 * a block names cannot depend on its own id.
 */
export function chooseCommittee(hash: Hash, state: LedgerState): readonly string[] {
  const { committeeMax, seatsPerOrganisation } = state.rules;
  const standing = [...state.members.entries()].filter(([, { role }]) => role === "station");
  const candidates = standing.filter(([did, member]) => mayVote(state, did, member) && isCounted(state, member));
  const ranked = byHistory(hash, state, dids(candidates));
  const organisationOf = (did: string): string => state.members.get(did)?.organisation ?? "";
  const seated = seatsPerOrganisation ? spread(ranked, committeeMax, organisationOf) : ranked.slice(0, committeeMax);
  const wanted = Math.min(SEATS_WANTED, committeeMax);
  if (seated.length >= wanted) return seated;
  const authorities = standing.filter(([did, member]) => state.authorities.has(did) && mayVote(state, did, member));
  const others = dids(authorities).filter((did) => !seated.includes(did));
  return [...seated, ...byHistory(hash, state, others)].slice(0, wanted);
}

/** What the header of the boundary checkpoint says of the next committee: the hash of its dids in seat order. */
export function committeeHash(hash: Hash, committee: readonly string[]): Uint8Array {
  const members = committee.map((did) => {
    const bytes = fromHex(did);
    assert(bytes !== undefined, "a did in hex");
    return bytes;
  });
  return hash(encodeCbor(members));
}

/**
 * By a certificate, which nobody gets but from the region's office; the genesis' authorities by that they are these.
 * Not whom governors have taken for gone, until it has sealed a block.
 */
function mayVote(state: LedgerState, did: string, { certificates }: Member): boolean {
  if (isRevokedAt(state, did, state.sealedAt) || isStruckAt(state, did, state.sealedAt)) return false;
  // Its history is as long as it was: without this the next committee would be stuck as the last one was.
  if (isSetAside(state.finality.governance, did, (state.tallies.get(did) ?? NO_TALLY).lastSlot)) return false;
  if (state.authorities.has(did)) return true;
  return certificates.some((each) => isGoodAt(each, state.sealedAt) && each.capabilities.includes("vote"));
}

function isCounted(state: LedgerState, member: Member): boolean {
  return isEligible(state, member, state.sealedAt);
}

/**
 * The largest committee in which nobody's members are more than it bears, by rank within that. With members of fewer
 * than four organisations there is none, and rank alone decides.
 */
function spread(
  ranked: readonly string[],
  committeeMax: number,
  organisationOf: (did: string) => string,
): readonly string[] {
  const organisations = new Set(ranked.map(organisationOf));
  if (organisations.size < SEATS_WANTED) return ranked.slice(0, committeeMax);
  for (let size = Math.min(committeeMax, ranked.length); size > SEATS_WANTED; size -= 1) {
    const taken = withCap(ranked, faultsBorne(size), organisationOf);
    if (taken.length >= size) return taken.slice(0, size);
  }
  return withCap(ranked, 1, organisationOf).slice(0, Math.min(SEATS_WANTED, committeeMax));
}

function withCap(ranked: readonly string[], cap: number, organisationOf: (did: string) => string): readonly string[] {
  const taken = new Map<string, number>();
  return ranked.filter((did) => {
    const organisation = organisationOf(did);
    const count = taken.get(organisation) ?? 0;
    taken.set(organisation, count + 1);
    return count < cap;
  });
}

function dids(entries: readonly (readonly [string, Member])[]): readonly string[] {
  return entries.map(([did]) => did);
}
