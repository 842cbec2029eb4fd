/** The date of a gateway whose clock is synchronised, as the services take it. */
import { SettableClockState } from "#hal/mock/settable-clock-state.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { WorldTime } from "#services/world-time.ts";

export function syncedTime(clock: Clock): WorldTime {
  return new WorldTime({ clock, source: new SettableClockState(clock), emit: () => undefined });
}
