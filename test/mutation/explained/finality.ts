/** Of votes, quorums and committees. */
import type { Explanation } from "../explained-mutants.ts";

export const EXPLAINED_IN_FINALITY: readonly Explanation[] = [
  {
    file: "firmware/core/finality/contradiction.ts",
    within: "clash",
    why: "votes for one height were judged in the line above",
    changes: [["left.target.serial < right.target.serial", "left.target.serial <= right.target.serial"]],
  },
  {
    file: "firmware/core/finality/vote-pool.ts",
    within: "newest",
    why: "a member without votes is not in the pool: no list is empty, only the type does not know it",
    changes: [["([first]) => first ?? []", "([first]) => first"]],
  },
  {
    file: "firmware/core/finality/quorum-certificate.ts",
    within: "makeCertificate",
    why: "the bitmap has a byte for every seat: only the type does not know it",
    changes: [
      ["seats[seat >> 3] ?? 0", "seats[seat >> 3]"],
      ["seats[seat >> 3] ?? 0", "seats[seat >> 3] ?? 1"],
      ["seats[seat >> 3] ?? 0", "seats[seat >> 3] ?? -1"],
    ],
  },
  {
    file: "firmware/core/finality/advance.ts",
    within: "handedOver",
    why: "there is a committee from the genesis on, if an empty one: only the type does not know it",
    changes: [["committees.at(-1) ?? []", "committees.at(-1)"]],
  },
  {
    file: "firmware/core/finality/committee.ts",
    within: "chooseCommittee",
    why: "whoever is ranked is a member, and each member has an organisation: only the type does not know it",
    changes: [
      ['state.members.get(did)?.organisation ?? ""', "state.members.get(did)?.organisation"],
      ["state.members.get(did)?.organisation", "state.members.get(did).organisation"],
    ],
  },
  {
    file: "firmware/core/finality/committee.ts",
    within: "chooseCommittee",
    why: "to as many as are wanted authorities are added behind, and cut off again",
    changes: [["seated.length >= wanted", "seated.length > wanted"]],
  },
  {
    file: "firmware/core/finality/committee.ts",
    within: "spread",
    why: "four with a seat for each organisation are what is taken behind the loop",
    changes: [["size > SEATS_WANTED", "size >= SEATS_WANTED"]],
  },
  {
    file: "firmware/core/finality/finality-state.ts",
    within: "highestJustified",
    why: "what is final is among what is justified: only the type does not know it",
    changes: [["finality.justified.at(-1) ?? finality.final", "finality.justified.at(-1)"]],
  },
  {
    file: "firmware/core/finality/finality-state.ts",
    within: "findCheckpoint",
    why: "no block is a checkpoint twice",
    changes: [
      [
        "finality.checkpoints.find((each) => equalCheckpoints(each, wanted))",
        "finality.checkpoints.findLast((each) => equalCheckpoints(each, wanted))",
      ],
    ],
  },
  {
    file: "firmware/core/finality/finality-state.ts",
    within: "committeesOf",
    why: "each committee that governors name begins an epoch of its own",
    changes: [
      [
        "finality.governance?.reconfigs.find((each) => each.epoch === epoch)",
        "finality.governance?.reconfigs.findLast((each) => each.epoch === epoch)",
      ],
    ],
  },
  {
    file: "firmware/core/finality/advance.ts",
    within: "afterCertificate",
    why: "they are put into the order of their serials right after",
    changes: [["[...finality.justified, target]", "[target, ...finality.justified]"]],
  },
  {
    file: "firmware/core/finality/advance.ts",
    within: "afterCertificate",
    why: "the final one made final again is the final one",
    changes: [["source.serial > finality.final.serial", "source.serial >= finality.final.serial"]],
  },
  {
    file: "firmware/core/finality/advance.ts",
    within: "afterCertificate",
    why: "what was below the final one was left out when it became final: only slower",
    changes: [
      [
        "isFinal ? finality.checkpoints.filter(isKept) : finality.checkpoints",
        "true ? finality.checkpoints.filter(isKept) : finality.checkpoints",
      ],
    ],
  },
  {
    file: "firmware/core/finality/advance.ts",
    within: "handedOver",
    why: "a boundary that is final has named the next committee: only the type does not know it",
    changes: [
      ["next === undefined || finality.final.serial < finality.boundary", "finality.final.serial < finality.boundary"],
    ],
  },
  {
    file: "firmware/core/finality/advance.ts",
    within: "newest",
    why: "the newest 4,096 of no more than these are all of them: only slower",
    changes: [
      ["checkpoints.length > CHECKPOINTS_KEPT_MAX", "checkpoints.length >= CHECKPOINTS_KEPT_MAX"],
      ["checkpoints.length > CHECKPOINTS_KEPT_MAX", "true"],
    ],
  },
];
