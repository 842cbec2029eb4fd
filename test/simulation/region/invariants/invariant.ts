/** What must hold in every history of a region. Each invariant is a file of its own, and looks from outside. */
import type { HeadChange } from "#core/ledger/chain.ts";
import type { Said } from "../observation.ts";
import type { RegionNode } from "../region-node.ts";

export interface Violation {
  readonly invariant: string;
  readonly detail: string;
}

/** What it finds is told once: the run ends with it. */
export type Report = (detail: string) => void;

export interface Invariant {
  /** The protocol's number, or a word. */
  readonly name: string;
  /** A fact, header or vote has been published for the first time. */
  readonly onSaid?: (said: Said, report: Report) => void;
  /** A gateway has started (no change), or its head or what is final there has moved. */
  readonly onHead?: (node: RegionNode, change: HeadChange | undefined, report: Report) => void;
  readonly onEvent?: (
    node: RegionNode,
    event: { readonly name: string; readonly content: object },
    report: Report,
  ) => void;
  /** Every ten seconds. */
  readonly often?: (report: Report) => void;
  /** Every hour, and at the end. */
  readonly rarely?: (report: Report) => void;
  /** When all has been quiet for long enough. */
  readonly atEnd?: (report: Report) => void;
}
