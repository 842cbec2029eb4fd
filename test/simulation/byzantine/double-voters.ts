/**
 * Voters who cast every vote that there can be: for each checkpoint that any honest gateway has ever followed, on
 * whichever branch, from each checkpoint below it, to everybody, whatever is cut.
 */
import { toHex } from "#base/bytes.ts";
import type { Chain, ChainLink } from "#core/ledger/chain.ts";
import type { RegionNode } from "../region/region-node.ts";
import type { Liar } from "./liar.ts";
import type { Scenario } from "./scenario.ts";

/** How far below a target its sources may lie, in checkpoints. */
const SOURCES_MAX = 6;

export class DoubleVoters {
  /** Targets, by height: how many different ones they have voted for. */
  readonly targets = new Map<number, Set<string>>();
  readonly #scenario: Scenario;
  readonly #liars: readonly Liar[];
  readonly #seen = new Set<string>();
  #lastTarget = 0;

  constructor(scenario: Scenario, liars: readonly Liar[]) {
    this.#scenario = scenario;
    this.#liars = liars;
  }

  /** These talk each half minute, and the liars vote each second. */
  async runFor(ms: number, talking: readonly RegionNode[]): Promise<void> {
    for (let second = 0; second < ms / 1_000; second += 1) {
      if (second % 30 === 0) for (const node of talking) this.#scenario.speak(node);
      await this.#scenario.runFor(1_000);
      this.#vote();
    }
  }

  /** As an honest voter would while there is one branch. */
  voteOnce(): void {
    const [first] = this.#scenario.honest;
    if (first === undefined) return;
    const chain = this.#scenario.chainOf(first);
    const target = checkpointsOf(chain).at(-1);
    if (target === undefined || target.serial <= this.#lastTarget || chain.justified.serial >= target.serial) return;
    this.#lastTarget = target.serial;
    for (const liar of this.#liars) liar.cast(liar.vote(chain, chain.justified, target));
  }

  #vote(): void {
    for (const node of this.#scenario.honest) {
      const chain = this.#scenario.chainOf(node);
      for (const target of checkpointsOf(chain)) this.#voteFor(chain, target);
    }
  }

  /** Heights at which they have voted for two branches. */
  get forkedHeights(): readonly number[] {
    return [...this.targets].filter(([, keys]) => keys.size > 1).map(([serial]) => serial);
  }

  #voteFor(chain: Chain, target: ChainLink): void {
    const key = toHex(target.id);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.targets.set(target.serial, (this.targets.get(target.serial) ?? new Set()).add(key));
    for (const source of sourcesOf(chain, target)) {
      for (const liar of this.#liars) liar.cast(liar.vote(chain, source, target));
    }
  }
}

/** Of the head's chain, above what is final there. */
export function checkpointsOf(chain: Chain): readonly ChainLink[] {
  const { checkpointBlocks } = chain.genesis.body.rules;
  const found: ChainLink[] = [];
  for (let serial = chain.final.serial + checkpointBlocks; serial <= chain.head.serial; serial += checkpointBlocks) {
    const link = chain.at(serial);
    if (link !== undefined) found.push(link);
  }
  return found;
}

function sourcesOf(chain: Chain, target: ChainLink): readonly ChainLink[] {
  const { checkpointBlocks } = chain.genesis.body.rules;
  const lowest = Math.max(0, target.serial - SOURCES_MAX * checkpointBlocks);
  const found: ChainLink[] = [];
  for (let link = target.parent; link !== undefined && link.serial >= lowest; link = link.parent) {
    if (link.serial % checkpointBlocks === 0) found.push(link);
  }
  return found;
}
