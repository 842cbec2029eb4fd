/**
 * Whether an EVIDENCE may stand, and what follows from it. It proves itself: both objects carry the signature of whom
 * they are about, with any key that it has or had, so that nobody rotates away from it. The one who shows it has to be
 * a member, and his signature counts for one thing only: the other side of a charge says by it which word it holds by.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { ok, type Result } from "#base/result.ts";
import { flowsOverlap } from "#core/evidence/contradicts.ts";
import type { EvidenceKind } from "#core/evidence/evidence-body.ts";
import {
  readPiece,
  type CertificatesPiece,
  type HeadersPiece,
  type Piece,
  type PlacesPiece,
  type RotationsPiece,
  type VotesPiece,
  type WordsPiece,
} from "#core/evidence/read-piece.ts";
import { isShownSignedBy, type ShownObject, type ShownReport } from "#core/evidence/shown-object.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import { VOIDED_WORDS_MAX } from "#core/limits.ts";
import { keyNumberIn, otherRole } from "#core/session/facts.ts";
import {
  conflicts,
  isSignedByAny,
  KNOWN,
  refersUnknown,
  refuse,
  type ApplyContext,
  type FactFault,
  type VerifiedFacts,
} from "./fact-fault.ts";
import type { EvidenceFact } from "./fact.ts";
import { keysHeard, keysOf, keysSince } from "./membership.ts";
import { EVIDENCE_SECONDS, lastShown, recordMisconduct } from "./misconduct.ts";
import type { LedgerState, Transaction } from "./state.ts";
import { disputableUntil } from "./time-limits.ts";
import { changeTransaction, transactionAt } from "./transaction-change.ts";
import { holds, withChoice, withoutWord } from "./voided-words.ts";

export function applyEvidence(state: LedgerState, fact: EvidenceFact, context: ApplyContext): Result<void, FactFault> {
  const { network, member } = fact.body;
  if (!equalBytes(network, context.network)) return refuse({ code: "FACT_WRONG_NETWORK", network: toHex(network) });
  const submitter = state.members.get(toHex(member));
  if (submitter === undefined) return refersUnknown("member", member);
  const piece = readPiece(context, fact.body);
  if (!piece.ok) return refuse({ code: "FACT_BAD_EVIDENCE", reason: piece.fault.reason });
  const found = findOffence(state, fact, piece.value, context);
  if (!found.ok) return found;
  const { did, keys, accept } = found.value;
  if (!isSignedByAny(fact, keysHeard(submitter, context.now), context)) {
    return refuse({ code: "FACT_BAD_SIGNATURE", signer: toHex(member) });
  }
  if (!areSigned(fact, piece.value, keys, context)) return refuse({ code: "FACT_BAD_SIGNATURE", signer: did });
  accept();
  return ok(undefined);
}

/** Against whom a piece is, and what it does once its signatures are found good. */
interface Offence {
  /** In hex. */
  readonly did: string;
  /** For each signature of each of the two objects the keys of which one must have made it. */
  readonly keys: readonly (readonly Uint8Array[])[];
  readonly accept: () => void;
}

type Found = Result<Offence, FactFault>;

function findOffence(state: LedgerState, fact: EvidenceFact, piece: Piece, context: ApplyContext): Found {
  switch (piece.kind) {
    case "headers":
      return twoHeaders(state, fact, piece, context);
    case "votes":
      return twoVotes(state, fact, piece, context);
    case "reports":
    case "endings":
      return twoWords(state, fact, piece, context);
    case "places":
      return twoPlaces(state, fact, piece, context);
    case "certificates":
      return twoCertificates(state, fact, piece, context);
    case "rotations":
      return twoRotations(state, fact, piece, context);
  }
}

function twoHeaders(
  state: LedgerState,
  fact: EvidenceFact,
  { first, kind }: HeadersPiece,
  context: ApplyContext,
): Found {
  const { miner, slot } = first.body;
  const before = lastShown(state, toHex(miner), kind);
  // After the end of a strike only what was done since can strike again, not what was found since.
  const isOld = before !== undefined && state.genesis.startedAt + slot * state.rules.slotSeconds <= before.at;
  return byMember(state, fact, { did: miner, kind, isOld }, context);
}

