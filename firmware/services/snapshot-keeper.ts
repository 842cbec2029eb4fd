/**
 * Writes snapshots of the ledger's state while the gateway runs. Never while another is being written, in pieces so
 * that nobody waits for a large one, and a flash that does not take it stops nothing: a start then reads more of the
 * journal.
 */
import type { RecordPlace } from "#core/ledger/record-archive.ts";
import type { SnapshotStore } from "#core/ledger/snapshot-store.ts";
import type { Snapshot, SnapshotStart, SnapshotWriter } from "#core/ledger/snapshot-writer.ts";
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
  /** With what this gateway has begun, if that is what the generation ends with which is added to. */
  readonly startedWith?: SnapshotStart | undefined;
  /** Absent where everything is kept for ever. */
  readonly retention?: Retention | undefined;
  readonly emit: EmitEvent;
}

/** Drops what is older than its owner wants to keep. */
export interface Retention {
  /** Before which place records are old enough, while starts with blocks from a serial on stay possible. */
  due(below: number): RecordPlace | undefined;
  /**
   * Drops what it can before the place; what those starts need, and what is for ever, stays. Rejects with a coded error
   * when it cannot: then everything is where it was, or kept.
   */
  drop(upTo: RecordPlace, starts: readonly SnapshotStart[], isOver: () => boolean): Promise<void>;
}

/** Frames that are written at once. */
const PIECE_FRAMES = 8;

export class SnapshotKeeper {
  readonly #parts: SnapshotKeeperParts;
  #working: Promise<void> | undefined;
  #isRunning = false;
  /** How the generation ends that is added to, and how the one before it does; as far as that is known. */
  #newest: SnapshotStart | undefined;
  #before: SnapshotStart | undefined;

  constructor(parts: SnapshotKeeperParts) {
    this.#parts = parts;
    this.#newest = parts.startedWith;
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

  /** Resolves when what is under way is on flash. */
  get settled(): Promise<void> {
    return this.#working ?? Promise.resolve();
  }

  /** The same, and nothing more is begun. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#working;
  }

  /**
   * Writes down a state that was fetched from others, as a generation of its own, and lets it be used as soon as the
   * next start would begin with it. Rejects when there is no room for it.
   */
  async install(
    { frames, bytes }: Pick<Snapshot, "frames" | "bytes">,
    start: SnapshotStart,
    use: () => void,
  ): Promise<void> {
    while (this.#working !== undefined) await this.#working;
    const { store, writer } = this.#parts;
    const work = (async (): Promise<void> => {
      // What has been written to so far is closed, whatever comes of this.
      writer.beginAnew();
      this.#newest = undefined;
      this.#before = undefined;
      if (!(await store.begin(bytes)) || !(await this.#put({ frames, written: use }))) throw new NoRoom();
      this.#newest = start;
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
        this.#refuse("snapshot of the ledger", failure, "SNAPSHOT_NOT_WRITTEN");
      })
      .finally(() => {
        this.#working = undefined;
      });
  }

  async #write(): Promise<void> {
    const { writer, log, keepFull } = this.#parts;
    const changes = writer.take(log.end, "changes");
    if (changes !== undefined && (await this.#put(changes))) this.#newest = changes;
    else if (!(await this.#writeAll())) return;
    await keepFull(log.end);
    await this.#dropOld();
  }

  /** As a generation of its own; false when there is nothing to write, or no room. */
  async #writeAll(): Promise<boolean> {
    const { writer, store, log } = this.#parts;
    const all = writer.take(log.end, "all");
    if (all === undefined) return false;
    const before = this.#newest;
    // The other generation gives way to this one.
    this.#before = undefined;
    if (!(await store.begin(all.bytes)) || !(await this.#put(all))) return false;
    this.#newest = all;
    this.#before = before;
    return true;
  }

  /** Only while there are two generations with which a start can begin without what is dropped. */
  async #dropOld(): Promise<void> {
    const { retention, writer } = this.#parts;
    const below = Math.min(writer.points.oldest?.checkpoint.serial ?? 0, this.#newest?.serial ?? 0);
    const due = retention?.due(below);
    if (retention === undefined || due === undefined) return;
    const { place = 0, serial = 0 } = this.#before ?? {};
    const isPossible = place >= due && retention.due(Math.min(below, serial)) === due;
    if (!isPossible && !(await this.#writeAll())) return;
    const starts = [this.#newest, this.#before].flatMap((start) => start ?? []);
    if (starts.length < 2) return;
    const upTo = Math.min(due, ...starts.map(({ place }) => place));
    await retention
      .drop(upTo, starts, () => !this.#isRunning)
      .catch((failure: unknown) => {
        this.#refuse("dropping of old blocks", failure, "OLD_BLOCKS_NOT_DROPPED");
      });
  }

  #refuse(what: string, failure: unknown, otherwise: string): void {
    const code = failure instanceof Error && "code" in failure ? String(failure.code) : otherwise;
    this.#parts.emit("refused", { what, code, count: 1 });
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
