/** Records that came with a snapshot, beside those of the journal: until the journal has them, too. */
import type { FactContext } from "./fact.ts";
import type { RecordArchive, RecordPlace } from "./record-archive.ts";
import { recordKeys } from "./record-keys.ts";
import { decodeFrame, isRecordsFrame } from "./snapshot-frame.ts";

export class RecordOverlay implements RecordArchive {
  readonly #archive: RecordArchive;
  readonly #context: FactContext;
  readonly #records = new Map<string, Uint8Array>();

  constructor(archive: RecordArchive, context: FactContext) {
    this.#archive = archive;
    this.#context = context;
  }

  /** Takes the records of a frame, if it is one of records. */
  takeFrame(bytes: Uint8Array): void {
    const frame = isRecordsFrame(bytes) ? decodeFrame(bytes) : undefined;
    if (frame?.kind !== "records") return;
    for (const record of frame.records) {
      const [key] = recordKeys(this.#context, record);
      if (key !== undefined && !this.#archive.has(key)) this.#records.set(key, record);
    }
  }

  /** Those that the journal has not got, in their order. */
  get missing(): readonly Uint8Array[] {
    return [...this.#records].filter(([key]) => !this.#archive.has(key)).map(([, record]) => record);
  }

  note(key: string, place: RecordPlace): void {
    this.#archive.note(key, place);
  }

  has(key: string): boolean {
    return this.#archive.has(key) || this.#records.has(key);
  }

  read(key: string): Uint8Array | undefined {
    return this.#archive.read(key) ?? this.#records.get(key);
  }

  hasRotten(key: string): boolean {
    return this.#archive.hasRotten(key);
  }

  /** They are all in the journal. */
  clear(): void {
    this.#records.clear();
  }
}
