/**
 * What makes a receipt show by itself that its block is final: the certificate by which a committee has made a later
 * checkpoint final, the path from the block to it, and the handoffs from the committee of the genesis to that one.
 */
import { assert } from "#base/assert.ts";
import { equalBytes, fromHex, toHex } from "#base/bytes.ts";
import { ok, type Result } from "#base/result.ts";
import { committeeHash } from "#core/finality/committee.ts";
import { seatsOf, type Committees } from "#core/finality/finality-state.ts";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { committeesNamed } from "#core/governance/governance.ts";
import { HASH_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import { BLOCK_HEADER_BYTES_MAX, COMMITTEE_SEATS_MAX } from "#core/limits.ts";
import { decodeHeader, type Block } from "#core/ledger/block.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import { checkReconfig, shownReconfig } from "#core/ledger/shown-reconfig.ts";
import { stateOfGenesis } from "#core/ledger/state.ts";
import { hasBeginning, horizonOf, isHeld } from "#core/ledger/stored-blocks.ts";
import { handoff as writtenHandoff } from "#core/ledger/trusted-committee.ts";
import {
  checkVouched,
  finalCertificates,
  unproven,
  unreadable,
  vouched,
  vouchedBy,
  type ProofContext,
  type ProofFault,
} from "#core/ledger/vouched.ts";
import { bytes, decodeShape, encodeShape, field, list, optional, record, type ValueOf } from "#core/wire/schema.ts";
import type { SealedFinality } from "./sealed-finality.ts";

/** A longer way from the genesis is not carried: the receipt then says on whose word it relies. */
const HANDOFFS_MAX = 64;

const dids = list(bytes(HASH_BYTES), COMMITTEE_SEATS_MAX, 1);

const handoff = record({
  /** Header of the checkpoint that names the next committee. */
  boundary: field(1, bytes(1, BLOCK_HEADER_BYTES_MAX)),
  /** Of nobody where nobody may vote any more: then the committee before stays. */
  committee: field(2, list(bytes(HASH_BYTES), COMMITTEE_SEATS_MAX)),
  vouched: field(3, vouched),
  /** Governors have named it: then key 1 is the header of the block that says so. */
  reconfigured: optional(4, shownReconfig),
});

const finalityProof = record({
  vouched: field(1, vouched),
  /** All of them, from the committee of the genesis on; or none, and the committees as whoever made this knew them. */
  handoffs: field(2, list(handoff, HANDOFFS_MAX)),
  claimed: optional(3, record({ forward: field(1, dids), rear: field(2, dids) })),
});

export type { ProofFault } from "#core/ledger/vouched.ts";

const FINAL_WITHIN = 64;

export interface MadeProof {
  readonly bytes: Uint8Array;
  /** By dids in hex: whose keys a reader needs. */
  readonly voters: ReadonlySet<string>;
}

/** The proof for a block of the head's chain; undefined while the chain makes nothing at or behind it final. */
export function makeFinalityProof(chain: Chain, block: Block): MadeProof | undefined {
  const first = firstFinalFrom(chain, block.header.serial);
  const way = first === undefined ? undefined : handoffsTo(chain, first.body.epoch);
  if (first === undefined || way === undefined) return undefined;
  const own = vouchedBy(chain, { serial: block.header.serial, id: block.id }, first);
  const { committees, handoffs } = way;
  const newest = committees.at(-1);
  if (own === undefined || newest === undefined) return undefined;
  const { forward, rear } = newest;
  const isWhole = handoffs.length <= HANDOFFS_MAX;
  const asBytes = (committee: readonly string[]): readonly Uint8Array[] => committee.map(didBytes);
  const proof = encodeShape(finalityProof, {
    vouched: own,
    handoffs: isWhole ? handoffs : [],
    ...(isWhole ? {} : { claimed: { forward: asBytes(forward), rear: asBytes(rear) } }),
  });
  return { bytes: proof, voters: new Set((isWhole ? committees : [newest]).flatMap(seatsOf)) };
}

/** Looked for in ever more blocks: behind an old one there may be years of them, and the certificate comes soon. */
function firstFinalFrom(chain: Chain, serial: number): QuorumCertificate | undefined {
  // The checkpoint that the nearest one makes final may be dropped.
  const isHere = ({ body: { source } }: QuorumCertificate): boolean =>
    source.serial === serial || isHeld(chain, source.serial);
  const near = finalCertificates(chain, serial, serial + FINAL_WITHIN).find(isHere);
  // Of blocks that were dropped no certificate is kept, and there may be years of them.
  const from = Math.max(serial, horizonOf(chain) - 1);
  for (let blocks = FINAL_WITHIN, first = near; ; blocks *= 4) {
    first ??= finalCertificates(chain, serial, from + blocks, from).find(isHere);
    if (first !== undefined || from + blocks >= chain.head.serial) return first;
  }
}

/** What a proof shows of the block with this serial and id. */
export function checkFinalityProof(
  context: ProofContext,
  block: { readonly serial: number; readonly id: Uint8Array },
  encoded: Uint8Array,
): Result<SealedFinality, ProofFault> {
  const proof = decodeShape(finalityProof, encoded);
  if (!proof.ok) return unreadable(proof.fault.code);
  const { crypto, genesis } = context;
  const committees = [firstCommittees(crypto, genesis)];
  let since = 0;
  for (const { boundary, committee, vouched: word, reconfigured } of proof.value.handoffs) {
    const header = decodeHeader({ crypto, network: genesis.network }, boundary);
    if (!header.ok) return unreadable(`boundary: ${header.fault.code}`);
    const next = committee.map(toHex);
    const { serial, nextCommittee } = header.value.header;
    const proven = { serial, id: header.value.id };
    if (reconfigured !== undefined) {
      const said = checkReconfig(context, { header: header.value.header, reconfigured, since });
      if (!said.ok) return said;
      if (said.value.join() !== next.join()) return unproven("another committee is named");
      // Those whom governors name vouch for the block that says so.
      committees.push(behind(committees, next, true));
      const byThem = checkVouched(context, proven, { word, committeesAt: newestOf(committees) });
      if (!byThem.ok) return byThem;
      since = serial + 1;
      continue;
    }
    const named = committeeHash((message) => crypto.sha256(message), next);
    if (nextCommittee === undefined || !equalBytes(nextCommittee, named)) return unproven("another committee is named");
    const certified = checkVouched(context, proven, { word, committeesAt: newestOf(committees) });
    if (!certified.ok) return certified;
    committees.push(behind(committees, next, false));
    since = serial;
  }
  const { claimed, vouched: word } = proof.value;
  if (claimed === undefined) {
    const certified = checkVouched(context, block, { word, committeesAt: newestOf(committees) });
    if (!certified.ok) return certified;
    return ok({ kind: "final", voters: committees.at(-1)?.forward.length ?? 0 });
  }
  const named = { forward: claimed.forward.map(toHex), rear: claimed.rear.map(toHex) };
  const certified = checkVouched(context, block, { word, committeesAt: () => named });
  if (!certified.ok) return certified;
  const { epoch, signatures } = certified.value.body;
  return ok({ kind: "claimed", signed: signatures.length, voters: seatsOf(named).length, epoch });
}

/** Only the newest epoch that is shown counts: its committee follows from all before it. */
function newestOf(committees: readonly Committees[]): (epoch: number) => Committees | string {
  const newest = committees.at(-1);
  return (epoch) =>
    newest === undefined || epoch !== committees.length - 1 ? `the voters of epoch ${epoch} are not shown` : newest;
}

function firstCommittees(crypto: Cryptography, genesis: Genesis): Committees {
  const forward = stateOfGenesis(crypto, genesis).finality.committees.at(-1) ?? [];
  return { forward, rear: forward };
}

/** Of the epoch behind those that are shown. */
function behind(committees: readonly Committees[], next: readonly string[], isNamedByGovernors: boolean): Committees {
  const before = committees.at(-1) ?? { forward: next, rear: next };
  if (isNamedByGovernors) return committeesNamed(before, next);
  return { forward: next.length === 0 ? before.forward : next, rear: before.forward };
}

interface Way {
  /** Of each epoch up to the wanted one. */
  readonly committees: readonly Committees[];
  readonly handoffs: readonly ValueOf<typeof handoff>[];
}

/** The handoffs of this chain up to the committee of an epoch; undefined when it does not have them all. */
function handoffsTo(chain: Chain, epoch: number): Way | undefined {
  const written = writtenHandoffs(chain, epoch);
  // Where there are governors a boundary may have named a committee that never began.
  const isInBlocks = hasBeginning(chain) && chain.genesis.body.governors === undefined;
  return written ?? (isInBlocks ? handoffsInBlocks(chain, epoch) : undefined);
}

function handoffsInBlocks(chain: Chain, epoch: number): Way | undefined {
  const committees = [firstCommittees(chain.context.crypto, chain.genesis)];
  const handoffs: ValueOf<typeof handoff>[] = [];
  for (let serial = 1; handoffs.length < epoch && serial <= chain.head.serial; serial += 1) {
    const link = chain.at(serial);
    const block = link?.block;
    const next = block?.header.nextCommittee === undefined ? undefined : link?.state.finality.next;
    if (block === undefined || next === undefined) continue;
    const certificate = finalCertificates(chain, serial).find(({ body }) => body.epoch === handoffs.length);
    const word = certificate === undefined ? undefined : vouchedBy(chain, { serial, id: block.id }, certificate);
    if (word === undefined) return undefined;
    handoffs.push({ boundary: block.headerBytes, committee: next.map(didBytes), vouched: word });
    committees.push(behind(committees, next, false));
  }
  return handoffs.length === epoch ? { committees, handoffs } : undefined;
}

/** Dids of those whose votes count for a block of the head's chain, by the handoffs: its state need not be at hand. */
export function votersOn(chain: Chain, serial: number): readonly string[] {
  const { committees, handoffs } = writtenHandoffs(chain, chain.handoffs.epoch) ?? { committees: [], handoffs: [] };
  const isBefore = ({ boundary, reconfigured }: ValueOf<typeof handoff>): boolean => {
    const header = decodeHeader(chain.context, boundary);
    if (!header.ok) return false;
    // Whom governors have named vouch for the block that says so themselves.
    return reconfigured === undefined ? serial <= header.value.header.serial : serial < header.value.header.serial;
  };
  const place = handoffs.findIndex(isBefore);
  const now = chain.head.state.finality.committees.at(-1) ?? [];
  return place === -1 ? now : (committees[place]?.forward ?? now);
}

/** As they were written down when they became final: the blocks need not be here any more. */
function writtenHandoffs(chain: Chain, epoch: number): Way | undefined {
  const committees = [firstCommittees(chain.context.crypto, chain.genesis)];
  const handoffs: ValueOf<typeof handoff>[] = [];
  for (const encoded of chain.handoffs.from(0).slice(0, epoch)) {
    const read = decodeShape(writtenHandoff, encoded);
    assert(read.ok, "what was written down can be read");
    const next = read.value.committee.map((inception) => deviceIdOf(chain.context.crypto, inception));
    const { boundary, vouched: word, reconfigured } = read.value;
    handoffs.push({ boundary, committee: next, vouched: word, ...(reconfigured && { reconfigured }) });
    committees.push(behind(committees, next.map(toHex), reconfigured !== undefined));
  }
  return handoffs.length === epoch ? { committees, handoffs } : undefined;
}

function didBytes(did: string): Uint8Array {
  const found = fromHex(did);
  assert(found?.length === HASH_BYTES, "a member's key is its did in hex");
  return found;
}
