/**
 * Which blocks are in memory whole: the newest, and states at intervals as far back as a branch may still begin. All
 * others come from the archive, and their states are computed again from the nearest one that is kept.
 */
import { assert } from "#base/assert.ts";
import { toHex } from "#base/bytes.ts";
import { replayBlock, type LedgerContext } from "./apply-block.ts";
import { assembleBlock, type Block } from "./block.ts";
import { decodeFact } from "./fact.ts";
import { decodeBlockRecord, contentOf } from "./journal-record.ts";
import type { Link, LinkSource } from "./link.ts";
import type { RecordArchive } from "./record-archive.ts";
import type { LedgerState } from "./state.ts";

/** More than the time of the chain and a change of branch look back to as a rule. */
const WHOLE_MAX = 256;
/** So many of the head's own chain are among them, whatever else comes in. */
const WHOLE_OF_HEAD = 64;
/** Blocks from one kept state to the next: computing so many again takes a fraction of a second. */
const STATE_EVERY = 512;

export class LinkStore implements LinkSource {
  readonly #archive: RecordArchive;
  readonly #context: LedgerContext;
  readonly #branchDepthMax: number;
  readonly #whole: Link[] = [];
  readonly #withState: Link[] = [];

  constructor(archive: RecordArchive, context: LedgerContext, branchDepthMax: number) {
    this.#archive = archive;
    // What is read back was verified before it was stored.
    const crypto = Object.assign(Object.create(context.crypto) as LedgerContext["crypto"], { verify: () => true });
    this.#context = { ...context, crypto };
    this.#branchDepthMax = branchDepthMax;
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

  blockOf(link: Link): Block {
    const record = this.#archive.read(link.key);
    assert(record !== undefined, "a block that is not in memory is on flash");
    const read = decodeBlockRecord(contentOf(record));
    assert(read.ok, "a stored block has its form");
    const [headerBytes, ids] = read.value;
    const facts = ids.map((id) => {
      const stored = this.#archive.read(toHex(id));
      assert(stored !== undefined, "the facts of a stored block are stored");
      const fact = decodeFact(this.#context, contentOf(stored));
      assert(fact.ok && fact.value.key === toHex(id), "a stored fact is the one that was stored");
      return fact.value;
    });
    const block = assembleBlock(this.#context, headerBytes, facts, link.encodedResults);
    assert(block.ok && block.value.key === link.key, "a stored block is the one that was stored");
    return block.value;
  }

  stateOf(link: Link): LedgerState {
    const path: Link[] = [];
    let kept = link;
    for (; !kept.hasState; kept = kept.parent) {
      path.unshift(kept);
      assert(kept.parent !== undefined, "the genesis keeps its state");
    }
    let { state } = kept;
    for (const each of path) {
      const block = this.blockOf(each);
      const replayed = replayBlock(state, block, this.#context);
      assert(replayed.ok, "a stored block stands");
      state = replayed.value.state;
    }
    return state;
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
