/** Making a block: the facts that may stand, their results, the header, the signature. */
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned, idOf, toBeSigned } from "#core/wire/signed.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { toHex } from "#base/bytes.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import {
  BLOCK_BYTES_MAX,
  BLOCK_HEADER_BYTES_MAX,
  FACTS_PER_BLOCK_MAX,
  RESULT_BYTES_MAX,
  RESULTS_PER_BLOCK_MAX,
} from "#core/limits.ts";
import { assert } from "#base/assert.ts";
import { codeVersionIn } from "#core/governance/governance.ts";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { applyCertificates, type FinalityFields } from "./apply-certificates.ts";
import { applyFact } from "./apply-fact.ts";
import { stateRootIn, type LedgerContext } from "./apply-block.ts";
import { compareFacts } from "./block-order.ts";
import { headerBody, resultBody, type Block, type HeaderBody } from "./block.ts";
import { closeTransactions } from "./close-transactions.ts";
import type { Fact } from "./fact.ts";
import { logRoot, merkleRoot } from "./merkle-tree.ts";
import { slotOf, type Tier } from "./schedule.ts";
import { nextLayer, type LedgerState } from "./state.ts";
import { takeTurns } from "./take-turns.ts";

/** What the encoding adds to a fact inside a block. */
const CBOR_HEAD_BYTES = 3;

export interface Seal {
  readonly miner: Uint8Array;
  readonly signer: Signer;
  readonly rank: number;
  readonly tier: Tier;
  /** Unix seconds. */
  readonly sealedAt: number;
  /** What the sealer holds and the chain does not say yet, in the order in which it is to stand; none is left out. */
  readonly certificates?: readonly QuorumCertificate[];
}

/** Seals on the parent what may stand of the candidates; the others stay where they are. */
export function sealBlock(parent: LedgerState, candidates: readonly Fact[], seal: Seal, context: LedgerContext): Block {
  const state = nextLayer(parent);
  const facts: Fact[] = [];
  const { sealedAt, certificates = [] } = seal;
  let bytes = BLOCK_HEADER_BYTES_MAX + RESULTS_PER_BLOCK_MAX * (RESULT_BYTES_MAX + CBOR_HEAD_BYTES);
  for (const certificate of certificates) bytes += certificate.bytes.length + CBOR_HEAD_BYTES;
  const room = { bytes: BLOCK_BYTES_MAX - bytes, headBytes: CBOR_HEAD_BYTES };
  for (const fact of [...takeTurns(parent, candidates, room, context)].sort(compareFacts)) {
    const grown = bytes + fact.bytes.length + CBOR_HEAD_BYTES;
    if (facts.length >= FACTS_PER_BLOCK_MAX || grown > BLOCK_BYTES_MAX) break;
    // It stands on what was final last: whether that has moved is said by a block of its own first.
    if (fact.kind === "RECONFIG" && certificates.length > 0) continue;
    if (!applyFact(state, fact, { ...context, now: seal.sealedAt }).ok) continue;
    facts.push(fact);
    bytes = grown;
  }
  const results = closeTransactions(state, sealedAt).map((result) => encodeShape(resultBody, result));
  const applied = applyCertificates(parent, state, certificates, context);
  assert(applied.ok, `a sealer's certificates stand${applied.ok ? "" : `: ${JSON.stringify(applied.fault)}`}`);
  const content = { facts, results, certificates };
  return signHeader(headerOf(parent, content, applied.value.fields, { seal, context }), content, { seal, context });
}

type Content = Pick<Block, "facts" | "results" | "certificates">;

interface Making {
  readonly seal: Seal;
  readonly context: LedgerContext;
}

function headerOf(
  parent: LedgerState,
  { facts, results }: Content,
  { justify, nextCommittee, linksRoot }: FinalityFields,
  { seal, context }: Making,
): HeaderBody {
  const hash = (message: Uint8Array): Uint8Array => context.crypto.sha256(message);
  const root = stateRootIn(hash, parent);
  return {
    version: 1,
    network: context.network,
    serial: parent.serial + 1,
    previous: parent.id,
    factsRoot: merkleRoot(
      hash,
      facts.map((fact) => fact.id),
    ),
    resultsRoot: merkleRoot(hash, results),
    ...(root && { stateRoot: root }),
    logRoot: logRoot(hash, parent.log),
    miner: seal.miner,
    rank: [seal.rank, seal.tier],
    slot: slotOf(parent, seal.sealedAt),
    sealedAt: seal.sealedAt,
    ...(justify && { justify }),
    factCount: facts.length,
    codeVersion: codeVersionIn(parent.finality),
    ...(nextCommittee && { nextCommittee }),
    ...(linksRoot && { linksRoot }),
  };
}

function signHeader(header: HeaderBody, content: Content, { seal, context }: Making): Block {
  const headerPayload = encodeShape(headerBody, header);
  const signature = seal.signer.sign(toBeSigned(context.network, PURPOSE.HEADER, headerPayload));
  const id = idOf(context.crypto, context.network, PURPOSE.HEADER, headerPayload);
  const headerBytes = encodeSigned(headerPayload, [signature]);
  return { header, headerBytes, headerPayload, signature, id, key: toHex(id), ...content };
}
