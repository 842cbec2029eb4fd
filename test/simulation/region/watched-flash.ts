/**
 * A gateway's flash as its own board has it: slow when the seed says so, and every failure is marked with whose it is,
 * because many gateways share one process here and a board ends with the first failure that nobody handles.
 */
import type { Clock } from "#hal/ports/clock.ts";
import { FlashError, type Flash, type FlashFile } from "#hal/ports/flash.ts";

export interface FlashWatch {
  readonly clock: Clock;
  /** How long the next call takes; 0 for at once. */
  readonly delayMs: () => number;
  readonly onFailure: (error: FlashError) => void;
}

export function watchedFlash(flash: Flash, watch: FlashWatch): Flash {
  const call = <Value>(action: () => Promise<Value>): Promise<Value> => watchedCall(watch, action);
  return {
    list: () => call(() => flash.list()),
    open: async (name) => watchedFile(await call(() => flash.open(name)), watch),
    create: async (name, sizeBytes) => watchedFile(await call(() => flash.create(name, sizeBytes)), watch),
    remove: (name) => call(() => flash.remove(name)),
    readNow: (name, offset, length) => flash.readNow(name, offset, length),
    close: () => flash.close(),
  };
}

function watchedFile(file: FlashFile, watch: FlashWatch): FlashFile {
  const { sizeBytes } = file;
  return {
    sizeBytes,
    read: (offset, length) => watchedCall(watch, () => file.read(offset, length)),
    write: (offset, bytes) => {
      const given = bytes.slice();
      return watchedCall(watch, () => file.write(offset, given));
    },
    sync: () => watchedCall(watch, () => file.sync()),
    close: () => file.close(),
  };
}

async function watchedCall<Value>(watch: FlashWatch, action: () => Promise<Value>): Promise<Value> {
  const delayMs = watch.delayMs();
  if (delayMs > 0) {
    await new Promise<void>((resolve) => watch.clock.wakeAt(watch.clock.monotonicMs() + delayMs, resolve));
  }
  try {
    return await action();
  } catch (error) {
    if (error instanceof FlashError) watch.onFailure(error);
    throw error;
  }
}
