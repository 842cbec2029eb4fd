/** Of settlement and stop rules. */
import type { Explanation } from "../explained-mutants.ts";

export const EXPLAINED_IN_SESSION: readonly Explanation[] = [
  {
    file: "firmware/core/session/settle.ts",
    within: "settlementOf",
    why: "an outcome ends by the arbiter only where there is a ruling: any other is not within its bounds",
    changes: [
      ['ruling?.fault ?? "none"', "ruling?.fault"],
      ['ruling?.fault ?? "none"', 'ruling.fault ?? "none"'],
    ],
  },
  {
    file: "firmware/core/session/settle.ts",
    within: "settlementOf",
    why: "an outcome is mutual only where both have made one proposal: any other is not within its bounds",
    changes: [
      ["proposal?.amount ?? null", "proposal?.amount"],
      ["proposal?.amount ?? null", "proposal.amount ?? null"],
    ],
  },
  {
    file: "firmware/core/session/charge-figures.ts",
    within: "sideFigures",
    why: "a side that has not completed has promised no report: a log is never shorter than 0 or than -1",
    changes: [["complete?.reports ?? 0", "complete?.reports ?? -1"]],
  },
  {
    file: "firmware/core/session/bounded-outcome.ts",
    within: "readOutcome",
    why: "no word stands twice in the list",
    changes: [
      ['STATES.find((word) => word === fields["state"])', 'STATES.findLast((word) => word === fields["state"])'],
      ['ENDINGS.find((word) => word === fields["ending"])', 'ENDINGS.findLast((word) => word === fields["ending"])'],
    ],
  },
  {
    file: "firmware/core/session/bounded-outcome.ts",
    within: "readOutcome",
    why: "a word that does not exist is neither a state nor an ending of one: the bounds refuse it as well",
    changes: [
      ["state === undefined || ending === undefined || !isEnergy(billed)", "!isEnergy(billed)"],
      ["state === undefined || ending === undefined", "ending === undefined"],
      ["state === undefined || ending === undefined", "state === undefined"],
    ],
  },
  {
    file: "firmware/core/session/bounded-outcome.ts",
    within: "readOutcome",
    why: "nothing is in the list before it",
    changes: [['silent.push("station")', 'silent.unshift("station")']],
  },
  {
    file: "firmware/core/session/bounded-outcome.ts",
    within: "isEnergy",
    why: "more than a safe integer is more than the station can have signed, which the bounds refuse",
    changes: [
      [
        'typeof value === "bigint" && value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER)',
        'typeof value === "bigint" && value >= 0n',
      ],
    ],
  },
  {
    file: "firmware/core/session/agreed-proposal.ts",
    within: "costsLess",
    why: "of equal amounts and energies it is one and the same proposal",
    changes: [["left.energyMilliWh < right.energyMilliWh", "left.energyMilliWh <= right.energyMilliWh"]],
  },
  {
    file: "firmware/core/session/charge-facts.ts",
    within: "orderedReports",
    why: "what is remembered is what would be found again: only slower",
    changes: [["known !== undefined && known.of === reports[role].length", "false"]],
  },
  {
    file: "firmware/core/session/charge-facts.ts",
    within: "orderedReports",
    why: "what is not remembered is found again: only slower",
    changes: [["ORDERED.set(reports[role], { of: reports[role].length, log });", "(removed)"]],
  },
  {
    file: "firmware/core/session/charge-facts.ts",
    within: "inOrder",
    why: "a list that is in order comes out of the long way as it was: only slower",
    changes: [["reports.every(({ sequence }, place) => sequence === place)", "false"]],
  },
  {
    file: "firmware/core/session/charge-facts.ts",
    within: "sessionReadings",
    why: "what is not remembered is found again: only slower",
    changes: [
      ["known?.startMilliWh === startMilliWh", "false"],
      ["log !== charge.reports[role]", "log === charge.reports[role]"],
      ["log !== charge.reports[role]", "false"],
    ],
  },
  {
    file: "firmware/core/session/charge-facts.ts",
    within: "sessionReadings",
    why: "an energy since the start is never below 0",
    changes: [["let highest = 0;", "let highest = -1;"]],
  },
  {
    file: "firmware/core/session/charge-facts.ts",
    within: "sessionReadings",
    why: "a log in its order is always a list of its own",
    changes: [["log !== charge.reports[role]", "true"]],
  },
  {
    file: "firmware/core/session/stop-rules.ts",
    within: "stopRules",
    why: "nobody is late by less than 90 s",
    changes: [
      ["isAwaited ? elapsedMs - dueMs : 0", "isAwaited ? elapsedMs - dueMs : 1"],
      ["isAwaited ? elapsedMs - dueMs : 0", "isAwaited ? elapsedMs - dueMs : -1"],
    ],
  },
  {
    file: "firmware/core/session/stop-rules.ts",
    within: "signedSoFar",
    why: "what is remembered is what would be found again: only slower",
    changes: [["if (known !== undefined) return known;", "if (false) return known;"]],
  },
  {
    file: "firmware/core/session/stop-rules.ts",
    within: "signedSoFar",
    why: "what is not remembered is found again: only slower",
    changes: [["SIGNED_SO_FAR.set(transaction, found);", "(removed)"]],
  },
  {
    file: "firmware/core/session/judge-agreement.ts",
    within: "verdictOn",
    why: "whoever disagrees differs by 1 ppm at least: the uncertainty is rounded up and never 0",
    changes: [
      ["figures.differencePpm < 0", "figures.differencePpm <= 0"],
      ["figures.differencePpm < 0", "figures.differencePpm < 1"],
    ],
  },
  {
    file: "firmware/core/session/energy-bound.ts",
    within: "matches",
    why: "the sums of any size say the same: only slower",
    changes: [
      [
        "matchInNumbers(terms, stationMilliWh, vehicleMilliWh) ?? matchInBigInts(terms, stationMilliWh, vehicleMilliWh)",
        "matchInBigInts(terms, stationMilliWh, vehicleMilliWh)",
      ],
    ],
  },
  {
    file: "firmware/core/session/energy-bound.ts",
    within: "matchInNumbers",
    why: "what is left to the sums of any size comes out of them the same: only slower",
    changes: [
      [
        "Math.max(fromStation, vehicleMilliWh, vehicleStep) > TIMES_WHOLE_MAX",
        "Math.max(fromStation, vehicleMilliWh, vehicleStep) >= TIMES_WHOLE_MAX",
      ],
      ["Math.max(fromStation, vehicleMilliWh, vehicleStep) > TIMES_WHOLE_MAX", "true"],
      ["vehicleTop > TIMES_WHOLE_MAX", "vehicleTop >= TIMES_WHOLE_MAX"],
      ["vehicleTop > TIMES_WHOLE_MAX", "true"],
    ],
  },
  {
    file: "firmware/core/session/energy-bound.ts",
    within: "TIMES_WHOLE_MAX",
    why: "one more times a million is even, and even numbers are whole up there; times less it is below 2^53",
    changes: [["Math.floor(Number.MAX_SAFE_INTEGER / PPM)", "Math.ceil(Number.MAX_SAFE_INTEGER / PPM)"]],
  },
  {
    file: "firmware/core/contract/agreement-uncertainty.ts",
    within: "minimumQuantityMilliWh",
    why: "at the most power that terms can name it is 28 kWh",
    changes: [
      ["saturate(SKEWS_MIN * skewMilliWh(terms.powerMaxW))", "Number(SKEWS_MIN * skewMilliWh(terms.powerMaxW))"],
    ],
  },
  {
    file: "firmware/core/contract/agreement-uncertainty.ts",
    within: "atLeastOne",
    why: "an amount of 1 comes out as 1 either way",
    changes: [
      ["value < 1n ? 1n : value", "value <= 1n ? 1n : value"],
      ["value < 1n ? 1n : value", "value < 2n ? 1n : value"],
    ],
  },
  {
    file: "firmware/core/contract/agreement-uncertainty.ts",
    within: "standard",
    why: "only a width with h² = 3k² + 1 has another root; of those up to 10⁹ no k is of whole thousands, so the ppm are the same",
    changes: [["divideUp(halfWidth ** 2n, 3n)", "(halfWidth ** 2n) / (3n)"]],
  },
];
