/**
 * A piece of evidence as a file that proves itself: the genesis, what tells whose the keys are and which contracts it
 * is about, and the EVIDENCE. Whoever has it needs no chain.
 *
 * { 0: "TALLY1/evidence", 1: version, 2: genesis, 3: [fact…], 4: the EVIDENCE }
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { evidenceNumber } from "#core/evidence/evidence-body.ts";
import { offenderOf } from "#core/evidence/offender.ts";
import { readPiece } from "#core/evidence/read-piece.ts";
import { openedAddress } from "#core/handshake/transaction-address.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import { applyFact, type FactFault } from "#core/ledger/apply-fact.ts";
import { compareFacts } from "#core/ledger/block-order.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { decodeFact, type EvidenceFact, type Fact } from "#core/ledger/fact.ts";
import { decodeGenesis } from "#core/ledger/genesis.ts";
import { nextLayer, stateOfGenesis, type LedgerState } from "#core/ledger/state.ts";
import { FACT_BYTES_MAX } from "#core/limits.ts";
import { codeHash } from "#core/script/code-hash.ts";
import type { OpenBody } from "#core/session/facts.ts";
import { bytes, decodeShape, encodeShape, field, integer, list, record, text } from "#core/wire/schema.ts";

export const EVIDENCE_TITLE = "TALLY1/evidence";

/** JOINs with every certificate that they had, ROTATEs, programs and contracts. */
const FACTS_MAX = 1024;

const evidenceFile = record({
  title: field(0, text(EVIDENCE_TITLE.length)),
  version: field(1, integer(1, 1)),
  genesis: field(2, bytes(1, 16 * 1024)),
  facts: field(3, list(bytes(1, FACT_BYTES_MAX), FACTS_MAX)),
  evidence: field(4, bytes(1, FACT_BYTES_MAX)),
});

export interface VerifiedEvidence {
  /** 1 to 7, as E1 to E7. */
  readonly kind: number;
  readonly region: string;
  /** Whom it is about, and who shows it: device ids. */
  readonly offender: Uint8Array;
  readonly submitter: Uint8Array;
  /** Ids, in hex, of the EVIDENCE and of the two objects. */
  readonly id: string;
  readonly first: string;
  readonly second: string;
}

export type EvidenceFault =
  | { readonly code: "EVIDENCE_FILE_UNREADABLE"; readonly reason: string }
  | {
      readonly code: "EVIDENCE_FILE_BAD_FACT";
      readonly fact: string;
      readonly kind: string;
      readonly fault: FactFault;
    };

/** All that stands in blocks of the chain. */
export function evidenceIn(chain: Chain): readonly EvidenceFact[] {
  return factsIn(chain).filter((fact): fact is EvidenceFact => fact.kind === "EVIDENCE");
}

/** The file of a piece that stands in the chain. */
export function makeEvidenceFile(chain: Chain, evidence: EvidenceFact): Uint8Array {
  const { crypto, network } = chain.context;
  const all = factsIn(chain);
  const piece = readPiece({ crypto, network }, evidence.body);
  const objects = piece.ok ? [piece.value.first, piece.value.second] : [];
  const addresses = objects.flatMap(({ body }) => ("address" in body ? [body.address] : []));
  const opens = all.filter((fact) => fact.kind === "OPEN" && addresses.some((at) => isAt(chain, fact, at)));
  const bodies = opens.flatMap((fact) => (fact.kind === "OPEN" ? [fact.body] : []));
  const openAt = (): OpenBody | undefined => bodies[0];
  const offender = piece.ok ? offenderOf(crypto, piece.value, openAt) : undefined;
  const dids = [evidence.body.member, offender, ...bodies.flatMap(({ station, vehicle }) => [station, vehicle])];
  const wanted = new Set(dids.flatMap((did) => (did === undefined ? [] : [toHex(did)])));
  const facts = all.filter((fact) => opens.includes(fact) || isNeeded(chain, fact, { wanted, bodies }));
  return encodeShape(evidenceFile, {
    title: EVIDENCE_TITLE,
    version: 1,
    genesis: chain.genesis.bytes,
    facts: [...facts].sort(compareFacts).map((fact) => fact.bytes),
    evidence: evidence.bytes,
  });
}

