/** What a contract's program may decide, word by word: what is within its bounds is heard, all else is not (S6). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fail, ok } from "#base/result.ts";
import type { Value } from "#core/script/value.ts";
import { boundedOutcome, type Outcome } from "#core/session/bounded-outcome.ts";
import { chargeFigures, type ChargeFigures } from "#core/session/charge-figures.ts";
import type { AdjudicateBody } from "#core/session/facts.ts";
import { chargeOf, ramp } from "#test/builders/charge-facts.ts";

const test = suite("bounded outcome");
const kWh = (amount: number): number => Math.round(amount * 1_000_000);

/** The station has signed 10 kWh and the vehicle 8, of which 8 are undisputed. Nobody has completed. */
const RUNNING: ChargeFigures = {
  ...chargeFigures(chargeOf({ station: ramp(10, kWh(1)), vehicle: ramp(8, kWh(1)) }), false),
};
const OVER: ChargeFigures = { ...RUNNING, graceOver: true };
const BOTH_DONE: ChargeFigures = {
  ...RUNNING,
  station: { ...RUNNING.station, hasCompleted: true },
  vehicle: { ...RUNNING.vehicle, hasCompleted: true },
};
const RULING: AdjudicateBody = { address: new Uint8Array(32), energyMilliWh: kWh(9), fault: "none", reason: "" };
const AGREED = { ...OVER, proposal: { energyMilliWh: kWh(9), amount: 400 } };

/** A sound outcome for a charge whose grace is over. */
const SAID: Readonly<Record<string, Value>> = {
  ...{ state: "DISPUTED", ending: "comparison", billed: BigInt(kWh(7)), contested: BigInt(kWh(3)) },
  ...{ stationSilent: false, vehicleSilent: false },
};

function outcomeOf(changes: Readonly<Record<string, Value>>, figures: ChargeFigures = OVER): Outcome {
  return boundedOutcome(ok({ ...SAID, ...changes }), figures);
}

/** Whether the outcome is the program's own in everything that it has said; unheard, 8 kWh or none or 9 are billed. */
function isHeard(changes: Readonly<Record<string, Value>>, figures: ChargeFigures = OVER): boolean {
  const { state, ending, billedMilliWh, contestedMilliWh } = outcomeOf(changes, figures);
  const said = { ...SAID, ...changes };
  return (
    state === said["state"] &&
    (ending ?? "") === said["ending"] &&
    BigInt(billedMilliWh) === said["billed"] &&
    BigInt(contestedMilliWh) === said["contested"]
  );
}

test("an outcome within its bounds is what the program has said", () => {
  assert.equal(outcomeOf({ stationSilent: true, state: "ABANDONED", ending: "silence" }), {
    ...{ state: "ABANDONED", ending: "silence", silent: ["station"] },
    ...{ billedMilliWh: kWh(7), contestedMilliWh: kWh(3) },
  });
  assert.equal(outcomeOf({ vehicleSilent: true }).silent, ["vehicle"]);
  assert.equal(outcomeOf({ stationSilent: true, vehicleSilent: true }).silent, ["station", "vehicle"]);
  assert.equal(outcomeOf({}).silent, []);
});

test("a program that traps or uses words that do not exist is not heard", () => {
  const trapped = boundedOutcome(fail({ code: "SCRIPT_OUT_OF_STEPS" }), OVER);
  const harmless = {
    state: "DISPUTED",
    ending: "comparison",
    billedMilliWh: kWh(8),
    contestedMilliWh: kWh(2),
    silent: [],
  };
  assert.equal(trapped, harmless);
  assert.equal(outcomeOf({ state: "FINISHED" }), harmless);
  assert.equal(outcomeOf({ ending: "lapse" }), harmless);
  assert.equal(outcomeOf({ state: 3n }), harmless);
});

