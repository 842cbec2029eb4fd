/**
 * Reads a state back from the frames of a snapshot, up to one of their marks. Whether it is the right one is said by
 * the root in a header: `startFrom`.
 */
import { toHex } from "#base/bytes.ts";
import { rulesInForce } from "#core/governance/governance.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { codeNamed } from "./apply-code.ts";
import { BlockIds } from "./block-ids.ts";
import { decodeFinality, decodeFrame, type SnapshotEntry, type SnapshotMark } from "./snapshot-frame.ts";
import type { LedgerState } from "./state.ts";
import { emptyTables, PLAIN_TABLES, ROOTED_TABLES, type PlainTable, type StateTables } from "./state-tables.ts";
import { readTransaction, type LeftOut } from "./transaction-form.ts";
import { UncountedSessions } from "./uncounted-sessions.ts";

export interface ReadSnapshot {
  readonly state: LedgerState;
  readonly ids: BlockIds;
  readonly mark: SnapshotMark;
  /** Of the journal: some may be in it already. */
  readonly records: readonly Uint8Array[];
  /** From the committee of the genesis on. */
  readonly handoffs: readonly Uint8Array[];
}

export class SnapshotReader {
  readonly #genesis: LedgerState;
  readonly #crypto: Cryptography;
  readonly #leftOut: LeftOut;
  readonly #tables: StateTables = emptyTables();
  readonly #unsettled = new Set<string>();
  readonly #others = new Map<string, Set<string>>();
  readonly ids = new BlockIds();
  readonly #records: Uint8Array[] = [];
  readonly #handoffs: Uint8Array[] = [];
  #mark: SnapshotMark | undefined;
  #isSound = true;

  /** @param genesis the state of the region's genesis */
  constructor(genesis: LedgerState, crypto: Cryptography, reportsUpTo: LeftOut["reportsUpTo"]) {
    this.#genesis = genesis;
    this.#crypto = crypto;
    this.#leftOut = { codeNamed: (hash) => codeNamed(this.#tables, hash, crypto), reportsUpTo };
  }

  take(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    if (frame === undefined) this.#isSound = false;
    else if (frame.kind === "entries") for (const entry of frame.entries) this.#takeEntry(frame.table, entry);
    else if (frame.kind === "ids") this.#takeIds(frame.serial, frame.ids);
    else if (frame.kind === "records") this.#records.push(...frame.records);
    else if (frame.kind === "handoffs") this.#takeHandoffs(frame.epoch, frame.handoffs);
    else this.#mark = frame.mark;
  }

  /** The state of the last mark; undefined when the frames do not say one. */
  finish(): ReadSnapshot | undefined {
    const mark = this.#mark;
    const finality = mark === undefined ? undefined : decodeFinality(mark.finality);
    if (mark === undefined || finality === undefined || !this.#isSound) return undefined;
    for (const [did, others] of this.#others) this.#tables.counterparties.set(did, [...others].sort());
    const uncounted = new UncountedSessions();
    for (const session of mark.uncounted) uncounted.add(session);
    const { genesis, genesisId, authorities } = this.#genesis;
    const rules = rulesInForce(genesis.rules, finality.governance);
    const state: LedgerState = {
      ...{ rules, genesis, genesisId, authorities },
      ...mark.head,
      ...this.#tables,
      ...{ unsettled: this.#unsettled, uncounted, finality },
    };
    return { state, ids: this.ids, mark, records: this.#records, handoffs: this.#handoffs };
  }

  #takeHandoffs(epoch: number, handoffs: readonly Uint8Array[]): void {
    if (epoch > this.#handoffs.length) this.#isSound = false;
    this.#handoffs.splice(epoch, this.#handoffs.length, ...handoffs);
  }

  #takeIds(serial: number, ids: Uint8Array): void {
    if (serial > this.ids.size) this.#isSound = false;
    this.ids.cut(serial);
    this.ids.push(ids);
  }

  #takeEntry(number: number, [keyBytes, encoded]: SnapshotEntry): void {
    const name = ROOTED_TABLES[number];
    const key = name === undefined ? undefined : this.#tables[name].form.keyOf(keyBytes);
    if (name === undefined || key === undefined) {
      this.#isSound = false;
    } else if (encoded === null) {
      this.#tables[name].delete(key);
      this.#unsettled.delete(key);
    } else if (name === "transactions") {
      this.#takeTransaction(key, encoded);
    } else {
      this.#takePlain(name, key, encoded);
    }
  }

  #takeTransaction(key: string, encoded: Uint8Array): void {
    const entry = readTransaction(key, encoded, this.#leftOut);
    if (entry === undefined) {
      this.#isSound = false;
      return;
    }
    if ("packed" in entry.value) this.#unsettled.delete(key);
    else this.#unsettled.add(key);
    this.#tables.transactions.setEncoded(key, entry, (message) => this.#crypto.sha256(message));
  }

  #takePlain(name: PlainTable, key: string, encoded: Uint8Array): void {
    const plain = PLAIN_TABLES[name].decode(key, encoded);
    if (plain === undefined) {
      this.#isSound = false;
      return;
    }
    const entry = { encoded, value: { plain: plain as never }, expiresAt: Infinity };
    this.#tables[name].setEncoded(key, entry, (message) => this.#crypto.sha256(message));
    if (name !== "pairs") return;
    const [did = "", other = ""] = key.split(":");
    this.#others.set(did, (this.#others.get(did) ?? new Set<string>()).add(other));
  }
}

/** The ids that stand one after the other, in hex. */
export function idsIn(bytes: Uint8Array): readonly string[] {
  const length = 32;
  return Array.from({ length: Math.floor(bytes.length / length) }, (_, place) =>
    toHex(bytes.subarray(place * length, (place + 1) * length)),
  );
}
