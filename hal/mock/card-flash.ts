/**
 * The flash port over a simulated card, for one process: every call goes through the card, which may never answer it.
 */
import { assert } from "#base/assert.ts";
import { FlashError } from "#hal/ports/flash.ts";
import type { Flash, FlashErrorCode, FlashFile } from "#hal/ports/flash.ts";
import { FlashImage } from "./flash-image.ts";
import type { SeededRandom } from "./seeded-random.ts";

export type FlashOperation = "list" | "open" | "create" | "remove" | "read" | "write" | "sync";

/** What a process may do with the card, as long as it lives. */
export interface CardAccess {
  /**
   * Lets the action happen when its time has come; with a code when it is to fail. Never settles once the process is
   * dead.
   */
  call<Value>(operation: FlashOperation, action: (fault: FlashErrorCode | undefined) => Value): Promise<Value>;
  readonly files: Map<string, FlashImage>;
  readonly random: SeededRandom;
  roomBytes(): number;
  release(): void;
}

export class CardFlash implements Flash {
  readonly #card: CardAccess;
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(card: CardAccess) {
    this.#card = card;
  }

  list(): Promise<readonly string[]> {
    return this.#call("list", "card", () => [...this.#card.files.keys()].sort());
  }

  open(name: string): Promise<FlashFile> {
    return this.#call("open", name, () => {
      const image = this.#card.files.get(name);
      if (image === undefined) throw new FlashError("FLASH_MISSING", name);
      return this.#fileOf(name, image);
    });
  }

  async create(name: string, sizeBytes: number): Promise<FlashFile> {
    assert(Number.isSafeInteger(sizeBytes) && sizeBytes > 0, "a file has a size");
    return this.#call("create", name, () => {
      if (this.#card.files.has(name)) throw new FlashError("FLASH_EXISTS", name);
      if (sizeBytes > this.#card.roomBytes()) throw new FlashError("FLASH_FULL", name);
      const image = new FlashImage(new Uint8Array(sizeBytes));
      this.#card.files.set(name, image);
      return this.#fileOf(name, image);
    });
  }

  remove(name: string): Promise<void> {
    return this.#call("remove", name, () => {
      if (!this.#card.files.delete(name)) throw new FlashError("FLASH_MISSING", name);
    });
  }

  readNow(name: string, offset: number, length: number): Uint8Array {
    const image = this.#card.files.get(name);
    if (this.#isClosed) throw new FlashError("FLASH_IO", name, new Error("the flash is closed"));
    if (image === undefined) throw new FlashError("FLASH_MISSING", name);
    assert(offset >= 0 && length >= 0 && offset + length <= image.sizeBytes, "a read stays within the file");
    return image.read(offset, length);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.allSettled(this.#running);
    this.#card.release();
  }

  #fileOf(name: string, image: FlashImage): FlashFile {
    return new CardFile({ name, image, random: this.#card.random, call: this.#call.bind(this) });
  }

  /** A call that is to fail has no effect, unless it says what effect it has when it fails. */
  async #call<Value>(
    operation: FlashOperation,
    path: string,
    action: () => Value,
    failing: () => void = () => undefined,
  ): Promise<Value> {
    if (this.#isClosed) throw new FlashError("FLASH_IO", path, new Error("the flash is closed"));
    const running = this.#card.call(operation, (fault) => {
      if (fault === undefined) return action();
      failing();
      throw new FlashError(fault, path);
    });
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }
}

type Call = <Value>(
  operation: FlashOperation,
  path: string,
  action: () => Value,
  failing?: () => void,
) => Promise<Value>;

class CardFile implements FlashFile {
  readonly sizeBytes: number;
  readonly #name: string;
  readonly #image: FlashImage;
  readonly #random: SeededRandom;
  readonly #call: Call;
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(opened: {
    readonly name: string;
    readonly image: FlashImage;
    readonly random: SeededRandom;
    readonly call: Call;
  }) {
    this.#name = opened.name;
    this.#image = opened.image;
    this.#random = opened.random;
    this.#call = opened.call;
    this.sizeBytes = opened.image.sizeBytes;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    assert(offset >= 0 && length >= 0 && offset + length <= this.sizeBytes, "a read stays within the file");
    return this.#run("read", () => this.#image.read(offset, length));
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    assert(offset >= 0 && offset + bytes.length <= this.sizeBytes, "a write stays within the file");
    const given = bytes.slice();
    // A failing write leaves the first part of its bytes.
    const failing = (): void => {
      this.#image.write(offset, given.subarray(0, this.#random.integer(0, given.length)));
    };
    return this.#run(
      "write",
      () => {
        this.#image.write(offset, given);
      },
      failing,
    );
  }

  sync(): Promise<void> {
    return this.#run(
      "sync",
      () => {
        this.#image.sync();
      },
      () => {
        this.#image.loseSync();
      },
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#running);
  }

  async #run<Value>(operation: FlashOperation, action: () => Value, failing?: () => void): Promise<Value> {
    if (this.#isClosed) throw new FlashError("FLASH_IO", this.#name, new Error("the file is closed"));
    const running = this.#call(operation, this.#name, action, failing);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }
}
