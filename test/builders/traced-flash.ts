/** A flash whose writes are written down: which file, where, how much, and when they were made durable. */
import type { Clock } from "#hal/ports/clock.ts";
import type { Flash, FlashFile } from "#hal/ports/flash.ts";

export interface FlashStep {
  /** Monotonic time of the simulated world. */
  readonly atMs: number;
  readonly folder: string;
  readonly file: string;
  readonly what: "create" | "write" | "sync";
  readonly offset: number;
  /** Of a file that is made, its size. */
  readonly bytes: number;
}

export function tracedFlash(flash: Flash, folder: string, clock: Clock, steps: FlashStep[]): Flash {
  const note = (file: string, what: FlashStep["what"], offset: number, bytes: number): void => {
    steps.push({ atMs: clock.monotonicMs(), folder, file, what, offset, bytes });
  };
  const traced = (name: string, file: FlashFile): FlashFile => ({
    sizeBytes: file.sizeBytes,
    read: (offset, length) => file.read(offset, length),
    write: (offset, bytes) => {
      note(name, "write", offset, bytes.length);
      return file.write(offset, bytes);
    },
    sync: () => {
      note(name, "sync", 0, 0);
      return file.sync();
    },
    close: () => file.close(),
  });
  return {
    list: () => flash.list(),
    open: async (name) => traced(name, await flash.open(name)),
    create: async (name, sizeBytes) => {
      note(name, "create", 0, sizeBytes);
      return traced(name, await flash.create(name, sizeBytes));
    },
    remove: (name) => flash.remove(name),
    readNow: (name, offset, length) => flash.readNow(name, offset, length),
    close: () => flash.close(),
  };
}
