/**
 * Whom somebody believes who does not follow the chain: the two committees of an epoch and their keys. It begins with
 * the genesis, or with what a chain says that one holds oneself, and goes from one epoch to the next by a HANDOFF: the
 * header that names the next committee, made final by the votes of the one before.
 *
 *     handoff = { 1: header of the boundary, 2: [inception of each of the next committee…], 3: vouched, 4: [ROTATE…] }
 *
 * Or governors have named it: then key 1 is the header of the block with their RECONFIG, key 5 shows that it holds it,
 * and those who have made that block final are the named ones and who is left of the committee before.
 *
 *     5: [RECONFIG, index, count of facts, [hash…]]
 *
 * Each handoff has all that its own votes need beside the committee before, so handoffs of several gateways go
 * together.
 * Keys need nobody's word: a device id is the hash of its inception, and each ROTATE is signed by the key before.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { ok, type Result } from "#base/result.ts";
import { committeeHash } from "#core/finality/committee.ts";
import { committeesOf, type Committees } from "#core/finality/finality-state.ts";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { committeesNamed } from "#core/governance/governance.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { decodeInception, deviceIdOf, INCEPTION_BYTES } from "#core/identity/device-id.ts";
import { BLOCK_HEADER_BYTES_MAX, COMMITTEE_SEATS_MAX, FACT_BYTES_MAX, SEATS_MAX } from "#core/limits.ts";
import { bytes, decodeShape, field, list, optional, record, type ValueOf } from "#core/wire/schema.ts";
import { applyFact } from "./apply-fact.ts";
import { decodeHeader, type Header } from "./block.ts";
import { decodeFact } from "./fact.ts";
import type { Genesis } from "./genesis.ts";
import { keysOf } from "./membership.ts";
import { checkReconfig, shownReconfig, type ShownReconfig } from "./shown-reconfig.ts";
import { newMember, nextLayer, stateOfGenesis, type LedgerState } from "./state.ts";
import {
  checkVouched,
  unproven,
  unreadable,
  vouched,
  type ProofFault,
  type ProvenBlock,
  type Vouched,
} from "./vouched.ts";

/** Rotations of all voters of two committees: hardly anybody rotates twice a year. */
const ROTATIONS_MAX = 4 * SEATS_MAX;

const rotations = list(bytes(1, FACT_BYTES_MAX), ROTATIONS_MAX);

export const handoff = record({
  boundary: field(1, bytes(1, BLOCK_HEADER_BYTES_MAX)),
  committee: field(2, list(bytes(INCEPTION_BYTES), COMMITTEE_SEATS_MAX)),
  vouched: field(3, vouched),
  rotations: field(4, rotations),
  reconfigured: optional(5, shownReconfig),
});
export type Handoff = ValueOf<typeof handoff>;

/** That a block is final by the votes of a committee that is trusted. */
export const finalWord = record({
  word: field(1, vouched),
  rotations: field(2, rotations),
});

export interface TrustedCommittee {
  readonly epoch: number;
  /** By dids in hex: who votes in that epoch. */
  readonly committees: Committees;
  /** Who knows their keys. */
  readonly members: LedgerState;
  /** Serial of a checkpoint below which no RECONFIG names one that ends this epoch. */
  readonly since: number;
}

export interface TrustContext {
  readonly crypto: Cryptography;
  readonly genesis: Genesis;
}

/** With nothing but the genesis. */
export function trustOfGenesis({ crypto, genesis }: TrustContext): TrustedCommittee {
  return trustOfState(stateOfGenesis(crypto, genesis));
}

/** By what a chain says up to a block that whoever asks holds to be final. */
export function trustOfState(state: LedgerState): TrustedCommittee {
  const { epoch, final } = state.finality;
  const committees = committeesOf(state.finality, epoch) ?? NOBODY;
  return { epoch, committees, members: state, since: final.serial };
}

/** The committee of the next epoch, if those that are trusted have made it so. */
export function afterHandoff(
  context: TrustContext,
  trust: TrustedCommittee,
  encoded: Uint8Array,
): Result<TrustedCommittee, ProofFault> {
  const { crypto, genesis } = context;
  const read = decodeShape(handoff, encoded);
  if (!read.ok) return unreadable(`handoff: ${read.fault.code}`);
  const { boundary, committee, vouched: word, rotations: rotated, reconfigured } = read.value;
  const header = decodeHeader({ crypto, network: genesis.network }, boundary);
  if (!header.ok) return unreadable(`boundary: ${header.fault.code}`);
  if (reconfigured !== undefined)
    return afterReconfig(context, trust, { ...read.value, reconfigured, header: header.value });
  const { serial, nextCommittee } = header.value.header;
  const next = committee.map((inception) => toHex(deviceIdOf(crypto, inception)));
  const named = committeeHash((message) => crypto.sha256(message), next);
  if (nextCommittee === undefined || !equalBytes(nextCommittee, named)) return unproven("another committee is named");
  const proven = { serial, id: header.value.id };
  const certified = checkFinal(context, trust, { block: proven, word, rotations: rotated });
  if (!certified.ok) return certified;
  const members = withMembers(certified.value.members, committee, context);
  if (members === undefined) return unreadable("committee: not an inception");
  const { forward } = trust.committees;
  return ok({
    epoch: trust.epoch + 1,
    // Nobody to hand over to: the committee stays (finality, section 7).
    committees: { forward: next.length === 0 ? forward : next, rear: forward },
    members,
    since: serial,
  });
}

