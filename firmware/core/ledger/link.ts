/**
 * A block in its place in the tree. What it says, and the state after it, are many kilobytes: of an old block only the
 * skeleton is kept, and the rest is had again from the archive when somebody asks.
 */
import { assert } from "#base/assert.ts";
import { fromHex, toHex } from "#base/bytes.ts";
import { decodeShape } from "#core/wire/schema.ts";
import { resultBody, type Block, type ResultBody } from "./block.ts";
import type { LedgerState } from "./state.ts";

export interface ChainLink {
  /** Absent for the genesis, and where the card has let it rot. */
  readonly block: Block | undefined;
  readonly parent: ChainLink | undefined;
  /** After the block. Of an old one it has to be computed again: whoever only wants `serial` or `id` asks for those. */
  readonly state: LedgerState;
  /** Whether the state is at hand, and has not to be computed again. */
  readonly hasState: boolean;
  readonly results: readonly ResultBody[];
  readonly score: number;
  readonly serial: number;
  readonly id: Uint8Array;
  /** Unix seconds. */
  readonly sealedAt: number;
}

/** Where a link gets back what it has let go, or never had. */
export interface LinkSource {
  parentOf(key: string): Link | undefined;
  scoreOf(link: Link): number;
  /** With those of its facts that are kept; undefined when they cannot be had any more. */
  blockOf(link: Link): Block | undefined;
  holdsFactsOf(link: Link): boolean;
  stateOf(link: Link): LedgerState;
}

export interface LinkContent {
  readonly key: string;
  readonly block: Block | undefined;
  readonly parent: Link | undefined;
  readonly state: LedgerState;
  readonly score: number;
}

/** What the record of a block says of its place. */
export interface LinkSkeleton extends Pick<ChainLink, "serial" | "sealedAt"> {
  readonly key: string;
  readonly encodedResults: readonly Uint8Array[];
  readonly parentKey: string;
  /** Only some of its facts are kept, with a record that says so. */
  readonly isPart: boolean;
}

export class Link implements ChainLink {
  readonly key: string;
  readonly serial: number;
  readonly sealedAt: number;
  /** The results as the block writes them. */
  readonly encodedResults: readonly Uint8Array[];
  readonly #source: LinkSource | undefined;
  readonly #parentKey: string | undefined;
  #parent: Link | undefined;
  #score: number | undefined;
  #block: Block | undefined;
  #state: LedgerState | undefined;
  readonly #isPart: boolean | undefined;
  #staysWhole = false;

  constructor(content: LinkContent | LinkSkeleton, source: LinkSource | undefined) {
    this.key = content.key;
    this.#source = source;
    if ("state" in content) {
      const { block, parent, state, score } = content;
      this.serial = state.serial;
      this.sealedAt = state.sealedAt;
      this.encodedResults = block === undefined || block.results.length === 0 ? NO_RESULTS : block.results;
      this.#parentKey = block === undefined ? undefined : toHex(block.header.previous);
      this.#parent = parent;
      this.#score = score;
      this.#block = block;
      this.#state = state;
      this.#isPart = false;
    } else {
      this.serial = content.serial;
      this.sealedAt = content.sealedAt;
      this.encodedResults = content.encodedResults;
      this.#parentKey = content.parentKey;
      this.#isPart = content.isPart ? true : undefined;
    }
  }

  /** Undefined for the genesis only. */
  get parent(): Link | undefined {
    if (this.#parent === undefined && this.#parentKey !== undefined) {
      this.#parent = this.#source?.parentOf(this.#parentKey);
    }
    return this.#parent;
  }

  get score(): number {
    this.#score ??= this.#source?.scoreOf(this);
    assert(this.#score !== undefined, "a link without a source knows its score");
    return this.#score;
  }

  get id(): Uint8Array {
    const id = this.#block?.id ?? fromHex(this.key);
    assert(id !== undefined, "the key of a link is its id in hex");
    return id;
  }

  get block(): Block | undefined {
    return this.#block ?? (this.serial === 0 ? undefined : this.#source?.blockOf(this));
  }

  get state(): LedgerState {
    const state = this.#state ?? this.#source?.stateOf(this);
    assert(state !== undefined, "a link without a source keeps its state");
    return state;
  }

  get results(): readonly ResultBody[] {
    return this.encodedResults.map((encoded) => {
      const result = decodeShape(resultBody, encoded);
      assert(result.ok, "a result that was computed can be read");
      return result.value;
    });
  }

  get hasState(): boolean {
    return this.#state !== undefined;
  }

  /** Whether all of its facts are here: of one that was dropped there may be some. */
  get isWhole(): boolean {
    return this.#isPart === undefined ? (this.#source?.holdsFactsOf(this) ?? true) : !this.#isPart;
  }

  /** The tree begins with it from now on: it keeps what it holds, and knows its parent no better than an old one. */
  becomeFirst(): void {
    const { state, block, score } = this;
    this.#state = state;
    this.#block = block;
    this.#score = score;
    this.#parent = undefined;
    this.#staysWhole = true;
  }

  /** Keeps the skeleton, and if it must be quick to come back here, the state. */
  letGo(keeps: "nothing" | "state"): void {
    assert(this.#source !== undefined && this.serial > 0, "what is let go can be had again");
    if (this.#staysWhole) return;
    this.#block = undefined;
    if (keeps === "nothing") this.#state = undefined;
  }
}

const NO_RESULTS: readonly Uint8Array[] = [];
