/**
 * That a block is final, shown by itself: the certificate by which a committee has made this block or a later
 * checkpoint
 * final, and the path from the one to the other. Which committee may say so is for whoever checks it to know.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { fail, type Result } from "#base/result.ts";
import type { Committees } from "#core/finality/finality-state.ts";
import { checkQuorum, decodeCertificate, type QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { HASH_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import { BLOCK_HEADER_BYTES_MAX, CERTIFICATE_BYTES_MAX } from "#core/limits.ts";
import { bytes, field, list, optional, record, type ValueOf } from "#core/wire/schema.ts";
import { decodeHeader } from "./block.ts";
import { logPath } from "./block-ids.ts";
import type { Chain } from "./chain.ts";
import type { Genesis } from "./genesis.ts";
import { provesInclusion } from "./merkle-tree.ts";

const PATH_MAX = 53;

export const vouched = record({
  certificate: field(1, bytes(1, CERTIFICATE_BYTES_MAX)),
  /** Header of the certificate's source, which the certificate makes final; absent where it is the block itself. */
  checkpoint: optional(2, bytes(1, BLOCK_HEADER_BYTES_MAX)),
  /** From the block to the checkpoint's `logRoot`. */
  path: field(3, list(bytes(HASH_BYTES), PATH_MAX)),
});
export type Vouched = ValueOf<typeof vouched>;

export interface ProofFault {
  readonly code: "FINALITY_UNREADABLE" | "FINALITY_NOT_PROVEN";
  readonly reason: string;
}

/** Whose word a proof is checked against. */
export interface ProofContext {
  readonly crypto: Cryptography;
  readonly genesis: Genesis;
  /** All keys that a member has had, by its did in hex. */
  readonly keysOf: (did: string) => readonly Uint8Array[];
}

export interface ProvenBlock {
  readonly serial: number;
  readonly id: Uint8Array;
}

/**
 * Whether the word makes the block final, itself or a checkpoint behind it, by votes of the committees.
 *
 * @param committeesAt those that vote in an epoch, or the reason why they are not known
 */
export function checkVouched(
  { crypto, genesis, keysOf }: ProofContext,
  block: ProvenBlock,
  { word, committeesAt }: { readonly word: Vouched; readonly committeesAt: (epoch: number) => Committees | string },
): Result<QuorumCertificate, ProofFault> {
  const certificate = decodeCertificate(word.certificate);
  if (!certificate.ok) return unreadable(`certificate: ${certificate.fault.code}`);
  const { epoch, source, target } = certificate.value.body;
  const { network, body } = genesis;
  if (target.serial !== source.serial + body.rules.checkpointBlocks) return unproven("the votes make nothing final");
  const committees = committeesAt(epoch);
  if (typeof committees === "string") return unproven(committees);
  if (committees.forward.length === 0) return unproven("nobody votes in this region");
  const quorum = checkQuorum({ crypto, network, keysOf }, committees, certificate.value);
  if (!quorum.ok) return unproven(quorum.fault.code);
  if (word.checkpoint === undefined) {
    const isItself = source.serial === block.serial && equalBytes(source.id, block.id);
    return isItself ? certificate : unproven("the votes are for another block");
  }
  const header = decodeHeader({ crypto, network }, word.checkpoint);
  if (!header.ok) return unreadable(`checkpoint: ${header.fault.code}`);
  const { id, header: checkpoint } = header.value;
  if (!equalBytes(id, source.id) || checkpoint.serial !== source.serial) {
    return unproven("the votes are for another checkpoint");
  }
  const inclusion = { leaf: block.id, index: block.serial, size: checkpoint.serial, path: word.path };
  const isBehind = provesInclusion((message) => crypto.sha256(message), inclusion, checkpoint.logRoot);
  return isBehind ? certificate : unproven("the checkpoint does not stand on the block");
}

/** What a certificate of the head's chain says of a block of it; undefined when its checkpoint is not here any more. */
export function vouchedBy(
  chain: Chain,
  block: ProvenBlock,
  { bytes: certificate, body: { source } }: QuorumCertificate,
): Vouched | undefined {
  if (source.serial === block.serial) return { certificate, path: [] };
  const checkpoint = chain.at(source.serial)?.block?.headerBytes;
  if (checkpoint === undefined) return undefined;
  return { certificate, checkpoint, path: logPath(chain, block.serial, source.serial) };
}

/**
 * Those that make the checkpoint at a serial or one behind it final, the nearest first: of blocks, or heard.
 *
 * @param upTo serial of the last block that is looked into
 * @param above serial of the block behind which that begins
 */
export function finalCertificates(
  chain: Chain,
  serial: number,
  upTo: number = chain.head.serial,
  above: number = serial,
): readonly QuorumCertificate[] {
  const { checkpointBlocks } = chain.genesis.body.rules;
  const inBlocks = Array.from(
    { length: Math.max(0, Math.min(upTo, chain.head.serial) - above) },
    (_, place) => chain.at(above + 1 + place)?.block?.certificates ?? [],
  ).flat();
  return [...inBlocks, ...chain.certificatesAbove(serial)]
    .filter(({ body: { source, target } }) => {
      const isAdjacent = target.serial === source.serial + checkpointBlocks;
      return source.serial >= serial && isAdjacent && isOfHead(chain, source);
    })
    .sort((left, right) => left.body.source.serial - right.body.source.serial);
}

export function unreadable(reason: string): { readonly ok: false; readonly fault: ProofFault } {
  return fail({ code: "FINALITY_UNREADABLE", reason });
}

export function unproven(reason: string): { readonly ok: false; readonly fault: ProofFault } {
  return fail({ code: "FINALITY_NOT_PROVEN", reason });
}

/** Whether the block is one of the head's chain, be it here or not. */
export function isOfHead(chain: Chain, { serial, id }: ProvenBlock): boolean {
  return chain.idAt(serial) === toHex(id);
}
