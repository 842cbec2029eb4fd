/**
 * The blocks that may still be followed, which of their tips is the head, and what is final among them.
 *
 * The order of heads is total: who holds the highest final checkpoint, and nobody else; of these who holds the highest
 * justified one; then the greater score of the whole chain; then the lower id.
 */
import { compareBytes, toHex } from "#base/bytes.ts";
import { assert } from "#base/assert.ts";
import { highestJustified } from "#core/finality/finality-state.ts";
import { BlockIds } from "./block-ids.ts";
import { KnownFinality, type BeforeTheTree } from "./known-finality.ts";
import type { Link } from "./link.ts";

/** From the fork on, in the order of their serials. */
export interface BranchChange {
  readonly added: readonly Link[];
  readonly abandoned: readonly Link[];
}

/** What a tree that begins with a later block than the genesis knows of those before it. */
export interface OldBlocks {
  readonly base: Link;
  /** Of the chain that the base is in, by serial. */
  readonly ids: BlockIds;
  /** A block of any branch that is stored. */
  load(key: string): Link | undefined;
}

export class BlockTree {
  readonly genesis: Link;
  readonly known: KnownFinality;
  readonly #isVoting: boolean;
  readonly #links = new Map<string, Link>();
  /** The links of the head's chain by serial, from `base` on. */
  readonly #main: Link[];
  /** What was there before the start. */
  #old: OldBlocks | undefined;
  #base: Link;
  /** Those above the final one, each after its parent; empty where nobody votes. */
  readonly #open = new Set<Link>();
  #tallest = 0;