test("energies are whole, not negative and safe, each of the two for itself", () => {
  for (const field of ["billed", "contested"] as const) {
    assert.ok(isHeard({ [field]: 0n }));
    for (const value of [-1n, BigInt(Number.MAX_SAFE_INTEGER) + 1n, 2n ** 63n - 1n, "1", true]) {
      assert.not.ok(isHeard({ [field]: value }), `${field} ${String(value)}`);
    }
  }
  const harmless = outcomeOf({ state: "NONSENSE" });
  for (const value of ["1", true, "", false]) {
    assert.equal(outcomeOf({ billed: value, contested: 0n }), harmless, "what only looks like a number is none");
    assert.equal(outcomeOf({ billed: 0n, contested: value }), harmless);
  }
  const most = { ...OVER, station: { ...OVER.station, milliWh: Number.MAX_SAFE_INTEGER } };
  assert.ok(isHeard({ billed: BigInt(Number.MAX_SAFE_INTEGER), contested: 0n }, most));
});

test("billed and contested together are no more than the station has signed", () => {
  assert.ok(isHeard({ billed: BigInt(kWh(7)), contested: BigInt(kWh(3)) }));
  assert.not.ok(isHeard({ billed: BigInt(kWh(7)), contested: BigInt(kWh(3)) + 1n }));
  assert.not.ok(isHeard({ billed: BigInt(kWh(10)) + 1n, contested: 0n }));
});

test("nothing ends while both go on; the grace, a last word, a proposal of both or a ruling lets it end", () => {
  const end = { state: "DISPUTED", ending: "comparison" } as const;
  assert.not.ok(isHeard(end, RUNNING));
  assert.ok(isHeard(end, OVER));
  for (const role of ["station", "vehicle"] as const) {
    for (const word of ["hasCompleted", "hasCancelled"] as const) {
      assert.ok(isHeard(end, { ...RUNNING, [role]: { ...RUNNING[role], [word]: true } }), `${role} ${word}`);
    }
  }
  assert.ok(isHeard(end, { ...RUNNING, proposal: { energyMilliWh: 1, amount: 1 } }));
  assert.ok(isHeard(end, { ...RUNNING, ruling: RULING }));
});

test("whoever has completed is not silent, and nobody is while the charge goes on", () => {
  const done = { ...OVER, station: { ...OVER.station, hasCompleted: true } };
  const silence = { state: "ABANDONED", ending: "silence" };
  assert.not.ok(isHeard({ ...silence, stationSilent: true }, done));
  assert.ok(isHeard({ ...silence, vehicleSilent: true }, done));
  assert.not.ok(isHeard({ ...silence, stationSilent: true, vehicleSilent: true }, done));
  assert.not.ok(isHeard({ state: "ACTIVE", ending: "", vehicleSilent: true }, RUNNING));
});

test("open states have no ending and last no longer than the grace", () => {
  for (const state of ["OPEN", "ACTIVE", "COMPLETING"]) {
    assert.ok(isHeard({ state, ending: "" }, RUNNING), state);
    assert.is(outcomeOf({ state, ending: "" }, RUNNING).ending, null);
    assert.not.ok(isHeard({ state, ending: "" }, OVER), state);
    assert.not.ok(isHeard({ state, ending: "comparison" }, BOTH_DONE), state);
  }
});

test("a charge that is cancelled costs nothing and contests nothing, and says so", () => {
  const none = { billed: 0n, contested: 0n };
  assert.ok(isHeard({ ...none, state: "CANCELLED", ending: "cancelled" }));
  assert.not.ok(isHeard({ ...none, billed: 1n, state: "CANCELLED", ending: "cancelled" }));
  assert.not.ok(isHeard({ ...none, contested: 1n, state: "CANCELLED", ending: "cancelled" }));
  assert.not.ok(isHeard({ billed: 1n, contested: 1n, state: "CANCELLED", ending: "cancelled" }));
  for (const ending of ["comparison", "silence", "mutual", "arbiter", ""]) {
    assert.not.ok(isHeard({ ...none, state: "CANCELLED", ending }), ending);
  }
});

