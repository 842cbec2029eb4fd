/** Which of several proposals that both have made counts: the one that costs the vehicle least, in whatever order. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { agreedProposal, type Proposal } from "#core/session/agreed-proposal.ts";
import type { ResolveBody } from "#core/session/facts.ts";
import { chargeOf } from "#test/builders/charge-facts.ts";

const test = suite("agreed proposal");
const SIGNED_MILLI_WH = 10_000;

function bodyOf([energyMilliWh, amount]: readonly [number, number], number: number): ResolveBody {
  return { address: new Uint8Array(32), role: "station", number, energyMilliWh, amount };
}

/** Of proposals [energy, amount] that both sides have made, in this order and in the other one. */
function check(
  proposals: readonly (readonly [number, number])[],
  expected: readonly [number, number] | undefined,
): void {
  for (const order of [proposals, proposals.toReversed()]) {
    const made = order.map(bodyOf);
    const charge = { ...chargeOf({}), proposals: { station: made, vehicle: made.toReversed() } };
    const found: Proposal | undefined = agreedProposal(charge, SIGNED_MILLI_WH);
    assert.equal(found && [found.energyMilliWh, found.amount], expected);
  }
}

test("less money counts before less energy, and of equal amounts the one for less energy", () => {
  check([[9000, 500]], [9000, 500]);
  check(
    [
      [9000, 500],
      [8000, 600],
    ],
    [9000, 500],
  );
  check(
    [
      [9000, 500],
      [8000, 500],
      [8500, 500],
    ],
    [8000, 500],
  );
  check(
    [
      [7000, 700],
      [9000, 400],
      [8000, 400],
      [6000, 401],
    ],
    [8000, 400],
  );
});

test("all that the station has signed for can be agreed on, and not a mWh more", () => {
  check([[SIGNED_MILLI_WH, 500]], [SIGNED_MILLI_WH, 500]);
  check([[SIGNED_MILLI_WH + 1, 1]], undefined);
  check(
    [
      [SIGNED_MILLI_WH + 1, 1],
      [SIGNED_MILLI_WH, 500],
    ],
    [SIGNED_MILLI_WH, 500],
  );
});

test("a proposal counts when the other side has made the same, energy and amount", () => {
  const station = [bodyOf([9000, 500], 0)];
  for (const vehicle of [[], [bodyOf([9000, 499], 0)], [bodyOf([8999, 500], 0)]]) {
    assert.is(agreedProposal({ ...chargeOf({}), proposals: { station, vehicle } }, SIGNED_MILLI_WH), undefined);
  }
  assert.is(agreedProposal({ ...chargeOf({}), proposals: { station } }, SIGNED_MILLI_WH), undefined);
  assert.is(agreedProposal({ ...chargeOf({}), proposals: { vehicle: station } }, SIGNED_MILLI_WH), undefined);
  assert.is(agreedProposal(chargeOf({}), SIGNED_MILLI_WH), undefined);
});

test.run();
