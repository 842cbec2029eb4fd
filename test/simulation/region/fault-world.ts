/** What a fault may do to the region. */
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { FaultCounts } from "./fault-counts.ts";
import type { RegionMesh } from "./region-mesh.ts";
import type { RegionNode } from "./region-node.ts";

export interface FaultWorld {
  readonly nowMs: number;
  /** When the faults end. */
  readonly calmFromMs: number;
  /** Faults that strike again and again do so that many times as often. */
  readonly pace: number;
  readonly mesh: RegionMesh;
  readonly counts: FaultCounts;
  readonly sites: readonly string[];
  readonly nodes: readonly RegionNode[];
  /** Happens then, unless the faults have ended before. */
  at(monotonicMs: number, act: () => void): void;
  /** When the faults end, if not before: what a fault has done is undone. */
  undo(act: () => void): void;
  anyNode(random: SeededRandom): RegionNode;
  crash(node: RegionNode, how: "kill" | "power", awayMs: number): void;
  /** It is gone, and starts again after so long. */
  restart(node: RegionNode, awayMs: number): void;
  siteOf(node: RegionNode): string | undefined;
  /** From now on nobody is to expect of this gateway what is expected of one to which nothing has happened. */
  disturb(whom: RegionNode | string, forMs: number): void;
  /** Starts a second gateway from a copy of the card; false when the first does not run. */
  runClone(node: RegionNode): boolean;
  tell(line: string): void;
}
