/** Which meter of a SunSpec device is meant and which way it counts, by the name of the model in a configuration. */

export interface SunspecChoice {
  /** The how many-th meter of the chain, from 1; undefined for the only one. */
  readonly index: number | undefined;
  readonly direction: Direction;
}

/**
 * SunSpec says what import and export are called, not at which side of the meter the grid is, and makers differ:
 * `swapped` takes export for import and turns power round; `power-reversed` turns power alone.
 */
export type Direction = "as-is" | "swapped" | "power-reversed";

/**
 * `sunspec`, with `-2` for the second meter, then `-swapped` or `-power-reversed`: `sunspec-2-swapped`. Undefined for
 * another name.
 */
export function sunspecChoice(name: string): SunspecChoice | undefined {
  const parts = /^sunspec(?:-([1-9]))?(?:-(swapped|power-reversed))?$/.exec(name);
  if (parts === null) return undefined;
  const [, index, direction] = parts;
  return {
    index: index === undefined ? undefined : Number(index),
    direction: direction === "swapped" || direction === "power-reversed" ? direction : "as-is",
  };
}