test("disputed and abandoned end by comparison or by silence", () => {
  for (const state of ["DISPUTED", "ABANDONED"]) {
    for (const ending of ["comparison", "silence"]) assert.ok(isHeard({ state, ending }), `${state} ${ending}`);
    for (const ending of ["mutual", "arbiter", "cancelled", ""]) {
      assert.not.ok(isHeard({ state, ending }, { ...AGREED, ruling: RULING }), `${state} ${ending}`);
    }
  }
});

test("settled leaves nothing contested, and is by comparison, by what both proposed, or by a ruling", () => {
  const settled = { state: "SETTLED", contested: 0n };
  assert.ok(isHeard({ ...settled, ending: "comparison" }));
  assert.not.ok(isHeard({ ...settled, ending: "comparison", contested: 1n }));
  for (const ending of ["silence", "cancelled", ""]) {
    assert.not.ok(isHeard({ ...settled, ending }, { ...AGREED, ruling: RULING }), ending);
  }
  const mutual = { ...settled, ending: "mutual" };
  assert.ok(isHeard({ ...mutual, billed: BigInt(kWh(9)) }, AGREED));
  assert.ok(
    isHeard({ ...mutual, billed: BigInt(kWh(9)) }, { ...AGREED, graceOver: false }),
    "before the grace is over",
  );
  assert.not.ok(isHeard({ ...mutual, billed: BigInt(kWh(7)) }, AGREED), "another energy than the proposed one");
  assert.not.ok(isHeard({ ...mutual, billed: BigInt(kWh(9)) }, OVER), "nothing was proposed");
  assert.not.ok(isHeard({ ...mutual, billed: BigInt(kWh(9)), contested: 1n }, AGREED));
  const ruled = { ...settled, ending: "arbiter" };
  assert.ok(isHeard(ruled, { ...OVER, ruling: RULING }));
  assert.not.ok(isHeard(ruled, OVER), "nobody has ruled");
  assert.not.ok(isHeard({ ...ruled, contested: 1n }, { ...OVER, ruling: RULING }));
  assert.not.ok(isHeard({ ...ruled, billed: BigInt(kWh(9)) }, AGREED), "a proposal is no ruling");
});

test("unheard, a charge stays open as far as it has come, and contests what is not undisputed", () => {
  const unheard = (figures: ChargeFigures): Outcome => outcomeOf({ state: "NONSENSE" }, figures);
  const open = { ending: null, billedMilliWh: kWh(8), contestedMilliWh: kWh(2), silent: [] };
  assert.equal(unheard(RUNNING), { ...open, state: "ACTIVE" });
  for (const role of ["station", "vehicle"] as const) {
    const begun = { ...RUNNING, [role]: { ...RUNNING[role], isHeard: false } };
    assert.equal(unheard(begun), { ...open, state: "OPEN" });
    const ended = { ...begun, [role]: { ...begun[role], hasCompleted: true } };
    assert.equal(unheard(ended), { ...open, state: "COMPLETING" });
  }
});

test("unheard and over, a charge is cancelled where one side never joined, else disputed, or what both proposed", () => {
  const unheard = (figures: ChargeFigures): Outcome => outcomeOf({ state: "NONSENSE" }, figures);
  const nothing = { ending: "cancelled", billedMilliWh: 0, contestedMilliWh: 0, silent: [] };
  for (const role of ["station", "vehicle"] as const) {
    const alone = { ...AGREED, [role]: { ...AGREED[role], isHeard: false } };
    assert.equal(unheard(alone), { ...nothing, state: "CANCELLED" });
  }
  const disputed = { ending: "comparison", billedMilliWh: kWh(8), contestedMilliWh: kWh(2), silent: [] };
  assert.equal(unheard(OVER), { ...disputed, state: "DISPUTED" });
  const mutual = { ending: "mutual", billedMilliWh: kWh(9), contestedMilliWh: 0, silent: [] };
  assert.equal(unheard(AGREED), { ...mutual, state: "SETTLED" });
});

test.run();
