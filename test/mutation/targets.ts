/**
 * Which rules are tried by which tests. All tests of a target run in one process, so only those stand here that are
 * quick, need no other program and no clock, and read no source: a test that compares a file with its text would notice
 * every change and say nothing about the rule.
 */
export interface Target {
  readonly name: string;
  readonly files: readonly string[];
  readonly tests: readonly string[];
  /** Parts of the titles of tests that take seconds and find nothing that the others do not. */
  readonly without?: readonly string[];
}

export const TARGETS: readonly Target[] = [
  {
    name: "settle",
    files: [
      "firmware/core/session/settle.ts",
      "firmware/core/session/charge-figures.ts",
      "firmware/core/session/agreed-part.ts",
    ],
    tests: [
      "test/unit/session/settle.test.ts",
      "test/unit/session/dispute.test.ts",
      "test/unit/session/energy-bound.test.ts",
      "test/unit/session/charge-figures.test.ts",
      "test/unit/contract/energy-v1.test.ts",
      "test/mutation/few-trials.ts",
    ],
    without: ["settle 20,000 random charges", "10,000 random fact sets"],
  },
  {
    name: "outcome",
    files: ["firmware/core/session/bounded-outcome.ts", "firmware/core/session/agreed-proposal.ts"],
    tests: ["test/unit/session/bounded-outcome.test.ts", "test/unit/session/agreed-proposal.test.ts"],
  },
  {
    name: "facts",
    files: ["firmware/core/session/charge-facts.ts"],
    tests: ["test/unit/session/charge-facts.test.ts", "test/unit/session/charge-figures.test.ts"],
  },
  {
    name: "vote",
    files: [
      "firmware/core/finality/vote-rule.ts",
      "firmware/core/finality/contradiction.ts",
      "firmware/core/finality/vote.ts",
      "firmware/core/finality/vote-pool.ts",
    ],
    tests: [
      "test/unit/finality/vote-rule.test.ts",
      "test/unit/finality/vote-pool.test.ts",
      "test/unit/finality/quorum-certificate.test.ts",
      "test/vectors/votes.test.ts",
    ],
  },
  {
    name: "quorum",
    files: [
      "firmware/core/finality/checkpoint.ts",
      "firmware/core/finality/finality-state.ts",
      "firmware/core/finality/quorum-certificate.ts",
      "firmware/core/finality/advance.ts",
      "firmware/core/finality/committee.ts",
    ],
    tests: [
      "test/unit/finality/advance.test.ts",
      "test/unit/finality/quorum-certificate.test.ts",
      "test/unit/finality/quorum-limits.test.ts",
      "test/unit/finality/committee.test.ts",
      "test/unit/finality/vote-pool.test.ts",
      "test/unit/governance/reconfig.test.ts",
      "test/unit/governance/third-epoch.test.ts",
      "test/unit/governance/voters-beside.test.ts",
      "test/vectors/votes.test.ts",
    ],
  },
  {
    name: "schedule",
    files: ["firmware/core/ledger/schedule.ts"],
    tests: [
      "test/unit/ledger/schedule.test.ts",
      "test/unit/ledger/schedule-standing.test.ts",
      "test/unit/finality/committee.test.ts",
    ],
  },
  {
    name: "fork-choice",
    files: ["firmware/core/ledger/block-tree.ts", "firmware/core/ledger/known-finality.ts"],
    tests: [
      "test/unit/ledger/block-tree.test.ts",
      "test/unit/ledger/block-tree-start.test.ts",
      "test/unit/ledger/known-finality.test.ts",
    ],
  },
  {
    name: "heard",
    files: ["firmware/core/ledger/heard-votes.ts"],
    tests: [
      "test/unit/ledger/known-votes.test.ts",
      "test/unit/ledger/finality.test.ts",
      "test/unit/ledger/stored-votes.test.ts",
      "test/unit/governance/third-epoch.test.ts",
    ],
  },
  {
    name: "agree",
    files: [
      "firmware/core/session/judge-agreement.ts",
      "firmware/core/session/energy-bound.ts",
      "firmware/core/contract/agreement-uncertainty.ts",
    ],
    tests: [
      "test/unit/session/energy-bound.test.ts",
      "test/unit/session/energy-bound-exact.test.ts",
      "test/unit/session/agreement-exact.test.ts",
      "test/unit/session/judge-agreement.test.ts",
      "test/unit/session/settle.test.ts",
      "test/unit/contract/agree-terms.test.ts",
    ],
    without: ["honest sessions", "no honest error", "20 % too much", "published shares", "published characteristic"],
  },
  {
    name: "stop-rules",
    files: ["firmware/core/session/stop-rules.ts"],
    tests: [
      "test/unit/session/stop-rules.test.ts",
      "test/unit/session/stop-rules-due.test.ts",
      "test/unit/session/terms-switches.test.ts",
      "test/unit/session/idle-charge.test.ts",
    ],
  },
];
