/**
 * Makes this gateway's own OCMF record of each of its charges, once its side has ended, and keeps it on flash. Pages
 * are counted from 1 without a gap, over restarts and power cuts.
 *
 * The page is noted before the record is written. After a power cut between the two, the next start finds the page
 * without its record, which nobody has seen, and uses it. A page whose record was there and is lost is never used
 * again.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Fact } from "#core/ledger/fact.ts";
import type { RecordLog, SafetyRegister } from "#core/ledger/record-log.ts";
import type { Transaction } from "#core/ledger/state.ts";
import type { Role } from "#core/session/facts.ts";
import type { EmitEvent } from "./events.ts";
import type { LedgerService } from "./ledger-service.ts";
import { decodeOcmfEntry, decodePageMemory, encodeOcmfEntry, encodePageMemory } from "./ocmf-entry.ts";

export interface OcmfServiceParts {
  readonly ledger: LedgerService;
  readonly log: RecordLog;
  /** What was in the log when it was opened. */
  readonly stored: readonly Uint8Array[];
  /** Records of it that were durable cannot be read any more. */
  readonly isDamaged: boolean;
  readonly register: SafetyRegister;
  readonly did: Uint8Array;
  readonly role: Role;
  /** The signed record; undefined when there is nothing to say of this charge. */
  readonly makeRecord: (transaction: Transaction, page: number) => string | undefined;
  readonly emit: EmitEvent;
}

export class OcmfService {
  readonly #parts: OcmfServiceParts;
  /** Addresses of charges that have their record. */
  readonly #made = new Set<string>();
  #page = 0;
  #since = 0;
  #canKeep = true;
  #working: Promise<void> = Promise.resolve();

  constructor(parts: OcmfServiceParts) {
    this.#parts = parts;
  }

  /** Resolves when every charge that ended before has its record, or its making was told to have failed. */
  async start(): Promise<void> {
    await this.#take();
    const { ledger, did, role } = this.#parts;
    ledger.listen({
      onFact: (fact) => {
        this.#look(fact);
      },
      onBlock: () => undefined,
      onHead: ({ added }) => {
        for (const { results } of added) for (const { address } of results) this.#enqueue(address);
      },
    });
    const ended = [...ledger.chain.pending.transactions.entries().values()]
      .filter(({ open }) => equalBytes(open[role], did))
      .filter((transaction) => endedAt(transaction, role) >= this.#since)
      .sort((left, right) => left.open.startedAt - right.open.startedAt);
    for (const { address } of ended) this.#enqueue(address);
    await this.#working;
  }

  /** Resolves when what was under way is on flash. */
  async stop(): Promise<void> {
    await this.#working;
    this.#canKeep = false;
  }

  /** What is on flash from before. */
  async #take(): Promise<void> {
    const { stored, isDamaged, register, ledger, emit } = this.#parts;
    for (const record of stored) {
      const entry = decodeOcmfEntry(record);
      if (!entry.ok) continue;
      this.#made.add(toHex(entry.value.address));
      this.#page = Math.max(this.#page, entry.value.page);
    }
    const memory = register.value === undefined ? undefined : decodePageMemory(register.value);
    this.#since = memory?.since ?? ledger.nowSeconds;
    if (memory === undefined) await register.write(encodePageMemory({ page: this.#page, since: this.#since }));
    const noted = memory?.page ?? 0;
    if (noted <= this.#page || (noted === this.#page + 1 && !isDamaged)) return;
    emit("refused", { what: "own OCMF records", code: "OCMF_RECORDS_LOST", count: noted - this.#page });
    this.#page = noted;
  }

  #look(fact: Fact): void {
    if (fact.kind === "COMPLETE" && fact.body.role === this.#parts.role) this.#enqueue(fact.body.address);
  }

  /** One after the other: each has the page behind the one before. */
  #enqueue(address: Uint8Array): void {
    this.#working = this.#working
      .then(() => this.#make(address))
      .catch((failure: unknown) => {
        this.#fail(failure);
      });
  }

  async #make(address: Uint8Array): Promise<void> {
    const { ledger, did, role, makeRecord, register, log } = this.#parts;
    const key = toHex(address);
    const transaction = ledger.chain.pending.transactions.get(key);
    if (!this.#canKeep || transaction === undefined || this.#made.has(key)) return;
    if (!equalBytes(transaction.open[role], did)) return;
    const page = this.#page + 1;
    const text = makeRecord(transaction, page);
    if (text === undefined) return;
    await register.write(encodePageMemory({ page, since: this.#since }));
    await log.append(encodeOcmfEntry({ version: 1, address, page, text }));
    this.#page = page;
    this.#made.add(key);
  }

  /** A gateway trades, and both sides' facts stand, without this record; what the card refuses is told, once. */
  #fail(failure: unknown): void {
    this.#canKeep = false;
    const code = failure instanceof Error && "code" in failure ? String(failure.code) : "OCMF_NOT_MADE";
    this.#parts.emit("refused", { what: "own OCMF record", code, count: 1 });
  }
}

/** Unix seconds. Of a charge without this side's last word, its start: the end is not known. */
function endedAt({ open, completes }: Transaction, role: Role): number {
  return open.startedAt + Math.floor((completes[role]?.atMs ?? 0) / 1000);
}
