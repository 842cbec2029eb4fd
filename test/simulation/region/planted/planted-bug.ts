/** A bug that is planted into a copy of the firmware, and the seed or the test with which an invariant finds it. */
import type { FaultGroup } from "../fault-groups.ts";
import type { Lie } from "../lies.ts";

/** `find` must stand in the file exactly once. */
export interface PlantedPlace {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

interface Planted extends PlantedPlace {
  readonly name: string;
  /** Further places, where one alone would not show: what a second guard catches is no bug of the whole. */
  readonly also?: readonly PlantedPlace[];
  /** The one that is to find it. */
  readonly invariant: string;
}

/** Found by the invariants of a region that is played. */
export interface PlantedInRegion extends Planted {
  readonly seed: number;
  readonly nodes: number;
  readonly hours: number;
  /** Faults strike that many times as often as in a day's run. */
  readonly pace?: number;
  readonly faults: readonly FaultGroup[];
  readonly liars?: Readonly<Record<string, Lie>>;
}

/** Found by a test of the invariant's own: this file in `test/simulation`, in which some test must fail. */
export interface PlantedForTest extends Planted {
  readonly test: string;
}

export type PlantedBug = PlantedInRegion | PlantedForTest;
