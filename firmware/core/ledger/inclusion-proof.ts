/**
 * That a result or a fact stands in a final block, for somebody who has no chain: with the genesis, or a committee that
 * it came to trust before, and nothing else (invariant S17).
 *
 *     proof = { 1: [handoff…], 2: vouched and ROTATEs, 3: header, 4: result or fact, 5: index, 6: count, 7: [hash…] }
 *
 * Results are leaves of the header's `resultsRoot` as they are, facts of its `factsRoot` by their ids: so an id is
 * proven and what the fact says, and not the bytes of its signatures.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { committeesOf, seatsOf } from "#core/finality/finality-state.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import {
  BLOCK_HEADER_BYTES_MAX,
  FACT_BYTES_MAX,
  FACTS_PER_BLOCK_MAX,
  HANDOFF_BYTES_MAX,
  RESULT_BYTES_MAX,
} from "#core/limits.ts";
import { bytes, choice, decodeShape, encodeShape, field, integer, list, record, tuple } from "#core/wire/schema.ts";
import { decodeHeader, resultBody, type HeaderBody, type ResultBody } from "./block.ts";
import type { Chain, ChainLink } from "./chain.ts";
import { decodeFact, type Fact } from "./fact.ts";
import { rotationsOf, type FactBytes } from "./handoff-book.ts";
import { inclusionPath, provesInclusion } from "./merkle-tree.ts";
import { isHeld } from "./stored-blocks.ts";
import { checkFinal, finalWord, trustAfter, type TrustContext, type TrustedCommittee } from "./trusted-committee.ts";
import { finalCertificates, vouchedBy, type ProofFault } from "./vouched.ts";

/** Some years of epochs. */
const HANDOFFS_MAX = 8192;
const PATH_MAX = 16;
/** A certificate that makes a block final stands soon behind it. */
const VOTES_WITHIN_BLOCKS = 64;

const inclusionProof = record({
  handoffs: field(1, list(bytes(1, HANDOFF_BYTES_MAX), HANDOFFS_MAX)),
  final: field(2, finalWord),
  header: field(3, bytes(1, BLOCK_HEADER_BYTES_MAX)),
  leaf: field(4, tuple(choice({ result: 1, fact: 2 }), bytes(1, Math.max(RESULT_BYTES_MAX, FACT_BYTES_MAX)))),
  index: field(5, integer(0, FACTS_PER_BLOCK_MAX)),
  count: field(6, integer(1, FACTS_PER_BLOCK_MAX)),
  path: field(7, list(bytes(HASH_BYTES), PATH_MAX)),
});

export interface WantedProof {
  /** Of the block. */
  readonly serial: number;
  /** Address of the charge whose result it is, or id of the fact. */
  readonly result?: Uint8Array;
  readonly fact?: Uint8Array;
  /** The epoch whose committee the other trusts; 0 with nothing but the genesis. */
  readonly fromEpoch: number;
}

export type ProvenLeaf = { readonly result: ResultBody } | { readonly fact: Fact };

export interface ProvenInclusion {
  readonly header: HeaderBody;
  readonly blockId: Uint8Array;
  readonly leaf: ProvenLeaf;
  /** Whom the proof has led to: what is proven next may begin here. */
  readonly trust: TrustedCommittee;
}

export type InclusionFault =
  | ProofFault
  | { readonly code: "INCLUSION_UNREADABLE"; readonly reason: string }
  /** The block does not hold it at that place. */
  | { readonly code: "INCLUSION_NOT_PROVEN" };

/** Undefined while the block is not final, or when this gateway has not got what it takes any more. */
export function proveInclusion(chain: Chain, wanted: WantedProof, factBytes: FactBytes): Uint8Array | undefined {
  const { serial, fromEpoch } = wanted;
  const link = chain.at(serial);
  // Of a block that was dropped the path to a fact cannot be made any more; to a result it can.
  if (wanted.fact !== undefined && !isHeld(chain, serial)) return undefined;
  const leaf = link === undefined || serial > chain.final.serial ? undefined : leafIn(link, wanted);
  const certificate = certificateFor(chain, serial, fromEpoch);
  if (link?.block === undefined || leaf === undefined || certificate === undefined) return undefined;
  const { epoch } = certificate.body;
  const word = vouchedBy(chain, link, certificate);
  const committees = committeesOf(chain.head.state.finality, epoch);
  // Of an epoch that is over the handoff has the rotations that matter.
  const rotations = committees === undefined ? [] : rotationsOf(chain.head.state, seatsOf(committees), factBytes);
  if (word === undefined || rotations === undefined || chain.handoffs.epoch < epoch) return undefined;
  const hash = (message: Uint8Array): Uint8Array => chain.context.crypto.sha256(message);
  return encodeShape(inclusionProof, {
    handoffs: chain.handoffs.from(fromEpoch).slice(0, epoch - fromEpoch),
    final: { word, rotations },
    header: link.block.headerBytes,
    leaf: [leaf.kind, leaf.bytes],
    ...{ index: leaf.index, count: leaf.leaves.length },
    path: inclusionPath(hash, leaf.leaves, leaf.index),
  });
}

