/**
 * What the kernel knows of the date: `adjtimex(2)`, which every program that sets the clock by a time server tells
 * (chrony, ntpd, systemd-timesyncd, ptp4l). Reading it needs no privilege.
 */
import { assert } from "#base/assert.ts";

export interface KernelTime {
  /** Nobody has set the date since the start, it was set by hand, or the last correction is too long ago. */
  readonly isUnsynced: boolean;
  /** Bound of the error; grows by 500 millionths between corrections. */
  readonly errorMaxMs: number;
}

export type ReadKernelTime = () => KernelTime | undefined;

/** Resolves to undefined where the kernel cannot be called: no koffi, another system, a 32-bit one. */
export async function openKernelTime(): Promise<ReadKernelTime | undefined> {
  if (process.platform !== "linux" || !SIXTY_FOUR_BIT.has(process.arch)) return undefined;
  try {
    const { default: koffi } = await import("koffi");
    const adjtimex = koffi.load(null).func("int adjtimex(void *timex)");
    const read = (): KernelTime | undefined => {
      // All zeros: `modes` 0 changes nothing.
      const timex = new Uint8Array(TIMEX_BYTES);
      const outcome: unknown = adjtimex(timex);
      assert(typeof outcome === "number", "adjtimex returns a number");
      return outcome < 0 ? undefined : kernelTimeIn(timex, outcome);
    };
    // A sandbox may forbid the call altogether.
    return read() === undefined ? undefined : read;
  } catch {
    return undefined;
  }
}

/**
 * `struct timex` on a 64-bit Linux (include/uapi/linux/timex.h): int modes, then from byte 8 the longs offset, freq,
 * maxerror and esterror, then int status.
 */
export function kernelTimeIn(timex: Uint8Array, outcome: number): KernelTime {
  const view = new DataView(timex.buffer, timex.byteOffset, timex.length);
  const errorMaxMicroseconds = Number(view.getBigInt64(MAXERROR_AT, IS_LITTLE_ENDIAN));
  const status = view.getInt32(STATUS_AT, IS_LITTLE_ENDIAN);
  return {
    isUnsynced: outcome === TIME_ERROR || (status & STA_UNSYNC) !== 0,
    errorMaxMs: errorMaxMicroseconds / 1000,
  };
}

const SIXTY_FOUR_BIT: ReadonlySet<string> = new Set(["x64", "arm64", "riscv64", "loong64"]);
const IS_LITTLE_ENDIAN = true;
/** The structure has 208 bytes. */
const TIMEX_BYTES = 256;
const MAXERROR_AT = 24;
const STATUS_AT = 40;
const STA_UNSYNC = 0x0040;
const TIME_ERROR = 5;
