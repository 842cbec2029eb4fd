/** Reports, completions and cancellations that may not stand. */
import type { Fact } from "#core/ledger/fact.ts";
import type { ChargeBuilder } from "#test/builders/charge-builder.ts";
import { fresh, makeActor, named, withSignatures, type Actor } from "#test/builders/ledger-actors.ts";
import { ARBITER, OPERATOR, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import { region, type Refusal, type Told } from "./refusal.ts";

const { network } = region.genesis;

const TABLE: readonly Refusal[] = [
  { claim: "a report of no charge", code: "FACT_REFERS_UNKNOWN", story: (charge) => [charge.report("station", [0])] },
  {
    claim: "a report twice",
    code: "FACT_KNOWN",
    story: (charge: ChargeBuilder): Told => {
      const report = charge.report("station", [0]);
      return [charge.open, report, fresh(network, report)];
    },
  },
  {
    claim: "an old report again",
    code: "FACT_KNOWN",
    story: (charge: ChargeBuilder): Told => {
      const report = charge.report("station", [0]);
      return [charge.open, report, charge.report("station", [1]), fresh(network, report)];
    },
  },
  {
    claim: "another report for the same place at the end of the log",
    code: "FACT_CONFLICTS",
    story: (charge) => [charge.open, charge.report("station", [0]), twin().report("station", [1])],
  },
  {
    claim: "another report for a place inside the log",
    code: "FACT_CONFLICTS",
    story: (charge: ChargeBuilder): Told => {
      const both = [charge.report("station", [0]), charge.report("station", [1])];
      return [charge.open, ...both, twin().report("station", [1])];
    },
  },
  {
    claim: "a report before the one that it follows",
    code: "FACT_REFERS_UNKNOWN",
    story: (charge: ChargeBuilder): Told => {
      charge.report("station", [0]);
      return [charge.open, charge.report("station", [1])];
    },
  },
  {
    claim: "a report that follows another one than stands there",
    code: "FACT_CONFLICTS",
    story: (charge) => [
      charge.open,
      charge.report("station", [0]),
      charge.report("station", [1], { previous: named("elsewhere") }),
    ],
  },
  {
    claim: "readings that were reported already",
    code: "FACT_OUT_OF_SEQUENCE",
    story: (charge) => [
      charge.open,
      charge.report("station", [0, 1, 2]),
      charge.report("station", [1], { firstReading: 2 }),
    ],
  },
  {
    claim: "a register below the start",
    code: "FACT_REGISTER_FELL",
    story: (charge) => [charge.open, charge.report("station", [-1])],
  },
  {
    claim: "a register below the report before",
    code: "FACT_REGISTER_FELL",
    story: (charge) => [charge.open, charge.report("vehicle", [500, 5]), charge.report("vehicle", [-1])],
  },
  {
    claim: "a register beyond the safe integers",
    code: "FACT_REGISTER_FELL",
    story: (charge) => [charge.open, charge.report("station", [0, Number.MAX_SAFE_INTEGER])],
  },
  {
    claim: "a report that the other side signed",
    code: "FACT_BAD_SIGNATURE",
    story: (charge) => [charge.open, withSignatures(network, charge.report("station", [0]), [VEHICLE.signer])],
  },
  {
    claim: "a report behind the end that its side has signed",
    code: "FACT_CONFLICTS",
    story: (charge: ChargeBuilder): Told => {
      const end = [charge.report("station", [0]), charge.complete("station")];
      return [charge.open, ...end, charge.report("station", [1])];
    },
  },
  {
    claim: "a late report above the final register",
    code: "FACT_CONFLICTS",
    story: (charge: ChargeBuilder): Told => {
      const first = charge.report("station", [0]);
      const second = charge.report("station", [10]);
      const complete = charge.complete("station", { finalMilliWh: 5_000_009 });
      return [charge.open, first, complete, second];
    },
  },
  {
    claim: "a late last report that is not the head of the completion",
    code: "FACT_CONFLICTS",
    story: (charge: ChargeBuilder): Told => {
      const first = charge.report("station", [0]);
      const second = charge.report("station", [10]);
      return [charge.open, first, charge.complete("station", { head: named("elsewhere") }), second];
    },
  },
  {
    claim: "a report after one's own cancellation",
    code: "FACT_CONFLICTS",
    story: (charge) => [charge.open, charge.cancel("station"), charge.report("station", [0])],
  },
  { claim: "a completion of no charge", code: "FACT_REFERS_UNKNOWN", story: (charge) => [charge.complete("station")] },
  {
    claim: "a completion twice",
    code: "FACT_KNOWN",
    story: (charge) => [charge.open, charge.complete("station"), charge.complete("station")],
  },
  {
    claim: "a second completion that only gives another reason",
    code: "FACT_CONFLICTS",
    story: (charge) => [charge.open, charge.complete("station"), charge.complete("station", { reason: "fault" })],
  },
  {
    claim: "a second completion with another amount",
    code: "FACT_CONFLICTS",
    story: (charge) => [
      charge.open,
      charge.complete("station"),
      charge.complete("station", { finalMilliWh: 9_000_000 }),
    ],
  },
  {
    claim: "a final register below the last report",
    code: "FACT_REGISTER_FELL",
    story: (charge) => [
      charge.open,
      charge.report("station", [10]),
      charge.complete("station", { finalMilliWh: 5_000_009 }),
    ],
  },
  {
    claim: "a completion that counts fewer reports than there are",
    code: "FACT_CONFLICTS",
    story: (charge) => [charge.open, charge.report("station", [10]), charge.complete("station", { reports: 0 })],
  },
  {
    claim: "a completion with another head than the last report",
    code: "FACT_CONFLICTS",
    story: (charge) => [
      charge.open,
      charge.report("station", [10]),
      charge.complete("station", { head: charge.open.id }),
    ],
  },
  {
    claim: "a completion that the other side signed",
    code: "FACT_BAD_SIGNATURE",
    story: (charge) => [charge.open, withSignatures(network, charge.complete("vehicle"), [STATION.signer])],
  },
  {
    claim: "a completion after one's own cancellation",
    code: "FACT_CONFLICTS",
    story: (charge) => [charge.open, charge.cancel("vehicle"), charge.complete("vehicle")],
  },
  { claim: "a cancellation of no charge", code: "FACT_REFERS_UNKNOWN", story: (charge) => [charge.cancel("station")] },
  {
    claim: "a cancellation twice",
    code: "FACT_KNOWN",
    story: (charge) => [charge.open, charge.cancel("station"), charge.cancel("station")],
  },
  {
    claim: "a cancellation after one's own report",
    code: "FACT_CONFLICTS",
    story: (charge) => [charge.open, charge.report("station", [0]), charge.cancel("station")],
  },
  {
    claim: "a cancellation after one's own completion",
    code: "FACT_CONFLICTS",
    story: (charge) => [charge.open, charge.complete("station"), charge.cancel("station")],
  },
  {
    claim: "a cancellation that the other side signed",
    code: "FACT_BAD_SIGNATURE",
    story: (charge) => [charge.open, withSignatures(network, charge.cancel("station"), [VEHICLE.signer])],
  },
  { claim: "a proposal about no charge", code: "FACT_REFERS_UNKNOWN", story: (charge) => [proposed(charge, 1)] },
  {
    claim: "a proposal twice",
    code: "FACT_KNOWN",
    story: (charge) => [charge.open, proposed(charge, 1), fresh(network, proposed(charge, 1))],
  },
  {
    claim: "another proposal with the same number",
    code: "FACT_CONFLICTS",
    story: (charge) => [charge.open, proposed(charge, 1), proposed(charge, 2)],
  },
  {
    claim: "a proposal that the other side signed",
    code: "FACT_BAD_SIGNATURE",
    story: (charge) => [charge.open, withSignatures(network, proposed(charge, 1), [VEHICLE.signer])],
  },
  {
    claim: "a proposal that the arbiter signed",
    code: "FACT_BAD_SIGNATURE",
    story: (): Told => {
      const charge = judged();
      return [charge.open, withSignatures(network, proposed(charge, 1), [ARBITER.signer])];
    },
  },
  { claim: "a ruling about no charge", code: "FACT_REFERS_UNKNOWN", story: (charge) => [charge.judge(ARBITER, 1)] },
  {
    claim: "a ruling where the terms name no arbiter",
    code: "FACT_NO_ARBITER",
    story: (charge) => [charge.open, charge.judge(ARBITER, 1)],
  },
  {
    claim: "a ruling by an arbiter who has not joined",
    code: "FACT_REFERS_UNKNOWN",
    story: () => ruledBy(ABSENT),
  },
  {
    claim: "a ruling by a station, though the terms name it",
    code: "FACT_WRONG_ROLE",
    story: () => ruledBy(OPERATOR),
  },
  {
    claim: "a ruling by a party, though the terms name it",
    code: "FACT_WRONG_ROLE",
    story: () => ruledBy(VEHICLE),
  },
  {
    claim: "a ruling by another arbiter than the terms name",
    code: "FACT_BAD_SIGNATURE",
    story: () => [judged().open, judged().judge(ABSENT, 1)],
  },
  {
    claim: "a ruling twice",
    code: "FACT_KNOWN",
    story: () => [judged().open, judged().judge(ARBITER, 1), fresh(network, judged().judge(ARBITER, 1))],
  },
  {
    claim: "another ruling by the same arbiter",
    code: "FACT_CONFLICTS",
    story: () => [judged().open, judged().judge(ARBITER, 1), judged().judge(ARBITER, 1, { fault: "both" })],
  },
];

export const REFUSED_SESSION_FACTS: readonly Refusal[] = TABLE;

const ABSENT = makeActor("another arbiter", "arbiter");

function proposed(charge: ChargeBuilder, amount: number): Fact {
  return charge.propose("station", 1_000_000, amount);
}

/** A charge whose terms name this one as its arbiter. */
function judged(arbiter: Actor = ARBITER): ChargeBuilder {
  const { terms } = twin().open.body;
  return region.charge(undefined, { terms: { ...terms, arbiter: arbiter.did } });
}

function ruledBy(arbiter: Actor): Told {
  const charge = judged(arbiter);
  return [charge.open, charge.judge(arbiter, 1)];
}

/** The same charge again, to sign something else in it. */
function twin(): ChargeBuilder {
  return region.charge();
}
