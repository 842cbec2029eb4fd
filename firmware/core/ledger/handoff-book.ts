/**
 * The handoffs of a chain from its genesis on, written down while the blocks are at hand from which they follow:
 * whoever joins later, or checks a proof, needs them when those blocks may be gone. About 3 KB for each epoch.
 */
import { assert } from "#base/assert.ts";
import { equalBytes, toHex } from "#base/bytes.ts";
import { committeeHash } from "#core/finality/committee.ts";
import { seatsOf, type Committees } from "#core/finality/finality-state.ts";
import { boundaryBehind } from "#core/governance/advance-governance.ts";
import type { Reconfigured } from "#core/governance/governance.ts";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { encodeInception } from "#core/identity/device-id.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { decodeHeader, type HeaderBody } from "./block.ts";
import type { Chain, ChainLink } from "./chain.ts";
import { inclusionPath } from "./merkle-tree.ts";
import type { LedgerState } from "./state.ts";
import { handoff, type Handoff } from "./trusted-committee.ts";
import { finalCertificates, isOfHead, vouchedBy } from "./vouched.ts";

/** The fact with an id in hex, as it travels. */
export type FactBytes = (key: string) => Uint8Array | undefined;

export class HandoffBook {
  readonly #factBytes: FactBytes;
  #encoded: Uint8Array[] = [];

  constructor(factBytes: FactBytes) {
    this.#factBytes = factBytes;
  }

  /** The epoch to whose committee they lead. */
  get epoch(): number {
    return this.#encoded.length;
  }

  /** Those from the committee of an epoch on. */
  from(epoch: number): readonly Uint8Array[] {
    return this.#encoded.slice(epoch);
  }

  /** Instead of what is in it: handoffs that were written down before, or checked. */
  begin(encoded: readonly Uint8Array[]): void {
    this.#encoded = [...encoded];
  }

  /** Writes down what has become final since; what it lacks something for waits. */
  follow(chain: Chain): void {
    this.#leaveOther(chain);
    while (this.epoch < chain.head.state.finality.epoch) {
      const next = this.#next(chain);
      if (next === undefined) return;
      this.#encoded.push(encodeShape(handoff, next));
    }
  }

