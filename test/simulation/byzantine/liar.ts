/**
 * A member whose words are chosen by hand. It has its keys and lines of its own into every site, and knows whatever any
 * gateway knows: it looks into their chains, and says to each site what it likes.
 */
import { toHex } from "#base/bytes.ts";
import type { Block } from "#core/ledger/block.ts";
import type { Chain, ChainLink } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { dueAt, schedule, slotOf, type Place } from "#core/ledger/schedule.ts";
import { sealBlock, type Seal } from "#core/ledger/seal-block.ts";
import type { LedgerState } from "#core/ledger/state.ts";
import { findCheckpoint } from "#core/finality/finality-state.ts";
import { signVote, type Vote } from "#core/finality/vote.ts";
import { blockAnnouncement, shortIdsOf } from "#core/mesh/sync-messages.ts";
import { encodeShape } from "#core/wire/schema.ts";
import type { NodeIdentity } from "../region/node-identity.ts";
import type { Scenario } from "./scenario.ts";

const FRESH_SECONDS = 10;
const TURN_LOOKS_MAX = 1_800;

export interface LyingSeal extends Partial<Pick<Seal, "rank" | "tier" | "sealedAt" | "certificates">> {
  /** Those that wait in the chain when absent. */
  readonly facts?: readonly Fact[];
}

export class Liar {
  readonly identity: NodeIdentity;
  readonly #scenario: Scenario;

  constructor(scenario: Scenario, name: string) {
    this.#scenario = scenario;
    this.identity = scenario.node(name).identity;
  }

  /** Its place on a parent; undefined where it has none. */
  rankOn(state: LedgerState): number | undefined {
    const rank = this.placesOn(state).findIndex(({ did }) => did === this.identity.key);
    return rank < 0 ? undefined : rank;
  }

  placesOn(state: LedgerState): readonly Place[] {
    const { crypto } = this.#scenario.world.cryptography;
    return schedule((message) => crypto.sha256(message), state);
  }

  /** Until a block has just been sealed after which it has this rank. */
  async untilItsTurn(rank = 0): Promise<void> {
    const scenario = this.#scenario;
    const [first] = scenario.honest;
    if (first === undefined) throw new Error("bug of the test: nobody honest runs");
    const chain = scenario.chainOf(first);
    const isIts = (): boolean => {
      const { state } = chain.head;
      const isFresh = scenario.nowSeconds < state.sealedAt + FRESH_SECONDS;
      return isFresh && scenario.hasOneHead && this.rankOn(state) === rank;
    };
    for (let look = 0; !isIts(); look += 1) {
      if (look > TURN_LOOKS_MAX) throw new Error("bug of the test: it is never its turn");
      if (chain.mempool.size === 0) scenario.speak(first);
      await scenario.runFor(1_000);
    }
  }

  /** As early as its own rank is due, if not otherwise chosen. */
  seal(chain: Chain, parent: ChainLink, choice: LyingSeal = {}): Block {
    const { state } = parent;
    const rank = choice.rank ?? this.rankOn(state) ?? 0;
    const { did: miner, signer } = this.identity;
    const seal: Seal = {
      ...{ miner, signer, rank },
      tier: choice.tier ?? this.placesOn(state)[rank]?.tier ?? 2,
      sealedAt: choice.sealedAt ?? dueAt(state, rank),
      certificates: choice.certificates ?? chain.certificatesFor(parent),
    };
    return sealBlock(state, choice.facts ?? chain.mempool.facts(), seal, chain.context);
  }

  /** Two blocks of one slot: with what waits, and another one without the last fact or of another second. */
  sealTwice(chain: Chain, parent: ChainLink): readonly [Block, Block] {
    const block = this.seal(chain, parent);
    const { sealedAt, slot } = block.header;
    const later = sealedAt + 1;
    if (slotOf(parent.state, later) === slot) return [block, this.seal(chain, parent, { sealedAt: later })];
    return [block, this.seal(chain, parent, { facts: block.facts.slice(0, -1) })];
  }

  announce(block: Block, sites: readonly string[] = this.#scenario.world.sites): void {
    const shortIds = shortIdsOf(block.facts.map((fact) => fact.id));
    const certificates = block.certificates.map(({ bytes }) => bytes);
    const announcement = encodeShape(blockAnnouncement, { header: block.headerBytes, shortIds, certificates });
    this.#scenario.say({ kind: "block" }, announcement, sites);
  }

  /** From one checkpoint to another one of the same branch, with the target's epoch. */
  vote({ context }: Chain, source: ChainLink, target: ChainLink): Vote {
    const said = {
      epoch: findCheckpoint(target.state.finality, target)?.epoch ?? 0,
      source: { serial: source.serial, id: source.id },
      target: { serial: target.serial, id: target.id },
      member: this.identity.did,
    };
    return signVote(context, said, this.identity.signer);
  }

  cast({ bytes }: Vote, sites: readonly string[] = this.#scenario.world.sites): void {
    this.#scenario.say({ kind: "vote" }, bytes, sites);
  }
}

/** Serial of the block of the head's chain that holds the fact. */
export function sealedIn(chain: Chain, key: string): number | undefined {
  for (let serial = chain.head.serial; serial > 0; serial -= 1) {
    if (chain.at(serial)?.block?.facts.some((fact) => fact.key === key) === true) return serial;
  }
  return undefined;
}

export function minerOf(link: ChainLink | undefined): string {
  return link?.block === undefined ? "" : toHex(link.block.header.miner);
}
