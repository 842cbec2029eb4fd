/** Fetches the tables of a state and the facts that they name, and puts the state together. */
import { assert } from "#base/assert.ts";
import { equalBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { SnapshotRequest } from "#core/mesh/snapshot-messages.ts";
import type { LedgerContext } from "./apply-block.ts";
import type { BlockIds } from "./block-ids.ts";
import type { Fact } from "./fact.ts";
import type { Genesis } from "./genesis.ts";
import type { FoundHead } from "./head-fetch.ts";
import { RecordFetch, type RecordFault } from "./record-fetch.ts";
import { encodeEntries, encodeFinality, encodeMark, ENTRIES_PER_FRAME, type SnapshotEntry } from "./snapshot-frame.ts";
import { SnapshotReader } from "./snapshot-reader.ts";
import { stateRoot } from "./state-root.ts";
import { stateOfGenesis, type LedgerState } from "./state.ts";
import { PLAIN_TABLES, ROOTED_TABLES } from "./state-tables.ts";
import { TableFetch, type TableFault } from "./table-fetch.ts";
import type { PartEntry } from "./table-part.ts";
import { readTransaction } from "./transaction-form.ts";

export interface StateFetchParts {
  readonly context: LedgerContext;
  readonly genesis: Genesis;
}

type StateFault =
  | { readonly code: "SNAPSHOT_WRONG_HEAD"; readonly reason: string }
  | { readonly code: "SNAPSHOT_UNSIGNED"; readonly liars: readonly string[] };

const MEMBERS = ROOTED_TABLES.indexOf("members");
const CHARGES = ROOTED_TABLES.indexOf("transactions");

export class StateFetch {
  readonly #parts: StateFetchParts;
  readonly #head: FoundHead;
  readonly #tables: TableFetch;
  readonly #records: RecordFetch;
  readonly #reader: SnapshotReader;
  /** Charges that are read when their reports have come. */
  readonly #open: SnapshotEntry[] = [];

  constructor(parts: StateFetchParts, head: FoundHead) {
    const { context, genesis } = parts;
    this.#parts = parts;
    this.#head = head;
    this.#tables = new TableFetch((message) => context.crypto.sha256(message), head.about.tables);
    this.#records = new RecordFetch(context);
    const genesisState = stateOfGenesis(context.crypto, genesis);
    this.#reader = new SnapshotReader(genesisState, context.crypto, (last, openId) => {
      return this.#records.reportsUpTo(last, openId);
    });
  }

  get bytes(): number {
    return this.#tables.bytes;
  }

  get facts(): readonly Fact[] {
    return this.#records.facts;
  }

  next(): Pick<SnapshotRequest, "kind" | "from" | "wanted"> | undefined {
    const parts = this.#tables.next();
    if (parts !== undefined) {
      return { kind: "entries", from: parts.table, wanted: parts.parts.map(({ digits }) => Uint8Array.from(digits)) };
    }
    const ids = this.#records.next();
    return ids.length === 0 ? undefined : { kind: "records", from: 0, wanted: ids };
  }

  take(
    kind: SnapshotRequest["kind"],
    items: readonly Uint8Array[],
    peer: string,
  ): Result<void, TableFault | RecordFault> {
    if (kind === "records") return this.#records.take(items, peer);
    return this.#tables.take(items, (table, entries) => {
      this.#deliver(table, entries);
    });
  }

  /** The state, when all has come. After a fault some facts are wanted once more. */
  finish(ids: BlockIds): Result<LedgerState, StateFault> {
    this.#feed(CHARGES, this.#open);
    const { about, finality, uncounted, block } = this.#head;
    this.#reader.take(
      encodeMark({
        ...{ version: 1, genesisId: this.#parts.genesis.id, head: about.head, finality: encodeFinality(finality) },
        ...{ uncounted, checkpoint: { serial: block.header.serial, id: block.id }, score: 0 },
        ...{ later: NOTHING, waiting: NOTHING, certificates: [], place: 0 },
      }),
    );
    const read = this.#reader.finish();
    const hash = (message: Uint8Array): Uint8Array => this.#parts.context.crypto.sha256(message);
    const root = block.header.stateRoot;
    assert(root !== undefined, "a checkpoint has the root of its state");
    if (read === undefined || !equalBytes(stateRoot(hash, read.state), root)) {
      return fail({ code: "SNAPSHOT_WRONG_HEAD", reason: "the state cannot be read" });
    }
    assert(ids.size === block.header.serial, "the ids of all blocks before it are there");
    const liars = this.#records.dropUnsigned(read.state, this.#parts.context);
    return liars.length === 0 ? ok(read.state) : fail({ code: "SNAPSHOT_UNSIGNED", liars });
  }

  #deliver(table: number, entries: readonly PartEntry[]): void {
    const settled: SnapshotEntry[] = [];
    for (const [key, keyBytes, encoded] of entries) {
      if (table === MEMBERS) this.#needKeysOf(key, encoded);
      if (table === CHARGES && this.#needReports(key, encoded)) this.#open.push([keyBytes, encoded]);
      else settled.push([keyBytes, encoded]);
    }
    this.#feed(table, settled);
  }

  #feed(table: number, entries: readonly SnapshotEntry[]): void {
    for (let place = 0; place < entries.length; place += ENTRIES_PER_FRAME) {
      this.#reader.take(encodeEntries(table, entries.slice(place, place + ENTRIES_PER_FRAME)));
    }
  }

  #needKeysOf(key: string, encoded: Uint8Array): void {
    const member = PLAIN_TABLES.members.decode(key, encoded);
    this.#records.wishJoins(key, member?.certificates ?? []);
    for (const { rotateId } of member?.keys ?? []) if (rotateId !== undefined) this.#records.needRotation(rotateId);
  }

  /** Whether the charge has reports that are still held. */
  #needReports(key: string, encoded: Uint8Array): boolean {
    let hasReports = false;
    readTransaction(key, encoded, {
      codeNamed: () => NOTHING,
      reportsUpTo: (last, openId) => {
        hasReports = true;
        this.#records.needLog(last, openId);
        return [];
      },
    });
    return hasReports;
  }
}

const NOTHING = new Uint8Array();
