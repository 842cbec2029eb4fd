/**
 * What a side that obeys the stop rules can lose (S7): the exposure and what flows in one reading interval, whatever
 * the other side reports, and when.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Terms } from "#core/contract/terms.ts";
import { leastAtStation, mostAtStation, uncertaintyBound } from "#core/session/energy-bound.ts";
import { otherRole, type Role } from "#core/session/facts.ts";
import { settle } from "#core/session/settle.ts";
import { exposure, stopRules } from "#core/session/stop-rules.ts";
import { chargeOf, inletTerms } from "#test/builders/charge-facts.ts";

const test = suite("exposure");

/** Any terms at all within the shapes: also such as nobody would offer, with reports that are late by their nature. */
const anyTerms = fc
  .record({
    powerMaxW: fc.integer({ min: 1_400, max: 350_000 }),
    exposureMilliWh: fc.integer({ min: 200_000, max: 6_000_000 }),
    readingIntervalSeconds: fc.integer({ min: 10, max: 300 }),
    readingsPerReport: fc.integer({ min: 1, max: 8 }),
    mpePpm: fc.tuple(fc.nat(35_000), fc.nat(35_000)),
    losses: fc.tuple(fc.nat(200_000), fc.nat(100_000)),
    resolutionMilliWh: fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 100_000 })),
    silentPays: fc.boolean(),
    basis: fc.constantFrom("station" as const, "least" as const),
  })
  .map(({ losses: [least, width], ...rest }): Terms => inletTerms({ ...rest, lossPpm: [least, least + width] }));

/** In one reading interval: what the honest side may draw of what flows, and what the other one puts on record. */
const turns = fc.array(
  fc.record({
    /** Share of the full power, in hundredths. */
    power: fc.oneof({ weight: 3, arbitrary: fc.constant(100) }, { weight: 1, arbitrary: fc.nat(100) }),
    /** Readings that arrive now: none for a while, then many at once, also ahead of their time. */
    arrive: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, { weight: 2, arbitrary: fc.nat(12) }, fc.constant(0)),
    /** What each of them claims of the truth, in hundredths: half, nothing, or a hundred times as much. */
    claim: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 80, max: 120 }) }, fc.nat(300), fc.constant(10_000)),
  }),
  { minLength: 5, maxLength: 45 },
);
type Turn = typeof turns extends fc.Arbitrary<readonly (infer Each)[]> ? Each : never;

interface Played {
  readonly own: readonly number[];
  readonly claimed: readonly number[];
  /** The most that was ever at risk, by the rule itself and by the settlement at that moment. */
  readonly exposed: number;
  readonly contested: number;
  readonly advices: ReadonlySet<string>;
}

test("P12 whatever is reported and whenever, a station that obeys risks the exposure and one reading at most", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyTerms, turns, (terms, schedule) => {
      const { exposed, contested, advices } = play("station", terms, schedule);
      const allowed = terms.exposureMilliWh + flowPerReading(terms);
      assert.ok(exposed <= allowed, `${exposed} mWh at risk, ${allowed} allowed`);
      assert.ok(contested <= allowed, `${contested} mWh contested, ${allowed} allowed`);
      for (const advice of advices) seen.add(advice);
    }),
    { numRuns: 150 },
  );
  assert.equal([...seen].sort(), ["go", "pause credit-exhausted", "pause report-overdue", "stop disagreement"]);
});

test("P12 a vehicle that obeys takes no more that nobody has on record than the exposure and one reading", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyTerms, turns, (terms, schedule) => {
      const { exposed, advices } = play("vehicle", terms, schedule);
      const allowed = terms.exposureMilliWh + leastAtStation(terms, flowPerReading(terms)) + 1;
      assert.ok(exposed <= allowed, `${exposed} mWh at risk, ${allowed} allowed`);
      for (const advice of advices) seen.add(advice);
    }),
    { numRuns: 150 },
  );
  assert.ok(seen.has("pause credit-exhausted") && seen.has("stop disagreement"), [...seen].join());
});

test("P12 whatever a station claims, a dispute costs a vehicle no more than it can have cost by its own meter", () => {
  let disputes = 0;
  fc.assert(
    fc.property(anyTerms, turns, fc.nat(200_000_000), (terms, schedule, jump) => {
      const { own, claimed } = play("vehicle", terms, schedule);
      const [vehicleFinal, stationFinal] = [own.at(-1) ?? 0, (claimed.at(-1) ?? 0) + jump];
      const charge = chargeOf({ terms, station: claimed, vehicle: own, stationFinal, vehicleFinal });
      const { state, billedMilliWh, stationMilliWh } = settle(charge, true);
      if (state !== "DISPUTED") return;
      disputes += 1;
      const most = mostAtStation(terms, vehicleFinal) + uncertaintyBound(terms, stationMilliWh, vehicleFinal);
      assert.ok(billedMilliWh <= most, `${billedMilliWh} billed, ${most} can have been taken`);
    }),
    { numRuns: 150 },
  );
  assert.ok(disputes > 20, `${disputes} disputes`);
});

test.run();

function play(honest: Role, terms: Terms, schedule: readonly Turn[]): Played {
  const liar = otherRole(honest);
  const own = [0];
  const claimed = [0];
  const advices = new Set<string>();
  let [exposed, contested] = [0, 0];
  for (const [place, turn] of schedule.entries()) {
    const { open, reports } = chargeOf({ terms, [honest]: own, [liar]: claimed });
    const logs = { station: { reports: reports.station }, vehicle: { reports: reports.vehicle } };
    const advice = stopRules({
      role: honest,
      transaction: { open, logs },
      registerMilliWh: own.at(-1) ?? 0,
      elapsedMs: (place + 1) * terms.readingIntervalSeconds * 1000,
      idle: { isIdle: false, resumedAtMs: undefined },
    });
    advices.add(advice.kind === "go" ? "go" : `${advice.kind} ${advice.reason}`);
    const flow = advice.kind === "go" ? Math.floor((flowPerReading(terms) * turn.power) / 100) : 0;
    own.push((own.at(-1) ?? 0) + flow);
    for (let count = 0; count < turn.arrive; count += 1) {
      const step = (own[claimed.length] ?? own.at(-1) ?? 0) - (own[claimed.length - 1] ?? own.at(-1) ?? 0);
      claimed.push((claimed.at(-1) ?? 0) + Math.floor((step * turn.claim) / 100));
    }
    const now = settle(chargeOf({ terms, [honest]: own, [liar]: claimed }), false);
    const [ownMilliWh, peerMilliWh] = [own.at(-1) ?? 0, claimed.at(-1) ?? 0];
    exposed = Math.max(exposed, exposure(honest, { terms, agreed: now.agreed, ownMilliWh, peerMilliWh }));
    if (honest === "station") contested = Math.max(contested, now.stationMilliWh - now.undisputedMilliWh);
  }
  return { own, claimed, exposed, contested, advices };
}

/** mWh at full power, at the measuring point of whoever counts. */
function flowPerReading(terms: Terms): number {
  return Math.floor((terms.powerMaxW * terms.readingIntervalSeconds * 1000) / 3600);
}