/** Checks a file of anybody's making: every signature, and that the two contradict. */
export function verifyEvidenceFile(crypto: Cryptography, file: Uint8Array): Result<VerifiedEvidence, EvidenceFault> {
  const read = decodeShape(evidenceFile, file);
  if (!read.ok) return unreadable(read.fault.code);
  if (read.value.title !== EVIDENCE_TITLE) return unreadable("not a piece of evidence");
  const genesis = decodeGenesis(crypto, read.value.genesis);
  if (!genesis.ok) return unreadable(`genesis: ${genesis.fault.code}`);
  const { network, body } = genesis.value;
  const state = nextLayer(stateOfGenesis(crypto, genesis.value));
  const context = { crypto, network, verified: new WeakMap<Fact, string>() };
  for (const encoded of [...read.value.facts, read.value.evidence]) {
    const fact = decodeFact(context, encoded);
    if (!fact.ok) return unreadable(`fact: ${fact.fault.code}`);
    // When a key was replaced the file does not say: whoever had it has signed, whenever that was.
    const now = fact.value.kind === "ROTATE" ? Number.MAX_SAFE_INTEGER : 0;
    const applied = applyFact(state, fact.value, { ...context, now });
    const isAgain = !applied.ok && fact.value.kind === "JOIN" && applied.fault.code === "FACT_KNOWN";
    if (!applied.ok && !isAgain) {
      const { key, kind } = fact.value;
      return fail({ code: "EVIDENCE_FILE_BAD_FACT", fact: key, kind, fault: applied.fault });
    }
  }
  const evidence = decodeFact(context, read.value.evidence);
  if (!evidence.ok || evidence.value.kind !== "EVIDENCE") return unreadable("its last part is no evidence");
  return verified(state, evidence.value, { ...context, region: body.name });
}

interface VerifyingContext {
  readonly crypto: Cryptography;
  readonly network: Uint8Array;
  readonly region: string;
}

function verified(
  state: LedgerState,
  { body, key }: EvidenceFact,
  { crypto, network, region }: VerifyingContext,
): Result<VerifiedEvidence, EvidenceFault> {
  const piece = readPiece({ crypto, network }, body);
  if (!piece.ok) return unreadable(piece.fault.reason);
  const openAt = (address: Uint8Array): OpenBody | undefined => state.transactions.get(toHex(address))?.open;
  const offender = offenderOf(crypto, piece.value, openAt);
  if (offender === undefined) return unreadable("nobody");
  const { first, second } = piece.value;
  const kind = evidenceNumber(body.kind);
  return ok({ kind, region, offender, submitter: body.member, id: key, first: first.key, second: second.key });
}

function factsIn(chain: Chain): readonly Fact[] {
  const serials = Array.from({ length: chain.head.serial }, (_, place) => place + 1);
  return serials.flatMap((serial) => chain.at(serial)?.block?.facts ?? []);
}

function isAt({ context }: Chain, fact: Fact, address: Uint8Array): boolean {
  return fact.kind === "OPEN" && equalBytes(openedAddress(context, fact), address);
}

interface Needed {
  /** Device ids in hex. */
  readonly wanted: ReadonlySet<string>;
  readonly bodies: readonly OpenBody[];
}

function isNeeded({ context: { crypto } }: Chain, fact: Fact, { wanted, bodies }: Needed): boolean {
  switch (fact.kind) {
    case "JOIN":
      return wanted.has(toHex(deviceIdOf(crypto, fact.body.inception)));
    case "ROTATE":
      return wanted.has(toHex(fact.body.device));
    case "CODE":
      return bodies.some(({ terms }) => equalBytes(codeHash(crypto, fact.body.program), terms.codeHash));
    case "REVOKE":
    case "PARAMS":
    case "RECONFIG":
    case "OPEN":
    case "EVIDENCE":
    case "REPORT":
    case "COMPLETE":
    case "CANCEL":
    case "RESOLVE":
    case "ADJUDICATE":
      return false;
  }
}

function unreadable(reason: string): { readonly ok: false; readonly fault: EvidenceFault } {
  return fail({ code: "EVIDENCE_FILE_UNREADABLE", reason });
}
