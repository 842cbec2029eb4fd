/**
 * A chain that grows by a few words: who joins, what is signed, who seals when. Blocks are made by the production code
 * and by whoever the schedule names; `forgeHeader` makes those that nobody may make.
 */
import { toHex } from "#base/bytes.ts";
import { headerBody, type Block, type HeaderBody } from "#core/ledger/block.ts";
import { Chain, type ChainLink } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { makeGenesis, type Genesis, type Membership } from "#core/ledger/genesis.ts";
import { HARDENED_RULES, type LedgerRules } from "#core/ledger/rules.ts";
import { dueAt, schedule } from "#core/ledger/schedule.ts";
import { sealBlock } from "#core/ledger/seal-block.ts";
import type { LedgerState } from "#core/ledger/state.ts";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import type { Governors } from "#core/governance/governors.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import type { OpenBody } from "#core/session/facts.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned, idOf, toBeSigned } from "#core/wire/signed.ts";
import { ChargeBuilder, type Parties } from "./charge-builder.ts";
import { crypto, joinFact, makeActor, sha256, type Actor } from "./ledger-actors.ts";

export const STARTED_AT = 1_780_000_000;
export const OPERATOR = makeActor("operator", "station");
export const STATION = makeActor("charger-1", "station", "north");
export const VEHICLE = makeActor("vehicle-1", "vehicle", "south");
export const ARBITER = makeActor("arbiter", "arbiter", "court");

/** Easy to get a history by, and nobody votes; otherwise the default. */
export const EASY_RULES: LedgerRules = { ...HARDENED_RULES, historyMin: 1, counterpartiesMin: 1, finality: "off" };
/** The same where blocks become final by votes. */
export const VOTING_RULES: LedgerRules = { ...EASY_RULES, finality: "votes" };

export interface Region {
  readonly rules?: LedgerRules;
  readonly authorities?: readonly Actor[];
  /** Without it anybody may join. */
  readonly membership?: Membership;
  readonly governors?: Governors;
}

export interface SealChoice {
  readonly rank?: number;
  /** Unix seconds; when the rank is due in the absence of anything later. */
  readonly at?: number;
  readonly parent?: ChainLink;
  readonly facts?: readonly Fact[];
  /** Those that the chain holds and the parent's does not, if not given. */
  readonly certificates?: readonly QuorumCertificate[];
}

export class LedgerBuilder {
  readonly genesis: Genesis;
  readonly chain: Chain;
  readonly #actors = new Map<string, Actor>();

  constructor({ rules = EASY_RULES, authorities = [OPERATOR], membership, governors }: Region = {}) {
    this.genesis = makeGenesis(crypto, {
      version: membership === undefined ? 1 : 2,
      ...(membership && { membership }),
      ...(governors && { governors }),
      name: "test region",
      startedAt: STARTED_AT,
      rules,
      authorities: authorities.map(({ inception, organisation }) => [inception, organisation] as const),
    });
    this.chain = new Chain(crypto, this.genesis);
    for (const actor of [...authorities, STATION, VEHICLE]) this.know(actor);
  }

  get state(): LedgerState {
    return this.chain.head.state;
  }

  /** Somebody who can be asked to seal. */
  know(actor: Actor): Actor {
    this.#actors.set(toHex(actor.did), actor);
    return actor;
  }

  actorOf(did: string): Actor {
    const actor = this.#actors.get(did);
    if (actor === undefined) throw new Error("bug of the test: nobody has this device id");
    return actor;
  }

  join(...actors: readonly Actor[]): void {
    for (const actor of actors) this.submit(joinFact(this.genesis.network, this.know(actor)));
  }

  charge(parties: Parties = { station: STATION, vehicle: VEHICLE }, changes: Partial<OpenBody> = {}): ChargeBuilder {
    return new ChargeBuilder(this.genesis, parties, changes);
  }

  submit(...facts: readonly Fact[]): void {
    for (const fact of facts) {
      const added = this.chain.addFact(fact, this.state.sealedAt);
      if (!added.ok) throw new Error(`bug of the test: ${fact.kind}: ${JSON.stringify(added.fault)}`);
    }
  }

  /** A block by whoever holds the rank; not added. */
  make(choice: SealChoice = {}): Block {
    const { rank = 0, at = 0, parent = this.chain.head, facts = this.chain.mempool.facts() } = choice;
    const place = schedule(sha256, parent.state)[rank];
    if (place === undefined) throw new Error(`bug of the test: nobody has rank ${rank}`);
    const { did, signer } = this.actorOf(place.did);
    const sealedAt = Math.max(dueAt(parent.state, rank), at);
    const certificates = choice.certificates ?? this.chain.certificatesFor(parent);
    const seal = { miner: did, signer, rank, tier: place.tier, sealedAt, certificates };
    return sealBlock(parent.state, facts, seal, this.chain.context);
  }

  seal(choice: SealChoice = {}): Block {
    const block = this.make(choice);
    this.add(block);
    return block;
  }

  add(block: Block): void {
    const added = this.chain.addBlock(block, undefined);
    if (!added.ok) throw new Error(`bug of the test: ${JSON.stringify(added.fault)}`);
  }

  linkOf(block: Block): ChainLink {
    const link = this.chain.link(block.key);
    if (link === undefined) throw new Error("bug of the test: no such block");
    return link;
  }
}

/** The block with another header, signed again by anybody. */
export function forgeHeader(
  network: Uint8Array,
  block: Block,
  changes: Partial<HeaderBody>,
  signer: Signer = OPERATOR.signer,
): Block {
  const header = { ...block.header, ...changes };
  const headerPayload = encodeShape(headerBody, header);
  const signature = signer.sign(toBeSigned(network, PURPOSE.HEADER, headerPayload));
  const id = idOf(crypto, network, PURPOSE.HEADER, headerPayload);
  const headerBytes = encodeSigned(headerPayload, [signature]);
  return { ...block, header, headerPayload, signature, headerBytes, id, key: toHex(id) };
}