/** What the proof shows to somebody who trusts these committees. */
export function checkInclusion(
  context: TrustContext,
  trust: TrustedCommittee,
  encoded: Uint8Array,
): Result<ProvenInclusion, InclusionFault> {
  const { crypto, genesis } = context;
  const network = { crypto, network: genesis.network };
  const read = decodeShape(inclusionProof, encoded);
  if (!read.ok) return unreadable(read.fault.code);
  const proof = read.value;
  const header = decodeHeader(network, proof.header);
  if (!header.ok) return unreadable(`header: ${header.fault.code}`);
  const { trust: reached, fault } = trustAfter(context, trust, proof.handoffs);
  if (fault !== undefined) return fail(fault);
  const { header: body, id } = header.value;
  const final = checkFinal(context, reached, { block: { serial: body.serial, id }, ...proof.final });
  if (!final.ok) return final;
  const leaf = readLeaf(network, proof.leaf);
  if (leaf === undefined) return unreadable("leaf");
  const { path, index, count: size } = proof;
  const root = "fact" in leaf.value ? body.factsRoot : body.resultsRoot;
  const isIn = provesInclusion((message) => crypto.sha256(message), { leaf: leaf.hashed, index, size, path }, root);
  if (!isIn) return fail({ code: "INCLUSION_NOT_PROVEN" });
  return ok({ header: body, blockId: id, leaf: leaf.value, trust: { ...reached, members: final.value.members } });
}

interface FoundLeaf {
  readonly kind: "result" | "fact";
  readonly bytes: Uint8Array;
  readonly index: number;
  readonly leaves: readonly Uint8Array[];
}

function leafIn({ block, results }: ChainLink, { result, fact }: WantedProof): FoundLeaf | undefined {
  if (block === undefined) return undefined;
  if (result !== undefined) {
    const index = results.findIndex(({ address }) => equalBytes(address, result));
    const found = block.results[index];
    return found && { kind: "result", bytes: found, index, leaves: block.results };
  }
  const index = fact === undefined ? -1 : block.facts.findIndex(({ key }) => key === toHex(fact));
  const found = block.facts[index];
  return found && { kind: "fact", bytes: found.bytes, index, leaves: block.facts.map(({ id }) => id) };
}

/** The nearest one of a committee that the other can come to: an earlier one it does not know any more. */
function certificateFor(chain: Chain, serial: number, fromEpoch: number): QuorumCertificate | undefined {
  const isKnown = ({ body }: QuorumCertificate): boolean => body.epoch >= fromEpoch;
  const near = finalCertificates(chain, serial, serial + VOTES_WITHIN_BLOCKS).find(isKnown);
  if (near !== undefined) return near;
  return finalCertificates(chain, Math.max(serial, chain.final.serial - VOTES_WITHIN_BLOCKS)).find(isKnown);
}

interface ReadLeaf {
  readonly value: ProvenLeaf;
  readonly hashed: Uint8Array;
}

function readLeaf(
  network: Parameters<typeof decodeFact>[0],
  [kind, encoded]: readonly ["result" | "fact", Uint8Array],
): ReadLeaf | undefined {
  if (kind === "result") {
    const result = decodeShape(resultBody, encoded);
    return result.ok ? { value: { result: result.value }, hashed: encoded } : undefined;
  }
  const fact = decodeFact(network, encoded);
  return fact.ok ? { value: { fact: fact.value }, hashed: fact.value.id } : undefined;
}

function unreadable(reason: string): { readonly ok: false; readonly fault: InclusionFault } {
  return fail({ code: "INCLUSION_UNREADABLE", reason });
}
