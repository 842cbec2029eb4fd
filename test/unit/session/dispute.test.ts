/** How `settle` reads what was said after a charge: proposals of both sides, the arbiter's ruling. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { agreedProposal, type Proposal } from "#core/session/agreed-proposal.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import type { FaultSide, ResolveBody, Role } from "#core/session/facts.ts";
import { settle, type Settlement } from "#core/session/settle.ts";
import { chargeOf, ramp, type ChargeStory } from "#test/builders/charge-facts.ts";

const test = suite("disputes by their facts");
const kWh = (amount: number): number => Math.round(amount * 1_000_000);
const ADDRESS = new Uint8Array(32).fill(7);

/** Both went along to 5 kWh, then the vehicle counts half: 12.5 of 20 kWh are undisputed. */
const parted = ramp(20, kWh(1)).map((energy, index) => (index <= 5 ? energy : kWh(5) + (energy - kWh(5)) / 2));
const DISPUTED: ChargeStory = {
  station: ramp(20, kWh(1)),
  vehicle: parted,
  stationFinal: kWh(20),
  vehicleFinal: kWh(12.5),
};
const VEHICLE_SILENT: ChargeStory = { station: ramp(20, kWh(1)), vehicle: ramp(10, kWh(1)), stationFinal: kWh(20) };
const STATION_SILENT: ChargeStory = { station: ramp(20, kWh(1)), vehicle: ramp(20, kWh(1)), vehicleFinal: kWh(20.5) };
const AGREEING: ChargeStory = { ...DISPUTED, vehicle: ramp(20, kWh(0.98)), vehicleFinal: kWh(19.6) };

type Offer = readonly [number, number];

interface Said {
  readonly station?: readonly Offer[];
  readonly vehicle?: readonly Offer[];
  readonly ruling?: readonly [number, FaultSide];
}

/** The charge with what was said about it: energies in kWh, amounts in cents. */
function withSaid(charge: ChargeFacts, { station = [], vehicle = [], ruling }: Said): ChargeFacts {
  const bodies = (role: Role, offers: readonly Offer[]): readonly ResolveBody[] =>
    offers.map(([energy, amount], number) => ({ address: ADDRESS, role, number, energyMilliWh: kWh(energy), amount }));
  return {
    ...charge,
    proposals: { station: bodies("station", station), vehicle: bodies("vehicle", vehicle) },
    ...(ruling === undefined
      ? {}
      : { ruling: { address: ADDRESS, energyMilliWh: kWh(ruling[0]), fault: ruling[1], reason: "seen" } }),
  };
}

type Outcome = readonly [Settlement["state"], Settlement["ending"], number, number, number | null, FaultSide];

/** State, ending, billed and contested kWh, agreed cents, fault. */
function check(story: ChargeStory, said: Said, expected: Outcome): void {
  const settled = settle(withSaid(chargeOf(story), said), true);
  const { state, ending, billedMilliWh, contestedMilliWh, agreedAmount, fault } = settled;
  assert.equal([state, ending, billedMilliWh / 1e6, contestedMilliWh / 1e6, agreedAmount, fault], expected);
}

const STANDS: Outcome = ["DISPUTED", "comparison", 12.5, 7.5, null, "none"];

test("without anything said a dispute stands as it was found", () => {
  check(DISPUTED, {}, STANDS);
  check(VEHICLE_SILENT, {}, ["ABANDONED", "silence", 14, 6, null, "none"]);
  check(AGREEING, {}, ["SETTLED", "comparison", 20, 0, null, "none"]);
});

test("one side alone settles nothing, nor do two who propose different energies or amounts", () => {
  check(DISPUTED, { station: [[16, 720]] }, STANDS);
  check(DISPUTED, { vehicle: [[20, 900]] }, STANDS);
  check(DISPUTED, { station: [[16, 720]], vehicle: [[15, 720]] }, STANDS);
  check(DISPUTED, { station: [[16, 720]], vehicle: [[16, 719]] }, STANDS);
});

test("the same proposal by both settles the charge, in a dispute and after silence", () => {
  const said = { station: [[16, 700]], vehicle: [[16, 700]] } as const;
  for (const story of [DISPUTED, VEHICLE_SILENT, STATION_SILENT]) {
    check(story, said, ["SETTLED", "mutual", 16, 0, 700, "none"]);
  }
});

test("both may agree on less than what was undisputed, and to pay what they like for it", () => {
  check(DISPUTED, { station: [[0, 0]], vehicle: [[0, 0]] }, ["SETTLED", "mutual", 0, 0, 0, "none"]);
  check(DISPUTED, { station: [[20, 1]], vehicle: [[20, 1]] }, ["SETTLED", "mutual", 20, 0, 1, "none"]);
});

test("nobody can agree on more than the station has signed for", () => {
  check(DISPUTED, { station: [[20.000001, 900]], vehicle: [[20.000001, 900]] }, STANDS);
});

test("proposals cannot be taken back: it does not matter which of them were the last", () => {
  const said = {
    station: [
      [18, 810],
      [16, 720],
      [17, 765],
    ],
    vehicle: [
      [13, 585],
      [16, 720],
      [14, 630],
    ],
  } as const;
  check(DISPUTED, said, ["SETTLED", "mutual", 16, 0, 720, "none"]);
});

