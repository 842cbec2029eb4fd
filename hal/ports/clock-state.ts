/** Whether the machine's date is right, as far as whoever sets it knows. */

/**
 * - `synced`: something outside has set the date, and it is at most `errorMs` off. The bound grows while nothing
 *   corrects it.
 * - `unsynced`: nobody says so. The date may be right, or that of the firmware's build.
 *
 * `sinceMs` is the monotonic time from which this has been known.
 */
export type ClockState =
  | { readonly kind: "synced"; readonly errorMs: number; readonly sinceMs: number }
  | { readonly kind: "unsynced"; readonly sinceMs: number };

/**
 * What callers may rely on: `look` answers at once and never throws; where nothing can be found out the answer is
 * `unsynced`; `sinceMs` stays as long as the kind does, and is not in the future of the clock that the source was made
 * with.
 */
export interface ClockStateSource {
  look(): ClockState;
}
