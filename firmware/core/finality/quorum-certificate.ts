/**
 * QUORUM CERTIFICATE: the votes of both committees for one link, with their signatures. It is not signed itself.
 *
 * { 1: network, 2: epoch, 3: source, 4: target, 5: seats, 6: [signature…] }
 *
 * `seats` has bit i (of byte i >> 3, bit i & 7) for the i-th seat of the epoch; signatures are in the order of the
 * bits.
 */
import { assert } from "#base/assert.ts";
import { equalBytes, fromHex, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { SIGNATURE_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import { CERTIFICATE_BYTES_MAX } from "#core/limits.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import {
  bytes,
  decodeShape,
  encodeShape,
  field,
  list,
  record,
  unsigned,
  where,
  type ValueOf,
  type WireFault,
} from "#core/wire/schema.ts";
import { NETWORK_BYTES, toBeSigned } from "#core/wire/signed.ts";
import { checkpoint, equalCheckpoints } from "./checkpoint.ts";
import {
  committeesIn,
  committeesOf,
  findCheckpoint,
  isJustified,
  quorum,
  SEATS_MAX,
  seatsOf,
  type Committees,
  type FinalityRules,
  type FinalityState,
} from "./finality-state.ts";
import { voteBody, type Vote, type VoteBody } from "./vote.ts";

export const quorumCertificateBody = where(
  record({
    network: field(1, bytes(NETWORK_BYTES)),
    epoch: field(2, unsigned),
    source: field(3, checkpoint),
    target: field(4, checkpoint),
    seats: field(5, bytes(1, Math.ceil(SEATS_MAX / 8))),
    signatures: field(6, list(bytes(SIGNATURE_BYTES), SEATS_MAX, 1)),
  }),
  ({ source, target }) => target.serial > source.serial,
  "a target above its source",
);
export type QuorumCertificateBody = ValueOf<typeof quorumCertificateBody>;

export interface QuorumCertificate {
  readonly body: QuorumCertificateBody;
  readonly bytes: Uint8Array;
}

export interface QuorumContext {
  readonly crypto: Cryptography;
  readonly network: Uint8Array;
  /** Keys that speak for a member, by its did in hex; none for nobody. */
  readonly keysOf: (did: string) => readonly Uint8Array[];
}

export type QuorumFault =
  | { readonly code: "QUORUM_WRONG_NETWORK" }
  /** This chain has no such checkpoint, or has forgotten it or those who may vote for it. */
  | { readonly code: "QUORUM_UNKNOWN_TARGET"; readonly serial: number }
  | { readonly code: "QUORUM_UNKNOWN_SOURCE"; readonly serial: number }
  | { readonly code: "QUORUM_SOURCE_NOT_JUSTIFIED"; readonly serial: number }
  | { readonly code: "QUORUM_WRONG_EPOCH"; readonly epoch: number; readonly expected: number }
  | { readonly code: "QUORUM_WRONG_SEATS"; readonly reason: "length" | "no such seat" | "signatures" }
  | {
      readonly code: "QUORUM_TOO_FEW";
      readonly committee: keyof Committees;
      readonly votes: number;
      readonly needed: number;
    }
  | { readonly code: "QUORUM_BAD_SIGNATURE"; readonly member: string }
  /** It justifies nothing and makes nothing final that was not so before. */
  | { readonly code: "QUORUM_NOTHING_NEW" };

/** Reads a certificate of anybody's making; verifies nothing. */
export function decodeCertificate(encoded: Uint8Array): Result<QuorumCertificate, WireFault> {
  if (encoded.length > CERTIFICATE_BYTES_MAX) {
    return fail({ code: "WIRE_WRONG_SHAPE", path: "", expected: `at most ${CERTIFICATE_BYTES_MAX} bytes` });
  }
  const body = decodeShape(quorumCertificateBody, encoded);
  return body.ok ? ok({ body: body.value, bytes: encoded }) : body;
}

export function encodeCertificate(body: QuorumCertificateBody): QuorumCertificate {
  const encoded = encodeShape(quorumCertificateBody, body);
  assert(encoded.length <= CERTIFICATE_BYTES_MAX, "as many signatures as there are seats fit");
  return { body, bytes: encoded };
}

/**
 * Whether a certificate may stand in a block of this chain: a quorum, a source that the chain has justified, and
 * something new. Of several in one block each is checked after the ones before it (`afterCertificate`).
 *
 * @param finality of the block's parent, for the first of them
 */
export function checkCertificate(
  context: QuorumContext & Pick<FinalityRules, "checkpointBlocks">,
  finality: FinalityState,
  certificate: QuorumCertificate,
): Result<void, QuorumFault> {
  const { source } = certificate.body;
  const objection = placeObjection(finality, certificate.body);
  if (objection !== undefined) return fail(objection);
  if (!isJustified(finality, source)) return fail({ code: "QUORUM_SOURCE_NOT_JUSTIFIED", serial: source.serial });
  if (!saysNew(finality, context, certificate.body)) return fail({ code: "QUORUM_NOTHING_NEW" });
  return checkVotes(context, finality, certificate);
}

/**
 * Whether a quorum has voted for a link between two checkpoints of this chain, whatever the chain says of its source.
 * For certificates that are heard outside of blocks.
 *
 * @param finality of a chain that holds the target
 */
export function checkLink(
  context: QuorumContext,
  finality: FinalityState,
  certificate: QuorumCertificate,
): Result<void, QuorumFault> {
  const objection = placeObjection(finality, certificate.body);
  return objection === undefined ? checkVotes(context, finality, certificate) : fail(objection);
}

/**
 * Whether both committees have a quorum in it and all its signatures are right. Members and quorums are counted before
 * any signature is verified, so that a certificate of nobody costs nothing.
 */
export function checkQuorum(
  { crypto, network, keysOf }: QuorumContext,
  committees: Committees,
  { body }: QuorumCertificate,
): Result<void, QuorumFault> {
  const { epoch, source, target, signatures } = body;
  if (!equalBytes(body.network, network)) return fail({ code: "QUORUM_WRONG_NETWORK" });
  const seated = seatsOf(committees);
  if (body.seats.length !== Math.ceil(seated.length / 8)) return fail({ code: "QUORUM_WRONG_SEATS", reason: "length" });
  const bits = bitsOf(body.seats);
  const members = bits.flatMap((seat) => seated[seat] ?? []);
  if (members.length !== bits.length) return fail({ code: "QUORUM_WRONG_SEATS", reason: "no such seat" });
  if (members.length !== signatures.length) return fail({ code: "QUORUM_WRONG_SEATS", reason: "signatures" });
  for (const committee of ["forward", "rear", "former"] as const) {
    const voting = committees[committee];
    if (voting === undefined) continue;
    const votes = members.filter((did) => voting.includes(did)).length;
    const needed = quorum(voting.length);
    if (votes < needed) return fail({ code: "QUORUM_TOO_FEW", committee, votes, needed });
  }
  const forged = members.find((did, place) => {
    const member = fromHex(did);
    const signature = signatures[place];
    assert(member !== undefined && signature !== undefined, "each seat is a did in hex and has its signature");
    const payload = encodeShape(voteBody, { network, epoch, source, target, member });
    const message = toBeSigned(network, PURPOSE.VOTE, payload);
    return !keysOf(did).some((key) => crypto.verify(key, message, signature));
  });
  return forged === undefined ? ok(undefined) : fail({ code: "QUORUM_BAD_SIGNATURE", member: forged });
}

/** Whether the chain learns anything from a link. A lower target counts, too: a later source may need it. */
export function saysNew(
  finality: FinalityState,
  { checkpointBlocks }: Pick<FinalityRules, "checkpointBlocks">,
  { source, target }: Pick<QuorumCertificateBody, "source" | "target">,
): boolean {
  const makesFinal = source.serial + checkpointBlocks === target.serial && source.serial > finality.final.serial;
  return makesFinal || !isJustified(finality, target);
}

/** Why this is no link of this chain; undefined when it is one. */
export function placeObjection(
  finality: FinalityState,
  { epoch, source, target }: Pick<QuorumCertificateBody, "epoch" | "source" | "target">,
): QuorumFault | undefined {
  const found = findCheckpoint(finality, target);
  if (found === undefined) return { code: "QUORUM_UNKNOWN_TARGET", serial: target.serial };
  if (findCheckpoint(finality, source) === undefined && !isJustified(finality, source)) {
    return { code: "QUORUM_UNKNOWN_SOURCE", serial: source.serial };
  }
  if (found.epoch !== epoch) return { code: "QUORUM_WRONG_EPOCH", epoch, expected: found.epoch };
  // Two epochs have begun since, the second by a RECONFIG: of the first one's rear committee nothing is left.
  const isKept = committeesOf(finality, epoch) !== undefined;
  return isKept ? undefined : { code: "QUORUM_UNKNOWN_TARGET", serial: target.serial };
}

/**
 * The certificate of votes for one link whose signatures were verified; undefined while a committee of the target's
 * epoch lacks its quorum. Votes of others than its members, for other links, and further ones of a member are left out.
 *
 * @param finality of a chain that holds the target
 */
export function makeCertificate(finality: FinalityState, votes: readonly Vote[]): QuorumCertificate | undefined {
  const [first] = votes;
  if (first === undefined) return undefined;
  const { network, epoch, source, target } = first.body;
  const committees = committeesOf(finality, epoch);
  if (committees === undefined || findCheckpoint(finality, target)?.epoch !== epoch) return undefined;
  const byMember = new Map<string, Vote>();
  for (const vote of votes) {
    if (isFor(vote.body, first.body)) byMember.set(toHex(vote.body.member), vote);
  }
  const seated = seatsOf(committees);
  const given = seated.flatMap((did) => byMember.get(did) ?? []);
  const hasQuorum = committeesIn(committees).every(
    (members) => members.filter((did) => byMember.has(did)).length >= quorum(members.length),
  );
  if (!hasQuorum) return undefined;
  const seats = new Uint8Array(Math.ceil(seated.length / 8));
  for (const [seat, did] of seated.entries()) {
    if (byMember.has(did)) seats[seat >> 3] = (seats[seat >> 3] ?? 0) | (1 << (seat & 7));
  }
  return encodeCertificate({ network, epoch, source, target, seats, signatures: given.map((vote) => vote.signature) });
}

function checkVotes(
  context: QuorumContext,
  finality: FinalityState,
  certificate: QuorumCertificate,
): Result<void, QuorumFault> {
  const committees = committeesOf(finality, certificate.body.epoch);
  assert(committees !== undefined, "whose committees are forgotten is no target");
  return checkQuorum(context, committees, certificate);
}

/** The seats whose bits are set, in order. */
function bitsOf(seats: Uint8Array): readonly number[] {
  return [...seats].flatMap((byte, place) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => ((byte >> bit) & 1) === 1).map((bit) => place * 8 + bit),
  );
}

function isFor(body: VoteBody, first: VoteBody): boolean {
  return (
    body.epoch === first.epoch &&
    equalCheckpoints(body.source, first.source) &&
    equalCheckpoints(body.target, first.target)
  );
}
