/** Finds who can say on this machine whether its date is right. */
import type { Clock } from "#hal/ports/clock.ts";
import type { ClockStateSource } from "#hal/ports/clock-state.ts";
import { FileClockState } from "./file-clock-state.ts";
import { KernelClockState } from "./kernel-clock-state.ts";
import { openKernelTime } from "./kernel-time.ts";

/** The kernel where it can be asked, since every time service tells it; else systemd-timesyncd's file. */
export async function openClockState(clock: Clock): Promise<ClockStateSource> {
  const read = await openKernelTime();
  return read === undefined ? new FileClockState(clock) : new KernelClockState(clock, read);
}
