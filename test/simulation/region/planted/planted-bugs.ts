/**
 * Bugs that are planted into a copy of the firmware, one at a time, to see that an invariant finds each: a simulator
 * that cannot fail proves nothing. `find` must stand in the file exactly once; the seed is one that finds it.
 */
import type { FaultGroup } from "../fault-groups.ts";
import type { Lie } from "../lies.ts";

export interface PlantedPlace {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface PlantedBug extends PlantedPlace {
  readonly name: string;
  /** A second place, where one alone would not show. */
  readonly also?: PlantedPlace;
  /** Of which any one is to find it; another one that does is told, and is as good. */
  readonly invariants: readonly string[];
  /** Its seed has not been shown to find it yet; played only when it is named. */
  readonly isUnproven?: true;
  readonly seed: number;
  readonly nodes: number;
  readonly hours: number;
  readonly faults: readonly FaultGroup[];
  readonly liars?: Readonly<Record<string, Lie>>;
}

const SMALL = { nodes: 6, hours: 1, seed: 1 } as const;

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    ...SMALL,
    name: "a third of the seats is a quorum",
    file: "firmware/core/finality/finality-state.ts",
    find: "return Math.floor((2 * members) / 3) + 1;",
    replace: "return Math.floor(members / 3) + 1;",
    invariants: ["S1"],
    faults: ["outage"],
    hours: 2,
  },
  {
    ...SMALL,
    name: "what is final is what the head's own chain says",
    isUnproven: true,
    file: "firmware/core/ledger/chain.ts",
    find: "return this.#tree.final;",
    replace: "return this.#tree.at(this.#tree.head.state.finality.final.serial) ?? this.#tree.final;",
    invariants: ["S2"],
    faults: ["delay", "loss", "outage"],
    hours: 2,
  },
  {
    ...SMALL,
    name: "an OPEN is taken without its signatures",
    isUnproven: true,
    file: "firmware/core/ledger/fact-fault.ts",
    find: "fact.signatures.every(",
    replace: "fact.signatures.some(",
    also: {
      file: "firmware/core/handshake/answer-promise.ts",
      find: "encodeSigned(content.open, [content.signature, signature])",
      replace: "encodeSigned(content.open, [content.signature.toReversed(), signature])",
    },
    invariants: ["S3"],
    faults: [],
  },
  {
    ...SMALL,
    name: "a gateway counts settled charges by what it has counted before",
    file: "firmware/core/ledger/reputation.ts",
    find: 'settled: tally.settled + step("SETTLED"),',
    replace: 'settled: tally.settled + step("SETTLED") + (performance.now() % 1 < 0.5 ? 1 : 0),',
    invariants: ["S4"],
    faults: [],
  },
  {
    ...SMALL,
    name: "whoever completes second is taken at a Wh less",
    file: "firmware/core/ledger/apply-session-fact.ts",
    find: "[role]: complete },",
    replace:
      "[role]: Object.keys(transaction.completes).length > 0 ? " +
      "{ ...complete, finalMilliWh: complete.finalMilliWh - 1000 } : complete },",
    invariants: ["S5"],
    faults: [],
  },
  {
    ...SMALL,
    name: "what is billed is rounded up by two per cent",
    file: "firmware/core/ledger/close-transactions.ts",
    find: "    billedMilliWh,\n    contestedMilliWh:",
    replace: "    billedMilliWh: Math.ceil(billedMilliWh * 1.02),\n    contestedMilliWh:",
    invariants: ["S6"],
    faults: [],
  },
  {
    ...SMALL,
    name: "no exposure pauses the power",
    isUnproven: true,
    file: "firmware/core/session/stop-rules.ts",
    find:
      'if (exposure(role, figures) > terms.exposureMilliWh) return { kind: "pause", reason: "credit-exhausted" };\n' +
      "  return overdueMs >= REPORT_OVERDUE_MS ?",
    replace: "return overdueMs >= Infinity ?",
    invariants: ["S7"],
    faults: [],
    liars: { "car-1": "withholds", "car-2": "withholds" },
  },
  {
    ...SMALL,
    name: "power flows before both start registers are signed",
    file: "firmware/core/session/charge-party.ts",
    find: 'return { kind: "pause", reason: "start-registers" }',
    replace: 'return { kind: "go" }',
    invariants: ["contract"],
    faults: ["loss", "delay"],
  },
  {
    ...SMALL,
    name: "a voter does not look at what it has voted for",
    isUnproven: true,
    file: "firmware/core/finality/vote-rule.ts",
    find: "  if (target.serial <= register.lastTarget) return undefined;\n",
    replace: "  if (target.serial < register.lastTarget) return undefined;\n",
    also: {
      file: "firmware/services/own-votes.ts",
      find: "    if (link.target.serial <= lastTarget) return;\n",
      replace: "    if (link.target.serial < lastTarget) return;\n",
    },
    invariants: ["S8", "bug"],
    faults: ["partition", "outage", "loss"],
    hours: 2,
  },
  {
    ...SMALL,
    name: "a block is taken whoever's turn it was",
    file: "firmware/core/ledger/apply-block.ts",
    find: "if (place?.did !== miner || place.tier !== tier) {",
    replace: "if (place === undefined) {",
    invariants: ["S12"],
    faults: [],
    liars: { "station-1": "seals out of turn", "car-1": "seals out of turn" },
  },
  {
    ...SMALL,
    name: "charges of less than a kWh count",
    isUnproven: true,
    file: "firmware/core/ledger/reputation.ts",
    find: "if (result.billedMilliWh < state.rules.countedMilliWhMin) return false;",
    replace: "",
    invariants: ["S13"],
    faults: ["unplug"],
    hours: 2,
  },
  {
    ...SMALL,
    name: "whoever trades is on the schedule like everybody",
    file: "firmware/core/ledger/schedule.ts",
    find: "new Set(open.filter(isBusy).flatMap(partiesOf))",
    replace: "new Set(open.filter(isBusy).slice(9).flatMap(partiesOf))",
    invariants: ["S14"],
    faults: [],
  },
  {
    ...SMALL,
    name: "facts of a branch that is left are forgotten",
    isUnproven: true,
    file: "firmware/core/ledger/pending-facts.ts",
    find: "[...returned, ...",
    replace: "[...returned.slice(999), ...",
    invariants: ["S15"],
    faults: ["partition", "outage", "loss"],
    hours: 2,
  },
  {
    ...SMALL,
    name: "reports are not stored",
    isUnproven: true,
    file: "firmware/services/ledger-service.ts",
    find: "    await this.#append(factRecord(fact), fact.key);",
    replace: '    if (fact.kind !== "REPORT") await this.#append(factRecord(fact), fact.key);',
    invariants: ["durable", "bug"],
    faults: ["kills"],
    hours: 2,
  },
  {
    ...SMALL,
    name: "the transcript does not cover the handshake",
    file: "firmware/core/handshake/key-schedule.ts",
    find: 'encodeCbor(["TALLY1/hs3", th2, crypto.sha256(sealedM2)])',
    replace: 'encodeCbor(["TALLY1/hs3", sealedM2.length * 0])',
    invariants: ["S16", "L1"],
    faults: [],
  },
  {
    ...SMALL,
    name: "a lost offer is not shown again",
    isUnproven: true,
    file: "firmware/services/station-handshake-service.ts",
    find: "const PUBLISH_AGAIN_MS = 10_000;",
    replace: "const PUBLISH_AGAIN_MS = 100_000_000;",
    invariants: ["L1"],
    faults: ["loss"],
  },
  {
    ...SMALL,
    name: "nobody asks for a block that it lacks",
    isUnproven: true,
    file: "firmware/services/sync-service.ts",
    find: "return !this.#parts.ledger.chain.has(toHex(head));",
    replace: "return !this.#parts.ledger.chain.has(toHex(head)) && head.length > 99;",
    invariants: ["L2", "L3", "S13"],
    faults: ["outage", "loss"],
  },
  {
    ...SMALL,
    name: "no vote is counted",
    file: "firmware/core/finality/vote-rule.ts",
    find: "  if (target.serial <= source.serial) return undefined;",
    replace: "  if (target.serial > source.serial) return undefined;",
    invariants: ["L3"],
    faults: [],
  },
  {
    ...SMALL,
    name: "the grace never ends",
    isUnproven: true,
    file: "firmware/core/ledger/close-transactions.ts",
    find: "const graceOver = now > graceEndsAt(transaction);",
    replace: "const graceOver = now > graceEndsAt(transaction) * 2;",
    invariants: ["L4", "L2"],
    faults: [],
    hours: 6,
    liars: { "car-1": "withholds", "car-2": "withholds" },
  },
  {
    ...SMALL,
    name: "a report is overdue before it can come",
    isUnproven: true,
    file: "firmware/core/session/stop-rules.ts",
    find: "const REPORT_OVERDUE_MS = 90_000;",
    replace: "const REPORT_OVERDUE_MS = -30_000;",
    invariants: ["L7"],
    faults: [],
  },
];