  /** @param old where the blocks up to a later one are, from which the tree begins; that one is final where any is */
  constructor(genesis: Link, old?: OldBlocks) {
    const { rules } = genesis.state;
    this.genesis = genesis;
    this.#isVoting = rules.finality !== "off";
    this.#base = old?.base ?? genesis;
    this.#old = old;
    this.#links.set(genesis.key, genesis);
    this.#links.set(this.#base.key, this.#base);
    this.#main = [this.#base];
    const final = this.#isVoting ? this.#base : genesis;
    const before = old === undefined ? undefined : beforeTree(old);
    this.known = new KnownFinality(final, rules.checkpointBlocks, (key) => this.#links.get(key), before);
  }

  /** From here on all links are in memory. */
  get base(): Link {
    return this.#base;
  }

  get head(): Link {
    const head = this.#main.at(-1);
    assert(head !== undefined, "a chain has its genesis");
    return head;
  }

  get final(): Link {
    return this.known.final;
  }

  /** Serial of the highest block that ever was here, on whichever branch. */
  get tallest(): number {
    return this.#tallest;
  }

  link(key: string): Link | undefined {
    return this.#links.get(key) ?? this.#oldLink(key);
  }

  /** The link of the head's chain at a serial. */
  at(serial: number): Link | undefined {
    if (serial >= this.#base.serial) return this.#main[serial - this.#base.serial];
    const key = this.idAt(serial);
    return key === undefined ? undefined : this.link(key);
  }

  /** The id of the head's chain at a serial, in hex. */
  idAt(serial: number): string | undefined {
    if (serial >= this.#base.serial) return this.#main[serial - this.#base.serial]?.key;
    return this.#old?.ids.at(serial);
  }

  isOfHead(link: { readonly serial: number; readonly key?: string }): boolean {
    const { serial } = link;
    if (serial >= this.#base.serial) return this.#main[serial - this.#base.serial] === link;
    return this.#old?.ids.at(serial) === link.key;
  }

  /** Where blocks are final, no other branch from before the start is of use to anybody. */
  #oldLink(key: string): Link | undefined {
    const link = this.#old?.load(key);
    if (link === undefined || link.serial >= this.#base.serial) return undefined;
    if (this.isOfHead(link)) return link;
    if (this.#isVoting) return undefined;
    // Of a block beside the head's chain there is one link only: branches are told apart by that.
    this.#links.set(key, link);
    return link;
  }

  /**
   * Begins with a later link of the head's chain, as a start would; where anybody votes it is final by now. Those
   * before it are no longer in memory, and are looked for where they are stored.
   */
  beginWith(link: Link, load: OldBlocks["load"]): void {
    const count = link.serial - this.#base.serial;
    const isSettled = !this.#isVoting || link.serial <= this.final.serial;
    assert(this.#main[count] === link && isSettled, "a tree begins with a final block");
    if (count === 0) return;
    // It may have to be read again, which fails where the card has let it rot: then nothing has changed.
    link.becomeFirst();
    const ids = this.#old?.ids ?? new BlockIds();
    for (const { id, key } of this.#main.splice(0, count)) {
      ids.push(id);
      if (key !== this.genesis.key) this.#links.delete(key);
    }
    this.#old = { base: link, ids, load };
    this.#base = link;
  }

  /** Puts a link into the tree; the head stays until `reorder`. */
  add(link: Link): void {
    this.#links.set(link.key, link);
    this.#tallest = Math.max(this.#tallest, link.serial);
    if (this.#isVoting) this.#open.add(link);
  }

  /**
   * Moves the head to where it belongs after a link or certificates have come, and drops what can be followed no more.
   */
  reorder(added: Link | undefined): BranchChange {
    const best = this.#best(added);
    const change = best === this.head ? { added: [], abandoned: [] } : this.#switchTo(best);
    if (this.#open.has(this.final)) this.#dropBesideFinal();
    return change;
  }

  #best(added: Link | undefined): Link {
    const { justified } = this.known;
    if (!this.isOfHead(justified)) return this.#bestAbove(justified);
    return added !== undefined && isBetter(added, this.head) && this.#isAbove(added, justified) ? added : this.head;
  }

  /** Whether the link descends from one of the head's chain, or is it. */
  #isAbove(link: Link, ancestor: Link): boolean {
    let each: Link | undefined = link;
    while (each !== undefined && each.serial > ancestor.serial && !this.isOfHead(each)) each = each.parent;
    return each !== undefined && (each === ancestor || each.serial > ancestor.serial);
  }

  #bestAbove(justified: Link): Link {
    const above = new Set<Link | undefined>([justified]);
    let best = justified;
    for (const link of this.#open) {
      if (!above.has(link.parent)) continue;
      above.add(link);
      if (isBetter(link, best)) best = link;
    }
    return best;
  }

  #switchTo(link: Link): BranchChange {
    const added: Link[] = [];
    let fork: Link | undefined = link;
    for (; fork !== undefined && !this.isOfHead(fork); fork = fork.parent) added.unshift(fork);
    assert(fork !== undefined, "every link descends from the genesis");
    while (this.#base.serial > fork.serial) this.#reachBack();
    const abandoned = this.#main.splice(fork.serial + 1 - this.#base.serial);
    this.#main.push(...added);
    return { added, abandoned };
  }

  /** Takes one block more from before the start into memory: a branch begins below the others. */
  #reachBack(): void {
    const { parent } = this.#base;
    assert(parent !== undefined && this.#old !== undefined, "before the base there are older blocks");
    this.#links.set(parent.key, parent);
    this.#main.unshift(parent);
    this.#old.ids.cut(parent.serial);
    this.#base = parent;
  }

  /** The final one has moved; the head holds it. */
  #dropBesideFinal(): void {
    const kept = new Set<Link | undefined>([this.final]);
    for (const link of this.#open) {
      if (kept.has(link.parent)) {
        kept.add(link);
        continue;
      }
      this.#open.delete(link);
      if (!this.isOfHead(link)) this.#links.delete(link.key);
    }
    // Every branch that is left holds what the final block's own chain holds.
    this.known.forget(highestJustified(this.final.state.finality).serial);
  }
}

function beforeTree({ base, ids }: OldBlocks): BeforeTheTree {
  const { justified } = base.state.finality;
  return { justified, holds: ({ serial, id }) => ids.at(serial) === toHex(id) };
}

function isBetter(link: Link, head: Link): boolean {
  return link.score > head.score || (link.score === head.score && compareBytes(link.id, head.id) < 0);
}