test("of several that both have made, the one that costs the vehicle least counts", () => {
  const [dear, cheap] = [
    [18, 810],
    [16, 720],
  ] as const;
  for (const station of [
    [dear, cheap],
    [cheap, dear],
  ]) {
    for (const vehicle of [
      [dear, cheap],
      [cheap, dear],
    ]) {
      check(DISPUTED, { station, vehicle }, ["SETTLED", "mutual", 16, 0, 720, "none"]);
    }
  }
  const equal = [
    [18, 720],
    [16, 720],
  ] as const;
  check(DISPUTED, { station: equal, vehicle: equal }, ["SETTLED", "mutual", 16, 0, 720, "none"]);
});

test("both may agree otherwise although the meters agreed", () => {
  check(AGREEING, { station: [[19, 800]], vehicle: [[19, 800]] }, ["SETTLED", "mutual", 19, 0, 800, "none"]);
});

test("the arbiter decides about what is contested and says whose fault it was", () => {
  check(DISPUTED, { ruling: [18, "vehicle"] }, ["SETTLED", "arbiter", 18, 0, null, "vehicle"]);
  check(VEHICLE_SILENT, { ruling: [20, "vehicle"] }, ["SETTLED", "arbiter", 20, 0, null, "vehicle"]);
  const { silent } = settle(withSaid(chargeOf(VEHICLE_SILENT), { ruling: [20, "vehicle"] }), true);
  assert.equal(silent, ["vehicle"], "who fell silent stays on record");
});

test("a ruling outside of what is contested counts as its nearer end", () => {
  check(DISPUTED, { ruling: [0, "station"] }, ["SETTLED", "arbiter", 12.5, 0, null, "station"]);
  check(DISPUTED, { ruling: [9_000, "both"] }, ["SETTLED", "arbiter", 20, 0, null, "both"]);
});

test("the arbiter has no say where the two agree: by their meters or by their proposals", () => {
  check(AGREEING, { ruling: [19, "station"] }, ["SETTLED", "comparison", 20, 0, null, "none"]);
  const said = { station: [[16, 700]], vehicle: [[16, 700]], ruling: [18, "vehicle"] } as const;
  check(DISPUTED, said, ["SETTLED", "mutual", 16, 0, 700, "none"]);
});

test("what is said while the charge runs ends nothing before the charge is over", () => {
  const said: Said = { station: [[8, 360]], vehicle: [[8, 360]], ruling: [8, "both"] };
  const running = withSaid(chargeOf({ station: ramp(20, kWh(1)), vehicle: ramp(20, kWh(1)) }), said);
  assert.equal([settle(running, false).state, settle(running, false).ending], ["ACTIVE", null]);
  assert.is(settle(withSaid(chargeOf(VEHICLE_SILENT), said), false).state, "COMPLETING");
});

test("a charge that one side never joined, or that both took back, stays cancelled", () => {
  const said: Said = { station: [[1, 45]], vehicle: [[1, 45]], ruling: [1, "both"] };
  check({ station: ramp(20, kWh(1)), stationFinal: kWh(20) }, said, ["CANCELLED", "cancelled", 0, 0, null, "none"]);
  const taken = { ...withSaid(chargeOf({}), said), cancelled: { station: true, vehicle: true } } as const;
  assert.is(settle(taken, false).state, "CANCELLED");
});

const offers = fc.array(fc.tuple(fc.integer({ min: 0, max: 25 }), fc.integer({ min: 0, max: 30 })), { maxLength: 16 });
const anySaid = fc.record({
  station: offers,
  vehicle: offers,
  ruling: fc.option(fc.tuple(fc.nat(25), fc.constantFrom<FaultSide>("none", "station", "vehicle", "both")), {
    nil: undefined,
  }),
});
const anyStory = fc.constantFrom(DISPUTED, VEHICLE_SILENT, STATION_SILENT, AGREEING, { station: [0], vehicle: [0] });

test("P3 whatever is said, the bounds hold, and the order in which it is said changes nothing", () => {
  fc.assert(
    fc.property(anyStory, anySaid, fc.boolean(), (story, { station, vehicle, ruling }, graceOver) => {
      const said = { station, vehicle, ...(ruling === undefined ? {} : { ruling }) };
      const charge = withSaid(chargeOf(story), said);
      const settled = settle(charge, graceOver);
      const { state, ending, billedMilliWh, contestedMilliWh, stationMilliWh, undisputedMilliWh } = settled;
      assert.ok(billedMilliWh >= 0 && billedMilliWh + contestedMilliWh <= stationMilliWh);
      if (ending !== "mutual" && state !== "CANCELLED") assert.ok(billedMilliWh >= undisputedMilliWh);
      if (state === "SETTLED") assert.is(contestedMilliWh, 0);
      const reversed = withSaid(chargeOf(story), {
        ...said,
        station: [...station].reverse(),
        vehicle: [...vehicle].reverse(),
      });
      assert.equal(settle(reversed, graceOver), settled);
    }),
    { numRuns: 500, seed: 20_261_122 },
  );
});

test("once agreed, further proposals can only make it cost less, and only what the other side has offered", () => {
  fc.assert(
    fc.property(offers, offers, fc.tuple(fc.nat(25), fc.nat(30)), (station, vehicle, further) => {
      const agreedOf = (said: Said): Proposal | undefined =>
        agreedProposal(withSaid(chargeOf(DISPUTED), said), kWh(20));
      const before = agreedOf({ station, vehicle });
      const after = agreedOf({ station: [...station, further], vehicle });
      if (before === undefined) return;
      assert.ok(after !== undefined && after.amount <= before.amount);
      assert.ok(vehicle.some(([, amount]) => amount === after.amount));
    }),
    { numRuns: 300, seed: 20_261_122 },
  );
});

test.run();