  /**
   * Governors may have begun an epoch on the head's chain that a branch which was left had begun by a handoff: what
   * that boundary made final stays so, but its committee has not taken over. The other way round what is written is
   * final.
   */
  #leaveOther(chain: Chain): void {
    for (const { epoch, serial } of chain.head.state.finality.governance?.reconfigs ?? []) {
      const written = this.#encoded[epoch - 1];
      if (written !== undefined && headerIn(chain, written)?.serial !== serial) this.#encoded.splice(epoch - 1);
    }
  }

  #next(chain: Chain): Handoff | undefined {
    const named = chain.head.state.finality.governance?.reconfigs.find(({ epoch }) => epoch === this.epoch + 1);
    if (named !== undefined) return this.#reconfig(chain, named);
    const boundary = this.#boundary(chain);
    const block = boundary?.block;
    if (boundary === undefined || block === undefined) return undefined;
    const certificate = this.#certificate(chain, boundary);
    const word = certificate && vouchedBy(chain, boundary, certificate);
    const voters = this.#voters(chain, boundary);
    const rotations = voters && rotationsOf(chain.head.state, seatsOf(voters), this.#factBytes);
    if (word === undefined || voters === undefined || rotations === undefined) return undefined;
    const isNobody = equalBytes(block.header.nextCommittee ?? NOTHING, committeeHash(hashOf(chain), []));
    const committee = isNobody ? [] : voters.next.map((did) => inceptionOf(chain.head.state, did));
    return { boundary: block.headerBytes, committee, vouched: word, rotations };
  }

  /** Governors have named the committee; those whom they named must have made that final. */
  #reconfig(chain: Chain, { id, serial, epoch, committee }: Reconfigured): Handoff | undefined {
    const block = serial <= chain.final.serial ? chain.at(serial)?.block : undefined;
    const index = block?.facts.findIndex((fact) => equalBytes(fact.id, id)) ?? -1;
    const fact = block?.facts[index];
    if (block === undefined || fact === undefined) return undefined;
    const isTheirs = ({ body }: QuorumCertificate): boolean => body.epoch === epoch;
    const certificate = finalCertificates(chain, serial).find(isTheirs);
    const word = certificate && vouchedBy(chain, { serial, id: block.id }, certificate);
    const { state } = chain.head;
    const rotations = rotationsOf(state, committee, this.#factBytes);
    if (word === undefined || rotations === undefined) return undefined;
    const ids = block.facts.map((each) => each.id);
    return {
      boundary: block.headerBytes,
      committee: committee.map((did) => inceptionOf(state, did)),
      ...{ vouched: word, rotations },
      reconfigured: [fact.bytes, index, ids.length, inclusionPath(hashOf(chain), ids, index)],
    };
  }

  /** The block that names the next committee. Boundaries lie an epoch apart at least. */
  #boundary(chain: Chain): ChainLink | undefined {
    const { rules } = chain.genesis.body;
    const { checkpointBlocks } = rules;
    let serial = boundaryBehind(this.#lastBoundary(chain), rules);
    for (; serial <= chain.final.serial; serial += checkpointBlocks) {
      const link = chain.at(serial);
      if (link?.block?.header.nextCommittee !== undefined) return link;
    }
    return undefined;
  }

  #lastBoundary(chain: Chain): number {
    const last = this.#encoded.at(-1);
    return (last && headerIn(chain, last)?.serial) ?? 0;
  }

  /**
   * One that makes the boundary final, itself or by a checkpoint behind it; whether a final block holds it is the same.
   */
  #certificate(chain: Chain, { serial }: ChainLink): QuorumCertificate | undefined {
    const { checkpointBlocks } = chain.genesis.body.rules;
    const isIt = ({ body: { epoch, source, target } }: QuorumCertificate): boolean => {
      const isAdjacent = target.serial === source.serial + checkpointBlocks;
      return isAdjacent && epoch === this.epoch && source.serial >= serial && isOfHead(chain, source);
    };
    for (let later = serial + 1; later <= chain.head.serial; later += 1) {
      const found = chain.at(later)?.block?.certificates.find(isIt);
      if (found !== undefined) return found;
    }
    return chain.certificatesAbove(serial).find(isIt);
  }

  #voters(chain: Chain, boundary: ChainLink): (Committees & { readonly next: readonly string[] }) | undefined {
    const { epoch, committees } = chain.head.state.finality;
    const ahead = epoch - this.epoch;
    const [next, forward] = [committees.at(-ahead), committees.at(-ahead - 1)];
    const named = chain.head.state.finality.governance?.reconfigs.find((each) => each.epoch === this.epoch);
    const rear = named?.rear ?? (this.epoch === 0 ? forward : committees.at(-ahead - 2));
    if (next !== undefined && forward !== undefined && rear !== undefined) return { forward, rear, next };
    // More than one epoch has passed unseen: a journal of before this was written down.
    const { finality } = boundary.state;
    const [own, before] = [finality.committees.at(-1), finality.committees.at(-2)];
    if (own === undefined || finality.next === undefined) return undefined;
    return { forward: own, rear: before ?? own, next: finality.next };
  }
}

/** The ROTATE facts of these members; undefined when one is not at hand. */
export function rotationsOf(
  { members }: Pick<LedgerState, "members">,
  dids: readonly string[],
  factBytes: FactBytes,
): readonly Uint8Array[] | undefined {
  const ids = dids.flatMap((did) => members.get(did)?.keys.flatMap(({ rotateId }) => rotateId ?? []) ?? []);
  const found = ids.map((id) => factBytes(toHex(id)));
  return found.includes(undefined) ? undefined : found.filter((each) => each !== undefined);
}

/** As it was: its parts are the first key and the promise of the second. */
function inceptionOf({ members }: LedgerState, did: string): Uint8Array {
  const member = members.get(did);
  const first = member?.keys[0];
  assert(member !== undefined && first !== undefined, "who votes is a member");
  return encodeInception({ role: member.role, publicKey: first.publicKey, nextKeyDigest: first.nextKeyDigest });
}

/** Of the block that names the next committee, or holds the RECONFIG. */
function headerIn({ context }: Chain, encoded: Uint8Array): HeaderBody | undefined {
  const read = decodeShape(handoff, encoded);
  const header = read.ok ? decodeHeader(context, read.value.boundary) : undefined;
  return header?.ok === true ? header.value.header : undefined;
}

function hashOf({ context }: Chain): (message: Uint8Array) => Uint8Array {
  return (message) => context.crypto.sha256(message);
}

const NOTHING = new Uint8Array();
