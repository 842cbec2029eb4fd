/** What a bystander with a perfect line hears of a region, and what each gateway takes in: for the invariants. */
import { toHex } from "#base/bytes.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { decodeHeader, type HeaderBody } from "#core/ledger/block.ts";
import { decodeFact, type Fact } from "#core/ledger/fact.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import { decodeVote, type VoteBody } from "#core/finality/vote.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import { blockAnnouncement } from "#core/mesh/sync-messages.ts";
import { decodeWrapper } from "#core/mesh/wrapper.ts";
import { decodeShape } from "#core/wire/schema.ts";
import type { RegionNode } from "./region-node.ts";

/** A fact or a header as a gateway published it, each once. */
export type Said =
  | {
      readonly by: RegionNode;
      readonly atMs: number;
      readonly kind: "fact";
      readonly fact: Fact;
      /** The publisher has signed it; else it hands on what another one has. */
      readonly isOwn: boolean;
    }
  | { readonly by: RegionNode; readonly atMs: number; readonly kind: "vote"; readonly vote: VoteBody }
  | {
      readonly by: RegionNode;
      readonly atMs: number;
      readonly kind: "header";
      readonly header: HeaderBody;
      readonly key: string;
    };

/** A fact that a gateway took in: durable there, so that it must not be lost. */
export interface Accepted {
  readonly fact: Fact;
  readonly atMs: number;
}

export interface ObservationParts {
  readonly crypto: Cryptography;
  readonly genesis: Genesis;
  readonly nowMs: () => number;
}

export class Observation {
  readonly said: Said[] = [];
  readonly #parts: ObservationParts;
  readonly #seen = new Map<RegionNode, Set<string>>();
  readonly #accepted = new Map<RegionNode, Map<string, Accepted>>();

  constructor(parts: ObservationParts) {
    this.#parts = parts;
  }

  /** What is new of this kind; undefined for what was said before or is neither fact nor block. */
  hear(by: RegionNode, topic: string, payload: Uint8Array): Said | undefined {
    const kind = topic.includes("/tx/")
      ? "fact"
      : topic.endsWith("/blk")
        ? "header"
        : topic.endsWith("/vote")
          ? "vote"
          : "";
    if (kind === "") return undefined;
    const name = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("latin1");
    const seen = this.#seen.get(by) ?? new Set();
    this.#seen.set(by, seen);
    if (seen.has(name)) return undefined;
    seen.add(name);
    const wrapped = decodeWrapper(payload);
    if (!wrapped.ok) return undefined;
    const { object } = wrapped.value;
    const said =
      kind === "fact" ? this.#fact(by, object) : kind === "vote" ? this.#vote(by, object) : this.#header(by, object);
    if (said !== undefined) this.said.push(said);
    return said;
  }

  /** Facts that the gateway has signed and published. */
  ownWordsOf(node: RegionNode): readonly Extract<Said, { kind: "fact" }>[] {
    return this.said.flatMap((said) => (said.kind === "fact" && said.by === node && said.isOwn ? [said] : []));
  }

  accept(by: RegionNode, fact: Fact): void {
    const accepted = this.acceptedBy(by);
    if (!accepted.has(fact.key)) accepted.set(fact.key, { fact, atMs: this.#parts.nowMs() });
  }

  acceptedBy(node: RegionNode): Map<string, Accepted> {
    const accepted = this.#accepted.get(node) ?? new Map<string, Accepted>();
    this.#accepted.set(node, accepted);
    return accepted;
  }

  #fact(by: RegionNode, object: Uint8Array): Said | undefined {
    const { crypto, genesis, nowMs } = this.#parts;
    const fact = decodeFact({ crypto, network: genesis.network }, object);
    if (!fact.ok) return undefined;
    const message = toBeSigned(genesis.network, PURPOSE[fact.value.kind], fact.value.payload);
    const { publicKey } = by.identity.signer;
    const isOwn = fact.value.signatures.some((signature) => crypto.verify(publicKey, message, signature));
    return { by, atMs: nowMs(), kind: "fact", fact: fact.value, isOwn };
  }

  #vote(by: RegionNode, object: Uint8Array): Said | undefined {
    const { crypto, genesis, nowMs } = this.#parts;
    const vote = decodeVote(crypto, genesis.network, object);
    // Votes of others are handed on, too.
    if (!vote.ok || toHex(vote.value.body.member) !== by.identity.key) return undefined;
    return { by, atMs: nowMs(), kind: "vote", vote: vote.value.body };
  }

  #header(by: RegionNode, object: Uint8Array): Said | undefined {
    const { crypto, genesis, nowMs } = this.#parts;
    const announcement = decodeShape(blockAnnouncement, object);
    if (!announcement.ok) return undefined;
    const decoded = decodeHeader({ crypto, network: genesis.network }, announcement.value.header);
    if (!decoded.ok) return undefined;
    const { header, key } = decoded.value;
    return { by, atMs: nowMs(), kind: "header", header, key };
  }
}

/** Of a session fact, its address in hex; of an OPEN undefined. */
export function addressOf(fact: Fact): string | undefined {
  return "address" in fact.body ? toHex(fact.body.address) : undefined;
}