export interface TrustReached {
  readonly trust: TrustedCommittee;
  /** What is wrong with the handoff of the epoch that was reached; undefined when all of them hold. */
  readonly fault: ProofFault | undefined;
}

/** How far handoffs lead that follow each other. */
export function trustAfter(
  context: TrustContext,
  begun: TrustedCommittee,
  handoffs: readonly Uint8Array[],
): TrustReached {
  let trust = begun;
  for (const each of handoffs) {
    const next = afterHandoff(context, trust, each);
    if (!next.ok) return { trust, fault: next.fault };
    trust = next.value;
  }
  return { trust, fault: undefined };
}

interface ReconfigLink extends Handoff {
  readonly reconfigured: ShownReconfig;
  readonly header: Header;
}

/** The same where governors have named the next committee, and it has made the block final that says so. */
function afterReconfig(
  context: TrustContext,
  trust: TrustedCommittee,
  { header, committee, vouched: word, rotations: rotated, reconfigured }: ReconfigLink,
): Result<TrustedCommittee, ProofFault> {
  const { serial } = header.header;
  const named = checkReconfig(context, { header: header.header, reconfigured, since: trust.since });
  if (!named.ok) return named;
  const next = committee.map((inception) => toHex(deviceIdOf(context.crypto, inception)));
  if (next.join() !== named.value.join()) return unproven("another committee is named");
  const members = withMembers(trust.members, committee, context);
  if (members === undefined) return unreadable("committee: not an inception");
  const committees = committeesNamed(trust.committees, next);
  // The next one may stand on what is final above this block.
  const reached = { epoch: trust.epoch + 1, committees, members, since: serial + 1 };
  const block = { serial, id: header.id };
  const final = checkFinal(context, reached, { block, word, rotations: rotated });
  return final.ok ? ok({ ...reached, members: final.value.members }) : final;
}

export interface FinalClaim {
  readonly block: ProvenBlock;
  readonly word: Vouched;
  /** As they travel. */
  readonly rotations: readonly Uint8Array[];
}

/** Whether the trusted committees have made the block final; with the certificate and the keys that were learnt. */
export function checkFinal(
  context: TrustContext,
  trust: TrustedCommittee,
  { block, word, rotations: rotated }: FinalClaim,
): Result<Pick<TrustedCommittee, "members"> & { readonly certificate: QuorumCertificate }, ProofFault> {
  const members = withRotations(trust.members, rotated, context);
  if (!members.ok) return members;
  const committeesAt = (epoch: number): Committees | string =>
    epoch === trust.epoch ? trust.committees : `the voters of epoch ${epoch} are not the ones of ${trust.epoch}`;
  const certified = checkVouched({ ...context, keysOf: (did) => keysOf(members.value, did) }, block, {
    word,
    committeesAt,
  });
  return certified.ok ? ok({ members: members.value, certificate: certified.value }) : certified;
}

const NOBODY: Committees = { forward: [], rear: [] };

function withMembers(
  state: LedgerState,
  inceptions: readonly Uint8Array[],
  { crypto }: TrustContext,
): LedgerState | undefined {
  const known = nextLayer(state);
  for (const encoded of inceptions) {
    const inception = decodeInception(encoded);
    if (!inception.ok) return undefined;
    const deviceId = deviceIdOf(crypto, encoded);
    const did = toHex(deviceId);
    if (known.members.has(did)) continue;
    known.members.set(did, newMember({ deviceId, inception: inception.value, organisation: "" }));
  }
  return known;
}

function withRotations(
  state: LedgerState,
  rotated: readonly Uint8Array[],
  { crypto, genesis }: TrustContext,
): Result<LedgerState, ProofFault> {
  const known = nextLayer(state);
  const context = { crypto, network: genesis.network, verified: new WeakMap(), now: Number.MAX_SAFE_INTEGER };
  for (const encoded of rotated) {
    const fact = decodeFact(context, encoded);
    if (!fact.ok || fact.value.kind !== "ROTATE") return unreadable("rotation: no ROTATE");
    const applied = applyFact(known, fact.value, context);
    if (!applied.ok && applied.fault.code !== "FACT_KNOWN") return unproven(`rotation: ${applied.fault.code}`);
  }
  return ok(known);
}