function twoVotes(state: LedgerState, fact: EvidenceFact, piece: VotesPiece, context: ApplyContext): Found {
  const { first, second, kind } = piece;
  const before = lastShown(state, toHex(first.body.member), kind);
  const newest = Math.max(first.body.target.serial, second.body.target.serial);
  const isOld = before !== undefined && newest <= before.serial;
  return byMember(state, fact, { did: first.body.member, kind, isOld }, context);
}

interface Suspect {
  readonly did: Uint8Array;
  readonly kind: EvidenceKind;
  readonly isOld: boolean;
}

function byMember(state: LedgerState, fact: EvidenceFact, { did, kind, isOld }: Suspect, context: ApplyContext): Found {
  const key = toHex(did);
  if (!state.members.has(key)) return refersUnknown("member", did);
  if (isOld || isKnown(state, fact, key, { kind, now: context.now })) return KNOWN;
  return ok({
    did: key,
    keys: [keysOf(state, key)],
    accept: () => {
      recordMisconduct(state, key, { kind, evidence: fact.id, now: context.now });
    },
  });
}

/** Of one kind one piece is enough for a while. */
function isKnown(
  state: LedgerState,
  fact: EvidenceFact,
  did: string,
  { kind, now }: { readonly kind: EvidenceKind; readonly now: number },
): boolean {
  const before = lastShown(state, did, kind);
  return before !== undefined && (now <= before.at + EVIDENCE_SECONDS || equalBytes(before.evidence, fact.id));
}

/**
 * Counts once for a charge and side, whoever shows it. Shown by the other side it also says which of the two words is
 * to stand; that can change how the charge ends as long as it may be disputed, and never what it has settled.
 */
function twoWords(state: LedgerState, fact: EvidenceFact, piece: WordsPiece, context: ApplyContext): Found {
  const { first, second, kind } = piece;
  const { address, role } = first.body;
  const found = transactionAt(state, address);
  if (!found.ok) return found;
  const transaction = found.value;
  const { open, contradicted } = transaction;
  const offender = state.members.get(toHex(open[role]));
  if (offender === undefined) return refersUnknown("member", open[role]);
  const before = contradicted[role];
  const shown = before ?? { upheld: [], voided: [] };
  const isChoice =
    equalBytes(fact.body.member, open[otherRole(role)]) && mayStillChange(state, transaction, context.now);
  if (isChoice && (holds(shown.upheld, second.id) || holds(shown.voided, first.id))) {
    return conflicts("evidence", otherRole(role));
  }
  const isNews = isChoice && !(holds(shown.voided, second.id) && holds(shown.upheld, first.id));
  if (before !== undefined && !isNews) return KNOWN;
  const chosen = isNews ? withChoice(shown, first.id, second.id) : shown;
  if (Math.max(chosen.voided.length, chosen.upheld.length) > VOIDED_WORDS_MAX) {
    return conflicts(`${VOIDED_WORDS_MAX} words`, role);
  }
  const did = toHex(offender.did);
  return ok({
    did,
    keys: [keysSince(offender, keyNumberIn(open, role))],
    accept: () => {
      const left = isNews ? withoutWord(transaction, second) : transaction;
      const changed = { ...left, contradicted: { ...contradicted, [role]: chosen } };
      if (isNews) changeTransaction(state, changed);
      else state.transactions.set(toHex(address), changed);
      if (before === undefined) recordMisconduct(state, did, { kind, evidence: fact.id, now: context.now });
    },
  });
}

