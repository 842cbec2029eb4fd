/** Fetches the tables of a state part by part, from the top: which part is wanted next, and what it may be. */
import { equalBytes } from "#base/bytes.ts";
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { SNAPSHOT_STATE_BYTES_MAX, SNAPSHOT_WANTED_MAX } from "#core/limits.ts";
import { NOTHING } from "./authenticated-map.ts";
import type { Hash } from "./merkle-tree.ts";
import { emptyTables, ROOTED_TABLES } from "./state-tables.ts";
import { takePart, type PartEntry, type PartFault, type WantedPart } from "./table-part.ts";

export interface TableParts {
  readonly table: number;
  readonly parts: readonly WantedPart[];
}

export type TableFault = PartFault | { readonly code: "SNAPSHOT_TOO_LARGE"; readonly bytes: number };

export class TableFetch {
  readonly #hash: Hash;
  readonly #forms = emptyTables();
  /** The next part is the last. */
  readonly #wanted: { readonly table: number; readonly part: WantedPart }[];
  #bytes = 0;

  /** @param roots of the tables, in their order */
  constructor(hash: Hash, roots: readonly Uint8Array[]) {
    this.#hash = hash;
    this.#wanted = roots.flatMap((root, table) => {
      return equalBytes(root, NOTHING) ? [] : [{ table, part: { digits: [], hash: root } }];
    });
    // The charges come last: they name programs.
    this.#wanted.reverse();
  }

  /** Bytes of all entries so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Parts of one table, as many as may be asked for at once; undefined when all are there. */
  next(): TableParts | undefined {
    const first = this.#wanted.at(-1);
    if (first === undefined) return undefined;
    const parts: WantedPart[] = [];
    for (let place = this.#wanted.length - 1; place >= 0 && parts.length < SNAPSHOT_WANTED_MAX; place -= 1) {
      const each = this.#wanted[place];
      if (each?.table !== first.table) break;
      parts.push(each.part);
    }
    return { table: first.table, parts };
  }

  /** Takes what has come for the first parts of `next`, one after the other; after a fault those before it count. */
  take(
    items: readonly Uint8Array[],
    deliver: (table: number, entries: readonly PartEntry[]) => void,
  ): Result<void, TableFault> {
    if (items.length === 0) return fail({ code: "SNAPSHOT_WRONG_PART", reason: "nothing" });
    const asked = this.next();
    for (const [place, item] of items.entries()) {
      const part = asked?.parts[place];
      if (asked === undefined || part === undefined)
        return fail({ code: "SNAPSHOT_WRONG_PART", reason: "not asked for" });
      const name = ROOTED_TABLES[asked.table];
      assert(name !== undefined, "only tables are asked for");
      const { form } = this.#forms[name];
      const taken = takePart(form as never, part, item, this.#hash);
      if (!taken.ok) return taken;
      this.#bytes += item.length;
      if (this.#bytes > SNAPSHOT_STATE_BYTES_MAX) return fail({ code: "SNAPSHOT_TOO_LARGE", bytes: this.#bytes });
      this.#remove(part);
      for (const below of [...taken.value.below].reverse()) this.#wanted.push({ table: asked.table, part: below });
      deliver(asked.table, taken.value.entries);
    }
    return ok(undefined);
  }

  #remove(part: WantedPart): void {
    const at = this.#wanted.findLastIndex((each) => each.part === part);
    assert(at >= 0, "a part that was asked for is wanted");
    this.#wanted.splice(at, 1);
  }
}
