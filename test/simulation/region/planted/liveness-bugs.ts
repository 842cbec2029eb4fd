/** Bugs by which something that must come about does not: for L1 to L7. */
import type { PlantedBug } from "./planted-bug.ts";

const SMALL = { nodes: 6, hours: 1, seed: 1 } as const;

export const LIVENESS_BUGS: readonly PlantedBug[] = [
  {
    ...SMALL,
    name: "an outlet that has served a car serves no other one",
    file: "firmware/services/station-service.ts",
    find: "if (!isIn) await this.#parts.boot.markServed(false);",
    replace: "",
    invariant: "L1",
    faults: [],
    hours: 2,
  },
  {
    ...SMALL,
    name: "who seals leaves the last words out",
    file: "firmware/core/ledger/seal-block.ts",
    find: "if (!applyFact(",
    replace: 'if (fact.kind === "COMPLETE" || !applyFact(',
    invariant: "L2",
    faults: [],
  },
  {
    ...SMALL,
    name: "no vote is counted",
    file: "firmware/core/finality/vote-rule.ts",
    find: "  if (target.serial <= source.serial) return undefined;",
    replace: "  if (target.serial > source.serial) return undefined;",
    invariant: "L3",
    faults: [],
  },
  {
    ...SMALL,
    name: "the grace never ends",
    file: "firmware/core/ledger/close-transactions.ts",
    find: "const graceOver = now > graceEndsAt(transaction);",
    replace: "const graceOver = now > graceEndsAt(transaction) * 2;",
    invariant: "L4",
    faults: [],
    nodes: 3,
    hours: 5,
    liars: { "car-1": "withholds" },
  },
  {
    ...SMALL,
    name: "a report is overdue before it can come",
    file: "firmware/core/session/stop-rules.ts",
    find: "const REPORT_OVERDUE_MS = 90_000;",
    replace: "const REPORT_OVERDUE_MS = -30_000;",
    invariant: "L7",
    faults: [],
  },
  {
    ...SMALL,
    name: "nothing is offered while blocks do not become final",
    file: "firmware/services/station-service.ts",
    find: "if (!isFree || ",
    replace: "if (ledger.chain.head.serial > ledger.chain.final.serial + 16 || !isFree || ",
    invariant: "L6",
    faults: ["outage"],
    hours: 2,
  },
  {
    name: "an answer begins long before what is missing",
    file: "firmware/services/answer-sync.ts",
    find: "return link.serial + 1;",
    replace: "return Math.max(1, link.serial - 55);",
    invariant: "L5",
    test: "catch-up.test.ts",
  },
];
