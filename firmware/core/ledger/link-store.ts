/**
 * Which blocks are in memory whole: the newest, and states at intervals as far back as a branch may still begin. All
 * others come from the archive, and their states are computed again from the nearest one that is kept.
 */
import { assert } from "#base/assert.ts";
import { toHex } from "#base/bytes.ts";
import { replayBlock, type LedgerContext } from "./apply-block.ts";
import { assembleBlock, type Block, type HeaderBody } from "./block.ts";
import { decodeFact } from "./fact.ts";
import { contentOf, readStoredBlock, readStoredHeader, type StoredBlock } from "./journal-record.ts";
import { Link, type LinkSkeleton, type LinkSource } from "./link.ts";
import type { RecordArchive } from "./record-archive.ts";
import type { LedgerState } from "./state.ts";

/** More than the time of the chain and a change of branch look back to as a rule. */
const WHOLE_MAX = 256;
/** So many of the head's own chain are among them, whatever else comes in. */
const WHOLE_OF_HEAD = 64;
/** Blocks from one kept state to the next: computing so many again takes a fraction of a second. */
const STATE_EVERY = 512;

/** Links from before the start, and where those that are in memory begin. */
export interface OldTree {
  readonly base: Link;
  link(key: string): Link | undefined;
  isOfHead(link: Link): boolean;
}

const SCORE_MAX = 16;

/** What a block adds to the score of its chain. */
export function weightOf({ rank }: Pick<HeaderBody, "rank">): number {
  return Math.max(1, SCORE_MAX - rank[0]);
}

function parentIn(link: Link): Link {
  const { parent } = link;
  assert(parent !== undefined, "every block descends from the genesis");
  return parent;
}

export class LinkStore implements LinkSource {
  readonly #archive: RecordArchive;
  readonly #context: LedgerContext;
  readonly #branchDepthMax: number;
  readonly #whole: Link[] = [];
  readonly #withState: Link[] = [];
  #tree: OldTree | undefined;
  /** The last state that was computed again: blocks that follow the same one, or each other, come one after another. */
  #computed: { readonly link: Link; readonly state: LedgerState } | undefined;

  constructor(archive: RecordArchive, context: LedgerContext, branchDepthMax: number) {
    this.#archive = archive;
    // What is read back was verified before it was stored.
    const crypto = Object.assign(Object.create(context.crypto) as LedgerContext["crypto"], { verify: () => true });
    this.#context = { ...context, crypto };
    this.#branchDepthMax = branchDepthMax;
  }

  /** Where the parents of blocks from before the start are found. */
  standIn(tree: OldTree): void {
    this.#tree = tree;
  }

  /** A block of which there is no more in memory than that it is stored. */
  load(key: string): Link | undefined {
    const record = this.#archive.read(key);
    const skeleton = record && this.#skeletonIn(record);
    return skeleton?.key === key ? new Link(skeleton, this) : undefined;
  }

  parentOf(key: string): Link | undefined {
    return this.#tree?.link(key);
  }

  /** Along the head's chain up to a block that knows its own. */
  scoreOf(link: Link): number {
    const tree = this.#tree;
    assert(tree !== undefined, "old blocks are found in a tree");
    let score = 0;
    let each = link;
    for (; !tree.isOfHead(each); each = parentIn(each)) score += this.#weightOf(each);
    let above = tree.base;
    score += above.score;
    for (; above.serial > each.serial; above = parentIn(above)) score -= this.#weightOf(above);
    return score;
  }

  /** A link is new; others that have been whole for longest let go what they hold. */
  add(link: Link, head: Link, isOfHead: (link: Link) => boolean): void {
    this.#whole.push(link);
    for (let looked = this.#whole.length; looked > WHOLE_MAX; looked -= 1) {
      const oldest = this.#whole.shift();
      if (oldest === undefined) return;
      if (head.serial - oldest.serial < WHOLE_OF_HEAD && isOfHead(oldest)) this.#whole.push(oldest);
      else this.#letGo(oldest, head);
    }
  }

  blockOf(link: Link): Block | undefined {
    const found = this.#storedOf(link);
    if (found === undefined) return undefined;
    const { headerBytes, ids, certificates, isPart } = found;
    const facts = ids.flatMap((id) => {
      const stored = this.#archive.read(toHex(id));
      if (stored === undefined) return [];
      const fact = decodeFact(this.#context, contentOf(stored));
      assert(fact.ok && fact.value.key === toHex(id), "a stored fact is the one that was stored");
      return [fact.value];
    });
    // Of a block that was dropped some are kept. Of any other all are, unless the card has let one of them rot.
    if (facts.length < ids.length && !isPart) return undefined;
    const block = assembleBlock(this.#context, headerBytes, { facts, results: link.encodedResults, certificates });
    assert(block.ok && block.value.key === link.key, "a stored block is the one that was stored");
    return block.value;
  }

  holdsFactsOf(link: Link): boolean {
    const stored = this.#storedOf(link);
    return stored !== undefined && stored.ids.every((id) => this.#archive.has(toHex(id)));
  }

  stateOf(link: Link): LedgerState {
    const path: Link[] = [];
    let kept = link;
    for (; !kept.hasState && kept !== this.#computed?.link; kept = kept.parent) {
      path.unshift(kept);
      assert(kept.parent !== undefined, "the genesis keeps its state");
    }
    let state = kept === this.#computed?.link ? this.#computed.state : kept.state;
    for (const each of path) {
      const block = this.blockOf(each);
      assert(block !== undefined, "a block whose state may be asked for is stored whole");
      const replayed = replayBlock(state, block, this.#context);
      assert(replayed.ok, "a stored block stands");
      state = replayed.value.state;
    }
    this.#computed = { link, state };
    return state;
  }

  #weightOf(link: Link): number {
    const header = link.block?.header;
    assert(header !== undefined, "the genesis adds nothing to a score");
    return weightOf(header);
  }

  /** Undefined when the card has let it rot. */
  #storedOf({ key }: Link): StoredBlock | undefined {
    const record = this.#archive.read(key);
    if (record === undefined) return undefined;
    const stored = readStoredBlock(record);
    assert(stored !== undefined, "a stored block has its form");
    return stored;
  }

  #skeletonIn(record: Uint8Array): LinkSkeleton | undefined {
    const read = readStoredHeader(this.#context, record);
    if (read === undefined) return undefined;
    const { serial, sealedAt, previous } = read.header.header;
    const { results: encodedResults, isPart } = read.stored;
    return { key: read.header.key, serial, sealedAt, parentKey: toHex(previous), encodedResults, isPart };
  }

  #letGo(link: Link, head: Link): void {
    const isKept = link.serial % STATE_EVERY === 0;
    link.letGo(isKept ? "state" : "nothing");
    if (isKept) this.#withState.push(link);
    const [oldest] = this.#withState;
    if (oldest === undefined || oldest.serial + this.#branchDepthMax + STATE_EVERY > head.serial) return;
    this.#withState.shift();
    oldest.letGo("nothing");
  }
}
