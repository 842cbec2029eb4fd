/** What the vectors of evidence ask: a story of facts from a genesis on, and what the last one, a piece, changes. */
import { toHex } from "#base/bytes.ts";
import { offenderOf } from "#core/evidence/offender.ts";
import { readPiece } from "#core/evidence/read-piece.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { applyFact } from "#core/ledger/apply-fact.ts";
import { decodeFact, type EvidenceFact } from "#core/ledger/fact.ts";
import { decodeGenesis } from "#core/ledger/genesis.ts";
import { nextLayer, stateOfGenesis, type LedgerState, type Transaction } from "#core/ledger/state.ts";
import type { OpenBody, Role } from "#core/session/facts.ts";
import { bytes, decodeShape, list, tuple, unsigned } from "#core/wire/schema.ts";
import { crypto as ours } from "#test/builders/ledger-actors.ts";
import type { Judged } from "./judge-membership.ts";

const story = list(tuple(unsigned, bytes(0, 4096)), 32, 1);

export function judgeEvidence(genesisBytes: Uint8Array, input: Uint8Array, crypto: Cryptography = ours): Judged {
  const genesis = decodeGenesis(crypto, genesisBytes);
  const steps = decodeShape(story, input);
  if (!genesis.ok || !steps.ok) throw new Error("bug of the vectors: no story");
  const { network } = genesis.value;
  const state = nextLayer(stateOfGenesis(crypto, genesis.value));
  const last = steps.value.length - 1;
  for (const [place, [now, encoded]] of steps.value.entries()) {
    const fact = decodeFact({ crypto, network }, encoded);
    const applied = fact.ok ? applyFact(state, fact.value, { crypto, network, now, verified: new WeakMap() }) : fact;
    if (place < last && !applied.ok) throw new Error(`bug of the vectors: step ${place} is ${applied.fault.code}`);
    if (place < last) continue;
    if (!applied.ok) {
      const { fault } = applied;
      return { fault: fault.code, ...("reason" in fault && { reason: fault.reason }) };
    }
    if (!fact.ok || fact.value.kind !== "EVIDENCE") throw new Error("bug of the vectors: no evidence");
    return { detail: detailOf(state, fact.value, crypto) };
  }
  throw new Error("bug of the vectors: no steps");
}

/** All that a piece can change. */
function detailOf(state: LedgerState, fact: EvidenceFact, crypto: Cryptography): Readonly<Record<string, string>> {
  const piece = readPiece({ crypto, network: fact.body.network }, fact.body);
  if (!piece.ok) throw new Error("bug of the vectors: what stands can be read");
  const openAt = (address: Uint8Array): OpenBody | undefined => state.transactions.get(toHex(address))?.open;
  const did = toHex(offenderOf(crypto, piece.value, openAt) ?? new Uint8Array());
  const { shown, contradictions, struckAt } = state.misconduct.get(did) ?? {};
  const told = {
    ...{ kind: String(shown?.map(({ kind }) => kind).join(" ")), id: fact.key, device: did },
    struckAt: String(struckAt ?? "never"),
    contradictions: (contradictions ?? []).join(" "),
  };
  if (piece.value.kind !== "reports" && piece.value.kind !== "endings") return told;
  const { address, role } = piece.value.first.body;
  const charge = state.transactions.get(toHex(address));
  if (charge === undefined) throw new Error("bug of the vectors: a word without its charge stands");
  return { ...told, ...wordsOf(charge, role) };
}

function wordsOf(
  { contradicted, logs, completes, cancelled }: Transaction,
  role: Role,
): Readonly<Record<string, string>> {
  const { upheld = [], voided = [] } = contradicted[role] ?? {};
  return {
    upheld: upheld.map(toHex).join(" "),
    voided: voided.map(toHex).join(" "),
    reports: String(logs[role].nextSequence),
    head: toHex(logs[role].head),
    hasCompleted: String(completes[role] !== undefined),
    hasCancelled: String(cancelled[role] === true),
  };
}
