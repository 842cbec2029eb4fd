/**
 * The two things that Node has no call for: `ioctl`, and being told when a descriptor has something to read. Both come
 * from koffi (decision 0021), loaded when the first chip is opened: 20 ms and 6 MB that a gateway without GPIO saves.
 */
import { closeSync } from "node:fs";
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { GpioFault } from "#hal/ports/gpio-chip.ts";

export interface KernelCalls {
  /** Returns 0, or the error's number. The kernel reads and writes the bytes. */
  ioctl(descriptor: number, call: number, bytes: Uint8Array): number;
  /** Calls back in the event loop as long as there is something to read. Undefined if this cannot be watched. */
  watchReadable(descriptor: number, onReadable: () => void): StopWatching | undefined;
}

export type StopWatching = () => void;

/** @returns GPIO_BINDING_MISSING where koffi is not installed or has no binary for this machine. */
export async function loadKernelCalls(): Promise<Result<KernelCalls, GpioFault>> {
  try {
    const { default: koffi } = await import("koffi");
    const library = koffi.load(null);
    const ioctl = library.func("int ioctl(int descriptor, unsigned long call, ...)");
    const epollCreate = library.func("int epoll_create1(int flags)");
    const epollControl = library.func("int epoll_ctl(int epoll, int operation, int descriptor, void *event)");
    return ok({
      ioctl: (descriptor, call, bytes) => {
        const outcome: unknown = ioctl(descriptor, call, "void *", bytes);
        assert(typeof outcome === "number", "ioctl returns a number");
        return outcome < 0 ? koffi.errno() : 0;
      },
      watchReadable: (descriptor, onReadable) => {
        const epoll: unknown = epollCreate(0);
        if (typeof epoll !== "number" || epoll < 0) return undefined;
        const outcome: unknown = epollControl(epoll, EPOLL_CTL_ADD, descriptor, epollInEvent());
        closeSync(epoll);
        return outcome === 0 ? watch(koffi.node.poll, descriptor, onReadable) : undefined;
      },
    });
  } catch (error) {
    return fail({ code: "GPIO_BINDING_MISSING", reason: error instanceof Error ? error.message : String(error) });
  }
}

/** koffi ends the whole process when the event loop refuses a descriptor, so a try of ours goes before. */
const EPOLL_CTL_ADD = 1;

/** `struct epoll_event` with EPOLLIN; 16 bytes are enough for its packed form, too. */
function epollInEvent(): Uint8Array {
  const event = new Uint8Array(16);
  event[0] = 1;
  return event;
}

interface PollHandle {
  close(): void;
}

type Poll = (descriptor: number, options: { readable: boolean }, onEvent: () => void) => PollHandle;

/**
 * The handle calls from outside Node's own callbacks, so promises that it settled would wait for somebody else's turn,
 * and an exception would get lost: the work is done in the immediates of the same round. The handle must be kept as
 * long as it watches, it stops when it is collected.
 */
function watch(poll: Poll, descriptor: number, onReadable: () => void): StopWatching {
  let isStopped = false;
  const tell = (): void => {
    if (!isStopped) onReadable();
  };
  const handle = poll(descriptor, { readable: true }, () => setImmediate(tell));
  return () => {
    if (isStopped) return;
    isStopped = true;
    handle.close();
  };
}