/** While a charge is open no clock is asked, so that it is the same on every branch. */
function mayStillChange(state: LedgerState, transaction: Transaction, now: number): boolean {
  switch (transaction.state) {
    case "OPEN":
    case "ACTIVE":
    case "COMPLETING":
      return true;
    case "DISPUTED":
    case "ABANDONED":
      return transaction.result?.ending !== "lapse" && Math.max(now, state.sealedAt) <= disputableUntil(transaction);
    case "SETTLED":
    case "CANCELLED":
      return false;
  }
}

/** The contracts say when the readings were, and by which keys the reports can be. */
function twoPlaces(state: LedgerState, fact: EvidenceFact, piece: PlacesPiece, context: ApplyContext): Found {
  const [one, other] = [chargeOf(state, piece.first), chargeOf(state, piece.second)];
  if (!one.ok) return one;
  if (!other.ok) return other;
  const { vehicle } = one.value.open;
  const member = state.members.get(toHex(vehicle));
  if (member === undefined) return refersUnknown("member", vehicle);
  const [left, right] = [piece.first, piece.second].map(({ body }) => body);
  const [leftOpen, rightOpen] = [one.value.open, other.value.open];
  const overlaps =
    left !== undefined &&
    right !== undefined &&
    flowsOverlap({ report: left, open: leftOpen }, { report: right, open: rightOpen });
  if (!overlaps) return refuse({ code: "FACT_BAD_EVIDENCE", reason: "EVIDENCE_NO_CONTRADICTION" });
  return byMember(state, fact, { did: vehicle, kind: piece.kind, isOld: false }, context);
}

function chargeOf(state: LedgerState, { body }: ShownReport): Result<Transaction, FactFault> {
  return transactionAt(state, body.address);
}

/** Against the office; it is kept with the device that it is about, and costs that nothing. */
function twoCertificates(
  state: LedgerState,
  fact: EvidenceFact,
  { first, kind }: CertificatesPiece,
  context: ApplyContext,
): Found {
  const authorities = state.genesis.membership?.enrolmentKeys ?? [];
  if (authorities.length === 0) return refuse({ code: "FACT_NO_AUTHORITY" });
  const did = deviceIdOf(context.crypto, first.body.inception);
  const found = byMember(state, fact, { did, kind, isOld: false }, context);
  return found.ok ? ok({ ...found.value, keys: [authorities] }) : found;
}

function twoRotations(state: LedgerState, fact: EvidenceFact, piece: RotationsPiece, context: ApplyContext): Found {
  const { first, second, kind } = piece;
  const { device, number } = first.body;
  const before = state.members.get(toHex(device))?.keys[number - 1];
  if (before === undefined) return refersUnknown("key", device);
  // Both were made by whoever had the key that was promised; another one would prove nothing about the device.
  const isPromised = [first, second].every(({ body }) =>
    equalBytes(context.crypto.sha256(body.publicKey), before.nextKeyDigest),
  );
  if (!isPromised) return refuse({ code: "FACT_NOT_PROMISED", did: toHex(device), number });
  const permitting = [before.publicKey, ...(state.genesis.membership?.enrolmentKeys ?? [])];
  const found = byMember(state, fact, { did: device, kind, isOld: false }, context);
  return found.ok ? ok({ ...found.value, keys: [permitting, [first.body.publicKey]] }) : found;
}

/** Checked once for each set of keys, as all signatures of facts are, and believed by whom they were checked for. */
const VERIFIED_OBJECTS = new WeakMap<VerifiedFacts, WeakMap<EvidenceFact, string>>();

function areSigned(
  fact: EvidenceFact,
  { first, second }: Piece,
  keys: Offence["keys"],
  context: ApplyContext,
): boolean {
  const words = keys.map((each) => each.map(toHex).join(" ")).join("|");
  const known = VERIFIED_OBJECTS.get(context.verified) ?? new WeakMap<EvidenceFact, string>();
  if (known.get(fact) === words) return true;
  const objects: readonly ShownObject[] = [first, second];
  const good = objects.every((shown) => isShownSignedBy(context, shown, keys));
  if (good) VERIFIED_OBJECTS.set(context.verified, known.set(fact, words));
  return good;
}
