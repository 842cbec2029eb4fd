/**
 * Writes snapshots of the ledger's state while the gateway runs. Never while another is being written, in pieces so
 * that nobody waits for a large one, and a flash that does not take it stops nothing: a start then reads more of the
 * journal.
 */
import type { RecordPlace } from "#core/ledger/record-archive.ts";
import type { SnapshotStore } from "#core/ledger/snapshot-store.ts";
import type { Snapshot, SnapshotWriter } from "#core/ledger/snapshot-writer.ts";
import type { EmitEvent } from "./events.ts";
import type { LedgerService } from "./ledger-service.ts";

export interface SnapshotKeeperParts {
  readonly ledger: Pick<LedgerService, "listen">;
  readonly writer: SnapshotWriter;
  readonly store: SnapshotStore;
  readonly log: {
    /** Behind the last durable record. */
    readonly end: RecordPlace;
    settled(): Promise<void>;
  };
  /** Moves what is in memory about records before the place, and can be had from flash, there. */
  readonly keepFull: (place: RecordPlace) => Promise<void>;
  readonly emit: EmitEvent;
}

/** Frames that are written at once. */
const PIECE_FRAMES = 8;

export class SnapshotKeeper {
  readonly #parts: SnapshotKeeperParts;
  #working: Promise<void> | undefined;
  #isRunning = false;

  constructor(parts: SnapshotKeeperParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#isRunning = true;
    this.#parts.ledger.listen({
      onFact: () => undefined,
      onBlock: () => undefined,
      onHead: () => {
        this.#look();
      },
    });
    // After a start that had to read the whole journal, the next one should not have to.
    this.#look();
  }

  /** Resolves when what was under way is on flash. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#working;
  }

  /**
   * Writes down a state that was fetched from others, as a generation of its own, and lets it be used as soon as the
   * next start would begin with it. Rejects when there is no room for it.
   */
  async install({ frames, bytes }: Pick<Snapshot, "frames" | "bytes">, use: () => void): Promise<void> {
    while (this.#working !== undefined) await this.#working;
    const { store, writer } = this.#parts;
    const work = (async (): Promise<void> => {
      // What has been written to so far is closed, whatever comes of this.
      writer.beginAnew();
      if (!(await store.begin(bytes)) || !(await this.#put({ frames, written: use }))) throw new NoRoom();
    })();
    // Nothing else is written while it is.
    this.#working = work.catch(() => undefined);
    await work.finally(() => {
      this.#working = undefined;
    });
  }

  #look(): void {
    this.#parts.writer.points.follow();
    if (!this.#isRunning || this.#working !== undefined || !this.#parts.writer.isDue) return;
    this.#working = this.#write()
      .catch((failure: unknown) => {
        this.#isRunning = false;
        const code = failure instanceof Error && "code" in failure ? String(failure.code) : "SNAPSHOT_NOT_WRITTEN";
        this.#parts.emit("refused", { what: "snapshot of the ledger", code, count: 1 });
      })
      .finally(() => {
        this.#working = undefined;
      });
  }

  async #write(): Promise<void> {
    const { writer, store, log, keepFull } = this.#parts;
    const changes = writer.take(log.end, "changes");
    if (changes === undefined || !(await this.#put(changes))) {
      const all = writer.take(log.end, "all");
      if (all === undefined || !(await store.begin(all.bytes))) return;
      await this.#put(all);
    }
    await keepFull(log.end);
  }

  /** False when there is no room for it in the generation. */
  async #put({ frames, written }: Pick<Snapshot, "frames" | "written">): Promise<boolean> {
    const { store, log } = this.#parts;
    // What the snapshot speaks of is on flash before it is.
    await log.settled();
    let piece: Uint8Array[] = [];
    for (const frame of frames) {
      piece.push(frame);
      if (piece.length < PIECE_FRAMES) continue;
      if (!(await store.append(piece))) return false;
      piece = [];
    }
    if (!(await store.append(piece))) return false;
    await store.sync();
    written();
    return true;
  }
}

/** As the flash says it of itself. */
class NoRoom extends Error {
  readonly code = "FLASH_FULL";
}
